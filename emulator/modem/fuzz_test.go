package modem_test

import (
	"strings"
	"testing"
)

// No command line makes the modem panic, and every one is answered.
func FuzzExecute(f *testing.F) {
	_, send := start(f, "nrf9151-2.0.4", nil)
	for line := range strings.SplitSeq(send("AT+CLAC"), "|") {
		f.Add(line + "=1,2,\"x\"")
	}
	for _, line := range []string{
		`AT+CGDCONT=1,"IP","a"`, `AT+COPS=1,2,"24201"`, `AT+CPSMS=1,,,"10101111","01101100"`, `AT+CCLK="18/12/06,22:10:00+08"`,
		`AT+CRSM=176,12258,0,0,10`, `AT%XBANDLOCK=1,"111"`, "AT+CFUN=1", "AT%XMONITOR", `AT+CPIN="1234","1234"`,
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.Contains(strings.ToUpper(line), "KEYGEN") {
			return // slow
		}
		if answer := send(line); !strings.Contains(answer, "OK") && !strings.Contains(answer, "ERROR") {
			t.Errorf("%q is answered with %q", line, answer)
		}
	})
}
