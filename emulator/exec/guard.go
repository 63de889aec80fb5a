package exec

import (
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"runtime"
	"sync"
	"time"

	"nrf91emu/emulator/process"
)

// A guard is a process that ends a command and all that it has started when this
// process has ended, whatever ended that: SIGKILL and a crash leave nobody else to do
// it. One guard watches one command after the other.
//
// To start it takes as long as a short command, so it is started for the first command
// that runs for longer than its delay. Until then the system ends the command, but not
// what that has started, see [process.Start].
type guard struct {
	delay time.Duration

	mu      sync.Mutex
	watched string         // what the process is to be told, while there is none
	due     *time.Timer    // starts the process
	cmd     *osexec.Cmd    // nil until there is a process
	pipe    io.WriteCloser // held open while this process lives
}

// guardDelay is the delay of a guard: none where the system ends no command.
func guardDelay() time.Duration {
	if runtime.GOOS == "linux" {
		return 50 * time.Millisecond
	}
	return 0
}

// guardScript reads lines of a process group (or "-" for none) and the directory that
// the command has for its data, each in place of the one before. When the pipe ends
// without a line "done", the process at its other end is gone. A process that has left
// the group is known by the directory in its environment, where the system shows that.
const guardScript = `
group=- data=
while read -r next dir; do
  [ "$next" != done ] || exit 0
  group=$next data=$dir
done
[ "$group" = - ] || kill -s KILL -- "-$group"
[ -n "$data" ] || exit 0
for round in 1 2 3 4 5 6 7 8 9; do
  left=
  for environ in $(grep -lsF -- "` + DataVariable + `=$data" /proc/[0-9]*/environ); do
    pid=${environ#/proc/} left=yes
    kill -s KILL "${pid%/environ}" 2>/dev/null
  done
  [ -n "$left" ] || break
done
rm -rf -- "$data"`

const shell = "/bin/sh"

// newGuard returns a guard. Where there is no shell, the error says so.
func newGuard(delay time.Duration) (*guard, error) {
	if _, err := os.Stat(shell); err != nil {
		return nil, cannotGuard(err)
	}
	return &guard{delay: delay}, nil
}

func cannotGuard(err error) error {
	return fmt.Errorf("the process that ends the command with nrf91emu cannot be started: %w", err)
}

// start starts the process. The caller holds mu.
func (g *guard) start() error {
	cmd := osexec.Command(shell, "-c", guardScript)
	process.Group(cmd) // out of reach of Ctrl-C
	pipe, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return cannotGuard(err)
	}
	g.cmd, g.pipe = cmd, pipe
	return nil
}

// tell has the process know, now or when there is one.
func (g *guard) tell(line string) {
	if g.watched = line; g.pipe != nil {
		fmt.Fprintln(g.pipe, line)
	}
}

// watch tells the guard of a command: its process group and the directory for its data.
// The error says that there can be no process.
func (g *guard) watch(group int, data string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.pipe != nil:
	case g.delay == 0:
		if err := g.start(); err != nil {
			return err
		}
	default:
		g.due = time.AfterFunc(g.delay, g.late)
	}
	g.tell(fmt.Sprint(group, " ", data))
	return nil
}

// late starts the process for a command that goes on. If it cannot be started, the
// system's help must do: the command runs already.
func (g *guard) late() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.due != nil && g.pipe == nil && g.start() == nil {
		g.tell(g.watched)
	}
}

// release has the guard leave the group alone, of which nothing is left.
func (g *guard) release(data string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stop()
	g.tell("- " + data)
}

// stop has the process not be started. The caller holds mu.
func (g *guard) stop() {
	if g.due != nil {
		g.due.Stop()
		g.due = nil
	}
}

// dismiss ends the guard.
func (g *guard) dismiss() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stop()
	if g.pipe != nil {
		g.tell("done")
		g.pipe.Close()
		g.cmd.Wait()
	}
}
