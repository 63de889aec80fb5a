package devicefile

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/keystore"
)

const full = `profile: nrf9160-1.3.7
application: serial-modem
identity: {imei: "351358810000023", uuid: 50504437-3433-4b33-8c33-5b5d1e2d3c4b, iccid: "8901234567012345678"}
supply: 3300
network: {attach-delay: 3s, roaming: true, signal: {rsrp: 50}}
hosts: ["Broker.Lab:8883=127.0.0.1:18883", plain.lab=127.0.0.2]
no-external: true
listen-external: false
refuse-expired: true
time-to-fix: 5s
credentials:
  - {tag: 24, type: psk, file: psk}
  - {tag: 24, type: identity, content: device-1}
  - {tag: 25, type: 4, content: "007"}
assume: ["cmng/overwrite=519", kit.txt]
faults: ["late-ok:after=3,delay=2s", "urc:text=\"+X: 1,2\""]
seed: 7
`

// folder is a directory with the files that the device files name.
func folder(t testing.TB) string {
	dir := t.TempDir()
	for name, text := range map[string]string{"psk": "c0ffee", "net.yaml": "roaming: true\n", "empty": "", "odd.yaml": "colour: red\n", "kit.txt": "cfun/boot=4\n"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

func TestLoad(t *testing.T) {
	dir := folder(t)
	d, err := Load(strings.NewReader(full), dir)
	require.NoError(t, err)
	var cfg emulator.Config
	require.NoError(t, d.Configure(&cfg))
	require.Equal(t, "nrf9160-1.3.7", cfg.Profile.Name)
	require.Equal(t, "serial-modem", cfg.Dialect.Name)
	require.Equal(t, "351358810000023", cfg.Identity.IMEI)
	require.Equal(t, "50504437-3433-4b33-8c33-5b5d1e2d3c4b", cfg.Identity.DeviceUUID)
	require.True(t, strings.HasPrefix(cfg.Identity.ICCID, "8901234567012345678"))
	require.NotEmpty(t, cfg.Identity.IMSI)
	require.Equal(t, 3300, cfg.Supply)
	require.Equal(t, 3*time.Second, cfg.Network.AttachDelay)
	require.True(t, cfg.Network.Roaming)
	require.EqualValues(t, 50, cfg.Network.Signal.RSRP)
	require.Equal(t, "127.0.0.1:18883", cfg.Hosts["broker.lab:8883"].String())
	require.Equal(t, "127.0.0.2:0", cfg.Hosts["plain.lab"].String())
	require.True(t, cfg.NoExternal && cfg.RefuseExpired && !cfg.ListenExternal)
	require.Equal(t, 5*time.Second, cfg.TimeToFix)
	require.Equal(t, []Credential{
		{keystore.Key{SecTag: 24, Type: keystore.PSK}, filepath.Join(dir, "psk"), []byte("c0ffee")},
		{keystore.Key{SecTag: 24, Type: keystore.PSKIdentity}, "", []byte("device-1")},
		{keystore.Key{SecTag: 25, Type: keystore.PSKIdentity}, "", []byte("007")},
	}, d.Credentials)
	require.True(t, cfg.Profile.Store.RefuseOverwrite && cfg.Profile.BootsOffline, "what is assumed")
	require.Len(t, d.Faults, 2)
	require.EqualValues(t, 7, *d.Seed)
	device, err := emulator.New(cfg)
	require.NoError(t, err)
	require.NoError(t, device.Close())
}

// What is written is read again, and is written the same.
func TestRoundTrip(t *testing.T) {
	dir := folder(t)
	for _, text := range []string{"", "{}", full, "network: net.yaml\n", "supply: 3000\n"} {
		first, err := Load(strings.NewReader(text), dir)
		require.NoError(t, err)
		var one, two bytes.Buffer
		require.NoError(t, first.Write(&one))
		require.NotContains(t, one.String(), "c0ffee")
		second, err := Load(bytes.NewReader(one.Bytes()), "/nowhere")
		require.NoError(t, err, one.String())
		require.NoError(t, second.Write(&two))
		require.Equal(t, one.String(), two.String())
		require.Equal(t, first.Network, second.Network)
		require.Equal(t, first.Credentials, second.Credentials)
		require.Equal(t, first.Faults, second.Faults)
		require.Equal(t, first.Hosts, second.Hosts)
	}
	d := new(Device)
	d.SetAir("sim.state", "absent")
	d.SetAir("roaming", "true")
	d.SetAir("sim.state", "failed")
	var out bytes.Buffer
	require.NoError(t, d.Write(&out))
	require.Equal(t, "network:\n  sim:\n    state: failed\n  roaming: true\n", out.String())
}

func TestErrors(t *testing.T) {
	dir := folder(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "big"), make([]byte, maxCredential+1), 0o600))
	for text, want := range map[string]string{
		"assume: [cmng/overwrite=1]":            `line 1: assume[0]: cmng/overwrite is answered by replace or 519, not by "1"`,
		"assume: [none.txt]":                    "line 1: assume[0]: it is NAME=VALUE, or the name of a file with answers: ",
		"colour: red":                           `line 1: there is no key "colour"; use one of application, assume, credentials, `,
		"supply: 3000\nsupply: 3100":            "line 2: supply stands here a second time",
		"profile: nrf52":                        "line 1: profile: there is no profile",
		"application: notepad":                  "application: there is no application",
		"supply: 1":                             "supply: it is in millivolts, 2500 to 5500; not 1",
		"supply: many":                          "it is in millivolts",
		"identity: {imei: \"1\"}":               "identity.imei: an IMEI has 15 digits",
		"identity: x":                           "identity is a mapping",
		"no-external: maybe":                    `no-external is true or false, not "maybe"`,
		"hosts: x":                              "hosts is a list",
		"hosts: [x]":                            "write NAME=ADDR",
		"hosts: [\"B=127.0.0.1\", [x]]":         "hosts[1] is a single value",
		"network: {colour: red}":                `colour"; use one of `,
		"network: odd.yaml":                     `colour"; use one of `,
		"network: nowhere.yaml":                 "no such file",
		"faults: [late]\nseed: x":               `seed: it is a number, not "x"`,
		"faults: [nonsense]":                    "there is no fault",
		"time-to-fix: 0s":                       "it is a time such as 30s",
		"positions: nowhere.gpx":                "no such file",
		"credentials: [{tag: 24, type: ca}]":    "either a file or a content",
		"credentials: [{tag: 24, content: x}]":  "credentials[0] has a tag, a type",
		"credentials: [{type: ca, content: x}]": "credentials[0] has a tag, a type",
		"credentials: [{tag: 24, type: ca, content: x, file: psk}]": "either a file or a content",
		"credentials: [{tag: 24, type: psk, content: c0ffee}]":      "credentials[0] is a PSK, which stands in a file of its own",
		"credentials: [{tag: 24, type: ca, file: empty}]":           "has nothing in it",
		"credentials: [{tag: 24, type: ca, file: big}]":             "big is longer than 1048576 bytes",
		"credentials: [{tag: -1, type: ca, content: x}]":            "it is a security tag",
		"credentials: [{tag: 24, type: card, content: x}]":          "it is ca, cert, key, psk, identity or a number",
		"- a list":        "the file is a mapping",
		"a: b: c":         "it is not YAML",
		"{}\n---\n{}":     "more than one YAML document",
		"supply: &a 3000": "",
	} {
		_, err := Load(strings.NewReader(text), dir)
		if want == "" {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorContains(t, err, want, text)
		require.NotContains(t, err.Error(), "c0ffee", "a secret must not be told")
		require.NotContains(t, err.Error(), "*", "no types of Go")
	}
	_, err := Read(filepath.Join(dir, "nowhere.yaml"))
	require.ErrorContains(t, err, "the device file cannot be read")
	_, err = Load(strings.NewReader(strings.Repeat("#", maxFile+1)), dir)
	require.ErrorContains(t, err, "longer than")
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte("network: {sim: {state: absent}}\n"))
	dir := folder(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := Load(bytes.NewReader(text), dir)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if d.Write(&out) != nil {
			return
		}
		again, err := Load(bytes.NewReader(out.Bytes()), dir)
		require.NoError(t, err, "%s", out.String())
		require.Equal(t, d.Network, again.Network)
	})
}
