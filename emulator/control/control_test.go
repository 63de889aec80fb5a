package control

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
	"nrf91emu/keystore"
)

const portPath = "/dev/pts/424242" // nobody has that many

var identity = keystore.Key{SecTag: 24, Type: keystore.PSKIdentity}

// newDevice returns a device that is on, of a firmware that stores any text, and
// makes sockets go to a directory of the test's own.
func newDevice(t *testing.T) *emulator.Device {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	p, err := profile.Lookup("nrf9151-2.0.1")
	require.NoError(t, err)
	d, err := emulator.New(emulator.Config{Profile: &p, Network: &network.Network{}, Log: new(event.Log)})
	require.NoError(t, err)
	t.Cleanup(func() { d.Close() })
	require.NoError(t, d.PowerOn())
	return d
}

// newClient returns a client of a device.
func newClient(t *testing.T, d *emulator.Device) *Client {
	t.Helper()
	s, err := Listen(d, portPath)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	c, err := Dial(portPath)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

// newHost returns the host's end of a port of the device.
func newHost(t *testing.T, d *emulator.Device) net.Conn {
	t.Helper()
	port, host := link.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.Serve(port)
	}()
	t.Cleanup(func() {
		host.Close()
		<-done
	})
	return host
}

// say sends a command and reads until the answer ends as wanted.
func say(t *testing.T, host net.Conn, command, want string) {
	t.Helper()
	require.NoError(t, host.SetDeadline(time.Now().Add(10*time.Second)))
	_, err := host.Write([]byte(command + "\r"))
	require.NoError(t, err)
	var got []byte
	buf := make([]byte, 4096)
	for !endsWith(got, want) {
		n, err := host.Read(buf)
		require.NoError(t, err, "%s: expected %q, got %q", command, want, got)
		got = append(got, buf[:n]...)
	}
}

func endsWith(got []byte, want string) bool {
	return len(got) >= len(want) && string(got[len(got)-len(want):]) == want
}

func TestState(t *testing.T) {
	d := newDevice(t)
	c := newClient(t, d)
	host := newHost(t, d)
	ctx := t.Context()

	s, err := c.State(ctx)
	require.NoError(t, err)
	require.Equal(t, &State{
		Profile: "nrf9151-2.0.1", Chip: "nRF9151", Firmware: "mfw_nrf91x1_2.0.1", Application: "at-client",
		Port: portPath, On: true, Boot: 1, FunctionalMode: new(0), Registration: new(4),
	}, s)

	say(t, host, "AT+CFUN=1", "OK\r\n")
	s, err = c.State(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, *s.FunctionalMode)
	require.Equal(t, 1, *s.Registration)

	// Reading an oversize credential crashes the modem.
	_, err = c.PutCredential(ctx, keystore.Key{SecTag: 24, Type: keystore.PSKIdentity}, make([]byte, 5000))
	require.NoError(t, err)
	_, err = host.Write([]byte("AT%CMNG=2,24,4\r"))
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		s, err := c.State(ctx)
		require.NoError(t, err)
		return s.Crashed && s.On && s.FunctionalMode == nil && s.Registration == nil
	}, 10*time.Second, time.Millisecond)
	s, err = c.Power(ctx, PowerCycle)
	require.NoError(t, err)
	require.False(t, s.Crashed)
}

func TestPower(t *testing.T) {
	d := newDevice(t)
	c := newClient(t, d)
	for _, step := range []struct {
		action PowerAction
		on     bool
		boot   int
	}{
		{PowerOn, true, 1},
		{PowerCut, false, 1},
		{PowerCut, false, 1},
		{PowerOn, true, 2},
		{PowerOff, false, 2},
		{PowerCycle, true, 3},
		{PowerCycle, true, 4},
	} {
		s, err := c.Power(t.Context(), step.action)
		require.NoError(t, err)
		require.Equal(t, step.on, s.On, step)
		require.Equal(t, step.boot, s.Boot, step)
		require.Equal(t, step.on, s.FunctionalMode != nil, step)
	}
	_, err := c.Power(t.Context(), "explode")
	requireStatus(t, 400, err)
}

