package app

import (
	"fmt"
	"net/netip"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/socket"
)

// slmTCPCommands are the TCP proxy of section 3.8 of serial-modem-at.md.
func slmTCPCommands(clientTest string) []command {
	return []command{
		{"#XTCPCLI", &forms{Set: (*App).tcpClient, Read: (*App).readTCPClient, Test: atcmd.Text[*App](clientTest)}},
		{"#XTCPSVR", &forms{
			Set: (*App).tcpServer, Read: (*App).readTCPServer,
			Test: atcmd.Text[*App]("#XTCPSVR: (0,1,2),<port>,<sec_tag>"),
		}},
		{"#XTCPSEND", &forms{Bare: (*App).tcpSend, Set: (*App).tcpSend}},
		{"#XTCPHANGUP", &forms{Set: (*App).tcpHangUp, Test: atcmd.Text[*App]("#XTCPHANGUP: <handle>")}},
	}
}

// tcpProxy is the TCP proxy: a client, or a server with at most one peer.
type tcpProxy struct {
	app    *App
	s      *socket.Socket // client or listener, nil while nothing runs
	peer   *socket.Socket // of the server
	server bool
	family socket.Family // of what ran last; 0 at first
	held   bool          // has stopped reading because the host is slow
}

// tcpClient is AT#XTCPCLI=<op>[,"<url>",<port>[,<sec_tag>[,<peer_verify>
// [,<hostname_verify>[,<cid>]]]]].
func (a *App) tcpClient(w *atcmd.Response, cmd *atcmd.Command) error {
	p := &a.slmState().tcp
	op, err := slmOp(cmd)
	switch {
	case err != nil:
		return err
	case op == slmOpClose:
		p.close(nil)
		return nil
	case p.s != nil:
		return atcmd.Errorf("the TCP proxy is in use; AT#XTCPCLI=0 or AT#XTCPSVR=0 ends it")
	}
	t, err := a.proxyTarget(cmd, op, false)
	if err != nil {
		return err
	}
	p.family = t.family
	a.startProxyClient(w, "#XTCPCLI", socket.Stream, t, func(s *socket.Socket) {
		p.s, p.server = s, false
		s.SetNotify(func(socket.Events) { p.read() })
		p.read()
	})
	return nil
}

func (a *App) readTCPClient(w *atcmd.Response, _ *atcmd.Command) error {
	p := &a.slmState().tcp
	w.Printf("#XTCPCLI: %d,%d", handleOf(p.s), p.family)
	return nil
}

// handleOf is a socket's handle, -1 for none.
func handleOf(s *socket.Socket) int {
	if s == nil {
		return -1
	}
	return s.Handle()
}

// tcpServer is AT#XTCPSVR=<op>[,<port>[,<sec_tag>]]. A security tag needs a build
// with TLS of its own, which this is not.
func (a *App) tcpServer(w *atcmd.Response, cmd *atcmd.Command) error {
	p := &a.slmState().tcp
	op, err := slmOp(cmd)
	switch {
	case err != nil:
		return err
	case op == slmOpClose:
		p.close(nil)
		return nil
	case p.s != nil:
		return atcmd.Errorf("the TCP proxy is in use; AT#XTCPCLI=0 or AT#XTCPSVR=0 ends it")
	}
	port, err := number(cmd, 1, 0, 65535, "a port")
	if err != nil {
		return err
	}
	if len(cmd.Args) > 2 {
		return atcmd.Errorf("the modem has no TLS server")
	}
	p.family = socket.Family(op)
	s, err := a.startProxyServer(w, "#XTCPSVR", socket.Stream, op, port)
	if err != nil {
		return err
	}
	p.s, p.server = s, true
	s.SetNotify(func(socket.Events) { p.accept() })
	w.Printf("#XTCPSVR: %d,\"started\"", s.Handle())
	return nil
}

func (a *App) readTCPServer(w *atcmd.Response, _ *atcmd.Command) error {
	p := &a.slmState().tcp
	w.Printf("#XTCPSVR: %d,%d,%d", handleOf(p.s), handleOf(p.peer), p.family)
	return nil
}

