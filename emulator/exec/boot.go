package exec

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	osexec "os/exec"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"nrf91emu/emulator/link"
	"nrf91emu/emulator/process"
	"nrf91emu/keystore/flash"
)

// boot gives the devices power, runs the command once, and takes the power away. It
// fills in b, and returns what went wrong or nil.
func (s *session) boot(ctx context.Context, b *Boot) (failure *Failure) {
	b.End = EndBroken
	defer func() {
		for _, u := range s.units {
			opened, err := u.stop()
			switch {
			case err != nil && failure == nil:
				b.End, failure = EndBroken, harness(err)
			case err != nil:
				failure.Why = append(failure.Why, err.Error())
			}
			b.Opened = b.Opened || opened
			if f := u.seen.parted(); f != nil && failure == nil {
				failure = f
			}
			if u.seen.fill(b) == 0 {
				b.Idle = append(b.Idle, s.prefix(u)+u.seen.idle(opened))
			}
			if refused := u.seen.refused(); refused != "" {
				b.refused = append(b.refused, s.prefix(u)+"the last that the modem has refused: "+refused)
			}
		}
	}()
	for _, u := range s.units {
		switch err := u.start(&s.cfg); {
		case errors.Is(err, flash.ErrPowerCut):
			// While the modem was mounting its flash: a boot like others that were cut short.
			b.End = EndPowerCut
			return nil
		case err != nil:
			return harness(err)
		}
	}
	b.Port, b.Command = s.units[0].port.name, s.words()
	failure = s.command(ctx, b)
	if failure == nil && s.untold != nil {
		failure = harness(fmt.Errorf("the command's output cannot be written: %w", s.untold))
	}
	if failure != nil && failure.Kind == KindCommand && b.End != EndNotRun {
		s.explain(failure, b)
	}
	if b.End != EndPowerCut && !s.units[0].device.On() {
		<-s.lost // the command ended first
		b.End, b.ExitCode, b.Signal, failure = EndPowerCut, 0, "", nil
	}
	return failure
}

// explain adds to the failure of a command what the record and its output say about it.
func (s *session) explain(f *Failure, b *Boot) {
	for _, u := range s.units {
		if refused := u.seen.refused(); refused != "" {
			f.Why = append(f.Why, s.prefix(u)+"the last that the modem has refused: "+refused)
		}
	}
	f.Fix = "What the modem has refused, or what the command has printed, says why it gave up."
	if len(f.Why) == 0 {
		f.Fix = "The modem has refused nothing: what the command has printed says why it gave up."
	}
	f.Why = append(f.Why, tail("standard error", b.Stderr)...)
	if len(b.Stderr.Text) == 0 {
		f.Why = append(f.Why, tail("standard output", b.Stdout)...)
	}
}

func harness(err error) *Failure {
	return &Failure{
		Kind: KindHarness, What: err.Error(), ExitCode: ExitHarness,
		Fix: "Mend what it says about the emulator or what it was asked to do; the command is not to blame.",
	}
}

// command runs the command once.
func (s *session) command(ctx context.Context, b *Boot) *Failure {
	cmd := osexec.Command(b.Command[0], b.Command[1:]...)
	cmd.Env = slices.Concat(s.cfg.Env, s.environment(), []string{
		BootVariable + "=" + strconv.Itoa(b.Number), StartVariable + "=" + strconv.Itoa(b.Start), DataVariable + "=" + s.data,
	})
	var mu sync.Mutex
	stdout, stderr := &capture{to: s.watch.output(s.cfg.Stdout), mu: &mu}, &capture{to: s.watch.output(s.cfg.Stderr), mu: &mu}
	defer func() {
		b.Stdout, b.Stderr = stdout.output(), stderr.output()
		s.untold = cmp.Or(stdout.lost(), stderr.lost())
	}()
	over := s.watch.begin()
	defer s.watch.stop()
	var after <-chan time.Time
	if d := s.cfg.BootEnd.After; d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		after = timer.C
	}
	drained, err := attach(cmd, stdout, stderr)
	if err != nil {
		return harness(err)
	}
	defer drained(s.cfg.Grace)
	ended := make(chan error, 1)
	if err := process.Start(cmd, func(err error) { ended <- err }); err != nil {
		b.End, b.ExitCode = EndNotRun, ExitCannot
		if errors.Is(err, osexec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			b.ExitCode = ExitNotFound
		}
		return &Failure{
			Kind: KindCommand, What: fmt.Sprintf("the command cannot be run: %v", err), ExitCode: b.ExitCode,
			Fix: "Name a program that is there and may be executed, behind --.",
		}
	}
	s.guard.watch(cmd.Process.Pid, s.data)
	defer s.guard.release(s.data)
	operated, leave := s.operate(ctx, b.Number)
	defer leave()
	timeout := time.NewTimer(s.cfg.Timeout)
	defer timeout.Stop()
	var failure *Failure
	select {
	case err := <-ended:
		process.Kill(cmd) // whatever it left behind
		s.drain(b)
		return b.exited(err)
	case <-s.lost:
		// The host shares the modem's supply: its power is gone as well.
		process.Kill(cmd)
		<-ended
		b.End = EndPowerCut
		return nil
	case <-over:
		return s.over(b, cmd, ended)
	case <-after:
		return s.over(b, cmd, ended)
	case <-operated:
		return s.over(b, cmd, ended)
	case <-timeout.C:
		b.End, b.ExitCode = EndTimeout, ExitTimeout
		failure = &Failure{
			Kind: KindTimeout, ExitCode: ExitTimeout,
			What: fmt.Sprintf("the command was still running %v after boot %d; it was ended", s.cfg.Timeout, b.Number),
			Why:  append(s.diagnose(), s.whereabouts(cmd, stderr)...),
			Fix:  "Have it end, or say with --boot-ends... when its boot is over; if it only needs more time, give it with --timeout.",
		}
	case <-ctx.Done():
		failure = interrupted(context.Cause(ctx))
		b.End, b.ExitCode = EndInterrupted, failure.ExitCode
	}
	process.Terminate(cmd)
	select {
	case <-ended:
	case <-time.After(s.cfg.Grace):
		defer func() { <-ended }() // SIGKILL below ends it
	}
	process.Kill(cmd)
	return failure
}