// requireStatus checks that the server refused with a status and a sentence.
func requireStatus(t *testing.T, status int, err error) {
	t.Helper()
	var refusal *Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, status, refusal.Status, refusal.Message)
	require.Greater(t, len(refusal.Message), 15, "not a sentence")
}

func TestCredentials(t *testing.T) {
	for _, on := range []bool{true, false} {
		t.Run(map[bool]string{true: "on", false: "off"}[on], func(t *testing.T) {
			d := newDevice(t)
			if !on {
				d.PowerCut()
			}
			c := newClient(t, d)
			ctx := t.Context()
			changed, err := c.PutCredential(ctx, identity, []byte("first"))
			require.NoError(t, err)
			require.True(t, changed)
			before, err := c.Wear(ctx)
			require.NoError(t, err)

			changed, err = c.PutCredential(ctx, identity, []byte("first"))
			require.NoError(t, err)
			require.False(t, changed, "the same content again")
			after, err := c.Wear(ctx)
			require.NoError(t, err)
			require.Equal(t, before.Programmed, after.Programmed)

			_, err = c.PutCredential(ctx, identity, []byte("second"))
			require.NoError(t, err)
			content, err := c.Credential(ctx, identity)
			require.NoError(t, err)
			require.Equal(t, "second", string(content))

			secretKey := keystore.Key{SecTag: 24, Type: keystore.PrivateKey}
			_, err = c.PutCredential(ctx, secretKey, []byte("secret"))
			require.NoError(t, err)
			_, err = c.Credential(ctx, secretKey)
			requireStatus(t, 403, err)

			list, err := c.Credentials(ctx)
			require.NoError(t, err)
			require.Equal(t, Credential{
				SecTag: 24, Type: 4, Name: "PSK identity", Bytes: 6, Writes: 2,
				SHA256: "16367AACB67A4A017C8DA8AB95682CCB390863780F7114DDA0A0E0C55644C7C4",
			}, list[1])
			require.True(t, list[0].Secret)
			require.True(t, list[2].System)

			require.NoError(t, c.DeleteCredential(ctx, identity))
			_, err = c.Credential(ctx, identity)
			requireStatus(t, 404, err)
			requireStatus(t, 404, c.DeleteCredential(ctx, identity))
			requireStatus(t, 403, c.DeleteCredential(ctx, keystore.Key{SecTag: keystore.DeviceKeyTag, Type: 6}))
			_, err = c.PutCredential(ctx, keystore.Key{SecTag: keystore.DeviceKeyTag, Type: 0}, []byte("x"))
			requireStatus(t, 403, err)
			_, err = c.PutCredential(ctx, identity, nil)
			requireStatus(t, 422, err)
			_, err = c.PutCredential(ctx, identity, make([]byte, keystore.MaxContent+1))
			requireStatus(t, 413, err)

			s, err := c.State(ctx)
			require.NoError(t, err)
			require.Equal(t, on, s.On, "the power is as it was")
			require.NoError(t, d.PowerOn())
			list, err = c.Credentials(ctx)
			require.NoError(t, err)
			require.Equal(t, uint8(2), list[0].Type)
		})
	}
}

func TestWear(t *testing.T) {
	d := newDevice(t)
	c := newClient(t, d)
	host := newHost(t, d)
	ctx := t.Context()
	before, err := c.Wear(ctx)
	require.NoError(t, err)
	require.Zero(t, before.Programmed)
	require.Equal(t, uint64(10000), before.Endurance)
	require.Len(t, before.Pages, 64)
	require.Equal(t, []CredentialWear{}, before.Credentials)

	say(t, host, `AT%CMNG=0,24,0,"abc"`, "OK\r\n")
	after, err := c.Wear(ctx)
	require.NoError(t, err)
	require.Len(t, after.Credentials, 1)
	got := after.Credentials[0]
	require.Equal(t, CredentialWear{SecTag: 24, Cost: Cost{Writes: 1, Programmed: after.Programmed}}, got)
	require.Positive(t, after.Programmed)
	require.Equal(t, after.Programmed/4, after.Steps)
	require.Equal(t, "programmed", after.Pages[0].State)

	// Before the first power-on there is a flash and no store.
	fresh, err := emulator.New(emulator.Config{})
	require.NoError(t, err)
	require.Len(t, fresh.Wear().Flash.Pages, 64)
}

