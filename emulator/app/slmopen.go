package app

import (
	"errors"
	"math"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/socket"
)

// The <op> of #XSOCKET, #XSSOCKET and the proxies; 1 and 2 are the families.
const slmOpClose = 0

// slmOp reads the operation.
func slmOp(cmd *atcmd.Command) (int, error) {
	return number(cmd, 0, slmOpClose, 2, "0 to close, 1 or 2 to open for IPv4 or IPv6")
}

// slmSocket is AT#XSOCKET=<op>[,<type>,<role>[,<cid>]].
func (a *App) slmSocket(w *atcmd.Response, cmd *atcmd.Command) error {
	op, err := a.slmMayOpen(cmd)
	if err != nil {
		return err
	}
	if op == slmOpClose {
		return a.slmClose(w)
	}
	typ, err := number(cmd, 1, 1, 3, "the type")
	role, err2 := number(cmd, 2, 0, 1, "the role")
	cid, err3 := optional(cmd, 3, 0, maxCID, 0, "a context")
	if err := errors.Join(err, err2, err3); err != nil {
		return err
	}
	family, protocol := socket.Family(op), socket.TCP
	switch socket.Type(typ) {
	case socket.Datagram:
		protocol = socket.UDP
	case socket.Raw:
		family, protocol, role = socket.Packet, socket.IP, roleClient // seen in source
	}
	k, err := a.openPlain(family, socket.Type(typ), protocol, role, cid)
	if err != nil {
		return err
	}
	a.slm.slmAdd(k)
	w.Printf("#XSOCKET: %d,%d,%d", k.Handle(), k.Type(), k.Protocol())
	return nil
}

// slmMayOpen reads the operation. If it is to open a socket and there is a place
// for it, no socket is selected any more: a failure leaves it so (seen in
// source).
func (a *App) slmMayOpen(cmd *atcmd.Command) (int, error) {
	op, err := slmOp(cmd)
	if err != nil || op == slmOpClose {
		return op, err
	}
	if n := a.cfg.Dialect.Sockets; len(a.sockets().open) >= n {
		return op, atcmd.Errorf("all %d sockets are open", n)
	}
	a.slmState().selected = nil
	return op, nil
}

func (a *App) slmReadSocket(w *atcmd.Response, _ *atcmd.Command) error {
	if k := a.slmState().selected; k != nil {
		w.Printf("#XSOCKET: %d,%d,%d,%d,%d", k.Handle(), k.Family(), k.role, k.Type(), k.cid)
	}
	return nil
}

// slmTestSocket answers a line without its own end (serial-modem-at 8, seen in
// source).
func (a *App) slmTestSocket(w *atcmd.Response, _ *atcmd.Command) error {
	w.Data([]byte("\r\n#XSOCKET: (0,1,2),(1,2,3),(0,1),<cid>"))
	return nil
}

// slmSecureSocket is
// AT#XSSOCKET=<op>[,<type>,<role>,<sec_tag>[,<peer_verify>[,<cid>]]].
func (a *App) slmSecureSocket(w *atcmd.Response, cmd *atcmd.Command) error {
	op, err := a.slmMayOpen(cmd)
	if err != nil {
		return err
	}
	if op == slmOpClose {
		return a.slmClose(w)
	}
	typ, err := number(cmd, 1, 1, 2, "the type")
	role, err2 := number(cmd, 2, 0, 1, "the role")
	tag, err3 := number(cmd, 3, 0, math.MaxInt32, "a security tag")
	level := socket.PeerVerifyRequired
	if role != roleClient {
		level = socket.PeerVerifyNone
	}
	verify, err4 := optional(cmd, 4, 0, 2, level, "the level of peer verification")
	cid, err5 := optional(cmd, 5, 0, maxCID, 0, "a context")
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		return err
	}
	k, err := a.openSecure(socket.Family(op), socket.Type(typ), role, uint32(tag), verify, cid)
	if err != nil {
		return err
	}
	a.slm.slmAdd(k)
	w.Printf("#XSSOCKET: %d,%d,%d", k.Handle(), k.Type(), k.Protocol())
	return nil
}

func (a *App) slmReadSecureSocket(w *atcmd.Response, _ *atcmd.Command) error {
	if k := a.slmState().selected; k != nil {
		w.Printf("#XSSOCKET: %d,%d,%d,%d,%d,%d", k.Handle(), k.Family(), k.role, k.Type(), k.slmTag(), k.cid)
	}
	return nil
}

// slmSocketOption is AT#XSOCKETOPT=<op>,<name>[,<value>].
func (a *App) slmSocketOption(w *atcmd.Response, cmd *atcmd.Command) error {
	k, err := a.slmSelected()
	if err != nil {
		return err
	}
	op, name, err := optionRequest(cmd, 0, a.cfg.Dialect.SocketOptions)
	if err != nil {
		return err
	}
	if op == opGet {
		value, err := k.getOption(socketOptions[name])
		if err == nil {
			w.Printf("#XSOCKETOPT: %s", value)
		}
		return err
	}
	value, err := optional(cmd, 2, math.MinInt32, math.MaxInt32, 0, "the option's value")
	if err != nil {
		return err
	}
	if hint := name - firstOldHint; hint >= 0 && hint < oldHints {
		// One option for each hint; the value does not count (2.4, documented).
		return k.setOption(option{to: socket.ReleaseAssistance}, hint+1)
	}
	return k.setOption(socketOptions[name], value)
}

// SLM before SO_RAI had an option for each of its values, 50 to 54.
const (
	firstOldHint = 50
	oldHints     = 5
)

// slmSecureOption is AT#XSSOCKETOPT=<op>,<name>[,<value>].
func (a *App) slmSecureOption(w *atcmd.Response, cmd *atcmd.Command) error {
	k, err := a.slmSelected()
	if err != nil {
		return err
	}
	if !k.secure() {
		return atcmd.Errorf("the selected socket %d is no TLS or DTLS socket", k.Handle())
	}
	op, name, err := optionRequest(cmd, 0, a.cfg.Dialect.SecureOptions)
	if err != nil {
		return err
	}
	if name == 14 && a.cfg.Dialect.slm.TimeoutIs14 {
		name = 18
	}
	if op == opGet {
		value, err := k.secureValue(name)
		if err == nil {
			w.Printf("#XSSOCKETOPT: %s", value)
		}
		return err
	}
	return k.setSecure(name, cmd, 2)
}
