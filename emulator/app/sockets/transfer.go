package sockets

import (
	"encoding/hex"
	"math"
	"net/netip"
	"strings"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/sock"
	"nrf91emu/emulator/socket"
)

// The <mode> of #XSEND and #XSENDTO (fact sockets/send).
const (
	modeText = 0
	modeHex  = 1
	modeData = 2 // data mode
)

// maxHex is how many bytes can be sent in hexadecimal (fact sockets/send).
const maxHex = 1400

// send is AT#XSEND=<handle>,<mode>,<flags>[,<data>|<data_len>].
func (s *service) send(x *app.Exchange) error {
	args := x.Args()
	k, mode, how := s.sendArgs(&args)
	return s.sendPayload(x, &args, k, mode, how)
}

// sendTo is
// AT#XSENDTO=<handle>,<mode>,<flags>,"<url>",<port>[,<data>|<data_len>].
func (s *service) sendTo(x *app.Exchange) error {
	args := x.Args()
	k, mode, how := s.sendArgs(&args)
	how.To, how.Port = app.HostArg(&args), app.PortArg(&args)
	return s.sendPayload(x, &args, k, mode, how)
}

// sendArgs reads <handle>,<mode>,<flags>. It refuses flags that the modem does not
// know, and the acknowledgement by notification where the firmware has none (2.7:
// documented for the satellite firmware).
func (s *service) sendArgs(args *atcmd.ArgReader) (k *sock.Socket, mode int, how sock.Sending) {
	k, mode = s.table.Arg(args), args.Int(modeText, modeData, "the mode")
	how.Flags = args.Int(0, math.MaxUint16, "the flags")
	switch {
	case how.Flags&^(sock.FlagWaitAck|sock.FlagNotifyAck) != 0:
		args.Fail("the flags of a send are the sum of 0, 512 and 8192")
	case how.Flags&sock.FlagNotifyAck != 0 && !strings.Contains(s.host.Modem().Profile().Name, "-ntn-"):
		args.Fail("this modem firmware does not tell when data has been acknowledged, as flag 8192 asks for")
	}
	return k, mode, how
}

// sendPayload sends what comes next in the arguments, or enters data mode.
func (s *service) sendPayload(x *app.Exchange, args *atcmd.ArgReader, k *sock.Socket, mode int, how sock.Sending) error {
	if mode == modeData {
		length := args.IntOr(0, 0, math.MaxInt32, "the length of the data, 0 until +++")
		if err := args.Err(); err != nil {
			return err
		}
		k.EnterData(x, how, length)
		return nil
	}
	data := args.Text(math.MaxInt, "the data")
	if mode == modeHex {
		data = decodeHex(args, data)
	}
	if err := args.Err(); err != nil {
		return err
	}
	name := string(x.Command().Name)
	x.Wait(func(done func(error)) {
		k.Transmit(data, how, func(sent int, err error) {
			// The line tells how far it got even where it failed, unless the host was not
			// found (fact sockets/send).
			if !socket.LookupFailed(err) {
				x.Printf("%s: %d,%d,%d", name, k.Handle(), app.Digit(how.Flags&sock.FlagNotifyAck != 0), sent)
			}
			done(err)
		})
	})
	return nil
}

// decodeHex puts a zero in front of an odd number of digits, as Zephyr does (fact
// sockets/send-hex).
func decodeHex(args *atcmd.ArgReader, text []byte) []byte {
	switch {
	case len(text) > 2*maxHex:
		args.Fail("%d hexadecimal digits are too many; send at most %d", len(text), 2*maxHex)
		return nil
	case len(text) == 0:
		args.Fail("there are no hexadecimal digits")
		return nil
	case len(text)%2 == 1:
		text = append([]byte{'0'}, text...)
	}
	data := make([]byte, hex.DecodedLen(len(text)))
	if _, err := hex.Decode(data, text); err != nil {
		args.Fail("the data is not hexadecimal: %w", err)
	}
	return data
}

