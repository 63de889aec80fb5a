package exec

import (
	"context"
	"errors"
	"fmt"
	osexec "os/exec"
	"strconv"
	"syscall"
	"time"

	"nrf91emu/emulator/control"
	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/link"
	"nrf91emu/keystore/flash"
)

// boot gives the device power, runs the command once, and takes the power away.
// It returns the command's exit code, or that a planned power cut ended it. The
// port is a new one for each boot: a banner waits in it for the command, and
// nothing of an earlier boot does.
func (s *session) boot(ctx context.Context, boot int) (exit int, cut bool, err error) {
	port, err := link.OpenPTY(link.PTYOptions{Dedicated: true})
	if err != nil {
		return 0, false, err
	}
	if ctl, err := control.Listen(s.device, port.Name()); err == nil {
		ctl.OfferFaults(s.faults)
		defer ctl.Close()
	}
	if err := s.device.PowerOn(); err != nil {
		port.Close()
		return 0, errors.Is(err, flash.ErrPowerCut), ignoreCut(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.device.Serve(fault.Wrap(port, s.faults)) }()
	defer func() {
		s.device.PowerCut()
		port.Close()
		if serveErr := <-served; err == nil && serveErr != nil {
			err = serveErr
		}
	}()
	exit, cut, err = s.command(ctx, boot, port.Name())
	if !cut && !s.device.On() {
		<-s.lost // the command ended first
		cut = true
	}
	return exit, cut, err
}

// ignoreCut returns nil for a power cut while the modem was mounting its flash:
// that is a boot like others that were cut short.
func ignoreCut(err error) error {
	if errors.Is(err, flash.ErrPowerCut) {
		return nil
	}
	return err
}

// command runs the command once. cut is set if a power cut ended it.
func (s *session) command(ctx context.Context, boot int, port string) (exit int, cut bool, err error) {
	cmd := osexec.Command(s.cfg.Command[0], s.cfg.Command[1:]...)
	cmd.Env = append(append([]string(nil), s.cfg.Env...), PortVariable+"="+port, BootVariable+"="+strconv.Itoa(boot))
	if s.library != "" {
		cmd.Env = append(cmd.Env, control.LibraryVariable+"="+s.library)
	}
	cmd.Stdout, cmd.Stderr = s.watch.output(s.cfg.Stdout), s.watch.output(s.cfg.Stderr)
	over := s.watch.begin()
	defer s.watch.stop()
	var after <-chan time.Time
	if d := s.cfg.BootEnd.After; d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		after = timer.C
	}
	// A group of its own, so that the children of a shell end with it; and they do
	// not outlive this process, whatever ends that.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	guard, err := newGuard()
	if err != nil {
		return 0, false, err
	}
	defer guard.dismiss()
	// A child that keeps standard output open must not keep us waiting.
	cmd.WaitDelay = s.cfg.Grace
	if err := cmd.Start(); err != nil {
		return 0, false, fmt.Errorf("the command cannot be run: %w", err)
	}
	group := -cmd.Process.Pid
	guard.watch(cmd.Process.Pid)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	timeout := time.NewTimer(s.cfg.Timeout)
	defer timeout.Stop()
	select {
	case err = <-ended:
		syscall.Kill(group, syscall.SIGKILL) // whatever it left behind
		exit, err = exitCode(err)
		return exit, false, err
	case <-s.lost:
		// The host shares the modem's supply: its power is gone as well.
		syscall.Kill(group, syscall.SIGKILL)
		<-ended
		return 0, true, nil
	case <-over:
		return s.over(group, ended)
	case <-after:
		return s.over(group, ended)
	case <-timeout.C:
		err = &TimeoutError{Boot: boot, After: s.cfg.Timeout}
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	syscall.Kill(group, syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(s.cfg.Grace):
		defer func() { <-ended }() // SIGKILL below ends it
	}
	syscall.Kill(group, syscall.SIGKILL)
	return 0, false, err
}

// over ends the command as its boot does: without a word, like a chip that loses its
// power.
func (s *session) over(group int, ended <-chan error) (exit int, cut bool, err error) {
	s.device.ExpectEnd("its boot is over")
	syscall.Kill(group, syscall.SIGKILL)
	<-ended
	return 0, false, nil
}

// exitCode turns the end of a command into its exit code; one that was ended by a
// signal has 128 and the signal's number, as in a shell.
func exitCode(err error) (int, error) {
	var exited *osexec.ExitError
	switch {
	case err == nil, errors.Is(err, osexec.ErrWaitDelay):
		return 0, nil
	case errors.As(err, &exited):
		if status, ok := exited.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return 128 + int(status.Signal()), nil
		}
		return exited.ExitCode(), nil
	default:
		return 0, err
	}
}
