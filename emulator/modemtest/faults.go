package modemtest

import "nrf91emu/emulator/fault"

// startFaults adds the faults that were asked for before the start.
func (m *Modem) startFaults() {
	m.t.Helper()
	if m.Seed == 0 {
		m.Seed = fault.NewSeed()
		if len(m.Faults) > 0 {
			m.t.Logf("modemtest: the faults' seed is %d; set Modem.Seed to repeat the run", m.Seed)
		}
	}
	m.faults = fault.NewSet(m.device, m.Seed)
	for _, spec := range m.Faults {
		m.Fault(spec)
	}
}

// Fault lets something go wrong from now on, such as fault.LateOK(2*time.Second), or
// fault.MustParse("late-ok:delay=2s"). It ends with remove, which may be called more
// than once. What has happened is in Events.
func (m *Modem) Fault(spec fault.Spec) (remove func()) {
	m.t.Helper()
	m.started()
	id, err := m.faults.Add(spec)
	if err != nil {
		m.t.Fatalf("modemtest: %v", err)
	}
	return func() { m.faults.Remove(id) } // the error says that it is gone already
}
