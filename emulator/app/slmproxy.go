package app

import (
	"errors"
	"math"
	"net/netip"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/socket"
)

// The proxies of SLM are services: one TCP and one UDP connection, client or
// server, whose data the host gets without asking (serial-modem-at 3.8).

// A proxyTarget is what #XTCPCLI and #XUDPCLI ask for.
type proxyTarget struct {
	family socket.Family
	url    string
	port   uint16
	secure *secureSettings
	cid    int
}

// proxyTarget reads "<url>",<port>[,<sec_tag>[,...]] from argument 1 on.
// #XUDPCLI has one more parameter, for the DTLS connection id.
func (a *App) proxyTarget(cmd *atcmd.Command, op int, datagram bool) (t proxyTarget, err error) {
	t.family = socket.Family(op)
	facts := a.cfg.Dialect.slm
	var errs [7]error
	t.url, errs[0] = host(cmd, 1)
	t.port, errs[1] = port(cmd, 2)
	tag, err := optional(cmd, 3, 0, math.MaxInt32, -1, "a security tag")
	errs[2] = err
	verify, byName, connectionID := socket.PeerVerifyRequired, 0, 0
	i := 4
	if datagram && facts.ProxyVerify {
		connectionID, errs[3] = optional(cmd, i, 0, 1, 0, "0 or 1 for the DTLS connection id")
		i++
	}
	if facts.ProxyVerify {
		verify, errs[4] = optional(cmd, i, 0, 2, verify, "the level of peer verification")
		byName, errs[5] = optional(cmd, i+1, 0, 1, 1, "0 or 1 for the check of the host name")
	}
	if facts.ProxyContext {
		t.cid, errs[6] = optional(cmd, i+2, 0, maxCID, 0, "a context")
	}
	if err := errors.Join(errs[:]...); err != nil {
		return t, err
	}
	if tag >= 0 {
		t.secure = &secureSettings{tag: uint32(tag), peerVerify: verify, connectionID: connectionID == 1}
		if byName == 1 {
			t.secure.hostName = t.url
		}
	}
	return t, nil
}

// startProxyClient connects a proxy. Its answer tells the errno of a failure.
func (a *App) startProxyClient(w *atcmd.Response, name string, typ socket.Type, t proxyTarget, connected func(*socket.Socket)) {
	wait := a.later()
	fail := func(err error) {
		w.Printf("%s: %d,\"not connected\"", name, -errno(err))
		wait.finish(refuse(err))
	}
	s, err := a.openService(t.family, typ, t.secure, t.cid)
	if err != nil {
		fail(err)
		return
	}
	s.StartConnect(t.url, t.port, func(err error) {
		switch {
		case !wait.live():
			s.Close()
		case err != nil:
			s.Close()
			fail(err)
		default:
			w.Printf("%s: %d,\"connected\"", name, s.Handle())
			wait.finish(nil)
			connected(s)
		}
	})
}

// startProxyServer opens a bound socket for a server. failure is the name in its
// answer to a failure, which is misspelt for UDP.
func (a *App) startProxyServer(w *atcmd.Response, failure string, typ socket.Type, family, port int) (*socket.Socket, error) {
	s, err := a.openService(socket.Family(family), typ, nil, 0)
	if err == nil {
		if err = a.bindTo(&sock{Socket: s}, uint16(port)); err == nil && typ == socket.Stream {
			err = s.Listen(slmBacklog)
		}
		if err == nil {
			return s, nil
		}
		s.Close()
	}
	w.Printf("%s: %d,\"not started\"", failure, -errno(err))
	return nil, refuse(err)
}

// proxySend answers #XTCPSEND and #XUDPSEND, which enter data mode if they have
// no data.
func (a *App) proxySend(w *atcmd.Response, cmd *atcmd.Command, whole bool, send func(p []byte, done func(int, error))) error {
	data, inline, err := a.slmData(cmd, 0)
	if err != nil {
		return err
	}
	if !inline {
		a.enterData(&dataMode{whole: whole, send: func(p []byte, done func(error)) {
			send(p, func(_ int, err error) { done(err) })
		}})
		return nil
	}
	wait := a.later()
	sent := func(n int, err error) {
		switch {
		case !wait.live():
		case err != nil:
			wait.finish(refuse(err)) // without a line (3.8, seen in source)
		default:
			w.Printf("%s: %d", cmd.Name, n)
			wait.finish(nil)
		}
	}
	if len(data) == 0 {
		sent(0, nil)
		return nil
	}
	send(data, sent)
	return nil
}

// proxyData hands over received data: in data mode only the data.
func (a *App) proxyData(header string, data []byte) {
	if a.data != nil {
		a.out = append(a.out, data...)
		return
	}
	a.tell(header, data)
}

// proxyLost tells that a proxy's connection has ended by itself: in data mode by
// ending that, otherwise by a line.
func (a *App) proxyLost(line string, err *socket.Error) {
	switch {
	case a.data == nil:
		a.tell(line)
	case a.cfg.Dialect.slm.TellLoss:
		a.data.broken(err)
	default:
		a.data.fail(err)
	}
}

// lossOf returns why a socket whose receive has failed came to its end, with the
// number that the proxies tell (3.8, seen in source): one for a closed peer, one
// for a socket that the modem has closed, EIO for everything else.
func lossOf(s *socket.Socket, err error, peerClosed, socketGone socket.Errno) *socket.Error {
	loss := &socket.Error{Op: "recv", Errno: socket.EIO, Reason: "the connection has broken", Err: err}
	switch ev := s.Poll(); {
	case ev&socket.PollError != 0:
	case ev&socket.PollInvalid != 0:
		loss.Errno, loss.Reason = socketGone, "the modem has closed the socket"
	case ev&socket.PollHangup != 0:
		loss.Errno, loss.Reason = peerClosed, "the peer has closed the connection"
	}
	return loss
}

// drain reads what has come on a proxy's socket. It returns an error when the
// connection has ended, and held when it has stopped because the host is slow.
func (a *App) drain(s *socket.Socket, data func(p []byte, from netip.AddrPort)) (held bool, err error) {
	for {
		if a.holdServices() {
			return true, nil
		}
		p, from, err := s.TryRecv(maxReceive, 0)
		switch {
		case errors.Is(err, socket.EAGAIN):
			return false, nil
		case err != nil:
			return false, err
		case len(p) > 0:
			data(p, from)
		}
	}
}
