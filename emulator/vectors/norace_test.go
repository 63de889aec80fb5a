//go:build !race

package vectors_test

const stride = 1
