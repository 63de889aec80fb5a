package exec

import (
	"fmt"
	"io"
	osexec "os/exec"

	"nrf91emu/emulator/process"
)

// A guard is a process that ends a command and all that it has started when this
// process has ended, whatever ended that: SIGKILL and a crash leave nobody else to do
// it. One guard watches one command after the other, since to start it takes as long
// as a short command.
type guard struct {
	cmd  *osexec.Cmd
	pipe io.WriteCloser // held open while this process lives
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

// newGuard starts a guard. Where there is no shell, the error says so.
func newGuard() (*guard, error) {
	g := &guard{cmd: osexec.Command("/bin/sh", "-c", guardScript)}
	process.Group(g.cmd) // out of reach of Ctrl-C
	var err error
	if g.pipe, err = g.cmd.StdinPipe(); err == nil {
		err = g.cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("the process that ends the command with nrf91emu cannot be started: %w", err)
	}
	return g, nil
}

// watch tells the guard of a command: its process group and the directory for its data.
func (g *guard) watch(group int, data string) { fmt.Fprintln(g.pipe, group, data) }

// release has the guard leave the group alone, of which nothing is left.
func (g *guard) release(data string) { fmt.Fprintln(g.pipe, "-", data) }

// dismiss ends the guard.
func (g *guard) dismiss() {
	fmt.Fprintln(g.pipe, "done")
	g.pipe.Close()
	g.cmd.Wait()
}
