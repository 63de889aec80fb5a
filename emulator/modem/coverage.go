package modem

import "nrf91emu/emulator/network"

// coverage is what has become of the network since the device was switched on: a modem that
// starts again finds it as it was.
type coverage struct {
	absent bool           // it is gone, see LoseNetwork
	signal network.Signal // of the serving cell
}

// startOutages plans the times at which the network is gone.
func (m *Modem) startOutages() {
	for _, o := range m.cfg.Network.Outages {
		m.after(o.After, m.LoseNetwork)
		if o.For > 0 {
			m.after(o.After+o.For, m.RestoreNetwork)
		}
	}
}

// LoseNetwork takes the network away, as in a tunnel: the modem searches until
// RestoreNetwork. Contexts keep their addresses, as they do until the network
// itself ends them.
func (m *Modem) LoseNetwork() {
	defer m.settleOutside()
	m.coverage.absent = true
	if !m.Alive() || !m.radio.lte || m.reg.detached || !m.reg.found {
		return
	}
	m.interruptSearch()
	m.interruptMeasurements()
	had := m.reg.registered()
	m.reg.found, m.reg.operator = false, nil
	m.leaveSleep()
	m.disconnect()
	m.signalLost()
	m.setRegistration(statSearching, "the network was lost")
	m.searchFailed()
	if had {
		m.notifyIndicator("service", 0)
	}
	m.networkChanged()
}

// RestoreNetwork brings the network back. A modem with LTE on finds it and
// registers again after Network.AttachDelay.
func (m *Modem) RestoreNetwork() {
	defer m.settleOutside()
	if !m.coverage.absent {
		return
	}
	m.coverage.absent = false
	if m.Alive() && m.radio.lte && !m.reg.detached && !m.restricted() {
		m.startSearch()
	}
}

// SetSignal changes the strength of the serving cell, from now on. It is told
// if it crosses a threshold of %CESQ.
func (m *Modem) SetSignal(s network.Signal) {
	defer m.settleOutside()
	m.coverage.signal = s
	if m.Alive() && m.reg.registered() {
		m.signal.measure(s)
		m.notifySignal()
	}
}

// Online reports whether the modem is registered and its first context has an
// address: sockets can reach the network.
func (m *Modem) Online() bool {
	return m.Alive() && m.radio.lte && m.reg.registered() && m.initialContext().active
}

// networkChanged tells Config.OnNetwork what has changed since the last call.
func (m *Modem) networkChanged() {
	now := networkState{m.Online(), m.radio.mode()}
	if m.cfg.OnNetwork != nil && now != m.told {
		m.told = now
		m.cfg.OnNetwork(now.online, now.mode)
	}
}

// networkState is what OnNetwork was told last.
type networkState struct {
	online bool
	mode   FunctionalMode
}

// settleOutside does what was queued by a method that is not called within a
// command.
func (m *Modem) settleOutside() {
	if m.Alive() && !m.busy {
		m.Settle()
	}
}