func TestPlannedCut(t *testing.T) {
	d := newDevice(t)
	c := newClient(t, d)
	ctx := t.Context()
	_, err := c.PutCredential(ctx, identity, []byte("old"))
	require.NoError(t, err)
	require.NoError(t, c.PlanCut(ctx, PlannedCut{After: 3, Tear: "random torn"}))
	_, err = c.PutCredential(ctx, identity, []byte("new"))
	requireStatus(t, 409, err)
	s, err := c.State(ctx)
	require.NoError(t, err)
	require.False(t, s.On)
	requireStatus(t, 409, c.PlanCut(ctx, PlannedCut{}))
	requireStatus(t, 409, c.UnplanCut(ctx))

	_, err = c.Power(ctx, PowerOn)
	require.NoError(t, err)
	content, err := c.Credential(ctx, identity)
	require.NoError(t, err)
	require.Equal(t, "old", string(content))

	require.NoError(t, c.PlanCut(ctx, PlannedCut{}))
	require.NoError(t, c.UnplanCut(ctx))
	_, err = c.PutCredential(ctx, identity, []byte("new"))
	require.NoError(t, err)
	requireStatus(t, 400, c.PlanCut(ctx, PlannedCut{After: -1}))
	requireStatus(t, 400, c.PlanCut(ctx, PlannedCut{Tear: "in two"}))
}

func TestSupply(t *testing.T) {
	d := newDevice(t)
	c := newClient(t, d)
	host := newHost(t, d)
	require.NoError(t, c.SetSupply(t.Context(), 2900))
	say(t, host, `AT%CMNG=0,24,0,"abc"`, "ERROR\r\n")
	require.Equal(t, 2900, d.Bench().Supply())
	for _, action := range []PowerAction{PowerOff, PowerOn} {
		_, err := c.Power(t.Context(), action)
		require.NoError(t, err)
	}
	require.Equal(t, 2900, d.Bench().Supply(), "a power cycle does not charge the battery")
	require.NoError(t, c.SetSupply(t.Context(), 3700))
	requireStatus(t, 400, c.SetSupply(t.Context(), 0))
	requireStatus(t, 400, c.SetSupply(t.Context(), 10_001))
}

// What is given out is what is public, whoever stored it and under which type.
func TestSecretContents(t *testing.T) {
	const key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
	for _, test := range []struct {
		entry   keystore.Entry
		content string
		secret  bool
	}{
		{keystore.Entry{Key: identity}, "device", false},
		{keystore.Entry{Key: identity, Generated: true}, "device", true},
		{keystore.Entry{Key: identity, System: true}, "device", true},
		{keystore.Entry{Key: identity}, key, true},
		{keystore.Entry{Key: keystore.Key{SecTag: 24, Type: keystore.RootCA}}, key, true},
		{keystore.Entry{Key: keystore.Key{SecTag: 24, Type: keystore.ClientCertificate}}, "no certificate", true},
		{keystore.Entry{Key: keystore.Key{SecTag: 24, Type: keystore.PSK}}, "00", true},
	} {
		require.Equal(t, test.secret, secret(test.entry, []byte(test.content)), "%+v", test)
	}
	p, err := profile.Lookup("nrf9160-1.3.7") // takes any content
	require.NoError(t, err)
	d, err := emulator.New(emulator.Config{Profile: &p})
	require.NoError(t, err)
	require.NoError(t, d.PowerOn())
	defer d.Close()
	c := newClient(t, d)
	misplaced := keystore.Key{SecTag: 24, Type: keystore.RootCA}
	_, err = c.PutCredential(t.Context(), misplaced, []byte(key))
	require.NoError(t, err)
	_, err = c.Credential(t.Context(), misplaced)
	requireStatus(t, 403, err)
	list, err := c.Credentials(t.Context())
	require.NoError(t, err)
	require.True(t, list[0].Secret)
}

