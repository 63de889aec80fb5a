package slm

import (
	"errors"
	"fmt"
	"math"
	"net/netip"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/sock"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/socket"
)

// A proxy is one connection, client or server, whose data the host gets without
// asking (fact slm/proxies). There is one for TCP, whose server has at most one
// peer, and one for UDP, whose server answers to who has sent last.
type proxy struct {
	slm     *service
	names   *proxyNames
	context *app.Context   // where it was started
	s       *socket.Socket // nil while nothing runs
	peer    *socket.Socket // of the TCP server
	server  bool
	family  socket.Family  // of what ran last; 0 at first
	last    netip.AddrPort // who has sent to the UDP server
	held    bool           // has stopped reading because the host is slow
	ended   bool           // has ended by itself, and the host has not said that it knows
}

// proxyNames are what the two proxies are called and their lines.
type proxyNames struct {
	what           string // in words
	typ            socket.Type
	client, server string         // commands
	failure        string         // the name in the answer to a server that cannot start
	record         event.SocketOp // the operation in the record
}

var (
	tcpNames = proxyNames{
		what: "TCP", typ: socket.Stream, client: "#XTCPCLI", server: "#XTCPSVR", failure: "#XTCPSVR",
		record: event.SocketTCPProxy,
	}
	udpNames = proxyNames{
		what: "UDP", typ: socket.Datagram, client: "#XUDPCLI", server: "#XUDPSVR",
		failure: "#UDPSVR", // sic (fact slm/misspelt)
		record:  event.SocketUDPProxy,
	}
)

// eNotSupported is ENOTSUP of the application's C library, which no socket answers.
const eNotSupported socket.Errno = 134

// handleOf is a socket's handle, -1 for none.
func handleOf(s *socket.Socket) int {
	if s == nil {
		return -1
	}
	return s.Handle()
}

// begin reads the operation and the rest of the arguments with read; it has ended
// the proxy if that is asked for, and then ok is false.
func (p *proxy) begin(x *app.Exchange, read func(*atcmd.ArgReader)) (ok bool, err error) {
	args := x.Args()
	op := opArg(&args)
	switch {
	case args.Err() != nil:
		return false, args.Err()
	case op == opClose:
		p.close(nil)
		p.ended = false
		return false, nil
	case p.ended:
		return false, atcmd.Errorf("the %s proxy has ended by itself; AT%s=0 lets it start again", p.names.what, p.names.client)
	case p.s != nil:
		return false, atcmd.Errorf("the %s proxy is in use; AT%s=0 or AT%s=0 ends it", p.names.what, p.names.client, p.names.server)
	}
	if read(&args); args.Err() != nil {
		return false, args.Err()
	}
	p.family, p.context = socket.Family(op), x.Context()
	return true, nil
}

// startClient is AT#XTCPCLI=<op>[,"<url>",<port>[,<sec_tag>[,<peer_verify>
// [,<hostname_verify>[,<cid>]]]]], and AT#XUDPCLI, which has <use_dtls_cid> before
// <peer_verify>. Its answer tells the errno of a failure.
func (p *proxy) startClient(x *app.Exchange) error {
	facts := p.slm.facts
	want := sock.Want{Type: p.names.typ}
	var to string
	var port uint16
	ok, err := p.begin(x, func(args *atcmd.ArgReader) {
		to, port = app.HostArg(args), app.PortArg(args)
		var tag uint32
		secure := args.Len() > 0 && !p.leaves(args)
		if secure {
			tag = sock.TagArg(args)
		}
		c := sock.Secure{Tag: tag, PeerVerify: socket.PeerVerifyRequired}
		if facts.ProxyVerify {
			if p.names.typ == socket.Datagram {
				c.ConnectionID = p.value(args, 0, 2, "the mode of the DTLS connection id")
			}
			c.PeerVerify = p.value(args, c.PeerVerify, 2, "the level of peer verification")
			if p.value(args, 1, 1, "0 or 1 for the check of the host name") == 1 {
				c.HostName = to
			}
		}
		if facts.ProxyContext {
			want.CID = sock.CIDArg(args)
		}
		if secure {
			want.Secure = &c
		}
	})
	if !ok || err != nil {
		return err
	}
	want.Family = p.family
	fail := func(err error) {
		x.Printf("%s: %d,\"not connected\"", p.names.client, -app.Errno(err))
		x.Finish(app.Refuse(err))
	}
	x.Later()
	s, err := sock.Open(p.slm.host, want, nil)
	if err != nil {
		fail(err)
		return nil
	}
	s.StartConnect(to, port, func(err error) {
		switch {
		case !x.Live():
			s.Close()
		case err != nil:
			s.Close()
			fail(err)
		default:
			x.Printf("%s: %d,\"connected\"", p.names.client, s.Handle())
			x.Finish(nil)
			p.run(s, false)
		}
	})
	return nil
}

