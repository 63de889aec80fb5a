package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/exec"
	"nrf91emu/emulator/fault"
)

// Faults count on from boot to boot, and a program that can bear them is judged by
// what it did.
func TestFaults(t *testing.T) {
	run := func(program string, specs ...string) (*exec.Result, []string) {
		var told []string
		cfg := config(t, program)
		cfg.Seed = 1
		cfg.Record = func(e *event.Event) {
			if e.Fault != nil {
				told = append(told, e.Fault.Name)
			}
		}
		for _, text := range specs {
			spec, err := fault.Parse(text)
			require.NoError(t, err)
			cfg.Faults = append(cfg.Faults, spec)
		}
		r, err := exec.Run(t.Context(), cfg)
		require.NoError(t, err)
		return r, told
	}
	r, told := run("sound", "boot-noise:count=2", "urc:after=2,count=3", "split:p=0.05,delay=1ms")
	require.Zero(t, r.ExitCode)
	require.True(t, r.Report.Sound)
	require.Equal(t, 1, r.Report.Totals.Writes)
	require.Subset(t, told, []string{"boot-noise", "urc", "split"})

	r, told = run("sound", "store-full")
	require.Equal(t, 7, r.ExitCode)
	require.Equal(t, 1, r.Failed().Number)
	require.Equal(t, []string{"store-full"}, told)
}
