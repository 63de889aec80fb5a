package modem

import (
	"time"

	"nrf91emu/emulator/network"
)

// EMM causes after which the modem tries again or somewhere else (3GPP TS 24.301).
const (
	causeTANotAllowed      = 12
	causeRoamingNotAllowed = 13
	causeNoEPSInPLMN       = 14
	causeNoSuitableCells   = 15
	causeNetworkFailure    = 17
	causeESMFailure        = 19
	causeCongestion        = 22
)

// The timers of 3GPP TS 24.301 between attempts (fact registration/reject-retry).
const (
	retryAfter  = 10 * time.Second // T3411
	retryLimit  = 5                // the attempt counter
	retryPause  = 12 * time.Minute // T3402
	congestedIn = 15 * time.Minute // T3346, where the network names none
)

// retry is what a modem that was refused remembers until LTE is switched off.
type retry struct {
	attempts int
	// refused are networks that an automatic selection passes over.
	refused []string
}

// retryAttach plans what follows a refusal after which the modem goes on searching:
// the same network again, another network, or nothing (fact registration/reject-retry).
func (m *Modem) retryAttach(cause uint8, refused *network.Operator) {
	r := &m.reg
	again := func(d time.Duration) { r.cancel = append(r.cancel, m.after(d, m.startSearch)) }
	switch cause {
	case causeNetworkFailure, causeESMFailure:
		if r.retry.attempts++; r.retry.attempts < retryLimit {
			again(retryAfter)
			return
		}
		r.retry.attempts = 0
		if m.cfg.Profile.Restrictions {
			m.notifyPacketEvent("RESTR 2,2")
		}
		again(retryPause)
	case causeCongestion:
		again(congestedIn)
	case causePLMNNotAllowed, causeTANotAllowed, causeRoamingNotAllowed, causeNoEPSInPLMN, causeNoSuitableCells:
		r.retry.refused = append(r.retry.refused, refused.PLMN)
		if m.chosenPLMN() == "" && m.selectOperator() != nil {
			again(max(m.cfg.Network.AttachDelay, time.Second))
		}
	}
}
