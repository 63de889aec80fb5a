package modemtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/cloud"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/network"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

var rootCA = keystore.Key{SecTag: 24, Type: keystore.RootCA}

// unchecked is a firmware that stores any text as a certificate.
var unchecked = Profile("nrf9151-2.0.1")

func TestPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(t)
		port := m.Port()
		require.Same(t, port, m.Port())
		requireAnswer(t, port, "AT+CGMM\r", "The AT host sample started\r\nReady\r\nnRF9151-LACA\r\nOK\r\n")

		// Hosts come and go, as on a UART.
		require.NoError(t, port.Close())
		require.NotSame(t, port, m.Port())
		requireAnswer(t, m.Port(), "AT\r", "OK\r\n")
	})
}

// requireAnswer sends a command and reads as much as is wanted.
func requireAnswer(t *testing.T, port io.ReadWriter, send, want string) {
	t.Helper()
	_, err := io.WriteString(port, send)
	require.NoError(t, err)
	got := make([]byte, len(want))
	n, err := io.ReadFull(port, got)
	require.NoError(t, err, "%q", got[:n])
	require.Equal(t, want, string(got))
}

func TestPath(t *testing.T) {
	m := New(t, Application("serial-modem"))
	require.Equal(t, m.Path(), m.Path())
	f, err := os.OpenFile(m.Path(), os.O_RDWR, 0)
	require.NoError(t, err)
	defer f.Close()
	requireAnswer(t, f, "AT\r", "Ready\r\n\r\nOK\r\n")
}

func TestClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		m := New(t, Profile("nrf9160-1.3.7"), func(m *Modem) {
			m.OnNotification = func(line string) { seen = append(seen, line) }
		})
		for _, command := range []string{"AT+CEREG=1", "AT+CFUN=1", "AT"} {
			_, err := m.Client().Do(t.Context(), command)
			require.NoError(t, err)
		}
		require.Equal(t, []string{"+CEREG: 2", "+CEREG: 1"}, afterBanner(seen))
	})
}

func afterBanner(lines []string) (out []string) {
	for _, line := range lines {
		if strings.HasPrefix(line, "+") {
			out = append(out, line)
		}
	}
	return out
}

func TestNetworkInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(t, func(m *Modem) { m.Config.Network = &network.Network{AttachDelay: time.Hour} })
		_, err := m.Client().Do(t.Context(), "AT+CFUN=1")
		require.NoError(t, err)
		time.Sleep(time.Hour - time.Second)
		require.Equal(t, 2, m.Device().Status().Registration)
		time.Sleep(2 * time.Second)
		require.Equal(t, 1, m.Device().Status().Registration)
	})
}

func TestWearAndEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(t, unchecked)
		_, err := m.Client().Do(t.Context(), `AT%CMNG=0,24,0,"abc"`)
		require.NoError(t, err)
		w := m.Wear()
		require.Len(t, w.Credentials, 1)
		require.EqualValues(t, 1, w.Credentials[0].Writes)
		var ops []string
		for _, e := range m.Events() {
			if e.Credential != nil {
				ops = append(ops, string(e.Credential.Op))
			}
		}
		require.Equal(t, []string{"write"}, ops)
	})
}

func TestEventsAreBounded(t *testing.T) {
	var log event.Log
	var w watch
	w.start(&log, func(*event.Event) {})
	for range maxEvents + 10 {
		log.Add(event.Event{Link: &event.Link{}})
	}
	require.False(t, w.wasCut())
	log.Add(event.Event{Power: &event.Power{Action: event.PowerCut, Step: 1}})
	for range maxEvents {
		log.Add(event.Event{Link: &event.Link{}})
	}
	require.True(t, w.wasCut(), "also of a cut that is no more among the events")
	all := w.all()
	require.LessOrEqual(t, len(all), maxEvents)
	require.EqualValues(t, 2*maxEvents+11, all[len(all)-1].Seq)
}