// leaves passes over a value of the client that is a text, where the release takes it
// for one that is left out.
func (p *proxy) leaves(args *atcmd.ArgReader) bool {
	left := p.slm.facts.TextProxyValues && args.Has() && !args.IsInt()
	if left {
		args.Skip()
	}
	return left
}

// value reads a value of the client from 0 to hi.
func (p *proxy) value(args *atcmd.ArgReader, missing, hi int, what string) int {
	if p.leaves(args) {
		return missing
	}
	return args.IntOr(missing, 0, hi, what)
}

func (p *proxy) readClient(x *app.Exchange) error {
	x.Printf("%s: %d,%d", p.names.client, handleOf(p.s), p.family)
	return nil
}

// startServer is AT#XTCPSVR=<op>[,<port>[,<sec_tag>]] and AT#XUDPSVR. A security
// tag needs a build with TLS of its own, which this is not (fact slm/proxy-server-tag).
func (p *proxy) startServer(x *app.Exchange) error {
	var port uint16
	var secure bool
	ok, err := p.begin(x, func(args *atcmd.ArgReader) {
		port = uint16(args.Int(0, math.MaxUint16, "a port"))
		if args.Len() > 0 {
			sock.TagArg(args)
			secure = true
			if p.names.typ == socket.Stream {
				args.Fail("the modem has no TLS server")
			}
		}
	})
	if !ok || err != nil {
		return err
	}
	h := p.slm.host
	s, err := sock.Open(h, sock.Want{Family: p.family, Type: p.names.typ}, nil)
	if err == nil && secure {
		s.Close()
		err = &socket.Error{Op: "bind", Errno: eNotSupported, Reason: "the modem has no DTLS server"}
	} else if err == nil {
		if err = sock.Bind(h, s, 0, port); err == nil && p.names.typ == socket.Stream {
			err = s.Listen(backlog)
		}
		if err != nil {
			s.Close()
		}
	}
	if err != nil {
		x.Printf("%s: %d,\"not started\"", p.names.failure, -app.Errno(err))
		return app.Refuse(err)
	}
	x.Printf("%s: %d,\"started\"", p.names.server, s.Handle())
	p.run(s, true)
	return nil
}

// run takes on an open socket.
func (p *proxy) run(s *socket.Socket, server bool) {
	p.s, p.server, p.last = s, server, netip.AddrPort{}
	take := p.read
	if server && p.names.typ == socket.Stream {
		take = p.accept
	}
	s.SetNotify(func(socket.Events) { take() })
	take()
}

// line returns the socket that data goes over, nil if there is none.
func (p *proxy) line() *socket.Socket {
	if p.server && p.names.typ == socket.Stream {
		return p.peer
	}
	return p.s
}

// send is AT#XTCPSEND[="<data>"[,<flags>]] and AT#XUDPSEND, which enter data mode
// if they have no data.
func (p *proxy) send(x *app.Exchange) error {
	args := x.Args()
	data, inline := p.slm.dataArgs(x, &args)
	if err := args.Err(); err != nil {
		return err
	}
	unasked := p.slm.facts.DataUnasked && !inline && (p.names.typ == socket.Stream || p.s != nil)
	if err := p.maySend(); err != nil && !unasked {
		return atcmd.Errorf("%s", err.Reason)
	}
	if !inline {
		x.EnterData(app.Data{
			Whole: p.names.typ == socket.Datagram,
			Send: func(data []byte, done func(error)) {
				p.transmit(data, func(_ int, err error) { done(err) })
			},
			Told: p.slm.facts.TellLoss,
		})
		return nil
	}
	name := string(x.Command().Name)
	x.Wait(func(done func(error)) {
		p.transmit(data, func(n int, err error) {
			if err == nil { // else without a line (fact slm/proxies)
				x.Printf("%s: %d", name, n)
			}
			done(err)
		})
	})
	return nil
}

