package app

import (
	"errors"
	"net/netip"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/socket"
)

// slmBacklog is how many connections wait to be accepted (3.3, seen in source).
const slmBacklog = 1

// slmBind is AT#XBIND=<port>.
func (a *App) slmBind(_ *atcmd.Response, cmd *atcmd.Command) error {
	k, err := a.slmSelected()
	if err != nil {
		return err
	}
	v, err := number(cmd, 0, 0, 65535, "a port")
	if err != nil {
		return err
	}
	return a.bindTo(k, uint16(v))
}

// slmConnect is AT#XCONNECT="<url>",<port>.
func (a *App) slmConnect(w *atcmd.Response, cmd *atcmd.Command) error {
	k, err := a.slmSelected()
	if err != nil {
		return err
	}
	if k.role != roleClient {
		return atcmd.Errorf("socket %d is a server", k.Handle())
	}
	to, err := host(cmd, 0)
	p, err2 := port(cmd, 1)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	wait := a.later()
	k.StartConnect(to, p, func(err error) {
		switch {
		case !wait.live():
		case err != nil:
			wait.finish(refuse(err))
		default:
			w.Line("#XCONNECT: 1")
			wait.finish(nil)
		}
	})
	return nil
}

// slmServer returns the selected socket, which must be a server.
func (a *App) slmServer() (*sock, error) {
	k, err := a.slmSelected()
	if err == nil && k.role == roleClient {
		return nil, atcmd.Errorf("socket %d is a client; open it with role 1", k.Handle())
	}
	return k, err
}

// slmListen is AT#XLISTEN.
func (a *App) slmListen(*atcmd.Response, *atcmd.Command) error {
	k, err := a.slmServer()
	if err != nil {
		return err
	}
	if err := k.Listen(slmBacklog); err != nil {
		return refuse(err)
	}
	k.listening = true
	return nil
}

// slmAccept is AT#XACCEPT=<timeout>, in seconds, 0 for ever. A listener has one
// peer: the one before is closed (chosen; SLM forgets it and its socket is lost).
func (a *App) slmAccept(w *atcmd.Response, cmd *atcmd.Command) error {
	k, err := a.slmServer()
	if err != nil {
		return err
	}
	timeout, err := number(cmd, 0, 0, 1<<15, "the time-out in seconds")
	if err != nil {
		return err
	}
	if a.slm.polling.on {
		return atcmd.Errorf("#XACCEPT does not work while #XAPOLL runs")
	}
	if err := k.SetOption(socket.ReceiveTimeout, timeout*1000); err != nil {
		return refuse(err)
	}
	wait := a.later()
	k.StartAccept(func(s *socket.Socket, err error) {
		switch {
		case err != nil:
			wait.finish(refuse(err))
			return
		case !wait.live():
			s.Close()
			return
		}
		if old := a.slm.peers[k]; old != nil {
			old.Close()
		}
		a.slm.peers[k] = &sock{Socket: s, net: a.net, role: k.role, cid: k.cid}
		w.Printf("#XACCEPT: %d,\"%s\"", s.Handle(), addressText(s.PeerAddr().Addr()))
		wait.finish(nil)
	})
	return nil
}

// slmReadAccept answers under another name (serial-modem-at 8, seen in source).
func (a *App) slmReadAccept(w *atcmd.Response, _ *atcmd.Command) error {
	k, err := a.slmServer()
	if err != nil {
		return err
	}
	handle := 0
	if peer := a.slm.peers[k]; peer != nil {
		handle = peer.Handle()
	}
	w.Printf("#XTCPACCEPT: %d", handle)
	return nil
}

// slmSend is AT#XSEND[="<data>"[,<flags>]]. Without data it enters data mode.
func (a *App) slmSend(w *atcmd.Response, cmd *atcmd.Command) error {
	k, err := a.slmTraffic()
	if err != nil {
		return err
	}
	return a.slmSendPayload(w, cmd, 0, k, sending{name: "#XSEND"})
}

// slmSendTo is AT#XSENDTO="<url>",<port>[,"<data>"][,<flags>].
func (a *App) slmSendTo(w *atcmd.Response, cmd *atcmd.Command) error {
	k, err := a.slmSelected()
	if err != nil {
		return err
	}
	to, err := host(cmd, 0)
	p, err2 := port(cmd, 1)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	return a.slmSendPayload(w, cmd, 2, k, sending{name: "#XSENDTO", to: to, port: p})
}

// slmData reads "<data>"[,<flags>] from argument i on; inline is false if the
// data is left out, for data mode.
func (a *App) slmData(cmd *atcmd.Command, i int) (data []byte, inline bool, err error) {
	if a.cfg.Dialect.slm.SendFlags && cmd.Form == atcmd.FormSet {
		flags, err := optional(cmd, i+1, 0, 1<<16-1, 0, "the flags")
		if err != nil {
			return nil, false, err
		}
		if flags&^flagWaitAck != 0 {
			return nil, false, atcmd.Errorf("the flags of a send are 0 or 512")
		}
	}
	if !cmd.Has(i) {
		return nil, false, nil
	}
	text, err := quoted(cmd, i, a.inlineLimit(), "the data")
	return []byte(text), true, err
}

func (a *App) slmSendPayload(w *atcmd.Response, cmd *atcmd.Command, i int, k *sock, how sending) error {
	data, inline, err := a.slmData(cmd, i)
	if err != nil {
		return err
	}
	if !inline {
		a.enterData(&dataMode{
			whole: k.Type() == socket.Datagram,
			send: func(p []byte, done func(error)) {
				k.transmit(p, how, func(_ int, err error) { done(err) })
			},
		})
		return nil
	}
	wait := a.later()
	k.transmit(data, how, func(sent int, err error) {
		if !wait.live() {
			return
		}
		w.Printf("%s: %d", how.name, sent) // also where it failed (3.4, seen in source)
		if err != nil {
			err = refuse(err)
		}
		wait.finish(err)
	})
	return nil
}

// slmReceive is AT#XRECV=<timeout>[,<flags>] and AT#XRECVFROM.
func (a *App) slmReceive(w *atcmd.Response, cmd *atcmd.Command) error {
	from := string(cmd.Name) == "#XRECVFROM"
	find := a.slmTraffic
	if from {
		find = a.slmSelected
	}
	k, err := find()
	if err != nil {
		return err
	}
	timeout, err := number(cmd, 0, 0, 65535, "the time-out in seconds")
	flags, err2 := optional(cmd, 1, 0, 1<<16-1, 0, "the flags")
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	wait := a.later()
	k.receive(maxReceive, socket.Flags(flags), timeout, func(data []byte, peer netip.AddrPort, err error) {
		switch {
		case !wait.live():
			return
		case err != nil:
			wait.finish(err)
			return
		case len(data) > 0:
			switch {
			case !from:
				w.Printf("#XRECV: %d", len(data))
			case a.cfg.Dialect.slm.PortInReceiveFrom:
				w.Printf("#XRECVFROM: %d,\"%s\",%d", len(data), addressText(peer.Addr()), peer.Port())
			default:
				w.Printf("#XRECVFROM: %d,\"%s\"", len(data), addressText(peer.Addr()))
			}
			w.Data(data)
		}
		wait.finish(nil)
	})
	return nil
}
