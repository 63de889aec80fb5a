package app

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/socket"
)

// reception is the setting of #XRECVCFG.
type reception struct {
	flags uint8
	hex   bool
}

// The flags of #XRECVCFG.
const (
	receiveInATMode   = 1
	receiveInDataMode = 2
)

// setReception is AT#XRECVCFG=[<handle>],<flags>[,<hex>].
func (a *App) setReception(_ *atcmd.Response, cmd *atcmd.Command) error {
	flags, err := number(cmd, 1, 0, receiveInATMode|receiveInDataMode, "the flags")
	if err != nil {
		return err
	}
	asHex, err := optional(cmd, 2, 0, 1, 0, "0, raw, or 1, hexadecimal")
	if err != nil {
		return err
	}
	if asHex == 1 && flags&receiveInDataMode != 0 {
		return atcmd.Errorf("in data mode, data is received raw only")
	}
	targets, err := a.targets(cmd)
	if err != nil {
		return err
	}
	r := reception{uint8(flags), asHex == 1}
	if !cmd.Has(0) {
		a.net.recv = r
	}
	for _, k := range targets {
		k.recv = r
		k.watch()
	}
	return nil
}

func (a *App) readReception(w *atcmd.Response, _ *atcmd.Command) error {
	for _, k := range a.sockets().open {
		if k.recv.flags != 0 {
			w.Printf("#XRECVCFG: %d,%d,%d", k.Handle(), k.recv.flags, btoi(k.recv.hex))
		}
	}
	return nil
}

// autoReceive sends the host what has come on a socket with automatic reception
// in AT mode (serial-modem-at 2.11).
func (k *sock) autoReceive() {
	if k.recv.flags&receiveInATMode == 0 || k.listening {
		return
	}
	a := k.net.app
	connected := k.PeerAddr().IsValid() || k.Type() != socket.Datagram
	for {
		data, from, err := k.nextReceived()
		switch {
		case errors.Is(err, io.EOF):
			a.out = append(a.out, crlf...) // a lone CR LF, seen in source
			return
		case err != nil:
			return
		case len(data) == 0:
			continue
		case connected:
			a.urc(fmt.Appendf(nil, "#XRECV: %d,%d,%d", k.Handle(), btoi(k.recv.hex), len(data)))
		default:
			a.urc(fmt.Appendf(nil, "#XRECVFROM: %d,%d,%d,\"%s\",%d", k.Handle(), btoi(k.recv.hex), len(data), addressText(from.Addr()), from.Port()))
		}
		if k.recv.hex {
			a.out = hex.AppendEncode(a.out, data)
		} else {
			a.out = append(a.out, data...)
		}
		a.out = append(a.out, crlf...)
	}
}

// nextReceived takes what has come, for automatic reception: io.EOF once at the
// end of a stream, another error if nothing is there. While the host is slow to
// take what it gets, it says that nothing is there: TCP holds back the peer then.
func (k *sock) nextReceived() ([]byte, netip.AddrPort, error) {
	a := k.net.app
	if k.ended {
		return nil, netip.AddrPort{}, socket.EAGAIN
	}
	if a.cfg.Device.Congested(len(a.out)) {
		k.net.ready = true
		return nil, netip.AddrPort{}, socket.EAGAIN
	}
	data, from, err := k.TryRecv(maxReceive, 0)
	if err == nil {
		k.rearm(socket.PollIn)
	}
	k.ended = errors.Is(err, io.EOF)
	return data, from, err
}
