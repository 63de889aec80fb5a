//go:build !linux

package lab

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	code := m.Run()
	closeChromium()
	os.Exit(code)
}
