package atcmd

import (
	"slices"
	"strings"
)

// An exchange is one command and what has come back for it.
type exchange struct {
	name   string // with its prefix, in upper case; empty for AT
	form   Form
	tailed bool // a second command follows, as in %XSUDO
	probe  bool // sent by Sync: a final result without a line before it is not its own

	answer Answer
	size   int // bytes in answer
	limit  int // of size
	cut    bool
	done   chan struct{}
}

func newExchange(cmd *Command, limit int) *exchange {
	return &exchange{
		name: string(cmd.Name), form: cmd.Form, tailed: cmd.Tail != nil,
		limit: limit, done: make(chan struct{}),
	}
}

// banners are what applications print when they start (facts at-host/banner,
// serial-modem/banner).
var banners = []string{"Ready", "INIT ERROR", "Bootloader mode ready", "The AT host sample started"}

// subscribed are the commands whose set form answers only OK and asks for
// notifications with the command's own name (fact at/own-name).
var subscribed = []string{
	"+CEREG", "+CSCON", "+CIND", "+CGEREP", "+CNEC", "%CESQ", "%MDMEV", "%RAI", "%XMODEMSLEEP", "%XPOFWARN",
	"%XSIM", "%XT3412", "%XTIME",
}

// owns reports whether a line belongs to the exchange: it is an information line
// of the command, not a notification.
func (x *exchange) owns(line string) bool {
	if !isPrefix(line[0]) {
		return !x.probe && !slices.Contains(banners, line)
	}
	prefix, _, ok := strings.Cut(line, ":")
	switch {
	case !ok, x.tailed:
		return true
	case !strings.EqualFold(prefix, x.name):
		return false
	default:
		return x.form != FormSet || !slices.Contains(subscribed, x.name)
	}
}

// add keeps an information line.
func (x *exchange) add(line string, cut bool) {
	x.size += len(line)
	if cut || x.size > x.limit {
		x.cut = true
		return
	}
	x.answer.Lines = append(x.answer.Lines, line)
}

// finish ends the exchange and returns the lines that turned out to be
// notifications: the read of a command with notifications of its own name is
// answered by one line, the last. A real modem sends the notification of a change
// just in front of it (fact at/own-name).
func (x *exchange) finish(r Result) (notes []string) {
	x.answer.Result = r
	lines := x.answer.Lines
	if n := len(lines); n > 1 && x.form == FormRead && slices.Contains(subscribed, x.name) {
		notes, x.answer.Lines = lines[:n-1], lines[n-1:]
	}
	return notes
}
