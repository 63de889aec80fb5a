package modem

import (
	"errors"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// storeCodes are the codes for what the credential store can answer
// (fact cmng/errors).
var storeCodes = []struct {
	err  error
	code int
}{
	{keystore.ErrNotFound, event.CMENotFound},
	{keystore.ErrNoAccess, event.CMENoAccess},
	{keystore.ErrFull, event.CMEMemoryFull},
	{keystore.ErrExists, event.CMEAlreadyExists},
	{keystore.ErrInvalidContent, event.CMEInvalidContent},
}

// storeError returns the final result for an error of the credential store.
// There is none when the power went meanwhile.
func storeError(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, flash.ErrPowerCut) {
		return ErrPowerLost
	}
	for _, c := range storeCodes {
		if errors.Is(err, c.err) {
			return atcmd.CME(c.code, "%w", err)
		}
	}
	// A worn-out or damaged flash; Nordic's library reads 60 as "system error"
	// (fact key-mgmt/errno).
	return atcmd.CME(event.CMESystemError, "%w", err)
}

// generalCommands holds +CMEE (fact errors/cmee). There is no mode 2 (fact
// errors/cmee-verbose). The test form: fact errors/cmee-test.
var generalCommands = map[string]*forms{
	"+CMEE": subscribes(1, "off or on, without a verbose mode", func(m *Modem, n int) { m.cmee = n == 1 }, forms{
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Printf("+CMEE: %d", btoi(m.cmee))
			return nil
		},
		Test: atcmd.Text[*Modem]("+CMEE: (0,1)"),
	}),
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
