package slm

import (
	"math"
	"net/netip"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/sock"
	"nrf91emu/emulator/socket"
)

// backlog is how many connections wait to be accepted (fact slm/roles).
const backlog = 1

// bind is AT#XBIND=<port>.
func (s *service) bind(x *app.Exchange) error {
	k, err := s.current()
	if err != nil {
		return err
	}
	args := x.Args()
	port := args.Int(0, math.MaxUint16, "a port")
	if err := args.Err(); err != nil {
		return err
	}
	return k.Bind(uint16(port))
}

// connect is AT#XCONNECT="<url>",<port>.
func (s *service) connect(x *app.Exchange) error {
	k, err := s.current()
	if err != nil {
		return err
	}
	if k.Role != sock.Client {
		return atcmd.Errorf("socket %d is no client", k.Handle())
	}
	args := x.Args()
	to, port := app.HostArg(&args), app.PortArg(&args)
	if err := args.Err(); err != nil {
		return err
	}
	x.Wait(func(done func(error)) {
		k.StartConnect(to, port, func(err error) {
			if err == nil {
				x.Line("#XCONNECT: 1")
			}
			done(err)
		})
	})
	return nil
}

// listen is AT#XLISTEN.
func (s *service) listen(*app.Exchange) error {
	k, err := s.server()
	if err != nil {
		return err
	}
	return k.Listen(backlog)
}

// accept is AT#XACCEPT=<timeout>, in seconds, 0 for ever. A listener has one
// peer: the one before is closed (chosen; SLM forgets it and its socket is lost).
func (s *service) accept(x *app.Exchange) error {
	k, err := s.server()
	if err != nil {
		return err
	}
	args := x.Args()
	timeout := args.Int(0, 1<<15, "the time-out in seconds")
	if s.polling.on {
		args.Fail("#XACCEPT does not work while #XAPOLL runs")
	}
	if err := args.Err(); err != nil {
		return err
	}
	if err := k.SetOption(socket.ReceiveTimeout, timeout*1000); err != nil {
		return app.Refuse(err)
	}
	x.Wait(func(done func(error)) {
		k.StartAccept(func(peer *socket.Socket, err error) {
			switch {
			case err != nil:
				done(err)
				return
			case !x.Live():
				peer.Close()
				return
			}
			if old := s.peers[k]; old != nil {
				old.Close()
			}
			s.peers[k] = k.Accepted(peer)
			x.Printf("#XACCEPT: %d,\"%s\"", peer.Handle(), app.AddressText(peer.PeerAddr().Addr()))
			done(nil)
		})
	})
	return nil
}

// readAccept answers under another name (fact slm/roles).
func (s *service) readAccept(x *app.Exchange) error {
	k, err := s.server()
	if err != nil {
		return err
	}
	handle := 0
	if peer := s.peers[k]; peer != nil {
		handle = peer.Handle()
	}
	x.Printf("#XTCPACCEPT: %d", handle)
	return nil
}

// send is AT#XSEND[="<data>"[,<flags>]]. Without data it enters data mode.
func (s *service) send(x *app.Exchange) error {
	args := x.Args()
	return s.sendPayload(x, &args, s.traffic, sock.Sending{})
}

// sendTo is AT#XSENDTO="<url>",<port>[,"<data>"][,<flags>].
func (s *service) sendTo(x *app.Exchange) error {
	args := x.Args()
	how := sock.Sending{To: app.HostArg(&args), Port: app.PortArg(&args)}
	return s.sendPayload(x, &args, s.current, how)
}

// dataArgs reads "<data>"[,<flags>]; inline is false if the data is left out, for
// data mode.
func (s *service) dataArgs(x *app.Exchange, args *atcmd.ArgReader) (data []byte, inline bool) {
	if args.Has() {
		data, inline = args.Text(s.host.Dialect().MaxInline(), "the data"), true
	} else {
		args.Skip()
	}
	if s.facts.SendFlags && x.Command().Form == atcmd.FormSet {
		if args.IntOr(0, 0, math.MaxUint16, "the flags")&^sock.FlagWaitAck != 0 {
			args.Fail("the flags of a send are 0 or 512")
		}
	}
	return data, inline
}

// sendPayload sends over the socket that find returns, or enters data mode, for which
// some releases need none (fact slm/unasked).
func (s *service) sendPayload(x *app.Exchange, args *atcmd.ArgReader, find func() (*sock.Socket, error), how sock.Sending) error {
	data, inline := s.dataArgs(x, args)
	if err := args.Err(); err != nil {
		return err
	}
	name := string(x.Command().Name)
	k, err := find()
	switch {
	case err == nil:
	case !s.facts.Unasked:
		return err
	case inline:
		if s.selected == nil {
			x.Printf("%s: 0", name)
		}
		return err
	}
	if !inline {
		x.EnterData(app.Data{
			Whole: k != nil && k.Type() == socket.Datagram,
			Send: func(p []byte, done func(error)) {
				if k == nil {
					done(err)
					return
				}
				k.Transmit(p, how, func(_ int, err error) { done(err) })
			},
		})
		return nil
	}
	x.Wait(func(done func(error)) {
		k.Transmit(data, how, func(sent int, err error) {
			if !socket.LookupFailed(err) {
				x.Printf("%s: %d", name, sent) // also where it failed (fact slm/send)
			}
			done(err)
		})
	})
	return nil
}

// receive is AT#XRECV=<timeout>[,<flags>] and AT#XRECVFROM.
func (s *service) receive(x *app.Exchange) error {
	from := string(x.Command().Name) == "#XRECVFROM"
	find := s.traffic
	if from {
		find = s.current
	}
	k, err := find()
	if err != nil {
		return err
	}
	args := x.Args()
	timeout := args.Int(0, math.MaxUint16, "the time-out in seconds")
	flags := args.IntOr(0, 0, math.MaxUint16, "the flags")
	if err := args.Err(); err != nil {
		return err
	}
	x.Later()
	k.Receive(sock.MaxReceive, socket.Flags(flags), timeout, func(data []byte, peer netip.AddrPort, err error) {
		if len(data) > 0 {
			switch {
			case !from:
				x.Printf("#XRECV: %d", len(data))
			case s.facts.PortInReceiveFrom:
				x.Printf("#XRECVFROM: %d,\"%s\",%d", len(data), app.AddressText(peer.Addr()), peer.Port())
			default:
				x.Printf("#XRECVFROM: %d,\"%s\"", len(data), app.AddressText(peer.Addr()))
			}
			x.Data(data)
		}
		x.Finish(err)
	})
	return nil
}
