package main

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVersion(t *testing.T) {
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "80566aa"}
	date := debug.BuildSetting{Key: "vcs.time", Value: "2026-11-26T10:23:18Z"}
	for _, tt := range []struct {
		name  string
		main  string
		build []debug.BuildSetting
		want  string
	}{
		{"a release from the module proxy", "v1.2.0", nil, "nrf91emu v1.2.0, go1.26.0 "},
		{"a release from a clone", "v1.2.0", []debug.BuildSetting{commit, date}, "nrf91emu v1.2.0, commit 80566aa of 2026-11-26T10:23:18Z, go1.26.0 "},
		{
			"changes in it", "v1.2.1-0.20261126102318-80566aa01234+dirty",
			[]debug.BuildSetting{commit, date, {Key: "vcs.modified", Value: "true"}},
			"nrf91emu v1.2.1-0.20261126102318-80566aa01234+dirty, commit 80566aa of 2026-11-26T10:23:18Z with changes, go1.26.0 ",
		},
		{"no version", "(devel)", []debug.BuildSetting{commit, date}, "nrf91emu devel-80566aa, commit 80566aa of 2026-11-26T10:23:18Z, go1.26.0 "},
		{"go run", "", nil, "nrf91emu devel, go1.26.0 "},
	} {
		info := &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: tt.main}, Settings: tt.build}
		got := describeBuild(info)
		require.Truef(t, len(got) > len(tt.want) && got[:len(tt.want)] == tt.want, "%s: %s", tt.name, got)
	}
}
