package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/control"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/lazyregexp"
	"nrf91emu/keystore/flash"
)

// A line of a script.
type scriptLine struct {
	number int
	text   string // as it stands there
	run    func(context.Context, *player) error
}

// script is what a student does, written down:
//
//	# a comment
//	exercise: wrong-ca                     which exercise it solves; first of all
//	AT%CMNG=0,24,0,"{ca.pem}"              a command; its final result is waited for
//	wait registered                        until a condition of a step's check holds
//	power on|off|cut|cycle
//	plan-cut N                             power cut after N flash steps
//	client connect SERVER CA               the second client; CA may be none
//	client subscribe TOPIC
//	client publish TOPIC MESSAGE
//	client disconnect
//	button N                               pressed and let go
//
// A command goes on over several lines as long as a quote is open.
type script struct {
	exercise string
	lines    []scriptLine
}

// commandTime and waitTime are how long a line of a script may take.
const (
	commandTime = 2 * time.Minute
	waitTime    = 30 * time.Second
)

// powerEnds are after which no answer comes any more.
var powerEnds = []event.PowerAction{event.PowerOff, event.PowerCut, event.PowerReset, event.PowerCrash}

var powerActs = map[string]func(*emulator.Device) error{
	"on":    (*emulator.Device).PowerOn,
	"cycle": (*emulator.Device).PowerCycle,
	"off":   func(d *emulator.Device) error { d.PowerOff(); return nil },
	"cut":   func(d *emulator.Device) error { d.PowerCut(); return nil },
}

var fileRef = lazyregexp.New(`\{([a-z0-9.-]+)\}`)

// parseScript reads a script. An error names the line.
func parseScript(text string) (*script, error) {
	s := &script{}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		number, line := i+1, lines[i]
		word := strings.TrimSpace(line)
		if word == "" || strings.HasPrefix(word, "#") {
			continue
		}
		if rest, ok := strings.CutPrefix(word, "exercise:"); ok && len(s.lines) == 0 {
			s.exercise = strings.TrimSpace(rest)
			continue
		}
		if len(word) >= 2 && strings.EqualFold(word[:2], "AT") {
			for strings.Count(line, `"`)%2 == 1 {
				if i++; i == len(lines) {
					return nil, fmt.Errorf("line %d: a quote is not closed", number)
				}
				line += "\n" + lines[i]
			}
			s.lines = append(s.lines, scriptLine{number, word, func(ctx context.Context, p *player) error { return p.command(ctx, line) }})
			continue
		}
		run, err := parseDoing(word)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		s.lines = append(s.lines, scriptLine{number, word, run})
	}
	return s, nil
}

// parseDoing reads what is no AT command.
func parseDoing(line string) (func(context.Context, *player) error, error) {
	words := strings.Fields(line)
	number := func() (int, error) {
		if len(words) != 2 {
			return 0, fmt.Errorf("write %s and a number", words[0])
		}
		return strconv.Atoi(words[1])
	}
	switch words[0] {
	case "wait":
		c, err := parseCheck(strings.TrimSpace(strings.TrimPrefix(line, "wait")))
		return func(ctx context.Context, p *player) error { return p.wait(ctx, c) }, err
	case "power":
		if len(words) != 2 {
			return nil, errors.New("write power and on, off, cut or cycle")
		}
		act, ok := powerActs[words[1]]
		if !ok {
			return nil, fmt.Errorf("there is no power %q: use on, off, cut or cycle", words[1])
		}
		return func(_ context.Context, p *player) error { return act(p.seat.device) }, nil
	case "plan-cut":
		n, err := number()
		return func(_ context.Context, p *player) error {
			return p.seat.device.Bench().PlanCut(max(n, 0), flash.TornEven)
		}, err
	case "button":
		n, err := number()
		return func(ctx context.Context, p *player) error { return p.button(ctx, n) }, err
	case "client":
		return parseClientDoing(words[1:])
	}
	return nil, fmt.Errorf("there is no %q: use an AT command, wait, power, plan-cut, client or button", words[0])
}

func parseClientDoing(words []string) (func(context.Context, *player) error, error) {
	act := func(fn func(c *secondClient) error) (func(context.Context, *player) error, error) {
		return func(_ context.Context, p *player) error { return fn(&p.seat.client) }, nil
	}
	switch {
	case len(words) == 3 && words[0] == "connect":
		// That it is refused may be what is wanted; steps say so.
		return act(func(c *secondClient) error { c.connect(words[1], words[2]); return nil })
	case len(words) == 1 && words[0] == "disconnect":
		return act((*secondClient).disconnect)
	case len(words) == 2 && words[0] == "subscribe":
		return act(func(c *secondClient) error { return c.subscribe(words[1]) })
	case len(words) >= 3 && words[0] == "publish":
		return act(func(c *secondClient) error { return c.publish(words[1], strings.Join(words[2:], " ")) })
	}
	return nil, errors.New("write client connect SERVER CA, client subscribe TOPIC, client publish TOPIC MESSAGE or client disconnect")
}

// A player does what a script says at a seat.
type player struct {
	seat *Seat
	log  func(string) // what is done
}

// play does all lines. The error names the line that could not be done.
func (p *player) play(ctx context.Context, s *script) error {
	for _, l := range s.lines {
		p.log(l.text)
		if err := l.run(ctx, p); err != nil {
			return fmt.Errorf("line %d, %s: %w", l.number, l.text, err)
		}
	}
	return nil
}

// command types a command and waits for its final result, or for the end of the power.
func (p *player) command(ctx context.Context, line string) error {
	var missing string
	line = fileRef().ReplaceAllStringFunc(line, func(ref string) string {
		content, ok := p.seat.lab.files[ref[1:len(ref)-1]]
		if !ok {
			missing = ref
		}
		return string(content)
	})
	if missing != "" {
		return fmt.Errorf("there is no file %s", missing)
	}
	done := make(chan struct{}, 1)
	stop := p.seat.log.Subscribe(func(e *event.Event) {
		if e.Response != nil || e.Power != nil && slices.Contains(powerEnds, e.Power.Action) {
			select {
			case done <- struct{}{}:
			default:
			}
		}
	})
	defer stop()
	if !p.seat.device.On() {
		return errors.New("the device has no power")
	}
	if err := p.seat.Type([]byte(line + string(p.seat.terminator()))); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, commandTime, errors.New("the modem has not answered"))
	defer cancel()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// wait waits until a condition holds, as long as an application runs that may see to it.
func (p *player) wait(ctx context.Context, c check) error {
	ctx, cancel := context.WithTimeout(ctx, waitTime)
	defer cancel()
	why := "nothing has happened"
	var end string
	var over <-chan time.Time
	for {
		if end == "" {
			if end = p.seat.bench.end(); end != "" {
				over = time.After(settle)
			}
		}
		looked := p.seat.looked()
		select {
		case <-looked:
		case <-over:
			return fmt.Errorf("%s; the application runs no more: %s", why, end)
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("not so after %v: %s", waitTime, why)
			}
			return ctx.Err()
		}
		var ok bool
		if ok, why = p.seat.holds(c); ok {
			return nil
		}
		why, _, _ = strings.Cut(why, startOver)
	}
}

// button presses a button as long as a finger does.
func (p *player) button(ctx context.Context, n int) error {
	if err := p.seat.device.PressButton(n, true); err != nil {
		return err
	}
	select {
	case <-time.After(control.PressFor):
	case <-ctx.Done():
	}
	return p.seat.device.PressButton(n, false)
}
