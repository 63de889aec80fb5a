package exec_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/exec"
	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/host"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/network"
)

// Every ending of a run says the same in every output.
func TestEveryEndingInEveryOutput(t *testing.T) {
	with := func(program string, change func(*exec.Config)) func(*testing.T) *exec.Result {
		return func(t *testing.T) *exec.Result {
			cfg := config(t, program)
			cfg.Boots, cfg.Grace = 2, time.Millisecond
			if change != nil {
				change(&cfg)
			}
			r, err := exec.Run(t.Context(), cfg)
			require.NoError(t, err)
			return r
		}
	}
	cut := func(program string, step int) func(*testing.T) *exec.Result {
		return func(t *testing.T) *exec.Result {
			cfg := config(t, program)
			cfg.Boots = 2
			r, err := exec.Cut(t.Context(), cfg, exec.CutOptions{Step: step})
			require.NoError(t, err)
			require.NotNil(t, r.Cuts)
			return r
		}
	}
	command := func(words ...string) func(*exec.Config) {
		return func(cfg *exec.Config) { cfg.Command = words }
	}
	// What a command sends in its last moment is waited for.
	sends := func(script string, allowed bool) func(*exec.Config) {
		return func(cfg *exec.Config) {
			cfg.Command, cfg.Grace, cfg.Audit.AllowIdle = []string{"sh", "-c", script}, time.Minute, allowed
		}
	}
	// A modem of which nothing but its port is known.
	real := func(program string, change func(*exec.Config, *emulator.Device)) func(*testing.T) *exec.Result {
		return func(t *testing.T) *exec.Result {
			modem := realModem(t)
			return with(program, func(cfg *exec.Config) {
				cfg.Real = &exec.Real{Name: "an nRF", Dial: func() (io.ReadWriteCloser, error) {
					port, host := link.Pipe()
					go modem.Serve(port)
					return host, nil
				}}
				if change != nil {
					change(cfg, modem)
				}
			})(t)
		}
	}
	for _, test := range []struct {
		name    string
		run     func(*testing.T) *exec.Result
		verdict exec.Kind
		code    int
		word    string // in front of the counts
		says    string // in every output of a failure
	}{
		{"sound", with("sound", nil), exec.KindSound, 0, "sound", ""},
		{"findings", with("naive", nil), exec.KindFindings, 3, "not sound", "P04 written-unchanged"},
		{"nothing seen", with("idle", nil), exec.KindNothingSeen, 3, "nothing seen", "nothing opened the port"},
		{"idle", with("idle", func(cfg *exec.Config) { cfg.Audit.AllowIdle = true }), exec.KindIdle, 0, "idle", ""},
		{"all refused", with("idle", sends(`printf 'AT+NO\r' >$NRF91EMU_PORT`, false)), exec.KindNothingSeen, 3, "nothing seen", "AT+NO was answered ERROR: +NO is not a command of this modem"},
		{"all refused, and that is allowed", with("idle", sends(`printf 'AT+NO\r' >$NRF91EMU_PORT`, true)), exec.KindIdle, 0, "idle", ""},
		{"only in the first boot", with("idle", sends(`[ $NRF91EMU_BOOT != 1 ] || printf 'AT\r' >$NRF91EMU_PORT`, false)), exec.KindSound, 0, "sound", ""},
		{"failed", with("fail", nil), exec.KindCommand, 7, "failed", "the command failed in boot 1 with exit code 7"},
		{"failed after a write", with("naive then fail", nil), exec.KindCommand, 7, "failed", "the command failed in boot 2 with exit code 7"},
		{"killed", with("idle", command("sh", "-c", "kill -SEGV $$")), exec.KindCommand, 139, "failed", "by SIGSEGV"},
		{"not there", with("idle", command("/no/such/program")), exec.KindCommand, 127, "failed", "the command cannot be run"},
		{"not a program", with("idle", command("/")), exec.KindCommand, 126, "failed", "the command cannot be run"},
		{"time-out", with("hang", func(cfg *exec.Config) { cfg.Timeout = 50 * time.Millisecond }),
			exec.KindTimeout, 124, "timed out", "still running 50ms after boot 1"},
		{"modem crashed", with("sound", func(cfg *exec.Config) {
			spec, err := fault.Parse("crash:after=1")
			require.NoError(t, err)
			cfg.Faults, cfg.Timeout = []fault.Spec{spec}, 100*time.Millisecond
		}), exec.KindTimeout, 124, "timed out", "still running 100ms after boot 1"},
		{"Ctrl-C", func(t *testing.T) *exec.Result {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(&exec.SignalError{Signal: syscall.SIGINT})
			cfg := config(t, "hang")
			cfg.Grace = time.Millisecond
			r, err := exec.Run(ctx, cfg)
			require.NoError(t, err)
			return r
		}, exec.KindInterrupted, 130, "interrupted", "the run was ended by SIGINT"},
		{"broken", func(*testing.T) *exec.Result {
			return exec.Broken(exec.Config{Command: []string{"true"}}, errors.New("the flash is in use"))
		}, exec.KindHarness, 125, "nrf91emu failed", "the flash is in use"},
		{"expectation", with("sound", func(cfg *exec.Config) { cfg.Expect = []exec.Expectation{{Key: key}} }),
			exec.KindExpectation, 3, "not sound", "8 bytes are stored, and nothing should be"},
		{"not noticed", with("asks only", func(cfg *exec.Config) {
			cfg.Changes = []exec.Change{{Boot: 2, Key: key, Content: []byte("another")}}
		}), exec.KindExpectation, 3, "not sound", "what was put there is still there"},
		{"a device unused", with("sound", func(cfg *exec.Config) { cfg.More = []emulator.Config{{}} }),
			exec.KindNothingSeen, 3, "nothing seen", "device 2, nothing opened the port"},
		{"two devices", with("two", func(cfg *exec.Config) { cfg.More = []emulator.Config{{}} }), exec.KindSound, 0, "sound", ""},
		{"change that cannot be made", with("sound", func(cfg *exec.Config) { cfg.Changes = []exec.Change{{Boot: 2, Key: key}, {Boot: 2, Key: key}} }),
			exec.KindHarness, 125, "nrf91emu failed", "before boot 2: "},
		{"Ctrl-C between cuts", func(t *testing.T) *exec.Result {
			ctx, cancel := context.WithCancelCause(t.Context())
			cfg := config(t, "sound")
			cfg.Progress = func(int, int, int) { cancel(&exec.SignalError{Signal: syscall.SIGTERM}) }
			r, err := exec.Cut(ctx, cfg, exec.CutOptions{Jobs: 1})
			require.NoError(t, err)
			require.Less(t, r.Cuts.Runs, len(r.Cuts.Steps))
			return r
		}, exec.KindInterrupted, 143, "interrupted", "the run was ended by SIGTERM"},
		{"one cut", cut("sound", 3), exec.KindSound, 0, "sound", ""},
		{"harmful cuts", cut("delete", 0), exec.KindPowerCut, 3, "not sound", "tag 24, PSK is not there at the end"},
		{"cuts not made", cut("naive", 0), exec.KindFindings, 3, "not sound", "P04 written-unchanged"},
		{"cut never happens", cut("sound", 1000), exec.KindHarness, 125, "nrf91emu failed", "cannot be cut during step 1000"},

		{"real, sound", real("sound", nil), exec.KindSound, 0, "sound", ""},
		{"real, findings", real("naive", nil), exec.KindFindings, 3, "not sound", "P04 written-unchanged"},
		{"real, nothing seen", real("idle", nil), exec.KindNothingSeen, 3, "nothing seen", "nothing opened the port"},
		{"real, failed", real("fail", nil), exec.KindCommand, 7, "failed", "the command failed in boot 1 with exit code 7"},
		{"real, killed", real("idle", func(cfg *exec.Config, _ *emulator.Device) {
			cfg.Command = []string{"sh", "-c", "kill -SEGV $$"}
		}), exec.KindCommand, 139, "failed", "by SIGSEGV"},
		{"real, not there", real("idle", func(cfg *exec.Config, _ *emulator.Device) { cfg.Command = []string{"/no/such/program"} }),
			exec.KindCommand, 127, "failed", "the command cannot be run"},
		{"real, time-out", real("hang", func(cfg *exec.Config, _ *emulator.Device) { cfg.Timeout = 50 * time.Millisecond }),
			exec.KindTimeout, 124, "timed out", "still running 50ms after boot 1"},
		{"real, Ctrl-C", func(t *testing.T) *exec.Result {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(&exec.SignalError{Signal: syscall.SIGINT})
			cfg := config(t, "hang")
			cfg.Grace = time.Millisecond
			cfg.Real = &exec.Real{Name: "an nRF", Dial: func() (io.ReadWriteCloser, error) {
				_, host := link.Pipe()
				return host, nil
			}}
			r, err := exec.Run(ctx, cfg)
			require.NoError(t, err)
			return r
		}, exec.KindInterrupted, 130, "interrupted", "the run was ended by SIGINT"},
		{"real, not reached", real("sound", func(cfg *exec.Config, _ *emulator.Device) {
			cfg.Real.Dial = func() (io.ReadWriteCloser, error) { return nil, errors.New("the port is in use") }
		}), exec.KindHarness, 125, "nrf91emu failed", "the port is in use"},
		{"real, unplugged", real("hang", func(cfg *exec.Config, modem *emulator.Device) {
			cfg.Timeout = 50 * time.Millisecond
			cfg.Real.Dial = func() (io.ReadWriteCloser, error) {
				port, host := link.Pipe()
				return host, port.Close()
			}
		}), exec.KindTimeout, 124, "timed out", "the port of the modem has ended during a boot"},
		{"real, unplugged meanwhile", real("idle", func(cfg *exec.Config, modem *emulator.Device) {
			cfg.Grace = time.Minute
			cfg.Command = []string{"sh", "-c", `printf 'AT\r' >$NRF91EMU_PORT`}
			cfg.Real.Dial = func() (io.ReadWriteCloser, error) {
				port, host := link.Pipe()
				return host, port.Close()
			}
		}), exec.KindHarness, 125, "nrf91emu failed", "the port of the modem has ended during a boot"},
		// It refuses what the one beside it does.
		{"real, online", real("tries", func(_ *exec.Config, modem *emulator.Device) {
			h := host.Attach(modem)
			defer h.Detach()
			_, err := h.Do("AT+CFUN=1")
			require.NoError(t, err)
		}), exec.KindHarness, 125, "nrf91emu failed", "which the emulated modem beside it has done"},
		{"real, cannot begin", func(*testing.T) *exec.Result {
			return exec.Broken(exec.Config{Command: []string{"true"}, Real: &exec.Real{Name: "an nRF"}}, errors.New("it does not answer"))
		}, exec.KindHarness, 125, "nrf91emu failed", "it does not answer"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := test.run(t)
			estimate := "what is told of the flash is an estimate"
			require.Equal(t, test.verdict, r.Verdict, r.Failures)
			require.Equal(t, test.code, r.ExitCode)
			sound := test.code == 0
			require.Equal(t, sound, r.Sound)

			text := rendered(t, func(w io.Writer) error { return r.WriteText(w, audit.TextOptions{}) })
			require.Regexp(t, `(?m)^`+test.word+`: `, text)
			if test.word != "sound" && test.word != "not sound" {
				require.NotContains(t, text, "sound")
			}
			require.Contains(t, text, test.says)
			require.Equal(t, r.Modem != "", strings.Contains(text, estimate))

			var object struct {
				Verdict  exec.Kind      `json:"verdict"`
				Sound    bool           `json:"sound"`
				ExitCode int            `json:"exit_code"`
				Failures []exec.Failure `json:"failures"`
			}
			form := rendered(t, r.WriteJSON)
			require.NoError(t, json.Unmarshal([]byte(form), &object))
			require.Equal(t, test.verdict, object.Verdict)
			require.Equal(t, sound, object.Sound)
			require.Equal(t, test.code, object.ExitCode)
			require.Equal(t, sound, len(object.Failures) == 0)
			require.Contains(t, form, test.says)
			require.Equal(t, r.Modem != "", strings.Contains(form, `"modem": "an nRF"`))

			notes := rendered(t, r.WriteGitHub)
			require.Equal(t, !sound, strings.Contains(notes, "::error "), notes)
			require.Contains(t, notes, test.says)

			summary := rendered(t, r.WriteMarkdown)
			require.Contains(t, summary, fmt.Sprintf("Verdict `%s`, exit code %d", test.verdict, test.code))
			require.Contains(t, summary, test.says)
			require.Equal(t, r.Modem != "", strings.Contains(summary, estimate))

			report := rendered(t, func(w io.Writer) error { return r.WriteJUnit(w, "nrf91emu") })
			var suites struct {
				Failures int `xml:"failures,attr"`
				Errors   int `xml:"errors,attr"`
			}
			require.NoError(t, xml.Unmarshal([]byte(report), &suites))
			require.Equal(t, !sound, suites.Failures+suites.Errors > 0, report)
			for _, part := range strings.Split(report, "</testcase>") {
				if strings.Contains(part, "<failure") || strings.Contains(part, "<error") {
					require.Contains(t, part, "fix: ", "each case alone says what to change")
				}
			}
			require.Contains(t, report, fmt.Sprintf(`<property name="verdict" value="%s">`, test.verdict))
			require.Contains(t, report, test.says)
			require.Equal(t, r.Modem != "", strings.Contains(report, estimate))
			validate(t, report)
		})
	}
}

