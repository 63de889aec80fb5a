package app

import (
	"encoding/hex"
	"errors"
	"io"
	"net/netip"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/socket"
)

// maxReceive is the largest chunk that is received, in bytes (serial-modem-at
// 2.8, seen in source).
const maxReceive = 2048

const receiveFlags = socket.Peek | socket.DontWait | socket.WaitAll

// receive is AT#XRECV=<handle>,<mode>,<flags>,<timeout>[,<data_len>] and
// AT#XRECVFROM with the same parameters.
func (a *App) receive(w *atcmd.Response, cmd *atcmd.Command) error {
	k, err := a.find(cmd)
	if err != nil {
		return err
	}
	mode, err := number(cmd, 1, modeText, modeHex, "the mode")
	flags, err2 := number(cmd, 2, 0, 1<<16-1, "the flags")
	timeout, err3 := number(cmd, 3, 0, 65535, "the time-out in seconds")
	length, err4 := optional(cmd, 4, 1, maxReceive, maxReceive, "the length of the data")
	if err := errors.Join(err, err2, err3, err4); err != nil {
		return err
	}
	from := string(cmd.Name) == "#XRECVFROM"
	wait := a.later()
	k.receive(length, socket.Flags(flags), timeout, func(data []byte, peer netip.AddrPort, err error) {
		switch {
		case !wait.live():
			return
		case err != nil:
			wait.finish(err)
			return
		case len(data) > 0: // else the peer has closed: only OK
			if from {
				k.printReceivedFrom(w, mode == modeHex, data, peer)
			} else {
				k.printReceived(w, mode == modeHex, data)
			}
		}
		wait.finish(nil)
	})
	return nil
}

// receive receives once, waiting at most timeout seconds, 0 for ever. done gets
// no data and no error at the end of a stream; it may be called before receive
// returns.
func (k *sock) receive(length int, flags socket.Flags, timeout int, done func([]byte, netip.AddrPort, error)) {
	a, life := k.net.app, k.net.app.life
	end := func(data []byte, peer netip.AddrPort, err error) {
		switch {
		case a.life != life:
			return
		case errors.Is(err, io.EOF):
			err = nil
		case err != nil:
			err = refuse(err)
		}
		if err == nil {
			k.rearm(socket.PollIn)
		}
		done(data, peer, err)
	}
	if flags&^receiveFlags != 0 {
		done(nil, netip.AddrPort{}, atcmd.Errorf("the flags of a receive are the sum of 0, 2, 64 and 256"))
		return
	}
	if err := k.SetOption(socket.ReceiveTimeout, timeout*1000); err != nil {
		done(nil, netip.AddrPort{}, refuse(err))
		return
	}
	if flags&socket.WaitAll == 0 || flags&socket.DontWait != 0 {
		data, peer, err := k.TryRecv(length, flags)
		if !errors.Is(err, socket.EAGAIN) || flags&socket.DontWait != 0 {
			end(data, peer, err)
			return
		}
	}
	k.StartRecv(length, flags, end)
}

func (k *sock) printReceived(w *atcmd.Response, asHex bool, data []byte) {
	w.Printf("#XRECV: %d,%d,%d", k.Handle(), btoi(asHex), len(data))
	printData(w, asHex, data)
}

func (k *sock) printReceivedFrom(w *atcmd.Response, asHex bool, data []byte, from netip.AddrPort) {
	w.Printf("#XRECVFROM: %d,%d,%d,\"%s\",%d", k.Handle(), btoi(asHex), len(data), addressText(from.Addr()), from.Port())
	printData(w, asHex, data)
}

func printData(w *atcmd.Response, asHex bool, data []byte) {
	if asHex {
		data = hex.AppendEncode(nil, data)
	}
	w.Data(data)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