func TestPower(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(t, unchecked)
		client := m.Client()
		do := func(command string) {
			t.Helper()
			_, err := client.Do(t.Context(), command)
			require.NoError(t, err)
		}
		mode := func() string {
			t.Helper()
			a, err := client.Do(t.Context(), "AT%XSYSTEMMODE?")
			require.NoError(t, err)
			return a.Lines[0]
		}
		before := mode()
		do("AT%XSYSTEMMODE=0,1,0,0")
		m.PowerCycle()
		require.Equal(t, before, mode(), "lost by a cut")
		do("AT%XSYSTEMMODE=0,1,0,0")
		m.PowerOff()
		require.False(t, m.Device().On())
		m.PowerOn()
		require.Equal(t, "%XSYSTEMMODE: 0,1,0,0", mode(), "stored")
		require.Equal(t, 3, m.Device().Boot())
	})
}

// A power cut at each flash step of a replacement leaves the old content or the
// new one.
func TestCutAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(t, unchecked, func(m *Modem) { m.Stored = map[keystore.Key]string{rootCA: "old"} })
		cuts := 0
		for n := 0; ; n++ {
			m.Store(rootCA, "old")
			m.CutAt(n, flash.TornRandom)
			_, err := m.Device().Bench().PutCredential(rootCA, []byte("new"))
			if err == nil {
				break
			}
			cuts++
			<-m.Off()
			m.PowerOn()
			_, content, err := m.Device().Bench().Credential(rootCA)
			require.NoError(t, err)
			require.Contains(t, []string{"old", "new"}, string(content))
		}
		require.Greater(t, cuts, 5)
	})
}

func TestStateFile(t *testing.T) {
	state := filepath.Join(t.TempDir(), "flash.img")
	for boot, before := range []string{"", "abc"} {
		m := New(t, unchecked, func(m *Modem) { m.State = state })
		_, content, err := m.Device().Bench().Credential(rootCA)
		require.Equal(t, before, string(content), err)
		m.Store(rootCA, "abc")
		require.EqualValues(t, boot+1, m.Wear().Flash.Starts)
		m.Close()
	}
}

func TestRequireSound(t *testing.T) {
	for _, tt := range []struct {
		name  string
		sound bool
		boot  func(do func(string) error)
	}{
		{"asks first", true, func(do func(string) error) {
			if do(`AT%CMNG=2,24,0`) != nil {
				do(`AT%CMNG=0,24,0,"` + testCA + `"`)
			}
		}},
		{"writes at every boot", false, func(do func(string) error) {
			do(`AT%CMNG=0,24,0,"` + testCA + `"`)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := New(t)
				for range 3 {
					tt.boot(func(command string) error {
						_, err := m.Client().Do(t.Context(), command)
						return err
					})
					m.PowerCycle()
				}
				r := report{TB: t}
				r.run(func() { m.RequireSound(&r) })
				require.Equal(t, !tt.sound, r.fatal, r.text)
				if !tt.sound {
					require.Contains(t, r.text, "sec_tag 24, type 0")
					require.Contains(t, r.text, "boot 2")
					require.Contains(t, r.text, "fix: ")
				}
			})
		})
	}
}

