//go:build race

package keystore

// stride makes the tests that cut the power try only every so many steps: the
// race detector makes them slow, and they use one goroutine.
const stride = 11
