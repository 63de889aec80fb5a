package testvectors

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
)

// Times that a [Target] may leave open.
const (
	DefaultTimeout = 5 * time.Second
	DefaultSettle  = 20 * time.Millisecond
)

// A Target is a device to play vectors against.
type Target struct {
	Port    *Port
	Layout  Layout
	Profile string // as on the device line of a vector, "nrf9160-1.3.7"
	// Provides says which of a vector's needs are met, with their values; a
	// vector that needs anything else is skipped. A caller that makes a device
	// for each vector hands the vector's own Device.Needs back.
	Provides map[string]string
	// Control is nil for a device that can only be reached over its port.
	Control Control
	// Timeout is the longest wait for an expected line; 0 is DefaultTimeout.
	// A timeout step replaces it.
	Timeout time.Duration
	// Settle is how long a device must be quiet for an answer to be over; 0 is
	// DefaultSettle. It matters where nothing is expected: at the start, at
	// the end and after a difference. Slow lines need more.
	Settle time.Duration
	// CommandSecrets and AnswerSecrets find what a [Difference] must not show, see
	// [RecordMeta]; nil shows everything.
	CommandSecrets, AnswerSecrets func([]byte) []Secret
	// Waiting, if it is not nil, is told once for each step that takes longer than a
	// second and a half what the step waits for, and until when. It is called from
	// another goroutine.
	Waiting func(string)
}

// waitingAfter is how long a step takes before somebody is told.
const waitingAfter = 1500 * time.Millisecond

// Play plays a vector against a target and says how it went. After a difference
// it goes on with the next command, so that one play shows them all.
//
// The error is for what has nothing to do with the device's answers: the port
// has ended, a file beside the vector is missing, the context was cancelled.
// The result is valid as far as it got.
//
// It waits by timers of package time only, so that it runs in virtual time in a
// bubble of testing/synctest when device and port live there too.
func Play(ctx context.Context, s *Script, t Target) (*Result, error) {
	if t.Timeout == 0 {
		t.Timeout = DefaultTimeout
	}
	if t.Settle == 0 {
		t.Settle = DefaultSettle
	}
	p := &player{
		script:   s,
		target:   t,
		timeout:  t.Timeout,
		response: response{layout: t.Layout},
		scope:    newScope(s, t.Layout),
		result:   &Result{Script: s.Name, Profile: t.Profile, App: t.Layout.Name},
		masker:   masker{command: t.CommandSecrets, answer: t.AnswerSecrets, terminator: t.Layout.Terminator},
	}
	if reason := s.unmet(t); reason != "" {
		p.skip(0, reason)
		return p.result, nil
	}
	err := p.play(ctx)
	if errors.Is(err, errStop) {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("%s:%d: %w", s.Name, p.line.Number, err)
	}
	return p.result, err
}

// unmet returns why the target cannot play the vector, or "".
func (s *Script) unmet(t Target) string {
	if !s.HoldsFor(t.Profile, t.Layout.Name) {
		return fmt.Sprintf("it does not hold for %s with %s", t.Profile, t.Layout.Name)
	}
	var missing []string
	for key, value := range s.Device.Needs {
		if got, ok := t.Provides[key]; ok && got == value {
			continue
		}
		if value != "" {
			key += "=" + value
		}
		missing = append(missing, key)
	}
	sort.Strings(missing)
	if len(missing) > 0 {
		return "it needs what this target does not provide: " + strings.Join(missing, " ")
	}
	if taken := s.taken(t); taken != "" {
		return fmt.Sprintf("it is about the modem, and %s takes AT%s itself", t.Layout.Name, taken)
	}
	return ""
}

// taken returns the first command of a vector about the modem that the application takes
// itself, "" if there is none.
func (s *Script) taken(t Target) string {
	if len(s.Device.Apps) > 0 || len(t.Layout.Takes) == 0 {
		return ""
	}
	for i := range s.Lines {
		l := &s.Lines[i]
		if l.Verb != Send || !l.active(t.Profile, t.Layout.Name) {
			continue
		}
		name, ok := strings.CutPrefix(strings.ToUpper(l.Arg), "AT")
		name, _, _ = strings.Cut(name, "=")
		if name = strings.TrimSuffix(name, "?"); ok && slices.Contains(t.Layout.Takes, name) {
			return name
		}
	}
	return ""
}

// errStop ends a play without an error: the rest cannot be played.
var errStop = errors.New("stop")

type player struct {
	script   *Script
	target   Target
	result   *Result
	scope    scope
	line     *Line // that is being played
	response response
	timeout  time.Duration
	wear     Wear   // at the last mark
	sent     string // last, as it may be shown
	masker   masker
	group    group
}

// A group is what is expected between two other steps: one answer as a rule.
type group struct {
	start  int // the line that it follows
	sends  []*Line
	lines  []expected
	got    []byte
	failed bool
}

// expected is an expectation of a group with what it stands for.
type expected struct {
	line *Line
	text template
	lead string
	end  string
}

