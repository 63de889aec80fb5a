package firmware_test

import (
	"path/filepath"
	"strings"
	"testing"

	"nrf91emu/emulator/firmware/build"
)

// buildIt builds an application with the SDK of this folder, unless opt names another, and
// returns the program. What the tests of this package compile of the SDK is compiled once.
func buildIt(tb testing.TB, opt build.Options) (program string) {
	tb.Helper()
	if opt.SDKDir == "" {
		opt.SDKDir = "sdk"
	}
	opt.Cache = filepath.Join(objects, "cache")
	p, err := build.Load(opt)
	if err != nil {
		tb.Fatal(err)
	}
	var said strings.Builder
	built, err := p.Build(tb.Context(), &said, false)
	if err != nil {
		tb.Fatalf("%v\n%s", err, said.String())
	}
	return built.Program
}
