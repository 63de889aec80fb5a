package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"nrf91emu/emulator/control"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/exec"
	"nrf91emu/emulator/process"
)

// firmwareRun is nrf91emu firmware run.
type firmwareRun struct {
	building
	device
	faults
	withCloud
	explaining
	Trace       string `help:"Write all that happens to FILE, as JSON Lines." placeholder:"FILE" type:"path"`
	ShowSecrets bool   `help:"Do not mask private keys and pre-shared keys in the trace."`
}

// Help is the long help of nrf91emu firmware run.
func (*firmwareRun) Help() string {
	return `The console of the firmware is on the screen. Keys 1 to 4 press buttons, and LEDs are shown when they change; so is why a connection fails. Ctrl-\\ shows where the threads of the firmware are. A serial port is beside, for nrf91emu ctl and for firmware that has an AT host. Ctrl-C ends it. Settings of the firmware are kept in the build folder; credentials are kept with --state.

Example:

  nrf91emu firmware run lesson4 --cloud --state modem.img`
}

// Run builds the program, starts a modem, and runs it.
func (c *firmwareRun) Run(std stdio) (err error) {
	p, err := c.load(std)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	built, err := c.make(ctx, std, p)
	if err != nil {
		return err
	}
	log := &event.Log{ShowSecrets: c.ShowSecrets}
	endTrace, err := traceTo(c.Trace, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, endTrace()) }()
	endCloud, err := c.withCloud.begin(&c.device)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, endCloud()) }()

	show := &screen{w: std.out}
	reasons := c.explaining.begin(std, teller{show})
	defer reasons.end()
	reasons.follow(log, "")

	modem := &runCmd{device: c.device, faults: c.faults, Count: 1}
	m, err := modem.start(std, 0, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	ended := make(chan error, 1)
	m.serve(ended)
	if err := modem.offerControl(std, 0, m); err != nil {
		return err
	}
	port := m.ports[0].Name()
	if m.library == "" {
		return exitError{code: exitFailed} // start has said why
	}

	defer log.Subscribe(leds(ctx, show))()
	data := filepath.Join(p.Out, "data")
	if err := os.MkdirAll(data, 0o777); err != nil {
		return err
	}
	cmd := osexec.Command(built.Program)
	cmd.Env = append(os.Environ(), control.LibraryVariable+"="+m.library, exec.PortVariable+"="+port, "NRF91EMU_DATA="+data)
	cmd.Stdout, cmd.Stderr = show, show
	cmd.WaitDelay = time.Second
	what := ""
	switch {
	case p.Config.Bool("SHELL"):
		what = "commands of the firmware's shell, such as help"
	case p.Config.Bool("AT_HOST_LIBRARY"):
		what = "AT commands"
	case p.Config.Bool("UART_INTERRUPT_DRIVEN") && !p.Config.Bool("DK_LIBRARY"): // whose buttons need the keys
		what = "what the firmware shall read from its UART"
	}
	if what != "" {
		show.tell("Type " + what + "; nrf91emu ctl --port " + port + " button 1 press presses a button. Ctrl-C ends it.")
		cmd.Stdin = forward(std.in)
	} else {
		show.tell("Keys 1 to 4 press buttons, Ctrl-C ends it. nrf91emu ctl --port " + port + " looks at the modem.")
		if restore := singleKeys(std.in); restore != nil {
			defer restore()
		}
		go pressKeys(std.in, m.device, show.tell)
	}
	quiet := whenQuiet(log, quietAfter, func() {
		show.tell("Nothing has happened for " + quietAfter.String() + ". Ctrl-\\ shows where the threads of the firmware are.")
	})
	defer quiet()
	return c.attend(ctx, cmd, show, reasons)
}

// quietAfter is how long nothing happens until a person is told how to look for the reason.
const quietAfter = 10 * time.Second

// whenQuiet calls tell, once, when nothing has been recorded for some time. stop is for the end.
func whenQuiet(log *event.Log, after time.Duration, tell func()) (stop func()) {
	var once sync.Once
	timer := time.AfterFunc(after, func() { once.Do(tell) })
	unsubscribe := log.Subscribe(func(*event.Event) { timer.Reset(after) })
	return func() {
		unsubscribe()
		timer.Stop()
	}
}

// forward returns the input for a program that reads its console. The program is in a
// group of its own, which may not read from the terminal itself.
func forward(in io.Reader) io.Reader { return struct{ io.Reader }{in} }

// leds returns what shows the LEDs on a screen when they change. A slow terminal
// does not keep the device: then only the last state is shown.
func leds(ctx context.Context, show *screen) func(*event.Event) {
	changed := make(chan uint32, 1)
	go func() {
		for last := uint32(0); ; {
			select {
			case on := <-changed:
				if on != last {
					last = on
					show.tell(ledLine(on))
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return func(e *event.Event) { // one at a time
		if e.Board == nil {
			return
		}
		select {
		case <-changed: // older
		default:
		}
		changed <- e.Board.LEDs
	}
}

// attend runs the program until it ends, or until a signal ends it.
func (c *firmwareRun) attend(ctx context.Context, cmd *osexec.Cmd, show *screen, reasons *explainer) error {
	ended := make(chan error, 1)
	if err := process.Start(cmd, func(err error) { ended <- err }); err != nil {
		return fmt.Errorf("the program cannot be run: %w", err)
	}
	inquiries := make(chan os.Signal, 1)
	signal.Notify(inquiries, syscall.SIGQUIT)
	defer signal.Stop(inquiries)
	var err error
	for running := true; running; {
		select {
		case err = <-ended:
			running = false
		case <-inquiries:
			process.Inquire(cmd)
		case <-ctx.Done():
			reasons.stop()
			process.Kill(cmd) // as a board whose supply is switched off
			<-ended
			show.tell("")
			return nil
		}
	}
	show.endLine()
	var exited *osexec.ExitError
	switch {
	case err == nil || errors.Is(err, osexec.ErrWaitDelay):
		show.tell("The firmware has ended.")
		return nil
	case !errors.As(err, &exited):
		return err
	}
	if status, ok := exited.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return crash(status.Signal().String(), show.lines())
	}
	if code := exited.ExitCode(); code > 128 && code < 160 {
		return crash(syscall.Signal(code-128).String(), show.lines())
	}
	return fmt.Errorf("the firmware has ended with status %d", exited.ExitCode())
}