func (p *player) play(ctx context.Context) error {
	p.line = &Line{}
	lines := make([]*Line, 0, len(p.script.Lines))
	for i := range p.script.Lines {
		l := &p.script.Lines[i]
		switch l.Verb {
		case Comment, DeviceLine, Fact, Documented, Seen, Inferred, Chosen:
		default:
			if l.active(p.target.Profile, p.target.Layout.Name) {
				lines = append(lines, l)
			}
		}
	}
	if len(lines) == 0 {
		p.skip(0, "none of its steps is for this target")
		return nil
	}
	if lines[0].Verb != Banner {
		// What came before the vector began is not its business.
		if _, err := p.target.Port.settle(ctx, p.target.Settle, p.timeout); err != nil {
			return err
		}
	}
	if p.target.Control != nil {
		if w, err := p.target.Control.Wear(ctx); err == nil {
			p.wear = w
		}
	}
	for _, l := range lines {
		p.line = l
		if err := p.step(ctx, l); err != nil {
			return err
		}
	}
	rest, err := p.target.Port.settle(ctx, p.target.Settle, p.timeout)
	if err != nil && len(rest) == 0 {
		// The device may hang up after the last step.
		err = nil
	}
	p.unexpected(rest)
	p.endGroup()
	return err
}

func (p *player) step(ctx context.Context, l *Line) error {
	if p.target.Waiting != nil {
		text := fmt.Sprintf("%s:%d: %s", p.script.Name, l.Number, p.waitsFor(l))
		defer time.AfterFunc(waitingAfter, func() { p.target.Waiting(text) }).Stop()
	}
	if l.expects() {
		return p.expect(ctx, l)
	}
	port := p.target.Port
	if l.Verb == Send || l.Verb == SendRaw || l.Verb == Power {
		p.unexpected(port.take(len(port.pending())))
	}
	if l.Verb != Send && l.Verb != SendRaw || len(p.group.lines) > 0 || len(p.group.got) > 0 {
		p.endGroup()
		p.group.start = l.Number
	}
	switch l.Verb {
	case Send, SendRaw:
		return p.send(ctx, l)
	case Silence:
		return p.silence(ctx, l)
	case Wait:
		d, _ := parseDuration(l.Arg)
		return sleep(ctx, d)
	case Timeout:
		p.timeout, _ = parseDuration(l.Arg)
		return nil
	case Power:
		return p.power(ctx, l)
	case WearCheck:
		return p.checkWear(ctx, l)
	default:
		return p.control(ctx, l)
	}
}

// waitsFor says what a step waits for, and how long at most.
func (p *player) waitsFor(l *Line) string {
	switch l.Verb {
	case Wait:
		return "the vector waits for " + l.Arg
	case Silence:
		return "nothing may come for " + l.Arg
	case Banner:
		return fmt.Sprintf("waiting up to %v for the banner", p.timeout)
	case Expect, ExpectRaw, URC:
		text := l.Arg
		if p.target.AnswerSecrets != nil && len(p.target.AnswerSecrets([]byte(text))) > 0 {
			text = "a line with a secret"
		}
		return fmt.Sprintf("waiting up to %v for %s", p.timeout, text)
	case Send, SendRaw:
		return fmt.Sprintf("waiting up to %v for the port to take a command", p.timeout)
	}
	return "waiting for the device"
}

func (p *player) send(ctx context.Context, l *Line) error {
	text, end := l.Arg, p.target.Layout.Terminator
	if l.Verb == SendRaw {
		text, _ = unquote(l.Arg)
		end = ""
	}
	t, err := parseTemplate(text)
	if err != nil {
		return err
	}
	b, err := p.scope.expand(t)
	if err != nil {
		return p.missing(l, err)
	}
	b = append(b, end...)
	p.response.open = false
	p.group.sends = append(p.group.sends, l)
	p.sent = p.masker.sending(b)
	return p.target.Port.send(ctx, b, p.timeout)
}

// missing ends a play in order if a value is missing because the line that was
// to give it differed.
func (p *player) missing(l *Line, err error) error {
	if errors.Is(err, errNoValue) && !p.result.OK() {
		p.skip(l.Number, "the vector cannot go on after the difference: "+err.Error())
		return errStop
	}
	return err
}

// expect waits for what one line says.
func (p *player) expect(ctx context.Context, l *Line) error {
	e, ok, err := p.expected(l)
	if err != nil || !ok {
		return err
	}
	p.group.lines = append(p.group.lines, e)
	if p.group.failed {
		return nil
	}
	pat, err := p.scope.pattern(e.text, e.lead, e.end)
	if err != nil {
		return p.missing(l, err)
	}
	port := p.target.Port
	timer := time.NewTimer(p.timeout)
	defer timer.Stop()
	for {
		buf := port.pending()
		verdict, n, values := pat.match(buf)
		switch verdict {
		case matched:
			for name, value := range values {
				p.scope.values[name] = value
			}
			p.group.got = append(p.group.got, port.take(n)...)
			return nil
		case differs:
			return p.differ(ctx, e, "the answer differs")
		}
		err := port.await(ctx, len(buf), timer.C)
		if errors.Is(err, errQuiet) {
			reason := fmt.Sprintf("nothing came within %v", p.timeout)
			if len(buf) > 0 {
				reason = fmt.Sprintf("the rest did not come within %v", p.timeout)
			}
			return p.differ(ctx, e, reason)
		}
		if err != nil {
			return err
		}
	}
}

