// Package modemtest runs an emulated nRF91 inside a Go test, in the manner of
// net/http/httptest:
//
//	func TestProvisioning(t *testing.T) {
//		m := modemtest.New(t)
//		for range 3 {
//			provision(m.Port()) // the code under test
//			m.PowerCycle()
//		}
//		m.RequireSound(t)
//	}
//
// [New] returns a modem that is on and is closed when the test ends. To choose
// what it is, pass functions that set fields, or use [NewUnstarted].
//
// [Cloud] gives it servers to connect to, [CutEvery] cuts the power in every flash step
// of a provisioning, faults are asked for by the functions of package fault, and
// Modem.Config is all that a device is made of. When a test fails, what happened last at
// the modem is logged, with the reasons.
//
// A modem is reached through a pipe inside the process ([Modem.Port]), or by
// path through a pty ([Modem.Path]), for code that wants to open a serial port by
// itself. Without a pty nothing leaves the process, and a modem that is made
// inside a bubble of testing/synctest runs in virtual time. Firmware in C that was built
// for the host reaches it by [Modem.Library].
package modemtest
