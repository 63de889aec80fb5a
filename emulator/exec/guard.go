package exec

import (
	"fmt"
	"io"
	osexec "os/exec"
)

// A guard is a process that ends a process group when this process has ended,
// whatever ended that: SIGKILL and a crash leave nobody else to do it. One guard
// watches one group after the other, since to start it takes as long as a boot.
type guard struct {
	cmd  *osexec.Cmd
	pipe io.WriteCloser // held open while this process lives
}

// guardScript reads groups, each in place of the one before; an empty line is none. When
// the pipe ends, the process at its other end is gone.
const guardScript = `group=; while read next; do group=$next; done; [ -z "$group" ] || kill -s KILL -- "-$group"`

// newGuard starts a guard. Where there is no shell, the error says so.
func newGuard() (*guard, error) {
	g := &guard{cmd: osexec.Command("/bin/sh", "-c", guardScript)}
	ownGroup(g.cmd) // out of reach of Ctrl-C
	var err error
	if g.pipe, err = g.cmd.StdinPipe(); err == nil {
		err = g.cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("the process that ends the command with nrf91emu cannot be started: %w", err)
	}
	return g, nil
}

// watch tells the guard which process group to end.
func (g *guard) watch(group int) { fmt.Fprintln(g.pipe, group) }

// release has the guard leave the group alone, of which nothing is left.
func (g *guard) release() { fmt.Fprintln(g.pipe) }

// dismiss ends the guard.
func (g *guard) dismiss() {
	g.pipe.Close()
	g.cmd.Wait()
}
