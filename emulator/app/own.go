package app

import (
	"strings"

	"nrf91emu/atcmd"
)

type forms = atcmd.Forms[*App]

// A command is a command of the application, with its name as the Mux knows it.
type command struct {
	name  string
	forms *forms
}

// commands are the commands that an application answers itself.
type commands struct {
	mux *atcmd.Mux[*App]
	// list is the answer to #XCLAC.
	list string
}

// newCommands makes the table of an application of families of commands.
func newCommands(families ...[]command) *commands {
	c := &commands{mux: atcmd.NewMux[*App]()}
	var names []string
	for _, family := range families {
		for _, cmd := range family {
			c.mux.Handle(cmd.name, cmd.forms)
			if cmd.name == "E" {
				names = append(names, "ATE0", "ATE1")
				continue
			}
			names = append(names, "AT"+cmd.name)
		}
	}
	c.list = strings.Join(names, crlf)
	return c
}

// listCommands is AT#XCLAC: one command a line, without blank lines between
// (serial-modem-at 1.11; the order is that of linking there, chosen here).
func (a *App) listCommands(w *atcmd.Response, _ *atcmd.Command) error {
	w.Line(a.cfg.Dialect.own.list)
	return nil
}

// setEcho is ATE0 and ATE1 (serial-modem-at 1.8, seen in source). The grammar has
// refused every other number.
func (a *App) setEcho(_ *atcmd.Response, cmd *atcmd.Command) error {
	a.echo = cmd.Args[0].Int == 1
	return nil
}

// checkGrammar is the check that Serial Modem and SLM make before anything else
// (serial-modem-at 1.4, seen in source):
//
//	AT | ATE0 | ATE1 | AT<+|%|#><name>[? | = | =? | =<anything>]
//
// SLM has no ATE0 and ATE1.
func checkGrammar(line []byte, echo bool) error {
	if len(line) < 2 || line[0]|0x20 != 'a' || line[1]|0x20 != 't' {
		return atcmd.Errorf("the line does not begin with AT")
	}
	rest := line[2:]
	switch {
	case len(rest) == 0:
		return nil
	case echo && len(rest) == 2 && rest[0]|0x20 == 'e' && (rest[1] == '0' || rest[1] == '1'):
		return nil
	case rest[0] != '+' && rest[0] != '%' && rest[0] != '#':
		return atcmd.Errorf("the application knows no command that begins with AT%c", rest[0])
	}
	n := 1
	for n < len(rest) && isNameByte(rest[n]) {
		n++
	}
	tail := rest[n:]
	switch {
	case n == 1:
		return atcmd.Errorf("a name must follow AT%c", rest[0])
	case len(tail) == 0 || tail[0] == '=' || string(tail) == "?":
		if len(tail) > 2 && tail[1] == '?' {
			return atcmd.Errorf("nothing may follow =?")
		}
		return nil
	}
	return atcmd.Errorf("%q cannot follow the name", tail[:1])
}

func isNameByte(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_'
}
