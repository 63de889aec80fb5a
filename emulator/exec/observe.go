package exec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
)

// An observer keeps of a boot what says why nothing came of it.
type observer struct {
	framing atcmd.Framing
	app     string
	beside  bool // a real modem, see Real

	mu        sync.Mutex
	attached  chan struct{} // closed when the port is served, and nil from then on
	framer    *atcmd.Framer // follows what the host sends until the first command
	lines     int           // that it found
	bytes     int
	exchanges int
	program   bool // firmware has come to the library interface
	crash     string
	problem   *event.Input // the last
	command   string       // the last, as the record shows it
	asked     time.Time
	answer    string // to it; empty while there is none
	answered  time.Time
	since     int    // bytes since the last command
	failed    string // the last command that the modem refused, its answer and why

	// What follows is about a real modem, see Real.

	wrote bool              // the command in hand has stored a credential
	ahead []answeredCommand // that the modem has not answered yet
	line  []byte            // of the modem's, without its end
	apart string            // where the modem did something else than the device beside it
}

// begin forgets the boot before. What it returns is closed when the port is served.
func (o *observer) begin() (attached <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.framer, o.lines, o.bytes, o.exchanges = atcmd.NewFramer(o.framing), 0, 0, 0
	o.program, o.crash, o.problem, o.command, o.answer, o.failed, o.since = false, "", nil, "", "", "", 0
	o.wrote, o.ahead, o.line, o.apart = false, nil, nil, ""
	o.attached = make(chan struct{})
	return o.attached
}

// add listens to the record.
func (o *observer) add(e *event.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case e.Command != nil:
		o.exchanges++
		o.command, o.asked, o.answer, o.since, o.wrote = audit.Brief(e.Command.Text), e.Time, "", 0, false
	case e.Response != nil:
		o.answer, o.answered = e.Response.Result, e.Time
		if o.beside && len(o.ahead) < maxAhead {
			o.ahead = append(o.ahead, answeredCommand{o.command, o.wrote && !e.Response.Error})
		}
		if e.Response.Error {
			o.failed = fmt.Sprintf("%s was answered %s", o.command, o.answer)
			if e.Response.Reason != "" {
				o.failed += ": " + e.Response.Reason
			}
		}
	case e.Credential != nil:
		o.wrote = o.wrote || e.Credential.Op == event.CredentialWrite && e.Credential.ID != 0 && !e.Credential.Error
	case e.Link != nil:
		if e.Link.Action == event.LinkOpen && o.attached != nil {
			close(o.attached)
			o.attached = nil
		}
	case e.Program != nil:
		o.program = o.program || e.Program.Action == event.ProgramStart
	case e.Input != nil:
		in := *e.Input
		o.problem = &in
	case e.Power != nil && e.Power.Action == event.PowerCrash:
		o.crash = "the modem had crashed"
		if e.Power.Reason != "" {
			o.crash += " (" + e.Power.Reason + ")"
		}
	}
}

// received follows what comes in at the port.
func (o *observer) received(p []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.bytes += len(p)
	o.since += len(p)
	for o.exchanges == 0 && len(p) > 0 {
		n, line, err := o.framer.Next(p)
		if line != nil || err != nil {
			o.lines++
		}
		if n == 0 {
			return
		}
		p = p[n:]
	}
}

// fill puts what was seen into the boot, and returns how many exchanges there were.
func (o *observer) fill(b *Boot) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	b.Bytes += o.bytes
	b.Exchanges += o.exchanges
	return o.exchanges
}

// idle says in words why there was no command, for a boot without one.
func (o *observer) idle(opened bool) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.bytes == 0 && o.program:
		return "firmware came to the library interface, and sent no AT command"
	case o.bytes == 0 && opened:
		return "the port was opened, and nothing was sent"
	case o.bytes == 0:
		return "nothing opened the port, nor the library interface"
	case o.framer.InQuotes():
		return fmt.Sprintf("%s came, and a quote in them stayed open: inside quotes no terminator ends a command", count(o.bytes, "byte"))
	case o.lines == 0:
		return fmt.Sprintf("%s came, but never %s, with which %s ends a command", count(o.bytes, "byte"), terminatorName(o.framing.Terminator), o.app)
	default:
		return fmt.Sprintf("%s came in %s, none of which was a command", count(o.bytes, "byte"), count(o.lines, "line"))
	}
}

// diagnose says what the records know of a host that hangs.
func (s *session) diagnose() (why []string) {
	for _, u := range s.units {
		for _, line := range u.seen.diagnose(u.port.opened()) {
			why = append(why, s.prefix(u)+line)
		}
	}
	return why
}

// diagnose says what the record knows of a host that hangs.
func (o *observer) diagnose(opened bool) []string {
	o.mu.Lock()
	exchanges, crash := o.exchanges, o.crash
	o.mu.Unlock()
	var why []string
	if exchanges == 0 {
		why = append(why, o.idle(opened))
	}
	if crash != "" {
		why = append(why, crash+": it answers nothing until it is started again")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if exchanges == 0 {
		return why
	}
	if o.problem != nil && crash == "" {
		why = append(why, fmt.Sprintf("the last thing that went wrong with its input: %s (%s)", o.problem.Problem, o.problem.Reason))
	}
	since := func(t time.Time) time.Duration { return time.Since(t).Round(time.Millisecond) }
	if o.answer == "" {
		return append(why, fmt.Sprintf("it waits for the answer to %s, sent %v before", o.command, since(o.asked)))
	}
	last := fmt.Sprintf("the last command was %s; the answer %s came %v before, and since then no command has ended", o.command, o.answer, since(o.answered))
	if o.since > 0 {
		last += fmt.Sprintf(", though %s came: %s ends a command with %s", count(o.since, "byte"), o.app, terminatorName(o.framing.Terminator))
	}
	return append(why, last)
}

// refused says which command the modem has refused last; empty if it has refused none.
func (o *observer) refused() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.failed
}

func terminatorName(t atcmd.Terminator) string {
	return map[string]string{"\r": "CR", "\n": "LF", "\r\n": "CR LF", "\x00": "NUL"}[t.Bytes()]
}

// nothingSeen says what was seen in place of commands.
func (r *Result) nothingSeen() Failure {
	f := Failure{
		Kind: KindNothingSeen, ExitCode: ExitFindings,
		What: "no command was sent to the modem, so there was nothing to judge",
		Fix:  "Let the command open the port that NRF91EMU_PORT names, and send AT commands there. --allow-idle lets such a run pass.",
	}
	if !slices.ContainsFunc(r.Boots, func(b Boot) bool { return len(b.Idle) > 0 }) {
		f.What = r.WhyNothing
		f.Fix = "See why the modem has refused all, and check each result. --app says which application is in front of the modem. --allow-idle lets such a run pass."
		for _, b := range r.Boots {
			for _, refused := range b.refused {
				f.Why = append(f.Why, "boot "+strconv.Itoa(b.Number)+": "+refused)
			}
		}
		return f
	}
	for _, b := range r.Boots {
		for _, idle := range b.Idle {
			if !slices.ContainsFunc(f.Why, func(why string) bool { return strings.HasSuffix(why, ": "+idle) }) {
				f.Why = append(f.Why, "boot "+strconv.Itoa(b.Number)+": "+idle)
			}
		}
	}
	return f
}
