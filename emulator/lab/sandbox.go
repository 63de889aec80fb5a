package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"nrf91emu/emulator/firmware"
	"nrf91emu/emulator/firmware/build"
	"nrf91emu/emulator/process"
)

// Places inside a sandbox.
const (
	insideCode    = "/src"
	insideSelf    = "/nrf91emu"
	insideCache   = "/cache"
	insideProgram = "/app"
	insideModem   = "/modem"
)

// limits are what a sandbox may use.
type limits struct {
	memory    int64 // of all its processes together, in bytes; watched
	address   int64 // of each process, in bytes
	files     int64 // of the file system in memory, in bytes
	file      int64 // of each file, in bytes
	processes int   // threads too
	cpu       int   // of each process, in seconds
	time      time.Duration
}

var (
	buildLimits = limits{memory: 768 << 20, address: 4 << 30, files: 128 << 20, file: 64 << 20, processes: 160, cpu: 40, time: buildTime}
	runLimits   = limits{memory: 192 << 20, address: 1 << 30, files: 8 << 20, file: 4 << 20, processes: 64, cpu: 900, time: 8 * time.Hour}
)

// buildScript runs nrf91emu firmware build inside a sandbox and hands out the
// program on standard output.
const buildScript = `mkdir /tmp/cache && cp -r ` + insideCache + `/. /tmp/cache && export XDG_CACHE_HOME=/tmp/cache
"$@" firmware build --quiet -o /tmp/build ` + insideCode + ` >/dev/null && cat /tmp/build/app`

// primeSDK compiles the host SDK once, so that builds inside sandboxes need not. The
// code is our own; what students build never gets into this cache.
func (l *Lab) primeSDK(ctx context.Context, e *Exercise) (string, error) {
	l.priming.Lock()
	defer l.priming.Unlock()
	cache := l.cfg.BuildCache
	if cache == "" {
		cache = filepath.Join(l.temp, "cache")
	}
	if l.primed[e.ID] {
		return cache, nil
	}
	dir := filepath.Join(l.temp, "prime", e.ID)
	if err := writeCode(e.code, dir); err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	if err := os.MkdirAll(filepath.Join(cache, "nrf91emu"), 0o755); err != nil {
		return "", err
	}
	p, err := build.Load(build.Options{Dir: dir, SDK: firmware.SDK(), Cache: filepath.Join(cache, "nrf91emu")})
	if err == nil {
		_, err = p.Build(ctx, io.Discard, false)
	}
	if err != nil {
		return "", fmt.Errorf("the host SDK: %w", err)
	}
	l.primed[e.ID] = true
	return cache, readable(cache)
}

// readable lets the users of sandboxes read a folder.
func readable(dir string) error {
	return filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chmod(p, map[bool]os.FileMode{true: 0o755, false: 0o644}[d.IsDir()])
	})
}

// buildInSandbox builds a copy of the student's code where it reaches nothing.
func (b *workbench) buildInSandbox(ctx context.Context, e *Exercise, said io.Writer) (string, error) {
	l := b.seat.lab
	cache, err := l.primeSDK(ctx, e)
	if err != nil {
		return "", err
	}
	files, err := readCode(b.dir(e))
	if err != nil {
		return "", err
	}
	own, err := l.sandbox.folder(b.seat.N)
	if err != nil {
		return "", err
	}
	src := filepath.Join(own, "src")
	if err := replaceCode(src, files); err != nil {
		return "", err
	}
	cmd, closeFiles, err := l.sandbox.command(b.seat.N, buildLimits, []bind{{src, insideCode}, {cache, insideCache}}, []bind{{l.cfg.Builder[0], insideSelf}},
		append([]string{"/bin/sh", "-c", buildScript, "sh", insideSelf}, l.cfg.Builder[1:]...))
	if err != nil {
		return "", err
	}
	defer closeFiles()
	program := &clipped{limit: maxProgram}
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = program, said, time.Second
	if err := l.sandbox.run(ctx, cmd, buildLimits); err != nil {
		return "", err
	}
	if program.more || len(program.kept) == 0 {
		return "", errors.New("the build left no program")
	}
	path := filepath.Join(own, "app")
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	return path, os.WriteFile(path, program.kept, 0o644)
}