// RequireSound judges what the code under test has done up to the last byte, and a modem to
// which nothing was sent is not sound.
func TestRequireSoundSeesAll(t *testing.T) {
	write := `AT%CMNG=0,24,0,"` + testCA + `"`
	for _, tt := range []struct {
		name string
		idle bool // that is allowed
		run  func(*Modem)
		want string // of RequireSound; empty if all is well
		end  string // of Close; empty if all is well
	}{
		{"nothing", false, func(*Modem) {}, "no command was sent, so", ""},
		{"bytes that are no command", false, func(m *Modem) { io.WriteString(m.Port(), "\r\r") }, "no command was sent, so", ""},
		{"what the modem refuses", false, func(m *Modem) { m.Client().Do(context.Background(), "AT+NO") }, "1 command came, of which the modem has done none", ""},
		{"nothing, as is meant", true, func(*Modem) {}, "", ""},
		{"a write that nobody waits for", false, func(m *Modem) {
			m.Do(write)
			m.PowerCycle()
			m.Client().Close()
			io.WriteString(m.Port(), write+"\r")
			m.Port().Close()
		}, "P04 written-unchanged", ""},
		{"a quote that stays open", false, func(m *Modem) {
			m.Do("AT")
			m.Client().Close()
			io.WriteString(m.Port(), write[:len(write)-1]+"\r")
		}, "", "P18 command-does-not-end"},
		{"what comes after it", false, func(m *Modem) {
			m.Do(write)
			m.RequireSound(t)
			m.PowerCycle()
			m.Do(write)
		}, "P04 written-unchanged", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := report{TB: t}
				m := New(&r, unchecked, func(m *Modem) { m.Audit.AllowIdle = tt.idle })
				tt.run(m)
				judge := report{TB: t}
				judge.run(func() { m.RequireSound(&judge) })
				require.Equal(t, tt.want != "", judge.fatal, judge.text)
				require.Contains(t, judge.text, tt.want)
				m.Close()
				require.Equal(t, tt.end != "", r.failed, r.text)
				require.Contains(t, r.text, tt.end)
			})
		})
	}
}

// What a program has written to a pty counts too.
func TestRequireSoundDrainsPath(t *testing.T) {
	m := New(t)
	m.Do(`AT%CMNG=0,24,0,"` + testCA + `"`)
	m.PowerCycle()
	port, err := os.OpenFile(m.Path(), os.O_RDWR, 0)
	require.NoError(t, err)
	_, err = io.WriteString(port, `AT%CMNG=0,24,0,"`+testCA+"\"\r")
	require.NoError(t, err)
	require.NoError(t, port.Close())
	r := report{TB: t}
	r.run(func() { m.RequireSound(&r) })
	require.Contains(t, r.text, "P04 written-unchanged")
}

// report is a testing.TB that takes note of what would fail the test.
type report struct {
	testing.TB
	cleanups []func()
	fatal    bool
	failed   bool
	text     string
}

var errFatal = errors.New("fatal")

func (r *report) Helper()      {}
func (r *report) Failed() bool { return r.failed }
func (r *report) Logf(format string, args ...any) {
	r.text += fmt.Sprintf(format, args...) + "\n"
}
func (r *report) Error(args ...any) {
	r.failed = true
	r.text += fmt.Sprint(args...) + "\n"
}
func (r *report) Cleanup(fn func()) { r.cleanups = append(r.cleanups, fn) }
func (r *report) Log(args ...any)   { r.text += fmt.Sprint(args...) }
func (r *report) Errorf(format string, args ...any) {
	r.failed = true
	r.text += fmt.Sprintf(format, args...) + "\n"
}
func (r *report) Fatal(args ...any) {
	r.fatal, r.failed = true, true
	r.text += fmt.Sprint(args...)
	panic(errFatal)
}
func (r *report) Fatalf(format string, args ...any) { r.Fatal(fmt.Sprintf(format, args...)) }

// run calls fn, which may end by Fatal.
func (r *report) run(fn func()) {
	defer func() {
		if v := recover(); v != nil && v != errFatal {
			panic(v)
		}
	}()
	fn()
}

func TestStartRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(*Modem)
		want string
	}{
		{"profile", Profile("nrf52"), "there is no profile"},
		{"application", Application("notepad"), "there is no application"},
		{"state", func(m *Modem) { m.State = "/nowhere/flash.img" }, "no such file"},
		{"stored", func(m *Modem) { m.Stored = map[keystore.Key]string{rootCA: "no certificate"} }, "cannot store tag 24"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := report{TB: t}
			r.run(func() { New(&r, tt.set) })
			require.True(t, r.fatal)
			require.Contains(t, r.text, tt.want)
			for _, fn := range r.cleanups {
				fn()
			}
		})
	}
}

