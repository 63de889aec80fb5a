package modem_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// start returns a modem with power, and a function that sends a command and
// returns its lines and final result, followed by the notifications after it.
func start(t testing.TB, name string, change func(*modem.Config)) (*modem.Modem, func(string) string) {
	t.Helper()
	p, err := profile.Lookup(name)
	require.NoError(t, err)
	f, err := flash.New(flash.Options{})
	require.NoError(t, err)
	store, err := keystore.Open(f, p.Store, nil)
	require.NoError(t, err)
	air := network.Default()
	air.AttachDelay = 0
	var lines []string
	cfg := modem.Config{
		Profile: &p, Identity: new(profile.NewIdentity(&p, 0)), Network: &air, Store: store,
		Run:    func(fn func()) { fn() },
		Notify: func(line []byte) { lines = append(lines, string(line)) },
	}
	if change != nil {
		change(&cfg)
	}
	m := modem.New(cfg)
	m.PowerOn()
	t.Cleanup(m.PowerOff)
	return m, func(command string) string {
		lines = nil
		var w atcmd.Response
		err := m.Execute(&w, []byte(command), 1)
		for line := range w.Parts() {
			lines = append(lines, string(line))
		}
		lines = append(lines, m.Visible(err).String())
		m.Settle()
		return strings.Join(lines, "|")
	}
}

// steps are commands and what they answer.
type steps []string

func (s steps) run(t *testing.T, send func(string) string) {
	t.Helper()
	for i := 0; i < len(s); i += 2 {
		require.Equal(t, s[i+1], send(s[i]), "answer to %s", s[i])
	}
}

func TestCMEE(t *testing.T) {
	_, send := start(t, profile.Default, nil)
	steps{
		"AT+CMEE?", "+CMEE: 0|OK", "AT%CMNG=2,1,0", "ERROR", "AT+CMEE=1", "OK", "AT+CMEE?", "+CMEE: 1|OK",
		"AT%CMNG=2,1,0", "+CME ERROR: 513", "AT+NO", "+CME ERROR: 0", "AT+CFUN=9", "+CME ERROR: 0",
		"AT+CMEE=2", "+CME ERROR: 0", "AT+CMEE=1,1", "+CME ERROR: 0", "AT+CMEE=?", "+CMEE: (0,1)|OK",
		"AT+CMEE=", "OK", "AT+CMEE?", "+CMEE: 0|OK", "AT+CMEE=1", "OK", "AT+CMEE", "OK", "AT+CMEE?", "+CMEE: 0|OK",
	}.run(t, send)
}
