package modem_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/modem"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// start returns a modem with power, and a function that sends a command and
// returns its lines and final result, followed by the notifications after it.
func start(t *testing.T, profile string, change func(*modem.Config)) (*modem.Modem, func(string) string) {
	t.Helper()
	p, err := modem.LookupProfile(profile)
	require.NoError(t, err)
	f, err := flash.New(flash.Options{})
	require.NoError(t, err)
	store, err := keystore.Open(f, p.Store, nil)
	require.NoError(t, err)
	network := modem.DefaultNetwork()
	network.AttachDelay = 0
	var lines []string
	cfg := modem.Config{
		Profile: p, Identity: modem.NewIdentity(&p, 0), Network: network, Store: store,
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

func TestIdentity(t *testing.T) {
	for profile, s := range map[string]steps{
		"nrf9160-1.3.7": {
			"AT+CGMI", "Nordic Semiconductor ASA|OK", "AT+CGMM", "nRF9160-SICA|OK",
			"AT+CGMR", "mfw_nrf9160_1.3.7|OK", "AT+CGSN", "352656100367872|OK",
			"AT+CGSN=0", "352656100367872|OK", "AT+CGSN=1", `+CGSN: "352656100367872"|OK`,
			"AT+CGSN=2", `+CGSN: "3526561003678713"|OK`, "AT+CGSN=3", `+CGSN: "13"|OK`,
			"AT+CGSN=?", "+CGSN: (0-3)|OK", "AT+CGSN=4", "ERROR", "AT+CGSN?", "ERROR", "AT+CGMI?", "ERROR",
		},
		"nrf9151-ntn-1.0.0": {"AT+CGMR", "mfw_nrf9151-ntn_1.0.0|OK", "AT%XSYSTEMMODE?", "%XSYSTEMMODE: 1,0,1,0,0|OK"},
		"nrf9151-2.0.4":     {"AT+CGMM", "nRF9151-LACA|OK", "AT+CGMR", "mfw_nrf91x1_2.0.4|OK", "AT", "OK", "ATI", "ERROR", "A", "ERROR", "AT+NO", "ERROR"},
	} {
		t.Run(profile, func(t *testing.T) {
			_, send := start(t, profile, nil)
			s.run(t, send)
		})
	}
}

func TestIdentityWithoutIMEI(t *testing.T) {
	_, send := start(t, modem.DefaultProfile, func(c *modem.Config) { c.Identity.IMEI = "" })
	require.Equal(t, "ERROR", send("AT+CGSN"))
}

func TestCMEE(t *testing.T) {
	_, send := start(t, modem.DefaultProfile, nil)
	steps{
		"AT+CMEE?", "+CMEE: 0|OK", "AT%CMNG=2,1,0", "ERROR", "AT+CMEE=1", "OK", "AT+CMEE?", "+CMEE: 1|OK",
		"AT%CMNG=2,1,0", "+CME ERROR: 513", "AT+NO", "+CME ERROR: 0", "AT+CFUN=9", "ERROR",
		"AT+CMEE=2", "ERROR", "AT+CMEE=1,1", "ERROR", "AT+CMEE", "ERROR", "AT+CMEE=?", "+CMEE: (0,1)|OK",
		"AT+CMEE=", "OK", "AT+CMEE?", "+CMEE: 0|OK",
	}.run(t, send)
}

func TestFunctionalModes(t *testing.T) {
	for _, c := range []struct {
		profile string
		steps   steps
	}{
		{"nrf9160-1.2.7", steps{"AT+CFUN=?", "+CFUN: (0,1,4,20,21,30,31,40,41,44)|OK", "AT+CFUN=2", "ERROR"}},
		{"nrf9160-1.3.7", steps{"AT+CFUN=?", "+CFUN: (0,1,2,4,20,21,30,31,40,41,44)|OK"}},
		{"nrf9160-1.3.7", steps{"AT+CFUN?", "+CFUN: 0|OK", "AT+CFUN=1", "OK", "AT+CFUN?", "+CFUN: 1|OK",
			"AT+CFUN=20", "OK", "AT+CFUN?", "+CFUN: 1|OK", // GNSS is still on
			"AT+CFUN=30", "OK", "AT+CFUN?", "+CFUN: 4|OK",
			"AT+CFUN=31", "OK", "AT+CFUN?", "+CFUN: 1|OK", "AT+CFUN=44", "OK", "AT+CFUN?", "+CFUN: 44|OK",
			"AT+CFUN=4", "OK", "AT+CFUN?", "+CFUN: 4|OK", "AT+CFUN=2", "OK", "AT+CFUN?", "+CFUN: 2|OK",
			"AT+CFUN=0", "OK", "AT+CFUN?", "+CFUN: 0|OK"}},
		{"nrf9160-1.3.7", steps{"AT+CFUN=45", "ERROR", "AT+CFUN=9", "ERROR", "AT+CFUN=", "ERROR", "AT+CFUN=1,1", "ERROR", "AT+CFUN", "ERROR"}},
		{"nrf9160-1.3.7", steps{"AT%XSYSTEMMODE=0,0,1,0", "OK", "AT+CFUN=21", "ERROR", "AT+CFUN=41", "ERROR", "AT+CFUN=1", "OK"}},
	} {
		_, send := start(t, c.profile, nil)
		c.steps.run(t, send)
	}
}

// In which modes a write is refused: the state counts, not the last number.
func TestWritesInFunctionalModes(t *testing.T) {
	for _, c := range []struct {
		modes []string
		want  string
	}{
		{nil, "OK"}, {[]string{"0"}, "OK"}, {[]string{"4"}, "OK"}, {[]string{"44"}, "OK"},
		{[]string{"31"}, "OK"}, {[]string{"41"}, "OK"}, {[]string{"40"}, "OK"},
		{[]string{"1"}, "+CME ERROR: 518"}, {[]string{"2"}, "+CME ERROR: 518"}, {[]string{"21"}, "+CME ERROR: 518"},
		{[]string{"1", "30"}, "+CME ERROR: 518"}, {[]string{"1", "40"}, "+CME ERROR: 518"},
		{[]string{"1", "20"}, "OK"}, {[]string{"1", "4"}, "OK"},
	} {
		_, send := start(t, "nrf9160-1.3.7", nil)
		send("AT+CMEE=1")
		for _, mode := range c.modes {
			require.Contains(t, send("AT+CFUN="+mode), "OK")
		}
		require.Equal(t, c.want, send(`AT%CMNG=0,1,4,"a"`), "after %v", c.modes)
		require.NotEqual(t, "+CME ERROR: 518", send("AT%CMNG=2,1,4"), "reading is always allowed")
		require.Contains(t, send("AT%CMNG=1"), "OK")
	}
}

func TestCMNG(t *testing.T) {
	const digestA = "CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB"
	_, send := start(t, "nrf9160-1.3.7", nil)
	steps{
		"AT+CMEE=1", "OK",
		"AT%CMNG=1", "OK",
		`AT%CMNG=0, 7, 0,"a"`, "OK",
		"AT%CMNG=1, 7", `%CMNG: 7,0,"` + digestA + `"|OK`,
		"AT%CMNG=1,7,1", "OK",
		"AT%CMNG=1,8", "OK",
		"AT%CMNG=2,7,0", `%CMNG: 7,0,"` + digestA + `","a"|OK`,
		"AT%CMNG=2,7,1", "+CME ERROR: 513",
		`AT%CMNG=0,7,2,"a"`, "OK", "AT%CMNG=2,7,2", "+CME ERROR: 514",
		`AT%CMNG=0,7,1,"a"`, "OK", "AT%CMNG=2,7,1", `%CMNG: 7,1,"` + digestA + `","a"|OK`,
		`AT%CMNG=0,7,0,"a"`, "OK", // replaced
		`AT%CMNG=0,7,5,"a"`, "+CME ERROR: 514",
		`AT%CMNG=0,2147483648,0,"a"`, "+CME ERROR: 514",
		"AT%CMNG=3,7,0", "OK", "AT%CMNG=3,7,0", "+CME ERROR: 513",
		"AT%CMNG=3,7", "+CME ERROR: 50", "AT%CMNG=2,7", "+CME ERROR: 50", "AT%CMNG=4,7,0", "+CME ERROR: 50",
		`AT%CMNG=0,7,0,""`, "+CME ERROR: 50", "AT%CMNG=0,7,0", "+CME ERROR: 50", "AT%CMNG=0,7,0,abc", "+CME ERROR: 50",
		`AT%CMNG=0,7,99,"a"`, "+CME ERROR: 50", `AT%CMNG=0,4294967296,0,"a"`, "+CME ERROR: 50", "AT%CMNG=", "+CME ERROR: 50",
		`AT%CMNG=0,7,2,"a","` + strings.Repeat("p", 32) + `"`, "OK",
		`AT%CMNG=0,7,2,"a","` + strings.Repeat("p", 33) + `"`, "+CME ERROR: 50",
		"AT%CMNG?", "ERROR", "AT%CMNG=?", "ERROR", "AT%CMNG", "ERROR",
	}.run(t, send)
}

// Several things are wrong at once: the first check that fails decides.
func TestOrderOfChecks(t *testing.T) {
	m, send := start(t, modem.DefaultProfile, nil)
	steps{
		"AT+CMEE=1", "OK", "AT+CFUN=1", "OK",
		"AT%CMNG=3,1", "+CME ERROR: 50", // parameters before state
		"AT%CMNG=3,1,0", "+CME ERROR: 518", // state before existence
		`AT%CMNG=0,1,0,"not a certificate"`, "+CME ERROR: 518", // state before content
		"AT+CFUN=4", "OK",
		`AT%CMNG=0,4294967294,0,"not a certificate"`, "+CME ERROR: 514", // permission before content
		`AT%CMNG=0,1,0,"not a certificate"`, "+CME ERROR: 527",
	}.run(t, send)
	m.SetSupply(2800)
	steps{
		"AT%CMNG=3,1,0", "+CME ERROR: 528", // warning before existence
		`AT%CMNG=0,1,0,"not a certificate"`, "+CME ERROR: 528",
		"AT%CMNG=3,1", "+CME ERROR: 50",
	}.run(t, send)
}

func TestOldFirmware(t *testing.T) {
	_, send := start(t, "nrf9160-1.2.7", nil)
	steps{
		"AT+CMEE=1", "OK",
		`AT%CMNG=0,1,0,"HONKHONK"`, "OK", `AT%CMNG=0,1,1,"x"`, "OK",
		"AT%CMNG=1", `%CMNG: 1,0,"` + strings.Repeat("00", 32) + `"|%CMNG: 1,1,"` + strings.Repeat("01", 32) + `"|OK`,
		"AT%CMNG=2,1,0", `%CMNG: 1,0,"` + strings.Repeat("00", 32) + `","HONKHONK"|OK`,
		"AT%CMNG=2,1,1", "+CME ERROR: 514",
		"AT%XSYSTEMMODE=1,1,0,0", "+CME ERROR: 50",
	}.run(t, send)
}

func TestStoreFull(t *testing.T) {
	_, send := start(t, "nrf9160-1.3.7", nil)
	send("AT+CMEE=1")
	content := strings.Repeat("x", 3900)
	got := "OK"
	for tag := 1; got == "OK"; tag++ {
		got = send(fmt.Sprintf(`AT%%CMNG=0,%d,4,"%s"`, tag, content))
	}
	require.Equal(t, "+CME ERROR: 515", got)
	require.Contains(t, send("AT%CMNG=2,1,4"), content, "what is stored stays")
}

func TestSystemMode(t *testing.T) {
	_, send := start(t, "nrf9160-1.3.7", nil)
	steps{
		"AT+CMEE=1", "OK", "AT%XSYSTEMMODE?", "%XSYSTEMMODE: 1,0,1,0|OK",
		"AT%XSYSTEMMODE=1,1,1,3", "OK", "AT%XSYSTEMMODE?", "%XSYSTEMMODE: 1,1,1,3|OK",
		"AT%XSYSTEMMODE=1,1,1,5", "+CME ERROR: 50", "AT%XSYSTEMMODE=1,1,1", "+CME ERROR: 50",
		"AT%XSYSTEMMODE=1,1,1,0,1", "+CME ERROR: 50", "AT%XSYSTEMMODE=2,0,0,0", "+CME ERROR: 50",
		"AT+CFUN=1", "OK", "AT%XSYSTEMMODE=1,0,0,0", "+CME ERROR: 518", "AT%XSYSTEMMODE=?", "ERROR",
		"AT+CFUN=4", "OK", "AT%XSYSTEMMODE=0,1,0,0", "OK", "AT+CEREG=2", "OK",
		"AT+CFUN=1", `OK|+CEREG: 2,"B4DC","000AE520",9|+CEREG: 1,"B4DC","000AE520",9`,
	}.run(t, send)
}

func TestRegistrationLevels(t *testing.T) {
	const cell, timers = `,"B4DC","000AE520",7`, `,,,"11100000","11100000"`
	for level, want := range []string{
		"OK", "OK|+CEREG: 2|+CEREG: 1",
		"OK|+CEREG: 2" + cell + "|+CEREG: 1" + cell,
		"OK|+CEREG: 2" + cell + "|+CEREG: 1" + cell,
		"OK|+CEREG: 2" + cell + "|+CEREG: 1" + cell + timers,
		"OK|+CEREG: 2" + cell + "|+CEREG: 1" + cell + timers,
	} {
		_, send := start(t, "nrf9160-1.3.7", nil)
		n := strconv.Itoa(level)
		steps{
			"AT+CEREG?", "+CEREG: 0,4|OK", "AT+CEREG=" + n, "OK", "AT+CEREG?", "+CEREG: " + n + ",4|OK",
			"AT+CFUN=1", want, "AT+CEREG=?", "+CEREG: (0-5)|OK", "AT+CEREG=6", "ERROR",
		}.run(t, send)
	}
}

func TestSubscriptionsEndAtPowerOff(t *testing.T) {
	_, send := start(t, "nrf9160-1.3.7", nil)
	steps{
		"AT+CEREG=1", "OK", "AT%XSIM=1", "OK", "AT+CMEE=1", "OK",
		"AT+CFUN=1", "OK|+CEREG: 2|%XSIM: 1|+CEREG: 1",
		"AT+CFUN=4", "OK|+CEREG: 0|%XSIM: 0", "AT+CEREG?", "+CEREG: 1,0|OK",
		"AT+CFUN=0", "OK", "AT+CEREG?", "+CEREG: 0,0|OK", "AT+CMEE?", "+CMEE: 1|OK",
		"AT+CFUN=1", "OK",
	}.run(t, send)
}

func TestSIM(t *testing.T) {
	for _, c := range []struct {
		sim   modem.SIM
		steps steps
	}{
		{modem.SIMPresent, steps{
			"AT%XSIM?", "%XSIM: 0|OK", "AT+CPIN?", "ERROR", "AT+CIMI", "ERROR",
			"AT+CFUN=41", "OK", "AT%XSIM?", "%XSIM: 1|OK", "AT+CPIN?", "+CPIN: READY|OK", "AT+CPIN", "+CPIN: READY|OK",
			"AT+CIMI", "242010813630037|OK", "AT+CIMI?", "ERROR", `AT+CPIN="1234"`, "ERROR",
			"AT%XSIM=2", "ERROR", "AT%XSIM=?", "ERROR", "AT+CFUN=40", "OK", "AT%XSIM?", "%XSIM: 0|OK",
		}},
		{modem.SIMAbsent, steps{
			"AT+CMEE=1", "OK", "AT%XSIM=1", "OK", "AT+CEREG=1", "OK",
			"AT+CFUN=1", "OK|+CEREG: 2|+CEREG: 90|%XSIM: 0,9", "AT+CPIN?", "+CME ERROR: 13", "AT+CIMI", "+CME ERROR: 13",
			"AT%XSIM?", "%XSIM: 0,9|OK",
		}},
		{modem.SIMFailed, steps{"AT+CFUN=1", "ERROR", "AT+CFUN?", "+CFUN: 0|OK", "AT+CFUN=31", "OK"}},
	} {
		_, send := start(t, "nrf9160-1.3.7", func(cfg *modem.Config) { cfg.Network.SIM = c.sim })
		c.steps.run(t, send)
	}
}

func TestPowerWarningCommand(t *testing.T) {
	m, send := start(t, "nrf9160-1.3.7", nil)
	m.SetSupply(2000)
	steps{
		`AT%CMNG=0,1,4,"a"`, "OK", // off by default on this chip
		"AT%XPOFWARN=1", "ERROR", "AT%XPOFWARN=1,29", "ERROR", "AT%XPOFWARN=1,34", "ERROR", "AT%XPOFWARN=2", "ERROR",
		"AT%XPOFWARN=1,32", "OK|%XPOFWARN: 32",
		"AT+CMEE=1", "OK", `AT%CMNG=0,1,4,"b"`, "+CME ERROR: 528", "AT%XPOFWARN?", "ERROR", "AT%XPOFWARN=0", "OK",
	}.run(t, send)
}

func TestMask(t *testing.T) {
	for line, want := range map[string]string{
		`AT%CMNG=0,1,0,"public"`:                      `AT%CMNG=0,1,0,"public"`,
		`AT%CMNG=0,1,3,"c0ffee"`:                      `AT%CMNG=0,1,3,"<7 bytes masked>`,
		`at%cmng=0, 1, 2,"key","pass"`:                `at%cmng=0, 1, 2,"<11 bytes masked>`,
		`AT%CMNG=0,1,2,"unbalanced`:                   `AT%CMNG=0,1,2,"<10 bytes masked>`,
		`AT%CMNG=0,1,0,"-----BEGIN PRIVATE KEY-----"`: `AT%CMNG=0,1,0,"<28 bytes masked>`,
		`AT%CMNG=2,1,2`:                               `AT%CMNG=2,1,2`,
		`AT+CFUN=1`:                                   `AT+CFUN=1`,
	} {
		require.Equal(t, want, modem.Mask([]byte(line)))
	}
}

func TestProfiles(t *testing.T) {
	seen := make(map[string]bool)
	for _, p := range modem.Profiles() {
		require.False(t, seen[p.Name], p.Name)
		seen[p.Name] = true
		got, err := modem.LookupProfile(strings.ToUpper(p.Name))
		require.NoError(t, err)
		require.Equal(t, p.Revision, got.Revision)
		id := modem.NewIdentity(&p, 1)
		require.NoError(t, modem.CheckIMEI(id.IMEI))
	}
	_, err := modem.LookupProfile("nrf52")
	require.ErrorContains(t, err, modem.DefaultProfile)
}

func TestCheckIMEI(t *testing.T) {
	require.NoError(t, modem.CheckIMEI("352656100367872")) // seen in a trace
	for _, imei := range []string{"", "35265610036787", "352656100367873", "35265610036787x"} {
		require.Error(t, modem.CheckIMEI(imei), imei)
	}
}
