package event

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Failure is something that did not go as a host wanted it, with its reason.
type Failure struct {
	Seq  uint64    `json:"seq"` // number of the event that tells
	Time time.Time `json:"time"`
	Boot int       `json:"boot"`
	// Kind is "command", "input", "handshake", "socket", "power", "registration",
	// "link", "program", "gnss" or "flash".
	Kind string `json:"kind"`
	// What is what failed: the command line with its secrets masked, or words.
	What string `json:"what"`
	// Result is the final result that the host got, or the number of an error, with
	// what it means; empty if there was none.
	Result string `json:"result,omitempty"`
	Reason string `json:"reason,omitempty"` // in words
}

// String returns what failed, how and why in one line or several.
func (f *Failure) String() string {
	text := short(f.What)
	if f.Result != "" {
		text += ": " + f.Result
	}
	if f.Reason != "" {
		text += "\n  why: " + indented(f.Reason)
	}
	return clean(text)
}

// maxWhat is how much of a command a person is shown, in bytes.
const maxWhat = 160

// short is the beginning of a command line: its first line.
func short(what string) string {
	first, _, more := strings.Cut(what, "\n")
	if len(first) > maxWhat {
		first, more = strings.ToValidUTF8(first[:maxWhat], ""), true
	}
	if more {
		return fmt.Sprintf("%s... (%d bytes)", first, len(what))
	}
	return first
}

// An Explainer follows the record and finds what fails. The zero Explainer is ready
// for use; it is not safe for concurrent use.
type Explainer struct {
	open   []openCommand
	reason string // of the last failure
}

// openCommand is a command that has no final result yet.
type openCommand struct {
	id   int
	text string
	// reason is why something failed in the meantime that the command has caused.
	reason string
}

// maxOpen bounds the commands that an Explainer remembers: each AT context has one at
// a time.
const maxOpen = 64

// Add takes the next event and returns what it says has failed, nil if nothing has. The
// same failure, told of a handshake, then of its socket and then of the service on it,
// is returned once.
func (x *Explainer) Add(e *Event) *Failure {
	f := x.failure(e)
	if f == nil {
		return nil
	}
	f.Seq, f.Time, f.Boot = e.Seq, e.Time, e.Boot
	told := f.Reason != "" && f.Reason == x.reason
	x.reason = f.Reason
	if told && (f.Kind == "socket" || f.Kind == "handshake") {
		return nil
	}
	return f
}

func (x *Explainer) failure(e *Event) *Failure {
	switch {
	case e.Command != nil:
		if len(x.open) == maxOpen {
			x.open = x.open[1:]
		}
		x.open = append(x.open, openCommand{id: e.Command.ID, text: e.Command.Text})
		x.reason = ""
	case e.Response != nil:
		return x.response(e.Response)
	case e.Input != nil:
		in := e.Input
		if in.Problem == ProblemEarly {
			return nil // it was executed all the same
		}
		f := &Failure{Kind: "input", What: in.Text, Result: fmt.Sprintf("%s of input (%s)", counted(in.Bytes, "byte"), in.Problem), Reason: in.Reason}
		if f.What == "" {
			f.What, f.Result = f.Result, ""
		}
		return f
	case e.Handshake != nil:
		if h := e.Handshake; !h.OK {
			x.blame(h.Reason)
			return &Failure{Kind: "handshake", What: fmt.Sprintf("%s handshake with %s", strings.ToUpper(h.Protocol), h.Peer),
				Result: "refused, " + errnoText(h.Errno, h.Name), Reason: h.Reason}
		}
	case e.Socket != nil:
		return x.socket(e.Socket)
	case e.Power != nil:
		return x.power(e.Power)
	case e.Registration != nil:
		if r := e.Registration; r.Reason != "" && slices.Contains([]int{3, 4, 53, 54, 90, 91}, r.Status) {
			return &Failure{Kind: "registration", What: "the network", Result: numbered(r.Status, registrationMeanings), Reason: r.Reason}
		}
	case e.Link != nil:
		if e.Link.Action == LinkOverrun {
			return &Failure{Kind: "link", What: "output on port " + e.Link.Name, Result: "dropped", Reason: "the host does not read what the modem sends"}
		}
	case e.Notification != nil:
		if e.Notification.Lost != "" {
			return &Failure{Kind: "link", What: e.Notification.Text, Result: "did not reach the host", Reason: e.Notification.Lost}
		}
	case e.Program != nil:
		if p := e.Program; p.Action != ProgramStart && p.Action != ProgramEnd {
			return &Failure{Kind: "program", What: p.text(), Reason: ""}
		}
	case e.GNSS != nil:
		if g := e.GNSS; g.Action == GNSSTimeout || g.Action == GNSSBlocked {
			return &Failure{Kind: "gnss", What: "GNSS", Result: string(g.Action), Reason: g.Reason}
		}
	case e.NVM != nil && e.NVM.Error:
		return &Failure{Kind: "flash", What: "the modem's settings", Result: string(e.NVM.Cause), Reason: e.NVM.Reason}
	case e.Flash != nil && e.Flash.Error != "":
		return &Failure{Kind: "flash", What: fmt.Sprintf("%s of flash page %d", e.Flash.Op, e.Flash.Page), Reason: e.Flash.Error}
	}
	return nil
}

