package app

import (
	"slices"
	"strings"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/socket"
)

// An option is an option of the modem's sockets under the number that the
// application gives it.
type option struct {
	to socket.Option
	// unit is how many of the engine's units one of the application's is; 0 means
	// one.
	unit int
	hex  bool // read as 0x…
}

// socketOptions are those of #XSOCKETOPT (serial-modem-at 2.4). What each
// application has of them stands in its Dialect.
var socketOptions = map[int]option{
	2:  {to: socket.ReuseAddress},
	20: {to: socket.ReceiveTimeout, unit: 1000}, // seconds
	21: {to: socket.SendTimeout, unit: 1000},
	30: {to: socket.SilenceAll},
	31: {to: socket.IPEchoReply},
	32: {to: socket.IPv6EchoReply},
	34: {to: socket.KeepOpen},
	40: {to: socket.BindToPDN},
	55: {to: socket.ServerIdleTimeout},
	61: {to: socket.ReleaseAssistance},
	62: {to: socket.IPv6DelayedRefresh},
}

// secureOptions are those of #XSSOCKETOPT (serial-modem-at 2.5). Its numbers are
// Zephyr's, not the modem library's. Option 2, the host name, is text.
var secureOptions = map[int]option{
	4:  {to: socket.CipherSuiteUsed, hex: true},
	5:  {to: socket.PeerVerify},
	12: {to: socket.SessionCache},
	13: {to: socket.SessionCachePurge},
	14: {to: socket.DTLSConnectionID},
	15: {to: socket.DTLSConnectionIDUsed},
	18: {to: socket.DTLSHandshakeTimeout},
	19: {to: socket.DTLSSave},
	20: {to: socket.DTLSLoad},
	22: {to: socket.DTLSFragment},
}

const optionHostName = 2

const (
	opGet = 0
	opSet = 1
)

// optionRequest reads <op>,<name> from argument i on.
func optionRequest(cmd *atcmd.Command, i int, known []int) (op, name int, err error) {
	if op, err = number(cmd, i, opGet, opSet, "0 to get or 1 to set"); err != nil {
		return 0, 0, err
	}
	if name, err = number(cmd, i+1, 0, 1<<16-1, "an option"); err != nil {
		return 0, 0, err
	}
	if !slices.Contains(known, name) {
		return 0, 0, atcmd.Errorf("the application has no option %d for %s", name, cmd.Name)
	}
	return op, name, nil
}

// socketOption is AT#XSOCKETOPT=<handle>,<op>,<name>[,<value>].
func (a *App) socketOption(w *atcmd.Response, cmd *atcmd.Command) error {
	k, err := a.find(cmd)
	if err != nil {
		return err
	}
	op, name, err := optionRequest(cmd, 1, a.cfg.Dialect.SocketOptions)
	if err != nil {
		return err
	}
	if op == opGet {
		value, err := k.getOption(socketOptions[name])
		if err == nil {
			w.Printf("#XSOCKETOPT: %d,%s", k.Handle(), value)
		}
		return err
	}
	value, err := optional(cmd, 3, -1<<31, 1<<31-1, 0, "the option's value") // 0 if it is missing (2.4)
	if err != nil {
		return err
	}
	return k.setOption(socketOptions[name], value)
}

// secureOption is AT#XSSOCKETOPT=<handle>,<op>,<name>[,<value>].
func (a *App) secureOption(w *atcmd.Response, cmd *atcmd.Command) error {
	k, err := a.find(cmd)
	if err != nil {
		return err
	}
	if !k.secure() {
		return atcmd.Errorf("socket %d is no TLS or DTLS socket", k.Handle())
	}
	op, name, err := optionRequest(cmd, 1, a.cfg.Dialect.SecureOptions)
	if err != nil {
		return err
	}
	if op == opGet {
		value, err := k.secureValue(name)
		if err == nil {
			w.Printf("#XSSOCKETOPT: %d,%s", k.Handle(), value)
		}
		return err
	}
	return k.setSecure(name, cmd, 3)
}

// secureValue returns the text of a TLS option's value.
func (k *sock) secureValue(name int) (string, error) {
	if name == optionHostName {
		return k.HostName(), nil // without quotes (2.5, seen in tests)
	}
	return k.getOption(secureOptions[name])
}

// setSecure sets a TLS option to argument i.
func (k *sock) setSecure(name int, cmd *atcmd.Command, i int) error {
	if name != optionHostName {
		value, err := number(cmd, i, -1<<31, 1<<31-1, "the option's value")
		if err != nil {
			return err
		}
		return k.setOption(secureOptions[name], value)
	}
	text, ok := cmd.Quoted(i)
	switch {
	case !ok || len(text) > maxURL:
		return atcmd.Errorf("the host name must be in quotes and have at most %d characters", maxURL)
	case strings.EqualFold(string(text), "NULL"):
		text = nil
	}
	if err := k.SetHostName(string(text)); err != nil {
		return refuse(err)
	}
	return nil
}

func (k *sock) getOption(o option) (string, error) {
	value, err := k.Option(o.to)
	switch {
	case err != nil:
		return "", refuse(err)
	case o.hex:
		return hexNumber(value), nil
	}
	return decimal(value / max(o.unit, 1)), nil
}

func (k *sock) setOption(o option, value int) error {
	if err := k.SetOption(o.to, value*max(o.unit, 1)); err != nil {
		return refuse(err)
	}
	return nil
}
