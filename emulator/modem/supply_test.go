package modem_test

import (
	"testing"
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