// expected says what a line stands for here and now; ok is false for a banner
// that this application does not have.
func (p *player) expected(l *Line) (e expected, ok bool, err error) {
	e = expected{line: l}
	text := l.Arg
	switch l.Verb {
	case Banner:
		e.text = template{{text: p.target.Layout.Banner}}
		return e, p.target.Layout.Banner != "", nil
	case ExpectRaw:
		text, _ = unquote(l.Arg)
	case Expect:
		e.lead, e.end = p.response.lead(text), lineEnd
	case URC:
		e.lead, e.end = p.target.Layout.Lead, lineEnd
	}
	e.text, err = parseTemplate(text)
	return e, true, err
}

// differ notes a difference and takes the rest of the answer.
func (p *player) differ(ctx context.Context, e expected, reason string) error {
	got, err := p.target.Port.settle(ctx, p.target.Settle, p.timeout)
	p.group.failed = true
	p.group.got = append(p.group.got, got...)
	p.difference(e.line, reason, p.scope.example(e.text, e.lead, e.end), got)
	return err
}

// unexpected notes bytes that no line has asked for.
func (p *player) unexpected(got []byte) {
	if len(got) == 0 {
		return
	}
	p.group.got = append(p.group.got, got...)
	if !p.group.failed {
		p.group.failed = true
		line := p.line
		if n := len(p.group.lines); n > 0 {
			line = p.group.lines[n-1].line
		} else if n := len(p.group.sends); n > 0 {
			line = p.group.sends[n-1]
		}
		p.difference(line, "more came than expected", "", got)
	}
}

func (p *player) difference(l *Line, reason, want string, got []byte) {
	answer := got
	if bytes.HasSuffix(p.group.got, got) {
		answer = p.group.got // what stands before it tells what it is
	}
	p.result.Differences = append(p.result.Differences, Difference{
		Script:   p.script.Name,
		Line:     l.Number,
		Mark:     l.Mark,
		Reason:   reason,
		Sent:     p.sent,
		Expected: p.masker.answered([]byte(want), 0),
		Got:      p.masker.answered(answer, len(answer)-len(got)),
	})
}

func (p *player) endGroup() {
	if p.group.failed {
		p.result.edits = append(p.result.edits, p.edit())
	}
	p.group = group{}
}

func (p *player) silence(ctx context.Context, l *Line) error {
	d, _ := parseDuration(l.Arg)
	timer := time.NewTimer(d)
	defer timer.Stop()
	err := p.target.Port.await(ctx, 0, timer.C)
	if errors.Is(err, errQuiet) {
		return nil
	}
	if err != nil {
		return err
	}
	got, err := p.target.Port.settle(ctx, p.target.Settle, p.timeout)
	p.difference(l, "something came in the silence", "", got)
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (p *player) skip(line int, reason string) {
	p.result.Skipped = append(p.result.Skipped, Skip{line, reason})
}

// power and control change the device, so without them the rest of the vector
// means nothing.
func (p *player) power(ctx context.Context, l *Line) error {
	err := ErrUnsupported
	if c := p.target.Control; c != nil && l.Arg == "cut" {
		err = c.PowerCut(ctx)
	} else if c != nil {
		err = c.PowerCycle(ctx)
	}
	p.response.open = false
	return p.unsupported(err, l, "the power cannot be switched on this target; the rest needs it")
}

func (p *player) control(ctx context.Context, l *Line) error {
	err := ErrUnsupported
	if p.target.Control != nil {
		err = p.target.Control.Do(ctx, strings.Fields(l.Arg))
	}
	return p.unsupported(err, l, "this target does not know control "+l.Arg+"; the rest needs it")
}

func (p *player) unsupported(err error, l *Line, reason string) error {
	if errors.Is(err, ErrUnsupported) {
		p.skip(l.Number, reason)
		return errStop
	}
	return err
}

func (p *player) checkWear(ctx context.Context, l *Line) error {
	want, err := parseWear(l.Arg)
	if err != nil {
		return err
	}
	now, err := Wear{}, ErrUnsupported
	if p.target.Control != nil {
		now, err = p.target.Control.Wear(ctx)
	}
	if errors.Is(err, ErrUnsupported) {
		p.skip(l.Number, "the wear of this target's flash cannot be read")
		return nil
	}
	if err != nil {
		return err
	}
	before := p.wear
	p.wear = now
	if w, g, same := want.compare(before, now); !want.mark && !same {
		p.difference(l, "the flash was used otherwise", w, []byte(g))
	}
	return nil
}
