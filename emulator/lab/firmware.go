package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"nrf91emu/emulator/control"
	"nrf91emu/emulator/firmware"
	"nrf91emu/emulator/firmware/build"
	"nrf91emu/emulator/firmware/build/diag"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/process"
)

// Builds says what becomes of applications in C.
type Builds int

// The zero value is BuildHere for a lab with one seat and without tokens, and
// BuildNever for others, as nobody knows there who sends the code.
const (
	BuildDefault Builds = iota
	BuildNever
	// BuildHere builds and runs them as programs of the user who has started the lab.
	BuildHere
	// BuildInSandbox takes them by upload, and builds and runs them where they reach
	// nothing but their modem.
	BuildInSandbox
)

// Limits of a build.
const (
	buildTime    = time.Minute
	maxSaid      = 64 << 10 // of what the compiler says
	maxProgram   = 16 << 20
	buildsAtOnce = 2
)

// Phases of an application.
const (
	phaseNone     = ""
	phaseWaiting  = "waiting" // for others' builds
	phaseBuilding = "building"
	phaseFailed   = "failed" // to build; an older program may run
	phaseRunning  = "running"
	phaseEnded    = "ended"
	phaseCrashed  = "crashed"
)

// firmwareState is what the page shows of the application in C.
type firmwareState struct {
	// Why says why nothing can be built; "" if it can.
	Why    string `json:"why,omitempty"`
	Dir    string `json:"dir,omitempty"` // where the student's code is
	Upload bool   `json:"upload"`        // or that it comes by upload
	// Files are those of the code, where it comes by upload.
	Files []string `json:"files,omitempty"`
	Phase string   `json:"phase"`
	Built bool     `json:"built"` // the last build went well
	// Said is what compiler and build have said, Took how long it took in
	// milliseconds.
	Said    string `json:"said,omitempty"`
	Took    int64  `json:"took,omitempty"`
	Running bool   `json:"running"`
	End     string `json:"end,omitempty"` // how the program has ended
	LEDs    uint32 `json:"leds"`
	Buttons uint32 `json:"buttons"`
}

// A workbench is a seat's application in C: its code, its build, and the program
// that runs as firmware of the seat's device.
type workbench struct {
	seat    *Seat
	library net.Listener // of the device's library interface; nil without one
	why     string       // there is none

	acting  sync.Mutex // held while something is built, started or ended
	mu      sync.Mutex
	state   firmwareState
	program *program           // nil if none runs
	cancel  context.CancelFunc // ends a build; nil if none is under way
}

// openWorkbench offers the library interface of the seat's device.
func (s *Seat) openWorkbench() {
	b := &s.bench
	b.seat = s
	if s.lab.cfg.Builds == BuildNever {
		b.why = "This lab builds no code. Do this exercise with nrf91emu lab on a machine of your own (Linux, macOS or WSL), or ask your teacher to start the lab with --builds."
		return
	}
	if runtime.GOOS == "windows" {
		b.why = "The exercise in C needs Linux, macOS or WSL. The exercises in AT commands work here."
		return
	}
	l, err := b.listen()
	if err != nil {
		b.why = "Firmware cannot run here: " + err.Error()
		return
	}
	b.library = l
	s.serving.Go(func() { s.device.ServeLibrary(l) })
}

// listen makes the socket of the library interface, where the program that is to use
// it reaches it.
func (b *workbench) listen() (net.Listener, error) {
	lab := b.seat.lab
	if lab.sandbox == nil {
		return link.ListenUnix(filepath.Join(lab.temp, fmt.Sprintf("modem-%d", b.seat.N)))
	}
	dir, err := lab.sandbox.folder(b.seat.N)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "modem")
	l, err := link.ListenUnix(path)
	if err == nil {
		err = lab.sandbox.give(b.seat.N, path)
	}
	return l, err
}

// dir is where the code of an exercise is.
func (b *workbench) dir(e *Exercise) string {
	if b.seat.lab.cfg.Builds == BuildInSandbox {
		return filepath.Join(b.seat.lab.dir, fmt.Sprintf("seat-%d", b.seat.N), e.ID)
	}
	return filepath.Join(b.seat.lab.code, e.ID)
}

// take ends a build that is under way and the program that runs, and keeps both from
// beginning until release.
func (b *workbench) take(why string) (release func()) {
	b.mu.Lock()
	if b.cancel != nil {
		b.cancel()
	}
	b.mu.Unlock()
	b.acting.Lock()
	b.stop(why)
	return b.acting.Unlock
}

