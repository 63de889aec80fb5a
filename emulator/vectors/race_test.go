//go:build race

package vectors_test

// stride has each vector played on some profiles only, others for each vector: the
// race detector makes them slow, and profiles differ in what they say, not in who
// says it.
const stride = 5