// run runs a command in its sandbox to its end.
func (s *sandbox) run(ctx context.Context, cmd *exec.Cmd, max limits) error {
	done := make(chan error, 1)
	if err := process.Start(cmd, func(err error) { done <- err }); err != nil {
		return err
	}
	var mu sync.Mutex
	why := ""
	s.warden.add(cmd, cmd.Process.Pid, max, func(text string) {
		mu.Lock()
		why = text
		mu.Unlock()
		process.Kill(cmd)
	})
	defer s.warden.remove(cmd)
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		process.Kill(cmd)
		<-done
		return ctx.Err()
	}
	mu.Lock()
	defer mu.Unlock()
	if why != "" {
		return errors.New("the build was ended: " + why)
	}
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == 1 {
			return errSaid
		}
		text, _ := endOf(err)
		return errors.New("the build was ended: " + text)
	}
	return nil
}

// sandboxed is how a program runs that nobody trusts.
func (b *workbench) sandboxed(path string) (*exec.Cmd, func(), error) {
	return b.seat.lab.sandbox.command(b.seat.N, runLimits, []bind{{b.library.Addr().String(), insideModem}}, []bind{{path, insideProgram}}, []string{insideProgram})
}

// A bind is a file or folder of the host that a sandbox may read, connect to, or gets a
// copy of.
type bind struct{ host, inside string }

// A warden ends what uses more than it may. The kernel's own limits hold for each
// process; memory is counted here for all of a sandbox together.
type warden struct {
	mu      sync.Mutex
	watched map[any]*ward
	stop    chan struct{}
}

type ward struct {
	pid   int
	max   limits
	until time.Time
	kill  func(why string)
}

// wardenEvery is how often the warden looks.
const wardenEvery = 100 * time.Millisecond

func newWarden() *warden {
	w := &warden{watched: map[any]*ward{}, stop: make(chan struct{})}
	go func() {
		tick := time.NewTicker(wardenEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				w.look()
			case <-w.stop:
				return
			}
		}
	}()
	return w
}

func (w *warden) add(key any, pid int, max limits, kill func(why string)) {
	w.mu.Lock()
	w.watched[key] = &ward{pid, max, time.Now().Add(max.time), kill}
	w.mu.Unlock()
}

func (w *warden) remove(key any) {
	w.mu.Lock()
	delete(w.watched, key)
	w.mu.Unlock()
}

func (w *warden) look() {
	w.mu.Lock()
	var list []*ward
	for _, x := range w.watched {
		list = append(list, x)
	}
	w.mu.Unlock()
	for _, x := range list {
		switch memory := memoryOf(x.pid); {
		case memory > x.max.memory:
			x.kill(fmt.Sprintf("it used more than %d MB of memory", x.max.memory>>20))
		case time.Now().After(x.until):
			x.kill(fmt.Sprintf("it ran for longer than %v", x.max.time))
		}
	}
}

func (w *warden) close() { close(w.stop) }

// CanSandbox returns nil if others' code can be run in a sandbox on this machine, which
// it tries, and otherwise an [ErrNoSandbox] that says what to do.
func CanSandbox() error {
	dir, err := os.MkdirTemp("", "nrf91emu-sandbox")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := openSandbox(filepath.Join(dir, "trial"))
	if err != nil {
		return err
	}
	s.close()
	return nil
}

// ErrNoSandbox is returned where others' code cannot be run in a sandbox.
var ErrNoSandbox = errors.New("there is no sandbox for the students' code")

// sandboxHelp says what makes sandboxes possible.
func sandboxHelp(err error) error {
	return fmt.Errorf("%w (%w): install bubblewrap (sudo apt install bubblewrap) and allow user namespaces", ErrNoSandbox, err)
}

// firstLine shortens what a program has said.
func firstLine(text []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte("\n"))
	return string(line)
}