// What needs a modem that runs says so, in the goroutine that has asked.
func TestBeforeStart(t *testing.T) {
	for name, use := range map[string]func(*Modem){
		"Client":       func(m *Modem) { m.Client() },
		"Port":         func(m *Modem) { m.Port() },
		"Path":         func(m *Modem) { m.Path() },
		"Do":           func(m *Modem) { m.Do("AT") },
		"Device":       func(m *Modem) { m.Device() },
		"PowerOn":      (*Modem).PowerOn,
		"PowerOff":     (*Modem).PowerOff,
		"PowerCut":     (*Modem).PowerCut,
		"PowerCycle":   (*Modem).PowerCycle,
		"Off":          func(m *Modem) { m.Off() },
		"CutAt":        func(m *Modem) { m.CutAt(0, flash.NotBegun) },
		"Store":        func(m *Modem) { m.Store(rootCA, "abc") },
		"Wear":         func(m *Modem) { m.Wear() },
		"Fault":        func(m *Modem) { m.Fault(fault.LateOK(time.Second)) },
		"Report":       func(m *Modem) { m.Report() },
		"RequireSound": func(m *Modem) { m.RequireSound(m.t) },
	} {
		t.Run(name, func(t *testing.T) {
			r := report{TB: t}
			r.run(func() { use(NewUnstarted(&r)) })
			require.True(t, r.fatal)
			require.Contains(t, r.text, "the modem has not been started: call Start first")
		})
	}
	m := NewUnstarted(t)
	require.Empty(t, m.Events())
	m.Close()
}

func TestDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := report{TB: t}
		m := New(&r)
		require.Equal(t, []string{"+CFUN: 0"}, m.Do("AT+CFUN?"))
		require.Empty(t, m.Do("AT+CFUN=1"))
		r.run(func() { m.Do("AT%CMNG=3,24,0") })
		require.True(t, r.fatal)
		require.Contains(t, r.text, "ERROR")
		require.Contains(t, r.text, "why: credentials cannot be changed while the modem is active")

		// A test that has failed shows what happened last, with reasons.
		for _, fn := range slices.Backward(r.cleanups) {
			fn()
		}
		require.Contains(t, r.text, "what happened last at the modem:\n")
		require.Contains(t, r.text, "> AT%CMNG=3,24,0\n")
		require.Contains(t, r.text, "518 (not while the modem is active)\n    why: ")

		good := report{TB: t}
		m = New(&good)
		m.Do("AT")
		for _, fn := range slices.Backward(good.cleanups) {
			fn()
		}
		require.Empty(t, good.text, "a test that is well logs nothing")
	})
}