func TestEvents(t *testing.T) {
	d := newDevice(t)
	c := newClient(t, d)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	live, err := c.Events(ctx, EventOptions{Follow: true})
	require.NoError(t, err)
	_, err = c.PutCredential(ctx, identity, []byte("abc"))
	require.NoError(t, err)
	var last uint64
	for e, err := range live {
		require.NoError(t, err)
		require.Greater(t, e.Seq, last)
		last = e.Seq
		if e.Credential != nil {
			require.EqualValues(t, "write", e.Credential.Op)
			require.Zero(t, e.Credential.ID, "it was not the host")
			require.Equal(t, []int{4}, e.Credential.Held)
			require.Positive(t, e.Credential.Cost.Programmed)
			require.Equal(t, "abc", e.Credential.Content.Text)
			break
		}
	}
	d.PowerCut()
	rest, err := c.Events(ctx, EventOptions{Since: last})
	require.NoError(t, err)
	var seen []*event.Event
	for e, err := range rest {
		require.NoError(t, err)
		seen = append(seen, e)
	}
	require.Len(t, seen, 1)
	require.EqualValues(t, "cut", seen[0].Power.Action)
	require.Equal(t, last+1, seen[0].Seq)
}

// A server that closes ends the streams, and so does a client that goes.
func TestEventsEnd(t *testing.T) {
	d := newDevice(t)
	s, err := Listen(d, portPath)
	require.NoError(t, err)
	c, err := Dial(portPath)
	require.NoError(t, err)
	defer c.Close()
	live, err := c.Events(t.Context(), EventOptions{Follow: true})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	for range live {
	}
	_, err = Dial(portPath)
	require.ErrorIs(t, err, ErrNoControl)
}

func TestEventsWithoutRecord(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	d, err := emulator.New(emulator.Config{})
	require.NoError(t, err)
	_, err = newClient(t, d).Events(t.Context(), EventOptions{Follow: true})
	requireStatus(t, 404, err)
}

// The record begins with the modem, if its maker wants that, and tells why something
// failed before anybody has asked.
func TestRecordBeginsWithTheModem(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	log := new(event.Log)
	log.Keep()
	d, err := emulator.New(emulator.Config{Network: &network.Network{}, Log: log})
	require.NoError(t, err)
	t.Cleanup(func() { d.Close() })
	require.NoError(t, d.PowerOn())
	host := newHost(t, d)
	say(t, host, "AT+CFUN=1", "OK\r\n")
	say(t, host, "AT%CMNG=3,24,0", "ERROR\r\n")
	c := newClient(t, d)
	texts := func(opt EventOptions) (texts []string) {
		events, err := c.Events(t.Context(), opt)
		require.NoError(t, err)
		for e, err := range events {
			require.NoError(t, err)
			texts = append(texts, e.Text())
		}
		return texts
	}
	all := texts(EventOptions{})
	require.Contains(t, all[0], "power on: nRF9151 with mfw_nrf91x1_2.0.4, application at-client")
	require.Contains(t, all, "> AT%CMNG=3,24,0")
	// Between the two stands how long it took, if that was long.
	require.Contains(t, all[len(all)-1], "< ERROR, for AT+CMEE=0 hides the code: 518 (not while the modem is active)")
	require.Contains(t, all[len(all)-1], "\n  why: ")
	require.Equal(t, all[len(all)-2:], texts(EventOptions{Last: 2}))
	require.Equal(t, all, texts(EventOptions{Last: 1000}))
	require.Equal(t, all[2:], texts(EventOptions{Since: 2, Last: 1000}))

	why, err := c.Why(t.Context())
	require.NoError(t, err)
	require.Equal(t, "AT%CMNG=3,24,0", why.What)
	require.Equal(t, "command", why.Kind)
	require.Equal(t, 1, why.Boot)
	require.Contains(t, why.Reason, "active")
}

func TestWhyWithoutFailure(t *testing.T) {
	d := newDevice(t)
	why, err := newClient(t, d).Why(t.Context())
	require.NoError(t, err)
	require.Nil(t, why)
}

func TestSocketIsPrivateAndFound(t *testing.T) {
	d := newDevice(t)
	newClient(t, d)
	path, err := SocketPath(portPath)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "nrf91emu", "pts-424242.sock"), path)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	info, err = os.Stat(filepath.Dir(path))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())

	_, err = Listen(d, portPath)
	require.ErrorIs(t, err, ErrInUse)
	_, err = Dial("/dev/pts/424243")
	require.ErrorIs(t, err, ErrNoControl)
}

