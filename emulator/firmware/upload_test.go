package firmware_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/control"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/exec"
	"nrf91emu/emulator/firmware/build"
	"nrf91emu/emulator/network"
)

// A libraryRun is an application in testdata and how it is built and run.
type libraryRun struct {
	app, ncs, conf string
	atOnce         bool // the modem registers at once, as in exec
	env            []string
	end            exec.BootEnd // empty: when the application says Done
	operator       func(ctx context.Context, boot int, d *emulator.Device)
}

// run returns what the application prints, without time stamps and CR, and the commands that
// the modem got.
func (l libraryRun) run(t *testing.T) (console, commands string) {
	t.Helper()
	onlyC(t)
	compiler(t, "cc")
	app := filepath.Join(t.TempDir(), l.app)
	if err := os.CopyFS(app, os.DirFS(filepath.Join("testdata", l.app))); err != nil {
		t.Fatal(err)
	}
	opt := build.Options{Dir: app}
	if l.conf != "" {
		opt.Conf = []string{filepath.Join(app, l.conf)}
	}
	if l.ncs != "" {
		var err error
		if opt.NCS, err = build.ParseNCS(l.ncs); err != nil {
			t.Fatal(err)
		}
	}
	program := buildIt(t, opt)
	if l.end == (exec.BootEnd{}) {
		l.end.Text = "Done"
	}
	air := network.Default()
	air.AttachDelay = 50 * time.Millisecond
	if l.atOnce {
		air.AttachDelay = 0
	}
	var out bytes.Buffer
	var at, transcript strings.Builder
	t.Cleanup(func() {
		if t.Failed() {
			t.Log("at the modem:\n" + transcript.String())
		}
	})
	if _, err := exec.Run(t.Context(), exec.Config{
		Command: []string{program}, Env: append(os.Environ(), l.env...), Stdout: &out, Stderr: &out, ShowSecrets: true,
		Device:  emulator.Config{Network: &air, NoExternal: true},
		BootEnd: l.end, Operator: l.operator, Audit: audit.Options{AllowIdle: true}, Timeout: patience,
		Record: func(e *event.Event) {
			transcript.WriteString(control.TranscriptOf(e))
			if e.Command != nil {
				at.WriteString(e.Command.Text + "\n")
			}
		},
	}); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	stamp := regexp.MustCompile(`\[\d\d:\d\d:\d\d\.\d{3},\d{3}\] |\r|\x1b\[[0-9;]*m`)
	return stamp.ReplaceAllString(out.String(), ""), at.String()
}

// inOrder wants lines, each after the one before.
func inOrder(t *testing.T, text string, lines ...string) {
	t.Helper()
	rest := text
	for _, line := range lines {
		_, after, found := strings.Cut(rest, line+"\n")
		if !found {
			t.Errorf("%q is missing, or comes too early, in:\n%s", line, text)
			return
		}
		rest = after
	}
}

// What a program sends arrives whole and in order: with sends that wait for nothing and are
// gathered, before a close, before the end of the program, and before an answer. A peer that is gone is
// told.
func TestUploadArrives(t *testing.T) {
	const all = 3<<20 + 17
	for _, tt := range []struct {
		end  string
		want string
	}{
		{"close", "Sent: 0\nClosed: 0\n"},
		{"answer", "Sent: 0\nAnswer: 1\nClosed: 0\n"},
		{"exit", "Sent: 0\n"},
		{"reset", "Closed: 0\n"},
	} {
		t.Run(tt.end, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp4", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			got := make(chan []byte, 1)
			go func() {
				conn, err := l.Accept()
				if err != nil {
					got <- nil
					return
				}
				defer conn.Close()
				if tt.end == "reset" {
					_, _ = io.CopyN(io.Discard, conn, 1000)
					_ = conn.(*net.TCPConn).SetLinger(0)
					got <- nil
					return
				}
				data := make([]byte, all)
				n, _ := io.ReadFull(conn, data)
				if tt.end == "answer" {
					_, _ = conn.Write([]byte{1})
				}
				got <- data[:n]
				_, _ = io.Copy(io.Discard, conn)
			}()
			run := libraryRun{app: "upload", env: []string{
				"UPLOAD=" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port), "BYTES=" + strconv.Itoa(all), "END=" + tt.end}}
			if tt.end == "exit" {
				run.end.After = patience // it ends before
			}
			console, _ := run.run(t)
			inOrder(t, console, strings.Split(strings.TrimSpace(tt.want), "\n")...)
			data := <-got
			if tt.end == "reset" {
				if !regexp.MustCompile(`(?m)^Sent: (104|128)$`).MatchString(console) {
					t.Errorf("not told that the peer is gone:\n%s", console)
				}
				return
			}
			if len(data) != all {
				t.Fatalf("%d bytes have arrived of %d:\n%s", len(data), all, console)
			}
			for i, b := range data {
				if want := byte(uint64(i) * 31 >> 3); b != want {
					t.Fatalf("byte %d is %d, want %d", i, b, want)
				}
			}
		})
	}
}
