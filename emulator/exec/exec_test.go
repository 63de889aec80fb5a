package exec_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	osexec "os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
	"nrf91emu/emulator"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/cloud/pki"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/exec"
	"nrf91emu/emulator/network"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
	"nrf91emu/keystore/provision"
)

// TestMain makes this test binary the firmware under test, too: a program that is
// named in an environment variable.
func TestMain(m *testing.M) {
	if name := os.Getenv("EXEC_TEST_PROGRAM"); name != "" {
		if err := programs[name](); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(7)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var key = keystore.Key{SecTag: 24, Type: keystore.PSKIdentity}

// programs are the firmware under test.
var programs = map[string]func() error{
	"idle":  func() error { return nil },
	"sound": soundly,
	// rewrites what is there in every boot
	"naive": func() error {
		return withClient(func(ctx context.Context, c *atcmd.Client) error {
			return provision.New(c).Write(ctx, key, []byte("identity"))
		})
	},
	// deletes first, so that a cut between the two loses the old content; heals
	"delete": func() error {
		return withClient(func(ctx context.Context, c *atcmd.Client) error {
			m := provision.New(c)
			if there, err := m.Exists(ctx, key); err != nil || there {
				return err
			}
			if err := m.Write(ctx, key, []byte("identity")); err != nil {
				return err
			}
			return m.Write(ctx, keystore.Key{SecTag: 24, Type: keystore.PSK}, []byte("c0ffee"))
		})
	},
	"naive then fail": func() error {
		return withClient(func(ctx context.Context, c *atcmd.Client) error {
			if err := provision.New(c).Write(ctx, key, []byte("identity")); err != nil || os.Getenv(exec.BootVariable) == "1" {
				return err
			}
			return errors.New("as asked")
		})
	},
	// has the modem make a key and a certificate issued for it
	"enrols":           func() error { return enrol(true) },
	"enrols by halves": func() error { return enrol(false) },
	"makes a key": func() error {
		return withClient(func(ctx context.Context, c *atcmd.Client) error {
			there, err := provision.New(c).Exists(ctx, keystore.Key{SecTag: 24, Type: keystore.PrivateKey})
			if err != nil || there {
				return err
			}
			if _, err = c.Do(ctx, "AT%KEYGEN=24,2,0"); err == nil {
				_, err = c.Do(ctx, "AT%ATTESTTOKEN")
			}
			return err
		})
	},
	"asks only": func() error {
		return withClient(func(ctx context.Context, c *atcmd.Client) error {
			m := provision.New(c)
			if there, err := m.Exists(ctx, key); err != nil || there {
				return err
			}
			return m.Write(ctx, key, []byte("identity"))
		})
	},
	// writes and takes no notice of the answer
	"tries": func() error {
		return withClient(func(ctx context.Context, c *atcmd.Client) error {
			provision.New(c).Write(ctx, key, []byte("identity"))
			return nil
		})
	},
	"tries online": func() error {
		return withClient(func(ctx context.Context, c *atcmd.Client) error {
			c.Do(ctx, "AT+CFUN=1")
			provision.New(c).Write(ctx, key, []byte("identity"))
			return nil
		})
	},
	"stores once": func() error {
		if os.Getenv(exec.BootVariable) != "1" {
			return nil
		}
		return withClient(func(ctx context.Context, c *atcmd.Client) error {
			return provision.New(c).Write(ctx, key, []byte("identity"))
		})
	},
	// uses both of two modems
	"two": func() error {
		for _, n := range []string{"_1", "_2"} {
			if err := os.Setenv(exec.PortVariable, os.Getenv(exec.PortVariable+n)); err != nil {
				return err
			}
			if err := soundly(); err != nil {
				return err
			}
		}
		return nil
	},
	"tcp": func() error {
		conn, err := net.Dial("tcp", os.Getenv(exec.AddressVariable))
		if err != nil {
			return err
		}
		if strings.HasPrefix(os.Getenv(exec.PortVariable), "rfc2217") {
			_, err = conn.Write([]byte("AT\r"))
			if err == nil {
				_, err = bufio.NewReader(conn).ReadString('K')
			}
			return errors.Join(err, conn.Close())
		}
		c := atcmd.NewClient(conn, atcmd.ClientOptions{})
		defer c.Close()
		_, err = c.Do(context.Background(), "AT+CGMI")
		return err
	},
	// sends commands and ends without waiting for an answer
	"sends and goes": sendAndGo,
	"fail":           func() error { return errors.New("as asked") },
	"hang": func() error {
		signal.Ignore(syscall.SIGTERM)
		time.Sleep(time.Hour)
		return nil
	},
	"environment": func() error {
		_, err := fmt.Println(os.Getenv(exec.BootVariable), strings.HasPrefix(os.Getenv(exec.PortVariable), "/dev/pts/"))
		return err
	},
	"second boot": func() error {
		if os.Getenv(exec.BootVariable) == "2" {
			return errors.New("as asked")
		}
		return nil
	},
}

func soundly() error {
	return withClient(func(ctx context.Context, c *atcmd.Client) error {
		_, err := provision.New(c).Ensure(ctx, key, []byte("identity"))
		return err
	})
}

// enrol has the modem make a key, and a certificate issued for it. By halves it takes the key
// for a sign of both.
func enrol(whole bool) error {
	return withClient(func(ctx context.Context, c *atcmd.Client) error {
		m := provision.New(c)
		keyKey, certKey := keystore.Key{SecTag: 24, Type: keystore.PrivateKey}, keystore.Key{SecTag: 24, Type: keystore.ClientCertificate}
		there, err := m.Exists(ctx, keyKey)
		if err == nil && there && whole {
			there, err = m.Exists(ctx, certKey)
			if err == nil && !there {
				err = m.Delete(ctx, keyKey)
			}
		}
		if err != nil || there {
			return err
		}
		a, err := c.Do(ctx, "AT%KEYGEN=24,2,0")
		if err != nil {
			return err
		}
		body, _, _ := strings.Cut(strings.Trim(strings.TrimPrefix(strings.Join(a.Lines, ""), "%KEYGEN: "), "\"\r\n"), ".")
		der, err := base64.RawURLEncoding.DecodeString(body)
		if err != nil {
			return err
		}
		request, err := x509.ParseCertificateRequest(der)
		if err != nil {
			return err
		}
		ca, err := pki.NewCA("Test CA")
		if err != nil {
			return err
		}
		cert, err := ca.Sign(request)
		if err != nil {
			return err
		}
		return m.Write(ctx, certKey, cert.PEM())
	})
}

func withClient(fn func(context.Context, *atcmd.Client) error) error {
	port, err := os.OpenFile(os.Getenv(exec.PortVariable), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	c := atcmd.NewClient(port, atcmd.ClientOptions{})
	defer c.Close()
	return fn(context.Background(), c)
}

func config(t *testing.T, program string) exec.Config {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	air := network.Default()
	air.AttachDelay = 0
	return exec.Config{
		// With -race each program would end a second late.
		Command: []string{self}, Env: append(os.Environ(), "EXEC_TEST_PROGRAM="+program, "GORACE=atexit_sleep_ms=0"),
		Boots: 3, Device: emulator.Config{Network: &air},
		Audit: audit.Options{Levels: map[string]audit.Level{"P22": audit.Off}}, // the programs store an identity alone
	}
}

func TestSoundProgram(t *testing.T) {
	r, err := exec.Run(t.Context(), config(t, "sound"))
	require.NoError(t, err)
	require.True(t, r.Report.Sound)
	require.Zero(t, r.Report.Warnings)
	require.Len(t, r.Boots, 3)
	require.Equal(t, 1, r.Report.Totals.Writes)
}

func TestNaiveProgram(t *testing.T) {
	r, err := exec.Run(t.Context(), config(t, "naive"))
	require.NoError(t, err)
	require.False(t, r.Report.Sound)
	require.Nil(t, r.Failed())
	require.Equal(t, exec.ExitFindings, r.ExitCode)
	require.Equal(t, 3, r.Report.Totals.Writes)
}

func TestFailureEndsTheRun(t *testing.T) {
	cfg := config(t, "second boot")
	var stderr bytes.Buffer
	cfg.Stderr = &stderr
	r, err := exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Equal(t, 7, r.ExitCode)
	require.Equal(t, 2, r.Failed().Number)
	require.Len(t, r.Boots, 2)
	require.Equal(t, "as asked\n", r.Boots[1].Stderr.String())
	require.Equal(t, "as asked\n", stderr.String())
}

func TestEnvironment(t *testing.T) {
	cfg := config(t, "environment")
	var stdout bytes.Buffer
	cfg.Stdout = &stdout
	_, err := exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Equal(t, "1 true\n2 true\n3 true\n", stdout.String())
}

func TestTimeout(t *testing.T) {
	cfg := config(t, "hang")
	cfg.Timeout, cfg.Grace = 50*time.Millisecond, 50*time.Millisecond
	r, err := exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Equal(t, exec.KindTimeout, r.Verdict)
	require.Equal(t, exec.ExitTimeout, r.ExitCode)
	require.Equal(t, exec.EndTimeout, r.Boots[0].End)
	require.Equal(t, []string{"nothing opened the port, nor the library interface"}, r.Failures[0].Why)
}

// A failing boot does not hide the next ones if asked to go on.
func TestKeepGoing(t *testing.T) {
	cfg := config(t, "second boot")
	cfg.KeepGoing = true
	r, err := exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Equal(t, 7, r.ExitCode)
	require.Len(t, r.Boots, 3)
	require.Zero(t, r.Boots[2].ExitCode)
}

// A device has one directory over its boots, and the next one another.
func TestData(t *testing.T) {
	cfg := config(t, "idle")
	cfg.Command = []string{"sh", "-c", `echo $NRF91EMU_START >>$NRF91EMU_DATA/starts; cat $NRF91EMU_DATA/starts; echo $NRF91EMU_DATA`}
	var last string
	for range 2 {
		r, err := exec.Run(t.Context(), cfg)
		require.NoError(t, err)
		lines := strings.Fields(r.Boots[2].Stdout.Text)
		require.Equal(t, []string{"1", "2", "3"}, lines[:3])
		require.NotEqual(t, last, lines[3])
		last = lines[3]
		require.NoDirExists(t, last)
	}
}

func TestExpectations(t *testing.T) {
	other := keystore.Key{SecTag: 24, Type: keystore.PSK}
	for _, test := range []struct {
		expect exec.Expectation
		wrong  string
	}{
		{exec.Expectation{Key: key, Content: []byte("identity\n")}, ""},
		{exec.Expectation{Key: other}, ""},
		{exec.Expectation{Key: key, Content: []byte("identita")}, "something else is stored, of 8 bytes where 8 are expected"},
		{exec.Expectation{Key: key}, "8 bytes are stored, and nothing should be"},
		{exec.Expectation{Key: other, Content: []byte("c0ffee")}, "nothing is stored"},
	} {
		cfg := config(t, "sound")
		cfg.Boots, cfg.Expect = 1, []exec.Expectation{test.expect}
		r, err := exec.Run(t.Context(), cfg)
		require.NoError(t, err)
		require.Equal(t, test.wrong, r.Expected[0].Wrong)
		require.Equal(t, test.wrong == "", r.Sound)
		if test.wrong != "" {
			require.Equal(t, exec.KindExpectation, r.Verdict)
		}
	}
}

// What a shell leaves running in the background ends with it.
func TestNoProcessIsLeftBehind(t *testing.T) {
	cfg := config(t, "idle")
	var stdout bytes.Buffer
	cfg.Command, cfg.Stdout, cfg.Boots = []string{"sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!"}, &stdout, 1
	_, err := exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	pid := strings.TrimSpace(stdout.String())
	require.Eventually(t, func() bool {
		state, err := os.ReadFile("/proc/" + pid + "/stat")
		return err != nil || bytes.Contains(state, []byte(") Z "))
	}, 10*time.Second, 5*time.Millisecond)
}

func TestNoSuchCommand(t *testing.T) {
	cfg := config(t, "idle")
	cfg.Command = []string{"/no/such/program"}
	r, err := exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Equal(t, exec.ExitNotFound, r.ExitCode)
	cfg.Command = []string{"/"}
	r, err = exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Equal(t, exec.ExitCannot, r.ExitCode)
	cfg.Command = nil
	_, err = exec.Run(t.Context(), cfg)
	require.ErrorContains(t, err, "no command")
}

func TestCancel(t *testing.T) {
	cfg := config(t, "hang")
	cfg.Grace = time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	r, err := exec.Run(ctx, cfg)
	require.NoError(t, err)
	require.Equal(t, exec.KindInterrupted, r.Verdict)
	require.Contains(t, r.Failures[0].What, context.DeadlineExceeded.Error())
}

func TestChangesBetweenBoots(t *testing.T) {
	cfg := config(t, "sound")
	cfg.Changes = []exec.Change{
		{Boot: 1, Key: key, Content: []byte("identity")},
		{Boot: 2, Key: key, Content: []byte("another")},
		{Boot: 3, Key: key},
	}
	r, err := exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	require.True(t, r.Report.Sound, "what somebody else changes is not the program's fault")
	require.Equal(t, 2, r.Report.Totals.Writes)
}

// What is put there from outside must be noticed, unless it is what is expected.
func TestChangesThatAreNotNoticed(t *testing.T) {
	before := func(boot int, content string) exec.Change {
		c := exec.Change{Boot: boot, Key: key}
		if content != "" {
			c.Content = []byte(content)
		}
		return c
	}
	for _, test := range []struct {
		name, program string
		changes       []exec.Change
		wrong         string
	}{
		{"stored before", "asks only", []exec.Change{before(2, "another")}, "though the firmware had stored something else in boot 1"},
		{"found before", "asks only", []exec.Change{before(1, "one"), before(2, "another")}, "though the firmware had found something else in boot 1"},
		{"not stored again", "stores once", []exec.Change{before(2, "")}, "it is still absent, though the firmware had stored it in boot 1"},
		{"tried in vain", "tries online", []exec.Change{before(1, "one")}, "though the firmware had tried to store something else in boot 1"},
		{"found and kept", "asks only", []exec.Change{before(1, "one")}, ""},
		{"the same as before", "asks only", []exec.Change{before(2, "identity")}, ""},
		{"stored twice before the first boot", "asks only", []exec.Change{before(1, "one"), before(1, "two")}, ""},
		{"put right", "sound", []exec.Change{before(1, "one"), before(3, "another")}, ""},
		{"stored again", "asks only", []exec.Change{before(2, "")}, ""},
		{"of no interest", "idle", []exec.Change{before(2, "another")}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t, test.program)
			cfg.Changes, cfg.Audit.AllowIdle, cfg.KeepGoing = test.changes, true, true
			cfg.Audit.Levels = map[string]audit.Level{"P26": audit.Off, "P01": audit.Off, "P03": audit.Off}
			r, err := exec.Run(t.Context(), cfg)
			require.NoError(t, err)
			if test.wrong == "" {
				want := []exec.Expected{}
				if last := test.changes[len(test.changes)-1]; last.Boot > 1 {
					want = append(want, exec.Expected{Name: fmt.Sprintf("tag 24, PSK identity, changed from outside before boot %d", last.Boot)})
				}
				require.ElementsMatch(t, want, r.Expected, "what was there from the beginning was not changed")
				return
			}
			require.Len(t, r.Expected, 1)
			require.Contains(t, r.Expected[0].Wrong, test.wrong)
			require.Equal(t, len(test.changes) == 1 && test.changes[0].Boot == 1, strings.Contains(r.Expected[0].Name, "there before boot 1"), r.Expected[0].Name)
			require.Contains(t, fmt.Sprint(r.Failures), test.wrong)
			require.Equal(t, exec.ExitFindings, r.ExitCode)

			content := test.changes[len(test.changes)-1].Content
			cfg.Expect = []exec.Expectation{{Key: key, Content: content}}
			r, err = exec.Run(t.Context(), cfg)
			require.NoError(t, err)
			require.Len(t, r.Expected, 1)
			require.Empty(t, r.Expected[0].Wrong)
		})
	}
}

// Several devices are judged each, and the port of each is in the environment.
func TestSeveralDevices(t *testing.T) {
	cfg := config(t, "two")
	cfg.More = []emulator.Config{cfg.Device}
	var mu sync.Mutex
	commands := map[int]int{}
	cfg.Record = func(e *event.Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.Command != nil {
			commands[e.Device]++
		}
	}
	r, err := exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	require.True(t, r.Sound, r.Failures)
	require.Equal(t, 2, r.Totals.Writes)
	require.Equal(t, 3, r.Totals.Boots)
	require.Positive(t, commands[1])
	require.Equal(t, commands[1], commands[2])
	require.Zero(t, commands[0])

	cfg.Command, cfg.Env = config(t, "sound").Command, config(t, "sound").Env
	r, err = exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Equal(t, exec.KindNothingSeen, r.Verdict)
	require.Equal(t, []string{"boot 1: device 2, nothing opened the port, nor the library interface"}, r.Failures[0].Why)

	cfg.Env = config(t, "naive").Env
	r, err = exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Contains(t, r.Findings[0].Credential(), "device 1, sec_tag 24")
	_, err = exec.Cut(t.Context(), cfg, exec.CutOptions{})
	require.Error(t, err)
}

// A port on TCP is what QEMU and containers reach.
func TestTCPPort(t *testing.T) {
	for _, test := range []struct{ listen, rfc2217, prefix string }{{"127.0.0.1:0", "", "tcp:"}, {"", "127.0.0.1:0", "rfc2217:"}} {
		cfg := config(t, "tcp")
		cfg.Boots, cfg.Listen, cfg.RFC2217 = 2, test.listen, test.rfc2217
		cfg.Command = append(cfg.Command, "{port}", "{addr}")
		r, err := exec.Run(t.Context(), cfg)
		require.NoError(t, err)
		require.True(t, r.Sound, r.Failures)
		require.True(t, r.Boots[1].Opened)
		require.Equal(t, test.prefix+r.Boots[0].Command[2], r.Boots[0].Command[1])
		require.Equal(t, r.Boots[0].Command[1], r.Boots[0].Port)
	}
	cfg := config(t, "idle")
	cfg.Boots, cfg.Listen = 1, "127.0.0.1:0"
	r, err := exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Equal(t, []string{"boot 1: nothing opened the port, nor the library interface"}, r.Failures[0].Why)
}

func TestBadChange(t *testing.T) {
	cfg := config(t, "idle")
	cfg.Changes = []exec.Change{{Boot: 2, Key: key}}
	r, err := exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Equal(t, exec.KindHarness, r.Verdict)
	require.Contains(t, r.Failures[0].What, "before boot 2: "+keystore.ErrNotFound.Error())
}

func TestStateIsKept(t *testing.T) {
	f, err := flash.New(flash.Options{})
	require.NoError(t, err)
	cfg := config(t, "sound")
	cfg.Device.Flash = f
	for _, writes := range []int{1, 0} {
		r, err := exec.Run(t.Context(), cfg)
		require.NoError(t, err)
		require.Equal(t, writes, r.Report.Totals.Writes)
		f.PowerOn()
	}
}

func TestSoundProgramSurvivesEveryCut(t *testing.T) {
	cfg := config(t, "sound")
	cfg.Boots = 2
	r, err := exec.Cut(t.Context(), cfg, exec.CutOptions{})
	require.NoError(t, err)
	require.Equal(t, r.Steps, r.Cuts.Runs)
	require.Positive(t, r.Cuts.Runs)
	require.Empty(t, r.Failures)
	t.Logf("%d cuts, one during each flash step", r.Cuts.Runs)
}

// Steps of later boots are cut as well as those of the first.
func TestCutInALaterBoot(t *testing.T) {
	cfg := config(t, "sound")
	cfg.Boots = 2
	cfg.Changes = []exec.Change{{Boot: 2, Key: key, Content: []byte("another")}}
	r, err := exec.Cut(t.Context(), cfg, exec.CutOptions{})
	require.NoError(t, err)
	require.Equal(t, r.Steps, r.Cuts.Runs)
	require.Equal(t, 2, r.Report.Totals.Writes)
	require.Empty(t, r.Failures)
}

// This program never writes its second credential if the power goes after the
// first.
func TestProgramThatDoesNotRecover(t *testing.T) {
	cfg := config(t, "delete")
	cfg.Boots = 2
	r, err := exec.Cut(t.Context(), cfg, exec.CutOptions{})
	require.NoError(t, err)
	require.Equal(t, exec.KindPowerCut, r.Verdict)
	require.Equal(t, exec.ExitFindings, r.ExitCode)
	require.NotEmpty(t, r.Cuts.Failures)
	c := r.Cuts.Failures[1] // the first is that of the step which completes the identity
	require.Equal(t, "tag 24, PSK is not there at the end, and is without a cut", c.Reason)
	require.Equal(t, "while tag 24, PSK was being written, after tag 24, PSK identity had been written", c.During)
	require.Equal(t, "AT%CMNG=0,24,3,...", c.Command)
	require.Positive(t, c.Exchange)
	require.Equal(t, 1, c.Boot)
	require.Equal(t, "tag 24, PSK identity", c.AfterRestart)
	require.Equal(t, "listed tag 24, PSK identity and found it; listed tag 24, PSK identity and found it", c.Next)
	require.Contains(t, c.Fix, "ask for tag 24, PSK itself")
	require.Greater(t, len(c.Steps), 1, "equal failures are one")
	require.Equal(t, r.Cuts.Failed, len(c.Steps)+len(r.Cuts.Failures[0].Steps))

	step := c.Steps[0]
	one, err := exec.Cut(t.Context(), cfg, exec.CutOptions{Step: step})
	require.NoError(t, err)
	require.Equal(t, 1, one.Cuts.Runs)
	require.Len(t, one.Cuts.Failures, 1)

	none, err := exec.Cut(t.Context(), cfg, exec.CutOptions{Step: r.Steps + 1})
	require.NoError(t, err)
	require.Equal(t, exec.KindHarness, none.Verdict)
}

// A sample is the same for a seed, and the verdict does not depend on the jobs.
// A key that the modem makes, and the certificate that is issued for it, are others in each
// run; a certificate for an earlier key is what a cut can leave behind.
func TestCutsOfGeneratedKeys(t *testing.T) {
	for program, sound := range map[string]bool{"enrols": true, "enrols by halves": false} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			r, err := exec.Cut(t.Context(), config(t, program), exec.CutOptions{Sample: 12, Seed: 1})
			require.NoError(t, err)
			require.Equal(t, sound, r.Sound, r.Failures)
			if !sound {
				require.Contains(t, rendered(t, func(w io.Writer) error { return r.WriteText(w, audit.TextOptions{}) }),
					"client certificate is not there at the end")
			}
		})
	}
}