// Where sockets lead, what they refuse and what the supply is are set in Config.
func TestWorld(t *testing.T) {
	connect := func(m *Modem, host string, port int) string {
		m.Do("AT+CFUN=1")
		m.Do("AT#XSOCKET=1,1,0")
		_, err := m.Client().Do(t.Context(), fmt.Sprintf(`AT#XCONNECT=0,"%s",%d`, host, port))
		if err == nil {
			return ""
		}
		return m.watch.lastFailure().String()
	}
	modem := func(options ...func(*Modem)) *Modem {
		return New(t, append([]func(*Modem){Application("serial-modem")}, options...)...)
	}
	m := modem(Cloud(cloud.Config{}))
	require.Empty(t, connect(m, "broker.lab", 1883))
	m = modem(Cloud(cloud.Config{}))
	require.Contains(t, connect(m, "broker.lab", 1884), "and not for 1884, so nothing listens there", "a mapping for some ports leaves the others closed")
	m = modem(Cloud(cloud.Config{}))
	require.Contains(t, connect(m, "192.0.2.1", 80), "192.0.2.1")

	servers, err := cloud.Start(cloud.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { servers.Close() })
	plain, _ := servers.Server("mqtt")
	m = modem(Hosts("Some.Example:1="+plain.Addr.String(), "other.example=127.0.0.1"))
	require.Empty(t, connect(m, "some.example", 1))
	m = modem(Hosts("some.example:1=" + plain.Addr.String()))
	require.NotEmpty(t, connect(m, "some.example", int(plain.Addr.Port())))

	for refuse, want := range map[bool]string{false: "", true: "expired on"} {
		m = modem(Cloud(cloud.Config{}), func(m *Modem) {
			m.Config.RefuseExpired, m.Config.Supply = refuse, 3456
			m.Stored = map[keystore.Key]string{rootCA: string(m.Servers.CA())}
		})
		require.Equal(t, []string{"%XVBAT: 3456"}, m.Do("AT%XVBAT"))
		m.Do("AT+CFUN=1")
		m.Do("AT#XSSOCKET=1,1,0,24,2")
		_, err := m.Client().Do(t.Context(), `AT#XCONNECT=0,"broker.lab",8887`)
		require.Equal(t, refuse, err != nil)
		if refuse {
			require.Contains(t, m.watch.lastFailure().Reason, want)
		}
	}

	for text, want := range map[string]string{
		"mqtts://b.example=127.0.0.1": "not a host name",
		"b.example":                   "write NAME=ADDR",
		"192.0.2.1=127.0.0.1":         "only names are looked up",
	} {
		r := report{TB: t}
		r.run(func() { New(&r, Hosts(text)) })
		require.Contains(t, r.text, want)
	}
	r := report{TB: t}
	r.run(func() {
		New(&r, func(m *Modem) { m.Config.Hosts = map[string]netip.AddrPort{"B.Example": plain.Addr} })
	})
	require.Contains(t, r.text, `can never match: write it as "b.example"`)
}

// A device file says what the modem is, for tests as for the command line.
func TestDeviceFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "device.yaml")
	require.NoError(t, os.WriteFile(path, []byte(`profile: nrf9160-1.3.7
identity: {imei: "351358810000023"}
credentials: [{tag: 24, type: identity, content: me}]
faults: ["store-full:for=1h"]
`), 0o600))
	synctest.Test(t, func(t *testing.T) {
		m := New(t, DeviceFile(path))
		require.Equal(t, []string{"351358810000023"}, m.Do("AT+CGSN"))
		require.Equal(t, "nrf9160-1.3.7", m.Device().Profile().Name)
		require.Len(t, m.Do("AT%CMNG=1,24,4"), 1)
		_, err := m.Client().Do(t.Context(), `AT%CMNG=0,25,4,"me"`)
		require.Error(t, err, "the store is full")
		r := report{TB: t}
		r.run(func() { New(&r, DeviceFile("nowhere.yaml")) })
		require.Contains(t, r.text, "the device file cannot be read")
	})
}

// Close names a goroutine of the modem that does not end.
func TestCloseNamesWhatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := report{TB: t}
		m := New(&r)
		release := make(chan struct{})
		m.labelled(func() { go stuck(release) })
		m.Close()
		close(release)
		require.Contains(t, r.text, "goroutines of the modem still run")
		require.Contains(t, r.text, "modemtest.stuck")
		r.text = ""
		m.Close() // harmless
		require.Empty(t, r.text)
	})
}

func stuck(release chan struct{}) { <-release }

// Close ends a client that waits for an answer.
func TestCloseEndsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(t)
		m.PowerCut()
		done := make(chan error)
		client := m.Client()
		go func() {
			_, err := client.Do(context.Background(), "AT")
			done <- err
		}()
		synctest.Wait()
		m.Close()
		require.Error(t, <-done)
		_, err := client.Do(context.Background(), "AT")
		require.ErrorIs(t, err, atcmd.ErrClosed)
	})
}