// tcpSend is AT#XTCPSEND[="<data>"[,<flags>]].
func (a *App) tcpSend(w *atcmd.Response, cmd *atcmd.Command) error {
	p := &a.slmState().tcp
	if p.line() == nil {
		return atcmd.Errorf("the TCP proxy has no connection")
	}
	return a.proxySend(w, cmd, false, func(data []byte, done func(int, error)) {
		s := p.line()
		if s == nil {
			done(0, &socket.Error{Op: "send", Errno: socket.ENOTCONN, Reason: "the TCP proxy has no connection"})
			return
		}
		sendStream(s, data, 0, done)
	})
}

// line returns the socket that data goes over, nil if there is none.
func (p *tcpProxy) line() *socket.Socket {
	if p.server {
		return p.peer
	}
	return p.s
}

// tcpHangUp is AT#XTCPHANGUP=<handle>.
func (a *App) tcpHangUp(_ *atcmd.Response, cmd *atcmd.Command) error {
	p := &a.slmState().tcp
	handle, err := number(cmd, 0, 0, 1<<15, "the handle of a connection")
	if err != nil {
		return err
	}
	if p.peer == nil || p.peer.Handle() != handle {
		return atcmd.Errorf("the TCP server has no connection %d", handle)
	}
	a.waitFor(func(done func(error)) {
		done(nil)
		p.dropPeer(nil) // the notification comes after OK (3.8)
	})
	return nil
}

// accept takes connections. While there is one, others are closed.
func (p *tcpProxy) accept() {
	for p.s != nil {
		s, err := p.s.TryAccept()
		switch {
		case err == nil && p.peer != nil:
			s.Close()
		case err == nil:
			p.peer = s
			p.app.tell(fmt.Sprintf("#XTCPSVR: \"%s\",\"connected\"", addressText(s.PeerAddr().Addr())))
			s.SetNotify(func(socket.Events) { p.read() })
			p.read()
		default:
			if p.s.Poll()&troubles != 0 {
				p.close(lossOf(p.s, err, socket.ECONNRESET, socket.ENETDOWN))
			}
			return
		}
	}
}

// read hands over what has come.
func (p *tcpProxy) read() {
	s := p.line()
	if s == nil {
		return
	}
	var err error
	p.held, err = p.app.drain(s, func(data []byte, _ netip.AddrPort) {
		p.app.proxyData(fmt.Sprintf("#XTCPDATA: %d", len(data)), data)
	})
	switch {
	case err == nil:
	case p.server:
		p.dropPeer(lossOf(s, err, 0, socket.EBADF))
	default:
		p.close(lossOf(s, err, socket.ECONNRESET, socket.ENETDOWN))
	}
}

func (p *tcpProxy) resume() {
	if p.held {
		p.read()
	}
}

// dropPeer ends the server's connection, at the host's wish if loss is nil.
func (p *tcpProxy) dropPeer(loss *socket.Error) {
	if p.peer == nil {
		return
	}
	s := p.peer
	p.peer, p.held = nil, false
	p.end("#XTCPSVR", "disconnected", s, loss)
}

// close ends whatever runs, at the host's wish if loss is nil.
func (p *tcpProxy) close(loss *socket.Error) {
	if p.s == nil {
		return
	}
	p.dropPeer(loss)
	s := p.s
	p.s, p.held = nil, false
	if p.server {
		p.end("#XTCPSVR", "stopped", s, loss)
	} else {
		p.end("#XTCPCLI", "disconnected", s, loss)
	}
}

func (p *tcpProxy) end(name, what string, s *socket.Socket, loss *socket.Error) {
	if loss == nil {
		loss = &socket.Error{Op: "close", Reason: "the host has ended the connection"}
	} else {
		p.app.serviceEnded(s, "tcp-proxy", int(loss.Errno), loss)
	}
	s.SetNotify(nil)
	s.Close()
	p.app.proxyLost(fmt.Sprintf("%s: %d,\"%s\"", name, -int(loss.Errno), what), loss)
}

// stop ends the proxy silently.
func (p *tcpProxy) stop() {
	for _, s := range []*socket.Socket{p.s, p.peer} {
		if s != nil {
			s.SetNotify(nil)
			s.Close()
		}
	}
	p.s, p.peer = nil, nil
}