// begin puts the code of an exercise where the student finds it, unless it is there.
// The workbench is taken, and the exercise is the seat's.
func (b *workbench) begin(e *Exercise) {
	b.mu.Lock()
	b.state = firmwareState{Why: b.why}
	b.mu.Unlock()
	defer b.show()
	if e.code == nil || b.why != "" {
		return
	}
	dir := b.dir(e)
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		if err := writeCode(e.code, dir); err != nil {
			b.mu.Lock()
			b.state.Why = fmt.Sprintf("The application cannot be put into %s: %v. Start the lab with --code DIR and a folder that you may write to.", dir, err)
			b.mu.Unlock()
			return
		}
	}
	b.listed(e)
}

// listed notes where the code is, or what is in it.
func (b *workbench) listed(e *Exercise) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state.Upload = b.seat.lab.cfg.Builds == BuildInSandbox; b.state.Upload {
		b.state.Files = listCode(b.dir(e))
	} else {
		b.state.Dir = b.dir(e)
	}
}

// set changes the state and shows it.
func (b *workbench) set(change func(*firmwareState)) {
	b.mu.Lock()
	change(&b.state)
	b.mu.Unlock()
	b.show()
	b.seat.changed()
}

// show tells the page.
func (b *workbench) show() {
	leds, buttons, _ := b.seat.device.LEDs()
	b.mu.Lock()
	st := b.state
	b.mu.Unlock()
	st.LEDs, st.Buttons = leds, buttons
	b.seat.hub.setIfNew("firmware", st)
}

// holds reports whether what was last built runs.
func (b *workbench) holds() (bool, string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.state.Built && b.program != nil:
		return true, ""
	case b.state.Phase == phaseFailed:
		return false, "the application does not build: see what the compiler says"
	case b.state.Built:
		return false, "the application was built, but does not run: " + b.state.End
	}
	return false, "nothing was built and flashed yet"
}

// end returns how the program has ended that was built; "" if it runs, or none was built.
func (b *workbench) end() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.state.Built || b.program != nil {
		return ""
	}
	return b.state.End
}

var (
	errBuilding    = errors.New("a build is under way; wait for its end")
	errSaid        = errors.New("the build says why")
	errInterrupted = errors.New("the build was ended, as something else begins")
)

