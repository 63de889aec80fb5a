// Package gnss is the GNSS receiver of an nRF91: it takes positions from a file or
// stands still, needs some time for its first fix, sleeps between fixes, and gives
// way to LTE, as Nordic's library interface tells of it.
//
// A Receiver has no goroutine and no lock of its own. Its methods are called with
// the device's lock held.
package gnss
