package exec_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/exec"
	"nrf91emu/emulator/fault"
)

// lastWords is what "sends and goes" sends: several commands without waiting for an answer.
const lastWords = "AT+CMEE=1\rAT%CMNG=1,24\rAT%CMNG=0,24,4,\"identity\"\r"

func sendAndGo() error {
	if addr := os.Getenv(exec.AddressVariable); addr != "" {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			_, err = conn.Write([]byte(lastWords))
		}
		return err
	}
	port, err := os.OpenFile(os.Getenv(exec.PortVariable), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err == nil {
		_, err = port.WriteString(lastWords)
	}
	return err
}

// What a command sends in its last moment is read and judged before the power goes, each
// time.
func TestLastWords(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*exec.Config)
	}{
		{"pty", func(*exec.Config) {}},
		{"tcp", func(cfg *exec.Config) { cfg.Listen = "127.0.0.1:0" }},
		{"rfc2217", func(cfg *exec.Config) { cfg.RFC2217 = "127.0.0.1:0" }},
		{"killed", func(cfg *exec.Config) {
			cfg.Command = []string{"sh", "-c", fmt.Sprintf(`printf '%%b' '%s' >$%s; kill -9 $$`, `AT+CMEE=1\rAT%CMNG=1,24\rAT%CMNG=0,24,4,"identity"\r`, exec.PortVariable)}
			cfg.KeepGoing = true
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t, "sends and goes")
			cfg.Boots = 100
			test.change(&cfg)
			answered := 0
			cfg.Record = func(e *event.Event) {
				if e.Response != nil && e.Response.Result == "OK" {
					answered++
				}
			}
			r, err := exec.Run(t.Context(), cfg)
			require.NoError(t, err)
			require.Len(t, r.Boots, cfg.Boots)
			for _, b := range r.Boots {
				require.Equal(t, len(lastWords), b.Bytes, "boot %d", b.Number)
				require.Equal(t, 3, b.Exchanges, "boot %d", b.Number)
			}
			require.Equal(t, 3*cfg.Boots, answered)
			require.Equal(t, cfg.Boots, r.Totals.Writes)
		})
	}
}

// A command that has ended by itself has failed, also if its boot was over at the same time.
func TestEndsWithItsBoot(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, osexec.Command("mkfifo", fifo).Run())
	cfg := config(t, "idle")
	cfg.Boots, cfg.KeepGoing, cfg.Audit.AllowIdle = 10, true, true
	cfg.Command = []string{"sh", "-c", `exec 3>"$0"; exit 7`, fifo}
	cfg.Operator = func(context.Context, int, *emulator.Device) {
		f, err := os.Open(fifo)
		if err == nil {
			_, err = io.Copy(io.Discard, f) // until the command has gone
			f.Close()
		}
		assert.NoError(t, err)
	}
	r, err := exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Equal(t, 7, r.ExitCode)
	require.Len(t, r.Failures, cfg.Boots)
	for _, b := range r.Boots {
		require.Equal(t, exec.EndExited, b.End)
	}
}

// What the modem has not taken when a boot ends is told.
func TestLeftBehind(t *testing.T) {
	cfg := config(t, "idle")
	cfg.Boots, cfg.Grace = 1, 20*time.Millisecond
	cfg.Command = []string{"sh", "-c", `printf 'AT\rAT\r' >$NRF91EMU_PORT`}
	spec, err := fault.Parse("late-ok:after=1,delay=1m")
	require.NoError(t, err)
	cfg.Faults = []fault.Spec{spec}
	r, err := exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	const note = "the modem had not taken all that was sent when boot 1 ended"
	require.Contains(t, rendered(t, func(w io.Writer) error { return r.WriteText(w, audit.TextOptions{}) }), "note: "+note)
	require.Contains(t, rendered(t, r.WriteMarkdown), note)
	report := rendered(t, func(w io.Writer) error { return r.WriteJUnit(w, "nrf91emu") })
	require.Contains(t, report, note)
	validate(t, report)
	require.Equal(t, 1, strings.Count(rendered(t, r.WriteJSON), `"left": true`))
}
