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
// A modem is reached through a pipe inside the process ([Modem.Port]), or by
// path through a pty ([Modem.Path]), for code that wants to open a serial port by
// itself. Without a pty nothing leaves the process, and a modem that is made
// inside a bubble of testing/synctest runs in virtual time.
package modemtest