// operate lets the operator sit down. The channel is closed when the operator is done;
// leave sends the operator away and waits.
func (s *session) operate(ctx context.Context, boot int) (done <-chan struct{}, leave func()) {
	if s.cfg.Operator == nil {
		return nil, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	operated := make(chan struct{})
	go func() {
		defer close(operated)
		s.cfg.Operator(ctx, boot, s.units[0].device)
	}()
	return operated, func() {
		cancel()
		<-operated
	}
}

// over ends the command as its boot does: without a word, like a chip that loses its
// power. One that had ended by itself before has not run as long as its boot.
func (s *session) over(b *Boot, cmd *osexec.Cmd, ended <-chan error) *Failure {
	for _, u := range s.units {
		u.device.ExpectEnd("its boot is over")
	}
	process.Kill(cmd)
	err := <-ended
	s.drain(b)
	if !wasKilled(err) {
		return b.exited(err)
	}
	b.End = EndOver
	return nil
}

// wasKilled reports whether a command was ended by SIGKILL.
func wasKilled(err error) bool {
	var exit *osexec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return !ok || status.Signaled() && status.Signal() == syscall.SIGKILL
}

// drain lets the devices take what a command has sent in its last moment, before the power
// goes. Who still holds a port open, and a modem that is busy, are not waited for any longer
// than a command that is to end; the boot says then that something was left.
func (s *session) drain(b *Boot) {
	ctx, cancel := context.WithTimeout(context.Background(), s.cfg.Grace)
	defer cancel()
	var all sync.WaitGroup
	var late atomic.Bool
	wait := func(drain func(context.Context) error) {
		all.Go(func() {
			if errors.Is(drain(ctx), context.DeadlineExceeded) {
				late.Store(true)
			}
		})
	}
	for _, u := range s.units {
		if d, ok := u.port.Port.(link.Drainer); ok {
			wait(d.Drain)
		}
		wait(u.device.WaitForPrograms)
	}
	all.Wait()
	b.Left = late.Load()
}

// interrupted is the failure of a run that was told to end.
func interrupted(cause error) *Failure {
	f := &Failure{
		Kind: KindInterrupted, What: "the run was ended: " + cause.Error(), ExitCode: ExitHarness,
		Fix: "Let it run to its end; if a time limit of the CI job has ended it, raise that, or give a smaller --timeout.",
	}
	if s := (*SignalError)(nil); errors.As(cause, &s) {
		f.What, f.ExitCode = "the run was "+cause.Error(), 128+int(s.Signal)
	}
	return f
}

// exited takes note of how the command ended by itself.
func (b *Boot) exited(err error) *Failure {
	var exit *osexec.ExitError
	switch {
	case err == nil:
		b.End = EndExited
		return nil
	case !errors.As(err, &exit):
		return harness(err)
	}
	b.End, b.ExitCode = EndExited, exit.ExitCode()
	f := &Failure{Kind: KindCommand, What: fmt.Sprintf("the command failed in boot %d with exit code %d", b.Number, b.ExitCode)}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		b.End, b.ExitCode, b.Signal = EndSignal, 128+int(status.Signal()), signalName(status.Signal())
		f.What = fmt.Sprintf("the command was ended in boot %d by %s", b.Number, b.Signal)
	}
	f.ExitCode = b.ExitCode
	return f
}

// attach gives a command pipes whose other ends are read by stdout and stderr. Its end
// is known at once by cmd.Wait, and not only when a child that it has left behind
// closes them. drained returns when all has been read, or after some time.
func attach(cmd *osexec.Cmd, stdout, stderr io.Writer) (drained func(time.Duration), err error) {
	var all sync.WaitGroup
	var ours, theirs []*os.File
	closeAll := func(files []*os.File) {
		for _, f := range files {
			f.Close()
		}
	}
	for _, stream := range []struct {
		to  io.Writer
		set func(*os.File)
	}{{stdout, func(f *os.File) { cmd.Stdout = f }}, {stderr, func(f *os.File) { cmd.Stderr = f }}} {
		r, w, err := os.Pipe()
		if err != nil {
			closeAll(ours)
			closeAll(theirs)
			return nil, fmt.Errorf("no pipe for the output of the command: %w", err)
		}
		stream.set(w)
		ours, theirs = append(ours, r), append(theirs, w)
		all.Go(func() { io.Copy(stream.to, r) })
	}
	return func(grace time.Duration) {
		closeAll(theirs)
		late := time.AfterFunc(grace, func() { closeAll(ours) })
		all.Wait()
		late.Stop()
		closeAll(ours)
	}, nil
}
