package ageing_test

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/ageing"
	"nrf91emu/emulator/firmware/examples/provisioning"
	"nrf91emu/emulator/host"
	"nrf91emu/keystore/flash"
	"nrf91emu/testvectors"
)

// material has the CA of many an IoT device, of usual length.
func material(t testing.TB) *provisioning.Material {
	ca, err := fs.ReadFile(testvectors.All(), "certificates/amazon-root-ca-1.pem")
	require.NoError(t, err)
	return &provisioning.Material{CA: string(ca)}
}

func smallFlash(t testing.TB, endurance int) *flash.Flash {
	f, err := flash.New(flash.Options{Pages: 4, Endurance: endurance})
	require.NoError(t, err)
	return f
}

// What is sound wears the flash once; what is not wears it until it fails.
func TestRun(t *testing.T) {
	for _, habit := range provisioning.Habits() {
		t.Run(habit.Habit, func(t *testing.T) {
			a, err := ageing.Run(ageing.Config{
				Device: emulator.Config{Flash: smallFlash(t, 20)}, Program: habit.With(material(t)), Boots: 1000, Samples: 10,
			})
			require.NoError(t, err)
			require.Len(t, a.Samples, 11)
			require.Equal(t, 4, a.Pages)
			last := a.Last()
			require.Equal(t, 1000, last.Boots)
			if habit.Habit == "exists-compare-write" {
				require.EqualValues(t, 1, last.Writes)
				require.Zero(t, last.Erases)
				require.Zero(t, last.Failures)
				require.Zero(t, a.FirstFailed)
				require.Zero(t, a.FirstWorn)
				return
			}
			require.Positive(t, a.FirstWorn)
			require.GreaterOrEqual(t, a.FirstFailed, a.FirstWorn)
			require.NotEmpty(t, a.Failure)
			require.Positive(t, last.WornPages)
			require.EqualValues(t, 20, last.MaxErases)
			require.Less(t, last.Writes, uint64(1000))
			require.Equal(t, 1000-a.FirstFailed+1, last.Failures, "once it fails it fails")
		})
	}
}

func TestRunRefuses(t *testing.T) {
	_, err := ageing.Run(ageing.Config{Boots: 1})
	require.ErrorContains(t, err, "no program")
	program := func(*host.Host) error { return nil }
	_, err = ageing.Run(ageing.Config{Program: program})
	require.ErrorContains(t, err, "1 or more")
	stop := errors.New("stop")
	a, err := ageing.Run(ageing.Config{Program: program, Boots: 100, Samples: 10, Progress: func(s ageing.Sample) error {
		if s.Boots == 20 {
			return stop
		}
		return nil
	}})
	require.ErrorIs(t, err, stop)
	require.Equal(t, 20, a.Last().Boots)
}

func BenchmarkRun(b *testing.B) {
	for _, habit := range provisioning.Habits() {
		b.Run(habit.Habit, func(b *testing.B) {
			_, err := ageing.Run(ageing.Config{Program: habit.With(material(b)), Boots: b.N})
			require.NoError(b, err)
		})
	}
}
