package control

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/link"
)

// The examples for other languages run as they stand in testdata.
func TestExamples(t *testing.T) {
	for _, tt := range []struct {
		tool string
		args []string
	}{
		{"curl", []string{"sh", "testdata/examples.sh"}},
		{"python3", []string{"python3", "-B", "testdata/test_provisioning.py"}},
	} {
		t.Run(tt.tool, func(t *testing.T) {
			if _, err := exec.LookPath(tt.tool); err != nil {
				t.Skipf("the example needs %s, which is not installed here", tt.tool)
			}
			d := newDevice(t)
			pty, err := link.OpenPTY(link.PTYOptions{})
			require.NoError(t, err)
			done := make(chan struct{})
			go func() {
				defer close(done)
				d.Serve(pty)
			}()
			t.Cleanup(func() {
				pty.Close()
				<-done
			})
			s, err := Listen(d, pty.Name())
			require.NoError(t, err)
			t.Cleanup(func() { s.Close() })

			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, tt.args[0], tt.args[1:]...)
			cmd.Env = append(os.Environ(), "NRF91EMU_PORT="+pty.Name(), "CONTROL="+s.Addr(), "SOCKET="+s.Addr())
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
			t.Logf("%s", out)
		})
	}
}