// realModem returns a modem that stands in for a real one.
func realModem(t *testing.T) *emulator.Device {
	t.Helper()
	air := network.Default()
	air.AttachDelay = 0
	d, err := emulator.New(emulator.Config{Network: &air})
	require.NoError(t, err)
	t.Cleanup(func() { d.Close() })
	require.NoError(t, d.PowerOn())
	return d
}

func rendered(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, write(&b))
	return b.String()
}

// validate holds a report against the schema, where there is xmllint.
func validate(t *testing.T, report string) {
	t.Helper()
	lint, err := osexec.LookPath("xmllint")
	if err != nil {
		t.Log("not validated: there is no xmllint")
		return
	}
	path := filepath.Join(t.TempDir(), "report.xml")
	require.NoError(t, os.WriteFile(path, []byte(report), 0o600))
	out, err := osexec.Command(lint, "--noout", "--schema", "../audit/junit/testdata/junit.xsd", path).CombinedOutput()
	require.NoError(t, err, string(out)+report)
}

// Boots of which nothing is judged are told where others are.
func TestIdleBoots(t *testing.T) {
	cfg := config(t, "idle")
	cfg.Boots, cfg.Command = 3, []string{"sh", "-c", `[ $NRF91EMU_BOOT != 1 ] || printf 'AT\r' >$NRF91EMU_PORT`}
	r, err := exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	require.True(t, r.Sound)
	const note = "nothing of boots 2 and 3 is judged, since no command was sent there; in the last of them nothing opened the port"
	require.Contains(t, rendered(t, func(w io.Writer) error { return r.WriteText(w, audit.TextOptions{}) }), "note: "+note)
	require.Contains(t, rendered(t, r.WriteMarkdown), note)
	report := rendered(t, func(w io.Writer) error { return r.WriteJUnit(w, "nrf91emu") })
	require.Equal(t, 2, strings.Count(report, `<skipped message="no command was sent: nothing opened the port`), report)
	validate(t, report)
	require.Equal(t, 2, strings.Count(rendered(t, r.WriteJSON), `"idle": [`))
}

// What a command prints, and the words it was called with, cannot break a report.
func TestHostileOutputInReports(t *testing.T) {
	cfg := config(t, "idle")
	cfg.Boots = 1
	cfg.Command = []string{"sh", "-c", `printf '\001\377]]>\033[31m<a>&\n::error::x'; exit 5`, "\x02<&\">"}
	r, err := exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	validate(t, rendered(t, func(w io.Writer) error { return r.WriteJUnit(w, `a "name" <with> & all`) }))
	require.True(t, json.Valid([]byte(rendered(t, r.WriteJSON))))
}

// Of endless output the end is kept.
func TestLongOutput(t *testing.T) {
	cfg := config(t, "idle")
	cfg.Boots, cfg.Command = 1, []string{"sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x; echo end"}
	r, err := exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Len(t, r.Boots[0].Stdout.Text, 64<<10)
	require.Equal(t, 1000004-64<<10, r.Boots[0].Stdout.Dropped)
	require.True(t, strings.HasSuffix(r.Boots[0].Stdout.Text, "xend\n"))
}
