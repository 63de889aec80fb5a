package emulator_test

import (
	"bytes"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/network"
)

// TestServeEndsAfterTheInput: the answer to the last command is still sent, and a
// command that waits for ever does not keep Serve from ending.
func TestServeEndsAfterTheInput(t *testing.T) {
	for _, tt := range []struct {
		name   string
		search time.Duration
		want   string
	}{
		{"a search of a minute", time.Minute, ""},
		{"one of an hour", time.Hour, "has had no answer for 3m0s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				air := network.Default()
				air.SearchTime = tt.search
				d, err := emulator.New(emulator.Config{Network: &air})
				require.NoError(t, err)
				defer d.Close()
				require.NoError(t, d.PowerOn())
				in, typed := io.Pipe()
				var out bytes.Buffer
				port, err := link.NewStdio(in, &out, "\r")
				require.NoError(t, err)
				served := make(chan error, 1)
				go func() { served <- d.Serve(port) }()
				_, err = typed.Write([]byte("AT+CFUN=1\n"))
				require.NoError(t, err)
				time.Sleep(10 * time.Second) // virtual
				_, err = typed.Write([]byte("AT%COPS=?\n"))
				require.NoError(t, err)
				require.NoError(t, typed.Close())
				err = <-served
				if tt.want == "" {
					require.NoError(t, err)
					require.Contains(t, out.String(), "COPS: (")
					return
				}
				require.ErrorContains(t, err, tt.want)
			})
		})
	}
}
