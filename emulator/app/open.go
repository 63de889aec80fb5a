package app

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strconv"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/socket"
)

// socketCommands are the commands of section 2 of serial-modem-at.md that v1.0.x
// and main have. Those without a form that is named answer ERROR to it.
var socketCommands = []command{
	{"#XSOCKET", &forms{
		Set: (*App).openSocket, Read: (*App).readSockets,
		Test: atcmd.Text[*App]("#XSOCKET: <handle>,(1,2,3),(1,2,3),(0,1),<cid>"),
	}},
	{"#XSSOCKET", &forms{
		Set: (*App).openSecureSocket, Read: (*App).readSecureSockets,
		Test: atcmd.Text[*App]("#XSSOCKET: <handle>,(1,2),(1,2),(0,1),<sec_tag>,<peer_verify>,<cid>"),
	}},
	{"#XCLOSE", &forms{Bare: (*App).closeSocket, Set: (*App).closeSocket}},
	{"#XSOCKETOPT", &forms{
		Set: (*App).socketOption, Test: atcmd.Text[*App]("#XSOCKETOPT: <handle>,(0,1),<name>,<value>"),
	}},
	{"#XSSOCKETOPT", &forms{
		Set: (*App).secureOption, Test: atcmd.Text[*App]("#XSSOCKETOPT: <handle>,(0,1),<name>,<value>"),
	}},
	{"#XBIND", &forms{Set: (*App).bind}},
	{"#XCONNECT", &forms{Set: (*App).connect}},
	{"#XSEND", &forms{Set: (*App).send}},
	{"#XSENDTO", &forms{Set: (*App).sendTo}},
	{"#XRECV", &forms{Set: (*App).receive}},
	{"#XRECVFROM", &forms{Set: (*App).receive}},
	{"#XAPOLL", &forms{
		Set: (*App).setPolling, Read: (*App).readPolling,
		Test: atcmd.Text[*App]("#XAPOLL: <handle>,(0,1),(0,1,4,5)"),
	}},
	{"#XRECVCFG", &forms{
		Set: (*App).setReception, Read: (*App).readReception,
		Test: atcmd.Text[*App]("#XRECVCFG: <handle>,(0,1,2,3),(0,1)"),
	}},
	{"#XGETADDRINFO", &forms{Set: (*App).resolve}},
}

const (
	roleClient  = 0
	maxCID      = 10
	sendTimeout = 30_000 // ms, of every new socket (serial-modem-at 2.0, seen in source)
)

// openSocket is AT#XSOCKET=<family>,<type>,<role>[,<cid>].
func (a *App) openSocket(w *atcmd.Response, cmd *atcmd.Command) error {
	family, err := number(cmd, 0, 1, 3, "the family")
	typ, err2 := number(cmd, 1, 1, 3, "the type")
	role, err3 := number(cmd, 2, 0, 1, "the role")
	cid, err4 := optional(cmd, 3, 0, maxCID, 0, "a context")
	if err := errors.Join(err, err2, err3, err4); err != nil {
		return err
	}
	if typ == int(socket.Raw) && role != roleClient && !a.cfg.Dialect.RawServer {
		return atcmd.Errorf("a raw socket takes role 0")
	}
	protocol := map[socket.Type]socket.Protocol{socket.Stream: socket.TCP, socket.Datagram: socket.UDP, socket.Raw: socket.IP}
	k, err := a.openPlain(socket.Family(family), socket.Type(typ), protocol[socket.Type(typ)], role, cid)
	if err != nil {
		return err
	}
	w.Printf("#XSOCKET: %d,%d,%d", k.Handle(), k.Type(), k.Protocol())
	return nil
}

// openSecureSocket is
// AT#XSSOCKET=<family>,<type>,<role>,<sec_tag>[,<peer_verify>[,<cid>]].
func (a *App) openSecureSocket(w *atcmd.Response, cmd *atcmd.Command) error {
	family, err := number(cmd, 0, 1, 2, "the family")
	typ, err2 := number(cmd, 1, 1, 2, "the type")
	role, err3 := number(cmd, 2, 0, 1, "the role")
	tag, err4 := number(cmd, 3, 0, math.MaxInt32, "a security tag")
	verify, err5 := optional(cmd, 4, 0, 2, socket.PeerVerifyRequired, "the level of peer verification")
	cid, err6 := optional(cmd, 5, 0, maxCID, 0, "a context")
	if err := errors.Join(err, err2, err3, err4, err5, err6); err != nil {
		return err
	}
	k, err := a.openSecure(socket.Family(family), socket.Type(typ), role, uint32(tag), verify, cid)
	if err != nil {
		return err
	}
	w.Printf("#XSSOCKET: %d,%d,%d", k.Handle(), k.Type(), k.Protocol())
	return nil
}

