package vectors

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"nrf91emu/emulator/app"
	"nrf91emu/emulator/profile"
	"nrf91emu/testvectors"
)

// Play plays a vector on a fresh device, in virtual time: a wait of half an hour
// passes at once. timeout is how long to wait for an expected line, settle how long the
// device must be quiet for an answer to be over.
//
// The virtual time is that of testing/synctest, whose bubble asks for a testing.T. The
// zero one will do, as TestPlay shows; it does not report anything.
func Play(s *testvectors.Script, p profile.Profile, dialect *app.Dialect, timeout, settle time.Duration) (r *testvectors.Result, err error) {
	synctest.Test(new(testing.T), func(t *testing.T) {
		var target *Target
		if target, err = NewTarget(s, p, dialect); err != nil {
			return
		}
		target.Timeout, target.Settle = timeout, settle
		r, err = testvectors.Play(t.Context(), s, target.Target)
		err = errors.Join(err, target.Close())
	})
	return r, err
}
