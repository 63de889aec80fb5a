package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/link"
)

// A Real is a modem that the command talks to. What the command sends goes to it and, beside
// it, to the emulated device, which nobody hears: that one's record is judged, and what it did
// to its flash is an estimate. The modem stays on from boot to boot.
type Real struct {
	// Name is who it is, in words.
	Name string
	// Dial opens its port, once for each boot.
	Dial func() (io.ReadWriteCloser, error)
}

// stepTime is how long an answer of the modem waits for the device beside it. What that still
// does then, it does alone.
const stepTime = 5 * time.Second

// A realPort is the port of the device beside a real modem: it gets what the command sends, and
// what it answers is dropped.
type realPort struct {
	link.Port // of the device
	pty       *link.PTY
	modem     io.ReadWriteCloser
	beside    io.ReadWriteCloser // the other end of Port
	device    *emulator.Device
	seen      *observer

	all  sync.WaitGroup
	open context.Context // until Close, or until the modem's port has ended, with the reason
	shut context.CancelCauseFunc
}

// openReal opens the modem's port for a boot, and makes the one that the command gets.
func openReal(cfg *Config, device *emulator.Device, seen *observer) (*hostPort, error) {
	modem, err := cfg.Real.Dial()
	if err != nil {
		return nil, err
	}
	pty, err := link.OpenPTY(link.PTYOptions{Link: cfg.Link})
	if err != nil {
		return nil, errors.Join(err, modem.Close())
	}
	port, beside := link.Pipe()
	p := &realPort{Port: port, pty: pty, modem: modem, beside: beside, device: device, seen: seen}
	p.open, p.shut = context.WithCancelCause(context.Background())
	p.all.Go(func() { _, _ = io.Copy(io.Discard, beside) })              // it ends with the pipe
	p.all.Go(func() { _, err := io.Copy(inStep{p}, modem); p.end(err) }) // with the modem's port
	p.all.Go(func() { _, err := io.Copy(both{p}, pty); p.end(err) })     // with the pty
	return &hostPort{Port: p, opened: pty.Opened, lost: p.ended, name: pty.Name()}, nil
}

// errShut is the reason why a port has ended that was closed here.
var errShut = errors.New("the boot is over")

// end takes note of what has ended the modem's port. The first reason counts.
func (p *realPort) end(err error) {
	if err == nil {
		err = errors.New("it was closed at the other end")
	}
	p.shut(fmt.Errorf("the port of the modem has ended during a boot: %w", err))
}

// Name returns what the command opens.
func (p *realPort) Name() string { return p.pty.Name() }

// Drain waits until what the command has sent has gone to both, or until the modem's port has
// ended.
func (p *realPort) Drain(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(p.open, func() { cancel(context.Cause(p.open)) })()
	if err := p.pty.Drain(ctx); err != nil {
		return err
	}
	return p.Port.(link.Drainer).Drain(ctx)
}

// ended returns what has ended the modem's port before Close.
func (p *realPort) ended() error {
	if err := context.Cause(p.open); err != nil && err != errShut {
		return err
	}
	return nil
}

// Close ends the port.
func (p *realPort) Close() error {
	p.shut(errShut)
	p.pty.Close()
	p.modem.Close()
	p.beside.Close()
	p.all.Wait()
	return p.Port.Close()
}

// both is what the command sends to: the device and the modem.
type both struct{ p *realPort }

// Write sends to the device first, so that it is no later than the modem.
func (w both) Write(b []byte) (int, error) {
	_, _ = w.p.beside.Write(b) // it ends with the boot
	return w.p.modem.Write(b)
}

// inStep passes on what the modem answers once the device beside it has answered too: otherwise
// the host's next command could find that one busy, and be lost there.
type inStep struct{ p *realPort }

// Write waits some seconds at most.
func (s inStep) Write(b []byte) (int, error) {
	ctx, cancel := context.WithTimeout(s.p.open, stepTime)
	if s.p.Port.(link.Drainer).Drain(ctx) == nil {
		_ = s.p.device.WaitIdle(ctx)
	}
	cancel()
	s.p.seen.answeredByModem(b)
	return s.p.pty.Write(b)
}

// maxResultLine bounds a line of the modem's in which a final result is looked for, in bytes, and
// maxAhead how many commands the device beside it may have answered before.
const (
	maxResultLine = 64
	maxAhead      = 64
)

// An answeredCommand is one that the device beside a real modem has answered.
type answeredCommand struct {
	text  string
	wrote bool // it has stored a credential
}

// answeredByModem follows what a real modem answers. Where it refuses a write that the device
// beside it has done, the record does not tell what has happened.
func (o *observer) answeredByModem(b []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range b {
		if c != '\n' {
			if len(o.line) < maxResultLine {
				o.line = append(o.line, c)
			}
			continue
		}
		line := strings.TrimRight(string(o.line), "\r")
		o.line = o.line[:0]
		failed := line == "ERROR" || strings.HasPrefix(line, "+CME ERROR:") || strings.HasPrefix(line, "+CMS ERROR:")
		if !failed && line != "OK" || len(o.ahead) == 0 {
			continue
		}
		if failed && o.ahead[0].wrote && o.apart == "" {
			o.apart = fmt.Sprintf("the modem answered %s to %s, which the emulated modem beside it has done", line, o.ahead[0].text)
		}
		o.ahead = o.ahead[1:]
	}
}

// parted is the failure of a run whose record does not tell what the modem has done.
func (o *observer) parted() *Failure {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.apart == "" {
		return nil
	}
	return &Failure{
		Kind: KindHarness, What: o.apart, ExitCode: ExitHarness,
		Why: []string{"so the record is not what has happened, and nothing can be concluded from it"},
		Fix: "Begin with the modem as it is after a start, offline: it stays on from boot to boot, and the one beside it does not. Power it off and on, or send AT+CFUN=4, before the run.",
	}
}
