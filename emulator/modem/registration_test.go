package modem_test

import (
	"strconv"
	"testing"
)

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
