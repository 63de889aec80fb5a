package exec

import (
	osexec "os/exec"
	"testing"
)

// When the pipe ends, the guard ends the last group that it was told of, and not one
// that was released.
func TestGuard(t *testing.T) {
	for name, released := range map[string]bool{"watched": false, "released": true} {
		t.Run(name, func(t *testing.T) {
			g, err := newGuard()
			if err != nil {
				t.Fatal(err)
			}
			cmd := osexec.Command("cat") // ends when its input does
			ownGroup(cmd)
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			g.watch(cmd.Process.Pid)
			if released {
				g.release()
			}
			g.dismiss()
			if released {
				in.Close()
			}
			if err := cmd.Wait(); (err == nil) != released {
				t.Errorf("the command ended with %v", err)
			}
		})
	}
}
