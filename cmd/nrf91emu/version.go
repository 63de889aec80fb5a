package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// version returns the version of the module that the program was built from, such as
// v1.2.0, or v0.0.0-20261126102318-80566aa01234+dirty between releases; devel where
// the build does not know it, as go run does not.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return moduleVersion(info)
}

func moduleVersion(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	if commit := setting(info, "vcs.revision"); commit != "" {
		return "devel-" + commit
	}
	return "devel"
}

// versionText is what --version prints: the version, and the commit with its date as
// far as the build knows them.
func versionText() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "nrf91emu, version unknown"
	}
	return describeBuild(info)
}

func describeBuild(info *debug.BuildInfo) string {
	var b strings.Builder
	fmt.Fprintf(&b, "nrf91emu %s", moduleVersion(info))
	if commit := setting(info, "vcs.revision"); commit != "" {
		fmt.Fprintf(&b, ", commit %s of %s", commit, setting(info, "vcs.time"))
		if setting(info, "vcs.modified") == "true" {
			b.WriteString(" with changes")
		}
	}
	fmt.Fprintf(&b, ", %s %s/%s", info.GoVersion, runtime.GOOS, runtime.GOARCH)
	return b.String()
}

// setting returns a setting of the build.
func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
