package exec_test

import (
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/exec"
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
