package exec_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/exec"
	"nrf91emu/emulator/fault"
)

// The same seed, program and binary have the same record, whatever the load: 1,000 times
// with NRF91EMU_LONG.
func TestSameAgain(t *testing.T) {
	runs := 8
	if os.Getenv("NRF91EMU_LONG") != "" {
		runs = 1000
	}
	for _, test := range []struct {
		name, program string
		faults        []string
		cuts          bool
	}{
		{"sound", "sound", nil, false},
		{"rewrites", "naive", nil, false},
		{"fails", "naive then fail", nil, false},
		{"nothing", "idle", nil, false},
		{"with faults", "sound", []string{"boot-noise:count=2", "urc:p=0.3,count=5", "split:p=0.05,delay=1ms", "worn-page:after=3"}, false},
		{"a full store", "sound", []string{"store-full"}, false},
		{"power cuts", "delete", nil, true},
		{"keys of the modem", "makes a key", nil, false},
		{"power cuts while a key is made", "makes a key", nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var want []string
			for n := range runs {
				cfg := config(t, test.program)
				cfg.Seed, cfg.KeepGoing, cfg.Seeded = 7, true, true
				var got []string
				cfg.Record = func(e *event.Event) { got = append(got, event.Normalised(e)) }
				for _, text := range test.faults {
					spec, err := fault.Parse(text)
					require.NoError(t, err)
					cfg.Faults = append(cfg.Faults, spec)
				}
				var err error
				if test.cuts {
					cfg.Boots = 2
					_, err = exec.Cut(t.Context(), cfg, exec.CutOptions{Sample: 4, Seed: 7})
				} else {
					_, err = exec.Run(t.Context(), cfg)
				}
				require.NoError(t, err)
				require.NotEmpty(t, got)
				if n == 0 {
					want = got
				}
				require.Empty(t, cmp.Diff(want, got), "run %d is not as the first", n+1)
			}
		})
	}
}