// response ends a command.
func (x *Explainer) response(r *Response) *Failure {
	command := openCommand{id: r.ID, text: "a command that was sent before the record began"}
	if i := slices.IndexFunc(x.open, func(c openCommand) bool { return c.id == r.ID }); i >= 0 {
		command = x.open[i]
		x.open = slices.Delete(x.open, i, i+1)
	}
	if !r.Error {
		return nil
	}
	f := &Failure{Kind: "command", What: command.text, Result: r.result(), Reason: r.Reason}
	if f.Reason == "" {
		f.Reason = command.reason
	}
	return f
}

// blame notes a reason for the commands in hand.
func (x *Explainer) blame(reason string) {
	for i := range x.open {
		x.open[i].reason = reason
	}
}

// idle are errors with which a program that does not want to wait is told so.
var idle = []string{"EAGAIN", "EWOULDBLOCK", "EINPROGRESS", "EALREADY"}

func (x *Explainer) socket(s *Socket) *Failure {
	if s.Errno == 0 || slices.Contains(idle, s.Name) {
		if s.Reason == "" || s.Errno != 0 {
			return nil
		}
		// It went well, and there is something to be known about it.
		return &Failure{Kind: "socket", What: fmt.Sprintf("socket %d with %s", s.Handle, s.Peer), Reason: s.Reason}
	}
	x.blame(s.Reason)
	what := fmt.Sprintf("%s on socket %d", s.Op, s.Handle)
	if s.Peer != "" {
		what += " with " + s.Peer
	}
	return &Failure{Kind: "socket", What: what, Result: errnoText(s.Errno, s.Name), Reason: s.Reason}
}

func (x *Explainer) power(p *Power) *Failure {
	if p.Action != PowerWarning && p.Action != PowerModemOff && p.Action != PowerModemOn {
		defer func() { x.open = nil }()
	}
	switch p.Action {
	case PowerCrash:
		if n := len(x.open); n > 0 {
			return &Failure{Kind: "power", What: x.open[n-1].text, Result: "the modem has crashed and answers nothing until it is started again", Reason: p.Reason}
		}
		return &Failure{Kind: "power", What: "the modem has crashed and answers nothing until it is started again", Reason: p.Reason}
	case PowerWarning:
		return &Failure{Kind: "power", What: "power-off warning", Reason: p.Reason}
	case PowerOff:
		if p.Step > 0 { // it could not start
			return &Failure{Kind: "power", What: "the modem could not start", Reason: p.Reason}
		}
	}
	return nil
}
