package modem_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPowerWarningCommand(t *testing.T) {
	m, send := start(t, "nrf9160-1.3.7", nil)
	m.SetSupply(2000)
	steps{
		`AT%CMNG=0,1,4,"a"`, "OK", // off by default on this chip
		"AT%XPOFWARN=1", "ERROR", "AT%XPOFWARN=1,29", "ERROR", "AT%XPOFWARN=1,34", "ERROR", "AT%XPOFWARN=2", "ERROR",
		"AT%XPOFWARN=1,32", "OK",
		"AT+CMEE=1", "OK", `AT%CMNG=0,1,4,"b"`, "+CME ERROR: 528", "AT%XPOFWARN?", "+CME ERROR: 0", "AT%XPOFWARN=0", "OK",
	}.run(t, send)
}

// The warning comes below its level, and is over above 3,000 mV whatever the level.
func TestPowerWarningBoundaries(t *testing.T) {
	for _, c := range []struct {
		level      string
		low, later int    // mV
		want       string // of a write after +CFUN=1 at the later supply
	}{
		{"30", 3000, 3700, "OK"}, {"30", 2999, 2999, "+CME ERROR: 528"},
		{"30", 2999, 3000, "+CME ERROR: 528"}, {"30", 2999, 3001, "OK"},
		{"32", 3200, 3200, "OK"}, {"32", 3199, 3000, "+CME ERROR: 528"}, {"32", 3199, 3001, "OK"},
	} {
		m, send := start(t, "nrf9160-1.3.7", nil)
		send("AT+CMEE=1")
		send("AT%XPOFWARN=1," + c.level)
		m.SetSupply(c.low)
		low := "+CME ERROR: 528"
		if strconv.Itoa(c.low/100) == c.level {
			low = "OK" // at the level
		}
		require.Equal(t, low, send(`AT%CMNG=0,1,4,"a"`), "%+v", c)
		m.SetSupply(c.later)
		require.Equal(t, low, send(`AT%CMNG=0,1,4,"b"`), "only +CFUN=1 ends it: %+v", c)
		send("AT+CFUN=1")
		send("AT+CFUN=4")
		require.Equal(t, c.want, send(`AT%CMNG=0,1,4,"c"`), "%+v", c)
	}
}
