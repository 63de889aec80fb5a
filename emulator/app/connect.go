package app

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/socket"
)

// listenCommands are the commands of section 2.13, which main has added.
var listenCommands = []command{
	{"#XLISTEN", &forms{
		Set: (*App).listen, Read: (*App).readListeners, Test: atcmd.Text[*App]("#XLISTEN: <handle>"),
	}},
	{"#XACCEPT", &forms{Set: (*App).accept, Test: atcmd.Text[*App]("#XACCEPT: <handle>")}},
}

// backlog is how many connections wait to be accepted (2.13, seen in source).
const backlog = 2

// bind is AT#XBIND=<handle>,<port>.
func (a *App) bind(_ *atcmd.Response, cmd *atcmd.Command) error {
	k, err := a.find(cmd)
	if err != nil {
		return err
	}
	v, err := number(cmd, 1, 0, 65535, "a port")
	if err != nil {
		return err
	}
	return a.bindTo(k, uint16(v))
}

// bindTo binds a socket to a port, at the address that the modem has in the
// socket's context: without one it fails (2.6, seen in source). The host's
// network knows another address.
func (a *App) bindTo(k *sock, port uint16) error {
	if _, err := a.ask("+CGPADDR", "AT+CGPADDR="+strconv.Itoa(k.cid)); err != nil {
		return atcmd.Errorf("the modem has no address in context %d: %v", k.cid, err)
	}
	if err := k.Bind(port); err != nil {
		return refuse(err)
	}
	return nil
}

// connect is AT#XCONNECT=<handle>,"<url>",<port>.
func (a *App) connect(w *atcmd.Response, cmd *atcmd.Command) error {
	k, err := a.find(cmd)
	if err != nil {
		return err
	}
	to, err := host(cmd, 1)
	if err != nil {
		return err
	}
	p, err := port(cmd, 2)
	if err != nil {
		return err
	}
	wait := a.later()
	k.StartConnect(to, p, func(err error) {
		switch {
		case !wait.live():
		case err != nil:
			wait.finish(refuse(err))
		default:
			w.Printf("#XCONNECT: %d,1", k.Handle())
			wait.finish(nil)
		}
	})
	return nil
}

// listen is AT#XLISTEN=<handle>.
func (a *App) listen(_ *atcmd.Response, cmd *atcmd.Command) error {
	k, err := a.find(cmd)
	if err != nil {
		return err
	}
	if err := k.Listen(backlog); err != nil {
		return refuse(err)
	}
	k.listening = true
	return nil
}

func (a *App) readListeners(w *atcmd.Response, _ *atcmd.Command) error {
	for _, k := range a.sockets().open {
		if k.listening {
			w.Printf("#XLISTEN: %d,%d,%d", k.Handle(), k.cid, k.LocalAddr().Port())
		}
	}
	return nil
}

// accept is AT#XACCEPT=<handle>. It never waits.
func (a *App) accept(w *atcmd.Response, cmd *atcmd.Command) error {
	k, err := a.find(cmd)
	if err != nil {
		return err
	}
	s, err := k.TryAccept()
	if err != nil {
		return refuse(err)
	}
	k.rearm(socket.PollIn)
	peer := &sock{Socket: s, role: k.role, cid: k.cid}
	a.net.add(peer)
	from := s.PeerAddr()
	w.Printf("#XACCEPT: %d,%d,\"%s\",%d", peer.Handle(), k.cid, addressText(from.Addr()), from.Port())
	return nil
}

// addressText is an address as the application prints it: IPv6 without brackets.
func addressText(a netip.Addr) string { return a.Unmap().WithZone("").String() }

// resolve is AT#XGETADDRINFO="<host>"[,<family>].
func (a *App) resolve(w *atcmd.Response, cmd *atcmd.Command) error {
	name, err := host(cmd, 0)
	if err != nil {
		return err
	}
	family, err := optional(cmd, 1, int64(socket.AnyFamily), int64(socket.IPv6), int(socket.AnyFamily), "a family")
	if err != nil {
		return err
	}
	if !a.cfg.Modem.Alive() {
		return atcmd.Errorf("the modem has crashed")
	}
	wait := a.later()
	a.cfg.Device.Sockets().StartLookup(name, socket.Family(family), func(addrs []netip.Addr, err error) {
		if !wait.live() {
			return
		}
		if err != nil {
			// The text is the resolver's, so no host can rely on it (2.12).
			text := "not found"
			if !errors.Is(err, socket.ErrNameNotFound) {
				text = "network is down"
			}
			w.Printf("#XGETADDRINFO: %q", text)
			wait.finish(refuse(err))
			return
		}
		all := make([]string, len(addrs))
		for i, addr := range addrs {
			all[i] = addressText(addr)
		}
		w.Printf("#XGETADDRINFO: \"%s\"", strings.Join(all, " "))
		wait.finish(nil)
	})
	return nil
}
