package firmware_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"nrf91emu/emulator"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/exec"
	"nrf91emu/emulator/firmware/build"
	"nrf91emu/emulator/network"
)

// TestKeyMgmt runs one program with the SDK's modem_key_mgmt.c and with Nordic's in its
// place: it prints the same, and the modem gets the same commands. Nordic's file is no part of
// this repository.
func TestKeyMgmt(t *testing.T) {
	list := os.Getenv("NRF91EMU_KEY_MGMT")
	if list == "" {
		t.Skip("NRF91EMU_KEY_MGMT names no modem_key_mgmt.c of Nordic's, such as 3.0=PATH,2.9=PATH")
	}
	compiler(t, "cc")
	for entry := range strings.SplitSeq(list, ",") {
		release, file, ok := strings.Cut(entry, "=")
		if !ok {
			t.Fatalf("NRF91EMU_KEY_MGMT: %q is not RELEASE=PATH", entry)
		}
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			theirs, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sdk := filepath.Join(t.TempDir(), "sdk")
			if err := os.CopyFS(sdk, os.DirFS("sdk")); err != nil {
				t.Fatal(err)
			}
			text := append([]byte("// build: if MODEM_KEY_MGMT\n"), theirs...)
			if err := os.WriteFile(filepath.Join(sdk, "src", "modem_key_mgmt.c"), text, 0o666); err != nil {
				t.Fatal(err)
			}
			want, wantAT := runKeyMgmt(t, sdk, release)
			got, gotAT := runKeyMgmt(t, "sdk", release)
			if !strings.Contains(want, "\nDone\n") {
				t.Errorf("with Nordic's file the program did not come to its end:\n%s", want)
			}
			compareLines(t, "console", got, want)
			compareLines(t, "commands", gotAT, wantAT)
		})
	}
}

// runKeyMgmt returns the console of the program, and its commands with what came of them.
func runKeyMgmt(t *testing.T, sdk, release string) (console, commands string) {
	t.Helper()
	app := filepath.Join(t.TempDir(), "key_mgmt")
	if err := os.CopyFS(app, os.DirFS(filepath.Join("testdata", "key_mgmt"))); err != nil {
		t.Fatal(err)
	}
	// One that the modem takes.
	if err := os.CopyFS(filepath.Join(app, "credentials"), os.DirFS(filepath.Join("examples", "provision_certificate", "credentials"))); err != nil {
		t.Fatal(err)
	}
	ncs, err := build.ParseNCS(release)
	if err != nil {
		t.Fatal(err)
	}
	program := buildIt(t, build.Options{Dir: app, NCS: ncs, SDKDir: sdk})
	air := network.Default()
	air.AttachDelay = 0
	var out bytes.Buffer
	var at strings.Builder
	if _, err := exec.Run(t.Context(), exec.Config{
		Command: []string{program}, Env: os.Environ(), Stdout: &out, Stderr: &out, ShowSecrets: true,
		Device:  emulator.Config{Network: &air, NoExternal: true},
		BootEnd: exec.BootEnd{Text: "Done"}, Audit: audit.Options{AllowIdle: true},
		Record: func(e *event.Event) {
			switch {
			case e.Command != nil:
				at.WriteString(e.Command.Text + "\n")
			case e.Response != nil:
				at.WriteString("  " + e.Response.Result + "\n")
			}
		},
	}); err != nil {
		t.Fatal(err)
	}
	stamp := regexp.MustCompile(`\[\d\d:\d\d:\d\d\.\d{3},\d{3}\] |\r`)
	return stamp.ReplaceAllString(out.String(), ""), at.String()
}

// compareLines names the first lines that differ.
func compareLines(t *testing.T, what, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Errorf("%s, line %d: %q, with Nordic's file %q\nbefore that:\n%s", what, i+1, a, b, strings.Join(g[max(0, i-6):min(i, len(g))], "\n"))
			return
		}
	}
}