// receive is AT#XRECV=<handle>,<mode>,<flags>,<timeout>[,<data_len>] and
// AT#XRECVFROM with the same parameters.
func (s *service) receive(x *app.Exchange) error {
	args := x.Args()
	k := s.table.Arg(&args)
	asHex := args.Int(modeText, modeHex, "the mode") == modeHex
	flags := args.Int(0, math.MaxUint16, "the flags")
	timeout := args.Int(0, math.MaxUint16, "the time-out in seconds")
	length := args.IntOr(sock.MaxReceive, 1, sock.MaxReceive, "the length of the data")
	if err := args.Err(); err != nil {
		return err
	}
	from := string(x.Command().Name) == "#XRECVFROM"
	x.Later()
	k.Receive(length, socket.Flags(flags), timeout, func(data []byte, peer netip.AddrPort, err error) {
		if len(data) > 0 { // else it has failed, or the peer has closed: only OK
			if from {
				x.Printf("#XRECVFROM: %d,%d,%d,\"%s\",%d",
					k.Handle(), app.Digit(asHex), len(data), app.AddressText(peer.Addr()), peer.Port())
			} else {
				x.Printf("#XRECV: %d,%d,%d", k.Handle(), app.Digit(asHex), len(data))
			}
			if asHex {
				data = hex.AppendEncode(nil, data)
			}
			x.Data(data)
		}
		x.Finish(err)
	})
	return nil
}

// targets reads a handle that may be empty: then all sockets are meant.
func (s *service) targets(args *atcmd.ArgReader) (sockets []*sock.Socket, all bool) {
	if args.Len() > 0 && !args.Has() {
		args.Skip()
		return s.table.Open(), true
	}
	return []*sock.Socket{s.table.Arg(args)}, false
}

// setPolling is AT#XAPOLL=[<handle>],<op>[,<events>].
func (s *service) setPolling(x *app.Exchange) error {
	args := x.Args()
	targets, all := s.targets(&args)
	p := sock.Polling{On: args.Bool("0 to stop or 1 to start")}
	if p.On {
		p.Want = sock.PolledEvents(&args)
	}
	if err := args.Err(); err != nil {
		return err
	}
	if all {
		s.table.SetToCome(x.Context(), func(s *sock.Settings) { s.Polling = p })
	}
	for _, k := range targets {
		k.SetPolling(p)
	}
	return nil
}

func (s *service) readPolling(x *app.Exchange) error {
	for _, k := range s.table.Open() {
		if p := k.Settings().Polling; p.On {
			x.Printf("#XAPOLL: %d,%d", k.Handle(), p.Want)
		}
	}
	return nil
}

// setReception is AT#XRECVCFG=[<handle>],<flags>[,<hex>].
func (s *service) setReception(x *app.Exchange) error {
	args := x.Args()
	targets, all := s.targets(&args)
	r := sock.Reception{
		Flags: uint8(args.Int(0, sock.ReceiveInATMode|sock.ReceiveInDataMode, "the flags")),
		Hex:   args.IntOr(0, 0, 1, "0, raw, or 1, hexadecimal") == 1,
	}
	if r.Hex && r.Flags&sock.ReceiveInDataMode != 0 {
		args.Fail("in data mode, data is received raw only")
	}
	if err := args.Err(); err != nil {
		return err
	}
	if all {
		s.table.SetToCome(x.Context(), func(s *sock.Settings) { s.Reception = r })
	}
	for _, k := range targets {
		k.SetReception(r)
	}
	return nil
}

func (s *service) readReception(x *app.Exchange) error {
	for _, k := range s.table.Open() {
		if r := k.Settings().Reception; r.Flags != 0 {
			x.Printf("#XRECVCFG: %d,%d,%d", k.Handle(), r.Flags, app.Digit(r.Hex))
		}
	}
	return nil
}
