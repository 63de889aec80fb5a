package modem_test

import (
	"strings"
	"testing"

	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/network"
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

// A network that was read can be used.
func FuzzLoadNetwork(f *testing.F) {
	f.Add("# Much.\nsim: {state: present, pin: \"0123\"}\nroaming: true\noperator: {plmn: \"24201\", name: Telenor}\nothers: [{plmn: \"310410\", forbidden: true}]\naddresses: {ipv6: \"2001:db8::1\", dns: [10.0.0.1]}")
	f.Add("a: &a [*a]")
	f.Add("sim: {pin: '1234'}\nattach-delay: 2s")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := network.Load(strings.NewReader(text))
		if err != nil {
			return
		}
		n.Outages, n.AttachDelay, n.ReleaseAfter, n.SearchTime = nil, 0, 0, 0
		_, send := start(t, "nrf9160-1.3.7", func(c *modem.Config) { c.Network = &n })
		for _, command := range []string{"AT+CFUN=1", "AT+COPS?", "AT%XMONITOR", "AT+CGCONTRDP", "AT+CGDCONT?", "AT%CONEVAL", "AT+CCLK?", "AT+CFUN=4"} {
			send(command)
		}
	})
}