// maySend says why nothing can be sent.
func (p *proxy) maySend() *socket.Error {
	reason := ""
	switch {
	case p.names.typ == socket.Stream && p.line() == nil:
		reason = "the TCP proxy has no connection"
	case p.s == nil:
		reason = "the UDP proxy does not run"
	case p.names.typ == socket.Datagram && p.server && !p.last.IsValid():
		reason = "nobody has sent to the UDP server yet, so it has nobody to answer to"
	default:
		return nil
	}
	return &socket.Error{Op: "send", Errno: socket.ENOTCONN, Reason: reason}
}

func (p *proxy) transmit(data []byte, done func(int, error)) {
	err := p.maySend()
	switch {
	case len(data) == 0:
		done(0, nil)
	case err != nil:
		done(0, err)
	case p.names.typ == socket.Stream:
		sock.SendStream(p.line(), data, done)
	case p.server:
		p.s.StartSendTo(data, p.last.Addr().String(), p.last.Port(), done)
	default:
		p.s.StartSend(data, done)
	}
}

// read hands over what has come.
func (p *proxy) read() {
	s := p.line()
	for s != nil && s == p.line() {
		if p.held = p.context.Hold(); p.held {
			return
		}
		data, from, err := s.TryRecv(sock.MaxReceive, 0)
		switch {
		case errors.Is(err, socket.EAGAIN):
			return
		case err != nil && s == p.peer:
			p.dropPeer(lossOf(s, err, 0, socket.EBADF))
		case err != nil:
			p.close(lossOf(s, err, socket.ECONNRESET, socket.ENETDOWN))
		case len(data) > 0:
			p.hand(data, from)
		}
	}
}

// hand gives the host received data: in data mode only the data.
func (p *proxy) hand(data []byte, from netip.AddrPort) {
	p.last = from
	switch {
	case p.context.InData():
		p.context.Write(data)
	case p.names.typ == socket.Datagram:
		p.context.Tell(fmt.Sprintf("#XUDPDATA: %d,\"%s\",%d", len(data), app.AddressText(from.Addr()), from.Port()), data)
	default:
		p.context.Tell(fmt.Sprintf("#XTCPDATA: %d", len(data)), data)
	}
}

func (p *proxy) resume() {
	if p.held {
		p.read()
	}
}

// close ends whatever runs, at the host's wish if loss is nil.
func (p *proxy) close(loss *socket.Error) {
	if p.s == nil {
		return
	}
	p.dropPeer(loss)
	s := p.s
	p.s, p.held = nil, false
	p.ended = loss != nil && p.names.typ == socket.Stream && p.slm.facts.EndByHand
	if p.server {
		p.end(p.names.server, "stopped", s, loss)
	} else {
		p.end(p.names.client, "disconnected", s, loss)
	}
}

// end closes a socket and tells that its connection has ended: in data mode by
// ending that, otherwise by a line.
func (p *proxy) end(name, what string, s *socket.Socket, loss *socket.Error) {
	if loss == nil {
		loss = &socket.Error{Op: "close", Reason: "the host has ended the connection"}
	} else {
		p.slm.host.ServiceEnded(s.Handle(), p.names.record, loss.Errno, loss)
	}
	s.SetNotify(nil)
	s.Close()
	if c := p.context; c.InData() {
		c.FailData(loss)
	} else {
		c.Tell(fmt.Sprintf("%s: %d,\"%s\"", name, -int(loss.Errno), what))
	}
}

// stop ends the proxy silently.
func (p *proxy) stop() {
	for _, s := range []*socket.Socket{p.s, p.peer} {
		if s != nil {
			s.SetNotify(nil)
			s.Close()
		}
	}
	p.s, p.peer, p.held = nil, nil, false
}

// lossOf returns why a socket whose receive has failed came to its end, with the
// number that the proxies tell (fact slm/proxies): one for a closed peer, one
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
