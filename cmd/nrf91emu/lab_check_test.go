package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/lab"
	"nrf91emu/emulator/profile"
)

// What a student has written does not steer the terminal of who checks it.
func TestLabCheckPrintsNoControls(t *testing.T) {
	var out strings.Builder
	(&labCheck{}).print(&out, &lab.Verdict{
		Submission: lab.Submission{Name: "a\x1b[2Jb.at"}, Said: "x\x1b]0;title\x07\n\ty\u009b1m\n", Err: errors.New("line 1, \x1bc"),
		Steps: []lab.StepVerdict{{Title: "One", Why: "\r\x08"}},
	})
	require.Equal(t, "a?[2Jb.at: , not done: 0 of 1 steps hold\n  | x?]0;title?\n  | \ty?1m\n  open  One: ??\n  It was not done to its end: line 1, ?c\n", out.String())
}

// Code of others is not run as one's own program unless that is asked for.
func TestLabCheckRefusesCodeWithoutSandbox(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "CMakeLists.txt"), nil, 0o644))
	t.Setenv("PATH", t.TempDir()) // no bubblewrap
	var out strings.Builder
	err := (&labCheck{Dir: dir, Exercise: "mqtt-over-tls-in-c", Sandbox: true, Profile: profile.Default}).Run(stdio{out: &out, err: &out})
	require.ErrorIs(t, err, lab.ErrNoSandbox)
	require.ErrorContains(t, err, "is an application in C, and there is no sandbox")
	require.ErrorContains(t, err, "say --no-sandbox")
	require.Empty(t, out.String())
}
