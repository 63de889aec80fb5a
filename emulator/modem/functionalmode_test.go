package modem_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFunctionalModes(t *testing.T) {
	for _, c := range []struct {
		profile string
		steps   steps
	}{
		{"nrf9160-1.2.7", steps{"AT+CFUN=?", "+CFUN: (0,1,4,20,21,30,31,40,41,44)|OK", "AT+CFUN=2", "ERROR"}},
		{"nrf9160-1.3.7", steps{"AT+CFUN=?", "+CFUN: (0,1,2,4,20,21,30,31,40,41,44)|OK"}},
		{"nrf9160-1.3.7", steps{"AT%XSYSTEMMODE=1,0,1,0", "OK", "AT+CFUN?", "+CFUN: 0|OK", "AT+CFUN=1", "OK", "AT+CFUN?", "+CFUN: 1|OK",
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

// A modem that is on for GNSS alone is active as well.
func TestWritesWithoutLTE(t *testing.T) {
	_, send := start(t, "nrf9160-1.3.7", nil)
	steps{
		"AT+CMEE=1", "OK", "AT%XSYSTEMMODE=0,0,1,0", "OK", "AT+CFUN=1", "OK",
		`AT%CMNG=0,1,4,"a"`, "+CME ERROR: 518", "AT%CMNG=3,1,4", "+CME ERROR: 518", "AT%KEYGEN=1,2", "+CME ERROR: 518",
		"AT+CFUN=20", "OK", `AT%CMNG=0,1,4,"a"`, "OK",
	}.run(t, send)
}

func TestSystemMode(t *testing.T) {
	_, send := start(t, "nrf9160-1.3.7", nil)
	steps{
		"AT+CMEE=1", "OK", "AT%XSYSTEMMODE?", "%XSYSTEMMODE: 1,0,0,0|OK",
		"AT%XSYSTEMMODE=1,1,1,3", "OK", "AT%XSYSTEMMODE?", "%XSYSTEMMODE: 1,1,1,3|OK",
		"AT%XSYSTEMMODE=1,1,1,5", "+CME ERROR: 0", "AT%XSYSTEMMODE=1,1,1", "+CME ERROR: 0",
		"AT%XSYSTEMMODE=1,1,1,0,1", "+CME ERROR: 0", "AT%XSYSTEMMODE=2,0,0,0", "+CME ERROR: 0",
		"AT+CFUN=1", "OK", "AT%XSYSTEMMODE=1,0,0,0", "+CME ERROR: 518", "AT%XSYSTEMMODE=?", "+CME ERROR: 0",
		"AT+CFUN=4", "OK", "AT%XSYSTEMMODE=0,1,0,0", "OK", "AT+CEREG=2", "OK",
		"AT+CFUN=1", `OK|+CEREG: 2,"B4DC","000AE520",9|+CEREG: 1,"B4DC","000AE520",9`,
	}.run(t, send)
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
