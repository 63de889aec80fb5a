package app

import (
	"fmt"
	"net/netip"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/socket"
)

// slmUDPCommands are the UDP proxy of section 3.8 of serial-modem-at.md.
func slmUDPCommands(clientTest string) []command {
	return []command{
		{"#XUDPCLI", &forms{Set: (*App).udpClient, Read: (*App).readUDPClient, Test: atcmd.Text[*App](clientTest)}},
		{"#XUDPSVR", &forms{
			Set: (*App).udpServer, Read: (*App).readUDPServer,
			Test: atcmd.Text[*App]("#XUDPSVR: (0,1,2),<port>,<sec_tag>"),
		}},
		{"#XUDPSEND", &forms{Bare: (*App).udpSend, Set: (*App).udpSend}},
	}
}

// udpProxy is the UDP proxy: a client with one peer, or a server that answers to
// who has sent last.
type udpProxy struct {
	app    *App
	s      *socket.Socket // nil while nothing runs
	server bool
	family socket.Family // of what ran last; 0 at first
	last   netip.AddrPort
	held   bool // has stopped reading because the host is slow
}

// udpClient is AT#XUDPCLI=<op>[,"<url>",<port>[,<sec_tag>[,<use_dtls_cid>
// [,<peer_verify>[,<hostname_verify>[,<cid>]]]]]].
func (a *App) udpClient(w *atcmd.Response, cmd *atcmd.Command) error {
	p := &a.slmState().udp
	op, err := slmOp(cmd)
	switch {
	case err != nil:
		return err
	case op == slmOpClose:
		p.close(nil)
		return nil
	case p.s != nil:
		return errUDPProxyInUse
	}
	t, err := a.proxyTarget(cmd, op, true)
	if err != nil {
		return err
	}
	p.family = t.family
	a.startProxyClient(w, "#XUDPCLI", socket.Datagram, t, func(s *socket.Socket) { p.run(s, false) })
	return nil
}

var errUDPProxyInUse = atcmd.Errorf("the UDP proxy is in use; AT#XUDPCLI=0 or AT#XUDPSVR=0 ends it")

func (a *App) readUDPClient(w *atcmd.Response, _ *atcmd.Command) error {
	p := &a.slmState().udp
	w.Printf("#XUDPCLI: %d,%d", handleOf(p.s), p.family)
	return nil
}

// udpServer is AT#XUDPSVR=<op>[,<port>].
func (a *App) udpServer(w *atcmd.Response, cmd *atcmd.Command) error {
	p := &a.slmState().udp
	op, err := slmOp(cmd)
	switch {
	case err != nil:
		return err
	case op == slmOpClose:
		p.close(nil)
		return nil
	case p.s != nil:
		return errUDPProxyInUse
	}
	port, err := number(cmd, 1, 0, 65535, "a port")
	if err != nil {
		return err
	}
	p.family = socket.Family(op)
	s, err := a.startProxyServer(w, "#UDPSVR", socket.Datagram, op, port) // sic (section 8, seen in source)
	if err != nil {
		return err
	}
	w.Printf("#XUDPSVR: %d,\"started\"", s.Handle())
	p.run(s, true)
	return nil
}

func (a *App) readUDPServer(w *atcmd.Response, _ *atcmd.Command) error {
	p := &a.slmState().udp
	w.Printf("#XUDPSVR: %d,%d", handleOf(p.s), p.family)
	return nil
}

// run takes on an open socket.
func (p *udpProxy) run(s *socket.Socket, server bool) {
	p.s, p.server, p.last = s, server, netip.AddrPort{}
	s.SetNotify(func(socket.Events) { p.read() })
	p.read()
}

// udpSend is AT#XUDPSEND[="<data>"[,<flags>]].
func (a *App) udpSend(w *atcmd.Response, cmd *atcmd.Command) error {
	p := &a.slmState().udp
	switch {
	case p.s == nil:
		return atcmd.Errorf("the UDP proxy does not run")
	case p.server && !p.last.IsValid():
		return atcmd.Errorf("nobody has sent to the UDP server yet, so it has nobody to answer to")
	}
	return a.proxySend(w, cmd, true, func(data []byte, done func(int, error)) {
		switch {
		case p.s == nil:
			done(0, &socket.Error{Op: "send", Errno: socket.ENOTCONN, Reason: "the UDP proxy does not run"})
		case p.server:
			p.s.StartSendTo(data, p.last.Addr().String(), p.last.Port(), done)
		default:
			p.s.StartSend(data, done)
		}
	})
}

// read hands over what has come.
func (p *udpProxy) read() {
	if p.s == nil {
		return
	}
	var err error
	p.held, err = p.app.drain(p.s, func(data []byte, from netip.AddrPort) {
		p.last = from
		p.app.proxyData(fmt.Sprintf("#XUDPDATA: %d,\"%s\",%d", len(data), addressText(from.Addr()), from.Port()), data)
	})
	if err != nil {
		p.close(lossOf(p.s, err, socket.ECONNRESET, socket.ENETDOWN))
	}
}

func (p *udpProxy) resume() {
	if p.held {
		p.read()
	}
}

// close ends the proxy, at the host's wish if loss is nil.
func (p *udpProxy) close(loss *socket.Error) {
	if p.s == nil {
		return
	}
	s := p.s
	if loss == nil {
		loss = &socket.Error{Op: "close", Reason: "the host has ended the connection"}
	} else {
		p.app.serviceEnded(s, "udp-proxy", int(loss.Errno), loss)
	}
	p.stop()
	line := "#XUDPCLI: %d,\"disconnected\""
	if p.server {
		line = "#XUDPSVR: %d,\"stopped\""
	}
	p.app.proxyLost(fmt.Sprintf(line, -int(loss.Errno)), loss)
}

// stop ends the proxy silently.
func (p *udpProxy) stop() {
	if p.s != nil {
		p.s.SetNotify(nil)
		p.s.Close()
		p.s, p.held = nil, false
	}
}
