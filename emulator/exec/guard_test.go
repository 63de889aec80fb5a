package exec

import (
	"bufio"
	"os"
	osexec "os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/process"
)

// When the pipe ends and the guard was not dismissed, it ends the last command that it
// was told of with all that this has started, and not one that was released.
func TestGuard(t *testing.T) {
	ends := map[string]func(*guard, string){
		"gone":              func(*guard, string) {},
		"gone when idle":    func(g *guard, data string) { g.release(data) },
		"dismissed":         func(g *guard, data string) { g.dismiss() },
		"dismissed as idle": func(g *guard, data string) { g.release(data); g.dismiss() },
	}
	want := map[string]struct{ group, stray bool }{ // which of them the guard ends
		"gone":           {true, true},
		"gone when idle": {false, true},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "nrf91emu-data-1")
			require.NoError(t, os.Mkdir(data, 0o700))
			g, err := newGuard()
			require.NoError(t, err)
			start := func(env ...string) (ended func() bool) {
				cmd := osexec.Command("cat") // ends when its input does
				cmd.Env = append(os.Environ(), env...)
				process.Group(cmd)
				in, err := cmd.StdinPipe()
				require.NoError(t, err)
				out, err := cmd.StdoutPipe()
				require.NoError(t, err)
				require.NoError(t, cmd.Start())
				_, err = in.Write([]byte("\n"))
				require.NoError(t, err)
				_, err = bufio.NewReader(out).ReadByte() // it runs, with its environment
				require.NoError(t, err)
				g.watch(cmd.Process.Pid, data)
				return func() bool {
					in.Close()
					return cmd.Wait() != nil
				}
			}
			stray := start(DataVariable + "=" + data)
			group := start()
			end(g, data)
			g.pipe.Close()
			g.cmd.Wait()
			require.Equal(t, want[name].group, group(), "the group")
			if runtime.GOOS == "linux" {
				require.Equal(t, want[name].stray, stray(), "what has left the group")
			}
			if want[name].stray {
				require.NoDirExists(t, data)
			} else {
				require.DirExists(t, data)
			}
		})
	}
}