func TestSampledCuts(t *testing.T) {
	cfg := config(t, "delete")
	cfg.Boots = 2
	var told [][]string
	for _, jobs := range []int{1, 4} {
		r, err := exec.Cut(t.Context(), cfg, exec.CutOptions{Sample: 8, Seed: 3, Jobs: jobs})
		require.NoError(t, err)
		require.Equal(t, 8, r.Cuts.Runs)
		require.Len(t, r.Cuts.Steps, 8)
		told = append(told, r.Failures[0].Why)
	}
	require.Equal(t, told[0], told[1])
}

// The port's path goes where {port} stands, and the symlink is there meanwhile.
func TestPortInWords(t *testing.T) {
	cfg := config(t, "idle")
	cfg.Link = filepath.Join(t.TempDir(), "port")
	cfg.Command = []string{"sh", "-c", `test "$1" = x"$NRF91EMU_PORT"y && test -c "$NRF91EMU_PORT" && echo "$1"`, "sh", "x{port}y"}
	r, err := exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	require.Nil(t, r.Failed())
	require.Equal(t, "x"+cfg.Link+"y\n", r.Boots[2].Stdout.Text)
	require.NoFileExists(t, cfg.Link)
}

func TestAuditOptions(t *testing.T) {
	cfg := config(t, "naive")
	cfg.Audit.Levels = map[string]audit.Level{"P04": audit.Off, "P05": audit.Off, "P03": audit.Off, "P22": audit.Off}
	r, err := exec.Run(t.Context(), cfg)
	require.NoError(t, err)
	require.True(t, r.Report.Sound)
}

func BenchmarkExec(b *testing.B) {
	b.Run("alone", func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, osexec.Command("/bin/true").Run())
		}
	})
	b.Run("emulated", func(b *testing.B) {
		for b.Loop() {
			_, err := exec.Run(b.Context(), exec.Config{Command: []string{"/bin/true"}})
			require.NoError(b, err)
		}
	})
}
