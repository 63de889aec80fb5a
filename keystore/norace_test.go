//go:build !race

package keystore

const stride = 1
