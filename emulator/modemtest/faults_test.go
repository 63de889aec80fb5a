package modemtest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/fault"
)

// Faults are asked for before the start or later, and end with the modem.
func TestFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(t, func(m *Modem) {
			m.Faults = []fault.Spec{fault.LateOK(2 * time.Second)}
			m.Seed = 7
		})
		took := func() time.Duration {
			start := time.Now()
			_, err := m.Client().Do(t.Context(), "AT")
			require.NoError(t, err)
			return time.Since(start)
		}
		require.Equal(t, 2*time.Second, took())
		require.Zero(t, took())

		remove := m.Fault(fault.MustParse("late-ok:count=100,row=100"))
		require.Equal(t, 2*time.Second, took())
		remove()
		remove()
		require.Zero(t, took())

		var told []event.Fault
		for _, e := range m.Events() {
			if e.Fault != nil {
				told = append(told, *e.Fault)
			}
		}
		require.Len(t, told, 2)

		m.Fault(fault.Crash(5 * time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := m.Client().Do(ctx, "AT")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		time.Sleep(5 * time.Second)
		require.Less(t, took(), time.Second)
		m.Fault(fault.LateLine(fault.ToHost, time.Minute)) // pending when the modem is closed
		m.Port().Write([]byte("AT\r"))
	})
}