// Flash builds the student's application and, if that goes well, runs it as the
// device's firmware, which begins with a reset. The error is that of the build; the
// firmware of before goes on then.
func (b *workbench) Flash(ctx context.Context) error {
	if !b.acting.TryLock() {
		return errBuilding
	}
	defer b.acting.Unlock()
	b.mu.Lock()
	why := b.state.Why
	b.mu.Unlock()
	if why != "" {
		return errors.New(why)
	}
	e := b.seat.current()
	if e.code == nil {
		return errors.New("this exercise has no application in C")
	}
	select {
	case <-b.seat.ended:
		return errors.New("the lab ends")
	default:
	}
	ctx, interrupt := context.WithCancel(ctx)
	defer interrupt()
	defer b.cancels(nil)
	b.cancels(interrupt)
	b.set(func(st *firmwareState) { st.Phase, st.Said, st.Took = phaseWaiting, "", 0 })
	select {
	case b.seat.lab.building <- struct{}{}:
		defer func() { <-b.seat.lab.building }()
	case <-b.seat.ended:
		return errors.New("the lab ends")
	case <-ctx.Done():
		b.set(func(st *firmwareState) { st.Phase = phaseFailed })
		return errInterrupted
	}
	b.set(func(st *firmwareState) { st.Phase = phaseBuilding })
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, buildTime)
	defer cancel()
	go func() {
		select {
		case <-b.seat.ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	said := &clipped{limit: maxSaid}
	make := b.buildHere
	if b.seat.lab.cfg.Builds == BuildInSandbox {
		make = b.buildInSandbox
	}
	path, err := make(ctx, e, said)
	if ctx.Err() == context.DeadlineExceeded {
		err = fmt.Errorf("the build took longer than %v and was ended", buildTime)
	} else if ctx.Err() != nil {
		err = errInterrupted
	}
	if err == nil {
		err = b.start(path)
	}
	took := time.Since(start).Milliseconds()
	text := said.String()
	if err != nil && !errors.Is(err, errSaid) {
		text += err.Error() + "\n"
	}
	b.set(func(st *firmwareState) {
		st.Said, st.Took, st.Built = text, took, err == nil
		if err != nil {
			st.Phase = phaseFailed
		}
	})
	return err
}

// cancels notes what ends the build that is under way.
func (b *workbench) cancels(cancel context.CancelFunc) {
	b.mu.Lock()
	b.cancel = cancel
	b.mu.Unlock()
}

// buildHere builds as nrf91emu firmware build does.
func (b *workbench) buildHere(ctx context.Context, e *Exercise, said io.Writer) (string, error) {
	p, err := build.Load(build.Options{Dir: b.dir(e), SDK: firmware.SDK(), Cache: b.seat.lab.cfg.BuildCache})
	if p != nil {
		for _, f := range p.Findings {
			if f.Severity == diag.Warning {
				fmt.Fprintln(said, f)
			}
		}
	}
	if err != nil {
		return "", err
	}
	result, err := p.Build(ctx, said, false)
	return result.Program, err
}

// A program is firmware that runs.
type program struct {
	cmd    *exec.Cmd
	ended  chan struct{}
	gone   string // it is ended from outside, for this reason
	killed sync.Once
}

// start resets the device and starts a program as its firmware, in place of the one
// of before.
func (b *workbench) start(path string) error {
	b.stop("other firmware is flashed")
	b.seat.device.PowerCut()
	cmd, closeFiles, err := b.command(path)
	if err != nil {
		return err
	}
	defer closeFiles()
	out := &console{hub: b.seat.hub}
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = out, out, time.Second
	if err := b.seat.device.PowerOn(); err != nil {
		return err
	}
	p := &program{cmd: cmd, ended: make(chan struct{})}
	b.mu.Lock()
	b.program = p
	b.state.Phase, b.state.Running, b.state.End = phaseRunning, true, ""
	b.mu.Unlock()
	b.seat.hub.add("flashed", filepath.Base(filepath.Dir(path)))
	if err := process.Start(cmd, func(err error) { b.ended(p, err) }); err != nil {
		b.ended(p, err)
		return fmt.Errorf("the program cannot be run: %w", err)
	}
	if s := b.seat.lab.sandbox; s != nil {
		s.warden.add(p, cmd.Process.Pid, runLimits, func(why string) { b.kill(p, why) })
		select {
		case <-p.ended: // before it was watched, so that nothing else takes it off
			s.warden.remove(p)
		default:
		}
	}
	b.show()
	return nil
}

// command is how a program is run.
func (b *workbench) command(path string) (cmd *exec.Cmd, closeFiles func(), err error) {
	if b.seat.lab.cfg.Builds == BuildInSandbox {
		return b.sandboxed(path)
	}
	data := filepath.Join(filepath.Dir(path), "data")
	if err := os.MkdirAll(data, 0o777); err != nil {
		return nil, nil, err
	}
	cmd = exec.Command(path)
	cmd.Env = append(os.Environ(), control.LibraryVariable+"="+b.library.Addr().String(), "NRF91EMU_DATA="+data)
	return cmd, func() {}, nil
}

// ended notes how a program has ended.
func (b *workbench) ended(p *program, err error) {
	b.mu.Lock()
	if b.program == p {
		b.program = nil
		b.state.Running = false
		b.state.Phase, b.state.End = phaseEnded, "it has ended by itself"
		if p.gone != "" {
			b.state.End = p.gone
		} else if text, crashed := endOf(err); text != "" {
			b.state.End = text
			if crashed {
				b.state.Phase = phaseCrashed
			}
		}
		if b.state.Phase != phaseEnded || p.gone == "" {
			b.seat.hub.add("console", "\r\n\x1b[33m— "+b.state.End+" —\x1b[0m\r\n")
		}
	}
	b.mu.Unlock()
	close(p.ended)
	if s := b.seat.lab.sandbox; s != nil {
		s.warden.remove(p)
	}
	b.show()
	b.seat.changed()
}

// stop ends the program that runs, if there is one, and waits for its end. The caller
// holds acting, so that it is not one that is just being started.
func (b *workbench) stop(why string) {
	b.mu.Lock()
	p := b.program
	b.mu.Unlock()
	if p == nil {
		return
	}
	b.seat.device.ExpectEnd(why)
	b.kill(p, why)
	<-p.ended
}

// kill ends a program.
func (b *workbench) kill(p *program, why string) {
	p.killed.Do(func() {
		select {
		case <-p.ended: // its number may be another's by now
			return
		default:
		}
		b.mu.Lock()
		p.gone = why
		b.mu.Unlock()
		process.Kill(p.cmd)
	})
}

// Stop ends the program, as if its flash had been erased.
func (b *workbench) Stop() error {
	if !b.acting.TryLock() {
		return errBuilding
	}
	defer b.acting.Unlock()
	b.stop("it was stopped")
	return nil
}

func (b *workbench) close() {
	defer b.take("the lab ends")()
	if b.library != nil {
		b.library.Close()
	}
}

// original puts the code back with which the exercise begins. The student's is kept
// beside it.
func (b *workbench) original() error {
	if !b.acting.TryLock() {
		return errBuilding
	}
	defer b.acting.Unlock()
	e := b.seat.current()
	if e.code == nil || b.why != "" {
		return errors.New("there is no application in C here")
	}
	dir := b.dir(e)
	if _, err := os.Stat(dir); err == nil {
		if b.seat.lab.sandbox != nil {
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
		} else if err := os.Rename(dir, dir+time.Now().Format("-20060102-150405")); err != nil {
			return fmt.Errorf("your code cannot be put aside: %w", err)
		}
	}
	if err := writeCode(e.code, dir); err != nil {
		return err
	}
	b.listed(e)
	b.show()
	return nil
}