// A modem on TCP is found by the address that it was told to listen on, and by this
// machine's own where that is all of them.
func TestNetworkPortIsFound(t *testing.T) {
	d := newDevice(t)
	for listened, asked := range map[string][]string{
		"tcp:127.0.0.1:4242":   {"tcp:127.0.0.1:4242", "tcp:localhost:4242", "socket://localhost:4242"},
		"rfc2217:[::]:4243":    {"rfc2217:[::]:4243", "rfc2217://127.0.0.1:4243", "rfc2217:[::1]:4243"},
		"rfc2217:0.0.0.0:4244": {"rfc2217:0.0.0.0:4244", "rfc2217:localhost:4244"},
	} {
		s, err := Listen(d, listened)
		require.NoError(t, err)
		for _, name := range asked {
			c, err := Dial(name)
			require.NoError(t, err, name)
			require.NoError(t, c.Close())
		}
		require.NoError(t, s.Close())
		_, err = Dial(listened)
		require.ErrorIs(t, err, ErrNoControl)
	}
	_, err := Dial("tcp:192.0.2.1:4242")
	require.ErrorIs(t, err, ErrNoControl)
}

// A process that was killed leaves its socket behind.
func TestStaleSocketIsReplaced(t *testing.T) {
	d := newDevice(t)
	path, err := SocketPath(portPath)
	require.NoError(t, err)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	require.NoError(t, err)
	l.SetUnlinkOnClose(false)
	require.NoError(t, l.Close())
	_, err = Dial(portPath)
	require.ErrorIs(t, err, ErrNoControl)
	_, err = newClient(t, d).State(t.Context())
	require.NoError(t, err)
}

func TestSocketName(t *testing.T) {
	dir := t.TempDir()
	symlink := filepath.Join(dir, "modem")
	require.NoError(t, os.Symlink("/dev/null", symlink))
	for _, tt := range []struct{ port, want string }{
		{"/dev/pts/5", "pts-5.sock"},
		{"/dev/ttyACM0", "ttyACM0.sock"},
		{symlink, "null.sock"},
		{"tcp:127.0.0.1:4242", "tcp%3A127.0.0.1%3A4242.sock"},
		{"tcp:localhost:4242", "tcp%3A127.0.0.1%3A4242.sock"},
		{"socket://127.0.0.1:4242", "tcp%3A127.0.0.1%3A4242.sock"},
		{"rfc2217://[::1]:4242", "rfc2217%3A%5B%3A%3A1%5D%3A4242.sock"},
		{"/home/me/a-b", "-home-me-a%2Db.sock"},
	} {
		require.Equal(t, tt.want, socketName(tt.port))
	}
	long := socketIn("/tmp/x", string(make([]byte, 200)))
	require.Less(t, len(long), maxSocketPath)
	require.NotEqual(t, long, socketIn("/tmp/x", string(make([]byte, 201))))
}

// A directory that others could have prepared is not used.
func TestDirectoryOfOthers(t *testing.T) {
	base := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", base)
	dir := filepath.Join(base, "nrf91emu")
	require.NoError(t, os.Mkdir(dir, 0o755))
	require.Error(t, checkPrivate(dir))
	_, err := Dial(portPath)
	require.ErrorIs(t, err, ErrNoControl)
	require.NoError(t, os.Chmod(dir, 0o700))
	require.NoError(t, checkPrivate(dir))
	require.NoError(t, os.Remove(dir))
	require.NoError(t, os.Symlink("/tmp", dir))
	require.Error(t, checkPrivate(dir))

	// Its mode alone says nothing if somebody else has made it.
	theirs := "/"
	if os.Geteuid() == 0 {
		theirs = filepath.Join(base, "theirs")
		require.NoError(t, os.Mkdir(theirs, 0o700))
		require.NoError(t, os.Chown(theirs, 4242, -1))
	}
	require.ErrorContains(t, checkPrivate(theirs), theirs+" belongs to user ")
}
