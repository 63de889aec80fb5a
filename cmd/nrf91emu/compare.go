package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/exec"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/vectors"
	"nrf91emu/testvectors"
)

// compareCmd is nrf91emu compare.
type compareCmd struct {
	Port    string `help:"The real modem: a serial port, tcp:HOST:PORT or rfc2217:HOST:PORT." required:"" placeholder:"PATH"`
	Beside  string `help:"The port of the modem beside it; without it, an emulated modem of the same firmware." placeholder:"PATH"`
	Baud    int    `help:"Baud rate of a serial port." default:"115200"`
	Profile string `help:"The emulated modem's chip and firmware; without it, the real one is asked." placeholder:"NAME"`
	App     string `help:"The application that owns the UART; without it, the AT Client sample." placeholder:"NAME"`
	Network string `help:"YAML file with the emulated network." type:"existingfile" placeholder:"FILE"`

	NoExternal bool `help:"The emulated modem's sockets reach loopback addresses only."`

	Timeout time.Duration `help:"How long to wait for an answer." default:"5s"`
	Settle  time.Duration `help:"How long both must be quiet for an answer to be over." default:"300ms"`
	Record  string        `help:"Write what the real modem answered as a vector into FILE." placeholder:"FILE" type:"path"`
	Title   string        `help:"With --record: what the session shows, in a sentence."`
	All     bool          `help:"Show lines that are the same, too."`
}

// Help is the long help of nrf91emu compare.
func (*compareCmd) Help() string {
	return `Each command that is typed, or piped in, goes to a real modem and to an emulated one, and what differs is shown at once: a line of the real modem behind -, one of the emulated modem behind +. Lines that are equal but for values in which two modems must differ, such as IMEI, cell and time, stand behind ~ with the kinds of these values. A line "wait 5s" lets time pass, for notifications.

What is typed is sent to the real modem as it is: writes wear its flash. A server that a command names is connected to by both modems, and sees two clients of the same name, of which a broker keeps the later one; with --no-external the emulated modem leaves it alone.

Exit codes: 0 nothing differs; 3 something differs; 1 it did not work; 2 the command line makes no sense.

Examples:

  nrf91emu compare --port /dev/ttyACM0
  nrf91emu compare --port /dev/ttyACM0 --record mine/registration.txt < session.txt`
}

// besideModem is one of the two modems.
type besideModem struct {
	conn io.ReadWriteCloser
	more chan struct{} // holds a token when something has come

	mu    sync.Mutex
	heard []byte
	err   error
}

func newBesideModem(conn io.ReadWriteCloser, heard func([]byte)) *besideModem {
	b := &besideModem{conn: conn, more: make(chan struct{}, 1)}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := conn.Read(buf)
			if n > 0 && heard != nil {
				heard(buf[:n])
			}
			b.mu.Lock()
			b.heard = append(b.heard, buf[:n]...)
			if len(b.heard) > maxCompared {
				b.heard = b.heard[len(b.heard)-maxCompared:]
			}
			b.err = err
			b.mu.Unlock()
			select {
			case b.more <- struct{}{}:
			default:
			}
			if err != nil {
				return
			}
		}
	}()
	return b
}

// maxCompared bounds what is kept of one answer, in bytes.
const maxCompared = 1 << 20

