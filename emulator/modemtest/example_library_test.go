package modemtest_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/firmware/build"
	"nrf91emu/emulator/modemtest"
)

// Firmware in C, built for the host by nrf91emu firmware build, runs two boots. Its console says
// when it has come far enough.
func ExampleModem_Library() {
	var t testing.TB // of the test

	m := modemtest.New(t)
	firmware := exec.CommandContext(t.Context(), "build/app")
	firmware.Env = append(os.Environ(), modemtest.LibraryVariable+"="+m.Library())
	console, err := firmware.StdoutPipe()
	if err == nil {
		err = firmware.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	online := 0
	for lines := bufio.NewScanner(console); online < 2 && lines.Scan(); {
		if strings.Contains(lines.Text(), "Online") {
			online++
			m.PowerCycle() // it begins again
		}
	}
	m.RequireSound(t)
}

func TestLibrary(t *testing.T) {
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("no C compiler cc here: install gcc or clang to run this test")
	}
	app := filepath.Join(t.TempDir(), "app")
	if err := os.CopyFS(app, os.DirFS("../firmware/examples/provision_certificate")); err != nil {
		t.Fatal(err)
	}
	p, err := build.Load(build.Options{Dir: app, SDKDir: "../firmware/sdk", Cache: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	built, err := p.Build(t.Context(), io.Discard, false)
	if err != nil {
		t.Fatal(err)
	}
	m := modemtest.New(t)
	address := m.Library()
	cmd := exec.CommandContext(t.Context(), built.Program)
	cmd.Env = append(os.Environ(), modemtest.LibraryVariable+"="+address)
	console, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(console)
	see := func(want string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), want) {
				return
			}
		}
		t.Fatalf("the firmware does not say %q", want)
	}
	see("The certificate was stored")
	see("Online")
	m.PowerCycle()
	see("The certificate is there")
	see("Online")
	if again := m.Library(); again != address {
		t.Errorf("the interface is %s, and was %s before", again, address)
	}
	m.RequireSound(t)
	writes := 0
	for _, e := range m.Events() {
		if e.Credential != nil && e.Credential.Op == event.CredentialWrite {
			writes++
		}
	}
	if writes != 1 {
		t.Errorf("%d writes, want 1", writes)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}
