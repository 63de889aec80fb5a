package slm

import (
	"fmt"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/sock"
	"nrf91emu/emulator/socket"
)

// tcpCommands and udpCommands are the proxies of fact slm/proxies.
func tcpCommands(clientTest string) []command {
	return append(proxyCommands(&tcpNames, clientTest, func(s *service) *proxy { return &s.tcp }, "#XTCPSEND", (*service).readTCPServer),
		command{Name: "#XTCPHANGUP", Shows: app.Numbers, Set: (*service).hangUp, Test: app.Text[*service]("#XTCPHANGUP: <handle>")})
}

func udpCommands(clientTest string) []command {
	return proxyCommands(&udpNames, clientTest, func(s *service) *proxy { return &s.udp }, "#XUDPSEND", (*service).readUDPServer)
}

func proxyCommands(names *proxyNames, clientTest string, of func(*service) *proxy, send string, readServer app.HandlerFunc[*service]) []command {
	do := func(fn func(*proxy, *app.Exchange) error) app.HandlerFunc[*service] {
		return func(s *service, x *app.Exchange) error { return fn(of(s), x) }
	}
	return []command{
		{
			Name: names.client, Shows: app.Values, Set: do((*proxy).startClient), Read: do((*proxy).readClient),
			Test: app.Text[*service](clientTest),
		},
		{
			Name: names.server, Shows: app.Numbers, Set: do((*proxy).startServer), Read: readServer,
			Test: app.Text[*service](names.server + ": (0,1,2),<port>,<sec_tag>"),
		},
		{Name: send, Shows: app.Values, Bare: do((*proxy).send), Set: do((*proxy).send)},
	}
}

func (s *service) readTCPServer(x *app.Exchange) error {
	x.Printf("#XTCPSVR: %d,%d,%d", handleOf(s.tcp.s), handleOf(s.tcp.peer), s.tcp.family)
	return nil
}

func (s *service) readUDPServer(x *app.Exchange) error {
	x.Printf("#XUDPSVR: %d,%d", handleOf(s.udp.s), s.udp.family)
	return nil
}

// hangUp is AT#XTCPHANGUP=<handle>.
func (s *service) hangUp(x *app.Exchange) error {
	args := x.Args()
	handle := args.Int(0, 1<<15, "the handle of a connection")
	if err := args.Err(); err != nil {
		return err
	}
	p := &s.tcp
	if p.peer == nil || p.peer.Handle() != handle {
		return atcmd.Errorf("the TCP server has no connection %d", handle)
	}
	x.Wait(func(done func(error)) {
		done(nil)
		p.dropPeer(nil) // the notification comes after OK (fact slm/proxies)
	})
	return nil
}

// accept takes the TCP server's connections. While there is one, others are closed.
func (p *proxy) accept() {
	for p.s != nil {
		s, err := p.s.TryAccept()
		switch {
		case err == nil && p.peer != nil:
			s.Close()
		case err == nil:
			p.peer = s
			p.context.Tell(fmt.Sprintf("#XTCPSVR: \"%s\",\"connected\"", app.AddressText(s.PeerAddr().Addr())))
			s.SetNotify(func(socket.Events) { p.read() })
			p.read()
		default:
			if p.s.Poll()&sock.Troubles != 0 {
				p.close(lossOf(p.s, err, socket.ECONNRESET, socket.ENETDOWN))
			}
			return
		}
	}
}

// dropPeer ends the TCP server's connection, at the host's wish if loss is nil.
func (p *proxy) dropPeer(loss *socket.Error) {
	if p.peer == nil {
		return
	}
	s := p.peer
	p.peer, p.held = nil, false
	p.end("#XTCPSVR", "disconnected", s, loss)
}