// wait returns when the modem has given a final result and has been quiet for a while,
// when the time is over, or when the port has ended.
func (b *besideModem) wait(ctx context.Context, answer bool, timeout, settle time.Duration) {
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	for {
		b.mu.Lock()
		done, ended := !answer || final(b.heard) || answered(b.heard), b.err != nil
		b.mu.Unlock()
		if ended {
			return
		}
		quiet := settle
		if !done {
			quiet = timeout
		}
		timer := time.NewTimer(quiet)
		select {
		case <-b.more:
			timer.Stop()
		case <-timer.C:
			return
		case <-deadline.C:
			timer.Stop()
			return
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

// answered reports whether a final result stands anywhere in a text: notifications may
// follow it.
func answered(text []byte) bool {
	for line := range bytes.SplitSeq(text, []byte("\r\n")) {
		if final(append(bytes.Clone(line), "\r\n"...)) {
			return true
		}
	}
	return false
}

// take returns the lines that have come, secrets masked, and the error that has ended the
// port.
func (b *besideModem) take() (lines []string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for line := range strings.SplitSeq(event.Mask(b.heard, event.AnswerSecrets(b.heard)), "\r\n") {
		if line != "" {
			lines = append(lines, line)
		}
	}
	b.heard = b.heard[:0]
	return lines, b.err
}

// Run compares.
func (c *compareCmd) Run(std stdio) error {
	if err := errors.Join(atLeast("--baud", c.Baud, minBaud), someTime("--timeout", c.Timeout), someTime("--settle", c.Settle)); err != nil {
		return err
	}
	switch {
	case c.Title != "" && c.Record == "":
		return usagef("--title is for --record")
	case (c.Network != "" || c.NoExternal) && c.Beside != "":
		return usagef("--network and --no-external are for an emulated modem, and --beside is another port")
	}
	if c.Record != "" {
		if _, err := os.Lstat(c.Record); err == nil {
			return usagef("%s exists; remove it or choose another name", c.Record)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	asked := &vectorsCmd{Port: c.Port, Baud: c.Baud, Profile: c.Profile, App: c.App, Timeout: c.Timeout, Settle: c.Settle, Record: c.Record}
	if err := asked.check(); err != nil {
		return err
	}
	who, err := asked.identify(ctx)
	if err != nil {
		return err
	}
	defer who.close()
	device, err := link.Dial(c.Port, c.Baud)
	if err != nil {
		return err
	}
	defer device.Close()
	beside, name, done, err := c.other(who)
	if err != nil {
		return err
	}
	defer done()
	title := c.Title
	if title == "" {
		title = "Recorded from " + c.Port + "."
	}
	recorder := testvectors.NewRecorder(testvectors.RecordMeta{
		Title: title, Source: who.answers + ", " + time.Now().Format(time.DateOnly), Profile: who.profile, Layout: who.layout,
		CommandSecrets: vectors.CommandSecrets, AnswerSecrets: vectors.AnswerSecrets,
	})
	fmt.Fprintf(std.out, "- %s (%s)\n+ %s\n", c.Port, who.answers, name)
	s := &comparison{
		cmd: c, out: std.out, recorder: recorder, terminator: who.layout.Terminator,
		real: newBesideModem(device, recorder.Received), emulated: newBesideModem(beside, nil),
	}
	s.real.wait(ctx, false, c.Timeout, c.Settle) // a banner, or what was left
	s.emulated.wait(ctx, false, c.Timeout, c.Settle)
	_, _ = s.real.take()
	_, _ = s.emulated.take()
	if err := s.run(ctx, std.in); err != nil {
		return err
	}
	if s.commands == 0 {
		return errors.New("no command was typed or piped in, so nothing was compared")
	}
	fmt.Fprintf(std.out, "%d commands: %d the same, %d but for values that must differ, %d differ.\n", s.commands, s.commands-s.alike-s.differ, s.alike, s.differ)
	if c.Record != "" {
		if err := asked.save(std, recorder); err != nil {
			return err
		}
	}
	if s.differ > 0 {
		return exitError{code: exec.ExitFindings}
	}
	return nil
}

// other returns the modem beside the real one, its name, and what ends it.
func (c *compareCmd) other(who *modemOnPort) (_ io.ReadWriteCloser, name string, done func(), err error) {
	if c.Beside != "" {
		port, err := link.Dial(c.Beside, c.Baud)
		if err != nil {
			return nil, "", nil, err
		}
		return port, c.Beside, func() { port.Close() }, nil
	}
	p, err := profile.Lookup(who.profile)
	if err != nil {
		return nil, "", nil, usageError{err}
	}
	dialect, err := dialects.Lookup(who.layout.Name)
	if err != nil {
		return nil, "", nil, err
	}
	air := network.Default()
	if c.Network != "" {
		f, err := os.Open(c.Network)
		if err != nil {
			return nil, "", nil, usageError{err}
		}
		air, err = network.Load(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, "", nil, usageError{err}
		}
	}
	d, err := emulator.New(emulator.Config{Profile: &p, Dialect: dialect, Network: &air, Log: new(event.Log), NoExternal: c.NoExternal})
	if err != nil {
		return nil, "", nil, err
	}
	port, host := link.Pipe()
	served := make(chan error, 1)
	go func() { served <- d.Serve(port) }()
	if err := d.PowerOn(); err != nil {
		return nil, "", nil, errors.Join(err, d.Close())
	}
	return host, "emulated " + p.Name, func() {
		d.Close()
		<-served
	}, nil
}

// comparison is a session with two modems.
type comparison struct {
	cmd            *compareCmd
	out            io.Writer
	recorder       *testvectors.Recorder
	terminator     string
	real, emulated *besideModem

	commands, alike, differ int
}

// run sends each command to both, until the input ends. A session that does not come to
// its end is an error: what was not compared may differ.
func (s *comparison) run(ctx context.Context, in io.Reader) error {
	lines, ended := make(chan string), make(chan error, 1)
	go func() { // a person who types nothing must not hold up SIGINT
		defer close(lines)
		scanner := bufio.NewScanner(in)
		scanner.Buffer(nil, maxCompared)
		for scanner.Scan() {
			select {
			case lines <- strings.TrimSuffix(scanner.Text(), "\r"):
			case <-ctx.Done():
				return
			}
		}
		ended <- scanner.Err()
	}()
	var command strings.Builder
	for {
		var text string
		more := false
		select {
		case text, more = <-lines:
		case <-ctx.Done():
		}
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("the session was ended after %d commands: %w", s.commands, context.Cause(ctx))
		case !more && command.Len() > 0:
			return errors.New("the input ends inside a text in quotes: the last command was not sent; close the quote")
		case !more:
			return <-ended
		}
		command.WriteString(text)
		if strings.Count(command.String(), `"`)%2 == 1 {
			command.WriteByte('\n') // a text in quotes goes on
			continue
		}
		line := command.String()
		command.Reset()
		if err := s.step(ctx, line); err != nil {
			return err
		}
	}
}

func (s *comparison) step(ctx context.Context, line string) error {
	text, waits := strings.CutPrefix(line, "wait ")
	switch {
	case strings.TrimSpace(line) == "":
		return nil
	case waits:
		d, err := time.ParseDuration(strings.TrimSpace(text))
		if err != nil || d <= 0 || d > time.Hour {
			return usagef("wait takes a time up to an hour, such as 5s, not %q", text)
		}
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		fmt.Fprintf(s.out, "  wait %v\n", d)
		return s.tell()
	}
	if err := s.tell(); err != nil { // what has come since the last command
		return err
	}
	fmt.Fprintf(s.out, "> %s\n", event.MaskCommand([]byte(line)))
	p := []byte(line + s.terminator)
	s.recorder.Sent(p)
	for _, m := range []*besideModem{s.real, s.emulated} {
		if _, err := m.conn.Write(p); err != nil {
			return fmt.Errorf("a modem's port takes nothing: %w", err)
		}
	}
	var both sync.WaitGroup
	for _, m := range []*besideModem{s.real, s.emulated} {
		both.Go(func() { m.wait(ctx, true, s.cmd.Timeout, s.cmd.Settle) })
	}
	both.Wait()
	s.commands++
	return s.tell()
}

// tell shows what has come from both and counts it.
func (s *comparison) tell() error {
	a, errA := s.real.take()
	b, errB := s.emulated.take()
	differ, alike := false, false
	for _, p := range vectors.Beside(a, b) {
		switch {
		case !p.InEmulated:
			differ = true
			fmt.Fprintf(s.out, "- %s\n", p.Real)
		case !p.InReal:
			differ = true
			fmt.Fprintf(s.out, "+ %s\n", p.Emulated)
		case len(p.Values) > 0:
			alike = true
			fmt.Fprintf(s.out, "~ %s   (%s)\n", p.Real, strings.Join(p.Values, ", "))
		case s.cmd.All:
			fmt.Fprintf(s.out, "  %s\n", p.Real)
		}
	}
	switch {
	case differ:
		s.differ++
	case alike:
		s.alike++
	}
	if err := errors.Join(errA, errB); err != nil {
		return fmt.Errorf("a modem's port has ended: %w", err)
	}
	return nil
}