// openPlain opens a socket as the application does: it sets the time limit for
// sending and binds it to its context.
func (a *App) openPlain(f socket.Family, t socket.Type, p socket.Protocol, role, cid int) (*sock, error) {
	return a.open(f, t, p, role, cid, func(*sock) error { return nil })
}

// openSecure opens a TLS or DTLS socket with one security tag. What the tag holds
// is not looked at before connect.
func (a *App) openSecure(f socket.Family, t socket.Type, role int, tag uint32, verify, cid int) (*sock, error) {
	p := socket.TLS12
	if t == socket.Datagram {
		p = socket.DTLS12
	}
	return a.open(f, t, p, role, cid, func(k *sock) error {
		k.secTag = tag
		if err := k.SetSecTags([]uint32{tag}); err != nil {
			return err
		}
		return k.SetOption(socket.PeerVerify, verify)
	})
}

func (a *App) open(f socket.Family, t socket.Type, p socket.Protocol, role, cid int, prepare func(*sock) error) (*sock, error) {
	if !a.cfg.Modem.Alive() {
		return nil, atcmd.Errorf("the modem has crashed")
	}
	s, err := a.cfg.Device.Sockets().Open(f, t, p)
	if err != nil {
		return nil, refuse(err)
	}
	k := &sock{Socket: s, role: role, cid: cid}
	err = k.SetOption(socket.SendTimeout, sendTimeout)
	if err == nil && cid > 0 {
		err = a.bindToContext(k)
	}
	if err == nil {
		err = prepare(k)
	}
	if err != nil {
		s.Close()
		return nil, refuse(err)
	}
	a.sockets().add(k)
	return k, nil
}

// bindToContext asks the modem for the PDN of the socket's context
// (serial-modem-at 2.1, seen in source).
func (a *App) bindToContext(k *sock) error {
	line, err := a.ask("%XGETPDNID", "AT%XGETPDNID="+strconv.Itoa(k.cid))
	if err != nil {
		return err
	}
	pdn, err := strconv.Atoi(line)
	if err != nil {
		return atcmd.Errorf("the modem's answer %q is no PDN", line)
	}
	return k.SetOption(socket.BindToPDN, pdn)
}

// ask runs a command on the modem for the application itself and returns its
// first information line, without the name.
func (a *App) ask(name, line string) (string, error) {
	var w atcmd.Response
	w.Reset(nil)
	if err := a.cfg.Modem.Execute(&w, []byte(line), a.current.id); err != nil {
		return "", err
	}
	for text := range w.Parts() {
		if rest, ok := bytes.CutPrefix(text, []byte(name+": ")); ok {
			return string(rest), nil
		}
	}
	return "", atcmd.Errorf("the modem answered %s without a value", line)
}

func (k *sock) secure() bool {
	return k.Protocol() == socket.TLS12 || k.Protocol() == socket.DTLS12
}

func (a *App) readSockets(w *atcmd.Response, _ *atcmd.Command) error {
	for _, k := range a.sockets().open {
		if !k.secure() {
			w.Printf("#XSOCKET: %d,%d,%d,%d,%d", k.Handle(), k.Family(), k.role, k.Type(), k.cid)
		}
	}
	return nil
}

func (a *App) readSecureSockets(w *atcmd.Response, _ *atcmd.Command) error {
	for _, k := range a.sockets().open {
		if k.secure() {
			w.Printf("#XSSOCKET: %d,%d,%d,%d,%d,%d", k.Handle(), k.Family(), k.role, k.Type(), k.secTag, k.cid)
		}
	}
	return nil
}

// closeSocket is AT#XCLOSE[=<handle>]; without a handle it closes all.
func (a *App) closeSocket(w *atcmd.Response, cmd *atcmd.Command) error {
	n := a.sockets()
	targets := slices.Clone(n.open)
	if cmd.Has(0) {
		k, err := a.find(cmd)
		if err != nil {
			return err
		}
		targets = []*sock{k}
	}
	var failed error
	for _, k := range targets {
		result := 0
		if err := n.remove(k); err != nil {
			result, failed = -errno(err), refuse(err)
		}
		w.Printf("#XCLOSE: %d,%d", k.Handle(), result)
	}
	return failed
}

// errno returns the number of the application's C library for an error of the
// engine; EIO for what has none.
func errno(err error) int {
	if n, ok := errors.AsType[socket.Errno](err); ok {
		return int(n)
	}
	return int(socket.EIO)
}
