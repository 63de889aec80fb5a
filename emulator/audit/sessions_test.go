package audit_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/audit"
)

// A session is what a host says to a modem over its boots, and the findings that it must give.
type session struct {
	name   string
	script string
	want   []string
}

func playSessions(t *testing.T, sessions []session) {
	for _, s := range sessions {
		t.Run(s.name, func(t *testing.T) {
			if s.want == nil {
				s.want = []string{}
			}
			r := judge(t, audit.Options{}, s.script)
			require.Equal(t, s.want, found(r))
			checkFindings(t, r)
		})
	}
}

// Each session must give exactly these findings of all levels.
func TestSessions(t *testing.T) {
	const asked = "AT%CMNG=1 -> OK\n"
	const full = asked + `
		AT%CMNG=0,24,0,<ca> -> OK
		AT%CMNG=0,24,1,<client certificate> -> OK
		AT%CMNG=0,24,2,<key> -> OK
		`
	reset := func(n string) string { return "AT%XFACTORYRESET=" + n + " -> OK\n" }
	psks := func(list ...string) string { // one in each boot
		script := ""
		for i, psk := range list {
			if i > 0 {
				script += "* power cycle\n"
			}
			script += asked
			if i == 0 {
				script += "AT%CMNG=0,24,4,<identity> -> OK\n"
			}
			script += "AT%CMNG=0,24,3,<" + psk + "> -> OK\n"
		}
		return script
	}
	const ca2Online = asked + "AT%CMNG=0,24,0,<ca2> -> OK\nAT+CFUN=1 -> OK\n"
	const tlsGood = "* TLS: peer=broker.example:8883 tag=24 verify=2 host=broker.example"
	const tlsFault = tlsGood + " fault="
	playSessions(t, []session{
		{"nothing at all", "", nil},
		{"delete while online", asked + "AT%CMNG=0,24,0,<ca> -> OK\nAT+CFUN=21 -> OK\nAT+CMEE=1 -> OK\nAT%CMNG=3,24,0 -> +CME ERROR: 518",
			[]string{"P01 error 24:0"}},
		{"refused, then done offline", asked + `
			AT+CMEE=1 -> OK
			AT+CFUN=1 -> OK
			AT%CMNG=0,24,0,<ca> -> +CME ERROR: 518
			AT+CFUN=4 -> OK
			AT%CMNG=0,24,0,<ca> -> OK
			AT+CFUN=1 -> OK`, []string{"P01 info 24:0"}},
		{"a key made online", "AT+CFUN=1 -> OK\nAT%KEYGEN=24,2,0 -> OK", []string{"P01 error 24:2"}},
		{"list and read are allowed online", "AT+CFUN=1 -> OK\nAT%CMNG=1 -> OK\nAT+CMEE=1 -> OK\nAT%CMNG=2,24,0 -> +CME ERROR: 513", nil},
		{"GNSS alone is not online", "AT+CFUN=31 -> OK\n" + asked + "AT%CMNG=0,24,0,<ca> -> OK", nil},
		{"refused without a reason, then online again", asked + `
			AT+CFUN=1 -> OK
			AT%CMNG=0,24,0,<ca> -> ERROR
			AT+CFUN=1 -> OK`, []string{"P01 error 24:0", "P02 warning"}},

		{"a bare error that hides nothing", "AT%CMNG=1 -> +CME ERROR: 0", nil},
		{"another type asked too late", "AT%CMNG=0,24,1,<client certificate> -> OK\nAT%CMNG=1,24,2 -> OK\nAT%CMNG=0,24,2,<key> -> OK",
			[]string{"P03 warning 24:1", "P29 info 24:2"}},
		{"asked by tag", "AT%CMNG=1,24 -> OK\nAT%CMNG=0,24,0,<ca> -> OK", nil},
		{"asked by a blank and a tag", "AT%CMNG=1, 24 -> OK\nAT%CMNG=0,24,0,<ca> -> OK", nil},
		{"asked by reading", "AT+CMEE=1 -> OK\nAT%CMNG=2,24,0 -> +CME ERROR: 513\nAT%CMNG=0,24,0,<ca> -> OK", nil},
		{"asked about another tag", "AT%CMNG=1,25 -> OK\nAT%CMNG=0,24,0,<ca> -> OK", []string{"P03 warning 24:0"}},
		{"asked too late", "AT%CMNG=0,24,0,<ca> -> OK\nAT%CMNG=1,24,0 -> OK", []string{"P03 warning 24:0"}},
		{"asked in the boot before", "AT%CMNG=1,24,0 -> OK\n* power cycle\nAT%CMNG=0,24,0,<ca> -> OK", []string{"P03 warning 24:0", "P31 warning"}},
		{"a set with its CA as the mark", `
			AT%CMNG=1,24,0 -> OK
			AT%CMNG=0,24,2,<key> -> OK
			AT%CMNG=0,24,1,<client certificate> -> OK
			AT%CMNG=0,24,0,<ca> -> OK
			AT%CMNG=1,24,0 -> OK`, []string{"P29 info 24:2"}},
		{"a set replaced since its CA changed", full + `
			* power cycle
			AT%CMNG=2,24,0 -> OK
			AT%CMNG=0,24,2,<another key> -> OK
			AT%CMNG=0,24,1,<self-signed server certificate> -> OK
			AT%CMNG=0,24,0,<ca2> -> OK`, []string{"P31 warning x3", "P29 info 24:2 x2"}},
		{"the CA is there, but the key is written blindly", full + `
			* power cycle
			AT%CMNG=1,24,0 -> OK
			AT%CMNG=0,24,2,<another key> -> OK
			AT%CMNG=0,24,1,<self-signed server certificate> -> OK`,
			[]string{"P03 warning 24:2", "P03 warning 24:1", "P31 warning x2", "P29 info 24:2 x2"}},
		{"the mark of a set changes from outside", "* stored from outside: 24,0,<ca>\nAT%CMNG=1,24,0 -> OK\n* stored from outside: 24,0,<ca2>\n" +
			"AT%CMNG=0,24,2,<key> -> OK", []string{"P03 warning 24:2", "P29 info 24:2"}},
		{"a certificate for a new key", "AT%KEYGEN=24,2,0 -> OK\nAT%CMNG=0,24,1,<client certificate> -> OK", nil},

		{"deleted for a needed replacement", asked + `
			AT%CMNG=0,24,0,<ca> -> OK
			* power cycle
			AT%CMNG=1, 24 -> OK
			AT%CMNG=3,24,0 -> OK
			AT%CMNG=0,24,0,<ca2> -> OK`, []string{"P31 warning x2"}},
		{"deleted in one boot, written in the next", asked + `
			AT%CMNG=0,24,0,<ca> -> OK
			AT%CMNG=3,24,0 -> OK
			* power cycle
			AT%CMNG=1,24,0 -> OK
			AT%CMNG=0,24,0,<ca> -> OK`, []string{"P06 error 24:0"}},
		{"deleted blindly, other content", asked + `
			AT%CMNG=0,24,0,<ca> -> OK
			* power cycle
			AT%CMNG=3,24,0 -> OK
			AT%CMNG=0,24,0,<ca2> -> OK`, []string{"P06 warning 24:0"}},
		{"deleted for good", asked + "AT%CMNG=0,24,0,<ca> -> OK\n* power cycle\nAT%CMNG=3,24,0 -> OK", []string{"P31 warning"}},
		{"a key made in each boot", `
			AT%KEYGEN=24,2,0 -> OK
			* power cycle
			AT%CMNG=3,24,2 -> OK
			AT%KEYGEN=24,2,0 -> OK`, []string{"P32 error 24:2"}},
		{"a key of an earlier boot made anew, since the power cut the write of its certificate", `
			AT%KEYGEN=24,2,0 -> OK
			* power cycle
			AT%CMNG=0,24,1,<client certificate> -> ERROR!
			* power cut
			AT%CMNG=1,24,1 -> OK
			AT%CMNG=3,24,2 -> OK
			AT%KEYGEN=24,2,0 -> OK`, nil},
		{"a PSK that is deleted at the end of each boot", asked + `
			AT%CMNG=0,24,4,<identity> -> OK
			AT%CMNG=0,24,3,<psk> -> OK
			AT%CMNG=3,24,3 -> OK
			* power cycle
			` + asked + `
			AT%CMNG=0,24,3,<psk> -> OK
			AT%CMNG=3,24,3 -> OK`, []string{"P06 error 24:3"}},
		{"a write that is refused at each boot, as malformed", "AT+CMEE=1 -> OK\n" + asked + `
			AT%CMNG=0,24,4 -> +CME ERROR: 50
			* power cycle
			AT+CMEE=1 -> OK
			` + asked + `
			AT%CMNG=0,24,4 -> +CME ERROR: 50`, []string{"P37 error 24:4 x2"}},
		{"a write that names no type", "AT+CMEE=1 -> OK\n" + asked + "AT%CMNG=0,24 -> +CME ERROR: 50", []string{"P37 error"}},
		{"a write that is refused, and done in the next boot", "AT+CMEE=1 -> OK\n" + asked + `
			AT%CMNG=0,24,4,<identity> -> +CME ERROR: 60
			* power cycle
			AT+CMEE=1 -> OK
			` + asked + `
			AT%CMNG=0,24,4,<identity> -> OK
			AT%CMNG=0,24,3,<psk> -> OK`, nil},
		{"a new tag in each boot, after a refusal in each", "AT+CMEE=1 -> OK\n" + asked + `
			AT%CMNG=0,24,9,<identity> -> +CME ERROR: 514
			AT%CMNG=0,25,0,<ca> -> OK
			* power cycle
			AT+CMEE=1 -> OK
			` + asked + `
			AT%CMNG=0,24,9,<identity> -> +CME ERROR: 514
			AT%CMNG=0,26,0,<ca2> -> OK
			* power cycle
			AT+CMEE=1 -> OK
			` + asked + `
			AT%CMNG=0,24,9,<identity> -> +CME ERROR: 514
			AT%CMNG=0,27,0,<nrf cloud ca> -> OK`, []string{"P31 error x2", "P37 error 24:9 x3"}},
		{"a store that is full, and a program that does not go online", "AT+CMEE=1 -> OK\n" + asked + "AT%CMNG=0,24,0,<ca> -> +CME ERROR: 515", []string{"P37 warning 24:0"}},
		{"a store that is full, and a program that does", "AT+CMEE=1 -> OK\n" + asked + "AT%CMNG=0,24,0,<ca> -> +CME ERROR: 515\nAT+CFUN=1 -> OK", []string{"P25 error 24:0"}},
		{"deleted and written again in one boot, and in the next", asked + `
			AT%CMNG=0,24,0,<ca> -> OK
			AT%CMNG=3,24,0 -> OK
			AT%CMNG=0,24,0,<ca> -> OK
			* power cycle
			` + asked + `
			AT%CMNG=3,24,0 -> OK
			AT%CMNG=0,24,0,<ca> -> OK`, []string{"P06 error 24:0 x2"}},
		{"a key made anew once, and then left alone", `
			AT%KEYGEN=24,2,0 -> OK
			* power cycle
			AT%CMNG=1,24,2 -> OK
			AT%CMNG=3,24,2 -> OK
			AT%KEYGEN=24,2,0 -> OK
			* power cycle
			AT%CMNG=1,24,2 -> OK`, nil},
		{"a key made anew in every other boot", `
			AT%KEYGEN=24,2,0 -> OK
			* power cycle
			AT%CMNG=1,24,2 -> OK
			* power cycle
			AT%CMNG=1,24,2 -> OK
			AT%CMNG=3,24,2 -> OK
			AT%KEYGEN=24,2,0 -> OK
			* power cycle
			AT%CMNG=1,24,2 -> OK
			* power cycle
			AT%CMNG=1,24,2 -> OK
			AT%CMNG=3,24,2 -> OK
			AT%KEYGEN=24,2,0 -> OK`, []string{"P32 error 24:2 x2"}},
		{"a key made in each of many boots", "AT%KEYGEN=24,2,0 -> OK\n" + strings.Repeat(`* power cycle
			AT%CMNG=1,24,2 -> OK
			AT%CMNG=3,24,2 -> OK
			AT%KEYGEN=24,2,0 -> OK
			`, 9), []string{"P32 error 24:2 x9"}},
		{"a key made anew in the last of five boots", "AT%KEYGEN=24,2,0 -> OK\n" + strings.Repeat("* power cycle\nAT%CMNG=1,24,2 -> OK\n", 4) +
			"AT%CMNG=3,24,2 -> OK\nAT%KEYGEN=24,2,0 -> OK", nil},
		{"a key made anew after a factory reset", `
			AT%KEYGEN=24,2,0 -> OK
			* power cycle
			AT%XFACTORYRESET=0 -> OK
			AT%KEYGEN=24,2,0 -> OK
			* power cycle
			AT%CMNG=1 -> OK`, nil},
		{"a key made anew after the one that came after a factory reset", `
			AT%KEYGEN=24,2,0 -> OK
			AT%XFACTORYRESET=0 -> OK
			AT%KEYGEN=24,2,0 -> OK
			* power cycle
			AT%CMNG=3,24,2 -> OK
			AT%KEYGEN=24,2,0 -> OK`, []string{"P32 error 24:2"}},
		{"two contents in turn after a factory reset", asked + `
			AT%CMNG=0,24,0,<ca> -> OK
			AT%XFACTORYRESET=0 -> OK
			AT%CMNG=0,24,0,<ca> -> OK
			AT%CMNG=0,24,0,<ca2> -> OK
			AT%CMNG=0,24,0,<ca> -> OK`, []string{"P05 error 24:0"}},
		{"a key made twice in one boot", "AT%KEYGEN=24,2,0 -> OK\nAT%CMNG=3,24,2 -> OK\nAT%KEYGEN=24,2,0 -> OK", nil},
		{"two contents in turn in one boot", asked + `
			AT%CMNG=0,24,0,<ca> -> OK
			AT%CMNG=0,24,0,<ca2> -> OK
			AT%CMNG=0,24,0,<ca> -> OK`, []string{"P05 error 24:0"}},
		{"what was deleted long ago", asked + `
			AT%CMNG=0,24,0,<ca> -> OK
			AT%CMNG=3,24,0 -> OK
			AT%CMNG=0,24,0,<ca2> -> OK
			AT%CMNG=0,24,0,<ca> -> OK`, []string{"P05 error 24:0"}},
		{"a key made once, asked by 519", `
			AT+CMEE=1 -> OK
			AT%KEYGEN=24,2,0 -> OK
			* power cycle
			AT+CMEE=1 -> OK
			AT%KEYGEN=24,2,0 -> +CME ERROR: 519
			AT+CFUN=1 -> OK`, nil},
		{"removed from outside, written again", asked + `
			AT%CMNG=0,24,0,<ca> -> OK
			* power cycle
			* stored from outside: 24,0,<ca2>
			AT%CMNG=1,24,0 -> OK
			AT%CMNG=3,24,0 -> OK
			AT%CMNG=0,24,0,<ca> -> OK`, nil},
		{"a set written again after a power cut", `
			AT%CMNG=1,24,0 -> OK
			AT%CMNG=0,24,2,<key> -> OK
			* power cut
			AT%CMNG=1,24,0 -> OK
			AT%CMNG=0,24,2,<key> -> OK
			AT%CMNG=0,24,0,<ca> -> OK`, []string{"P04 info 24:2", "P29 info 24:2 x2"}},
		{"a set written again after the supply was cut between commands", `
			AT%CMNG=1,24,0 -> OK
			AT%CMNG=0,24,2,<key> -> OK
			* supply off
			AT%CMNG=1,24,0 -> OK
			AT%CMNG=0,24,2,<key> -> OK
			AT%CMNG=0,24,0,<ca> -> OK`, []string{"P04 error 24:2", "P31 warning", "P29 info 24:2 x2"}},
		{"written again after a power cut much later", `
			AT%CMNG=1,24 -> OK
			AT%CMNG=0,24,0,<ca> -> OK
			* power cycle
			* power cut
			AT%CMNG=1,24 -> OK
			AT%CMNG=0,24,0,<ca> -> OK`, []string{"P04 error 24:0"}},

		{"a secret read to see whether it exists", asked + `
			AT%CMNG=0,24,3,<psk> -> OK
			AT%CMNG=0,24,4,<identity> -> OK
			AT+CMEE=1 -> OK
			AT%CMNG=2,24,3 -> +CME ERROR: 514`, []string{"P07 warning 24:3"}},
		{"a secret read, then its digest", asked + `
			AT%CMNG=0,24,2,<key> -> OK
			* power cycle
			AT+CMEE=1 -> OK
			AT%CMNG=2,24,2 -> +CME ERROR: 514
			AT%CMNG=1,24,2 -> OK
			AT%CMNG=0,24,2,<another key> -> OK`, []string{"P07 warning 24:2", "P31 warning", "P29 info 24:2 x2"}},
		{"a secret read and written", asked + `
			AT%CMNG=0,24,2,<key> -> OK
			* power cycle
			AT+CMEE=1 -> OK
			AT%CMNG=2,24,2 -> +CME ERROR: 514
			AT%CMNG=0,24,2,<another key> -> OK`, []string{"P07 error 24:2", "P29 info 24:2 x2"}},
		{"a secret read and deleted", asked + `
			AT%CMNG=0,24,2,<key> -> OK
			* power cycle
			AT+CMEE=1 -> OK
			AT%CMNG=2,24,2 -> +CME ERROR: 514
			AT%CMNG=3,24,2 -> OK`, []string{"P07 error 24:2", "P29 info 24:2"}},
		{"an absent secret read", "AT+CMEE=1 -> OK\nAT%CMNG=2,24,2 -> +CME ERROR: 513\nAT%CMNG=0,24,2,<key> -> OK", []string{"P29 info 24:2"}},

		{"carriage returns alone", asked + "AT%CMNG=0,24,0,<ca with CR> -> OK", []string{"P08 error 24:0", "P12 info 24:0"}},
		{"carriage return and line feed", asked + "AT%CMNG=0,24,0,<ca with CRLF> -> OK", []string{"P08 error 24:0"}},
		{"escaped line feeds", asked + `AT%CMNG=0,24,0,<ca with \n> -> OK`, []string{"P09 error 24:0", "P12 info 24:0"}},
		{"a backslash in an identity", asked + "AT%CMNG=0,24,3,<psk> -> OK\nAT%CMNG=0,24,4,<identity> -> OK", nil},
		{"one line", asked + "AT%CMNG=0,24,0,<ca on one line> -> OK", []string{"P10 error 24:0"}},
		{"a leading line feed", asked + "AT%CMNG=0,24,0,<ca with leading blank> -> OK", []string{"P10 info 24:0"}},
		{"a comment first", asked + "AT%CMNG=0,24,0,<ca with comment> -> OK", nil},
		{"cut short", asked + "AT%CMNG=0,24,0,<ca cut short> -> OK", []string{"P11 error 24:0"}},
		{"cut in half", asked + "AT%CMNG=0,24,0,<ca cut in half> -> OK", []string{"P11 error 24:0"}},
		{"no final line feed", asked + "AT%CMNG=0,24,0,<ca without final LF> -> OK", []string{"P12 info 24:0"}},
		{"typographic dashes", asked + "AT%CMNG=0,24,0,<ca with typographic dashes> -> OK", []string{"P13 error 24:0"}},
		{"a key as CA", asked + "AT%CMNG=0,24,0,<key> -> OK", []string{"P14 error 24:0"}},
		{"a certificate as key", asked + "AT%CMNG=0,24,2,<client certificate> -> OK", []string{"P14 error 24:2", "P29 info 24:2"}},
		{"DER", asked + "AT%CMNG=0,24,0,<der> -> OK", []string{"P14 error 24:0"}},
		{"nonsense", asked + "AT%CMNG=0,24,0,<nonsense> -> OK", []string{"P14 error 24:0"}},
		{"PEM that does not decode", asked + "AT%CMNG=0,24,0,<made-up pem> -> OK", []string{"P14 warning 24:0"}},
		{"PEM that does not decode and is refused", asked + "AT%CMNG=0,24,0,<made-up pem> -> +CME ERROR: 527", []string{"P14 error 24:0"}},
		{"a CA that is refused", asked + "AT%CMNG=0,24,0,<ca> -> +CME ERROR: 527", []string{"P14 error 24:0"}},
		{"a big CA that is refused", asked + "AT%CMNG=0,24,0,<big> -> +CME ERROR: 527", []string{"P17 error 24:0"}},
		{"a PEM as PSK", asked + "AT%CMNG=0,24,4,<identity> -> OK\nAT%CMNG=0,24,3,<key> -> OK", []string{"P14 error 24:3"}},
		{"an EC key with its parameters", asked + "AT%CMNG=0,24,2,<ec key with parameters> -> OK", []string{"P29 info 24:2"}},
		{"a leaf as CA", asked + "AT%CMNG=0,24,0,<client certificate> -> OK", []string{"P15 warning 24:0"}},
		{"a pinned server", asked + "AT%CMNG=0,24,0,<self-signed server certificate> -> OK", nil},
		{"an expired CA", asked + "AT%CMNG=0,24,0,<expired ca> -> OK", []string{"P16 warning 24:0"}},
		{"a CA that expires soon", asked + "AT%CMNG=0,24,0,<ca that expires soon> -> OK", []string{"P16 warning 24:0"}},
		{"two CAs", asked + "AT%CMNG=0,24,0,<two cas> -> OK", []string{"P17 info 24:0"}},
		{"a big CA", asked + "AT%CMNG=0,24,0,<big> -> OK", []string{"P17 error 24:0"}},
		{"a client certificate with its chain", asked + "AT%CMNG=0,24,1,<client chain> -> OK\nAT%CMNG=0,24,2,<key> -> OK", []string{"P29 info 24:2"}},
		{"a command too long", "* a command is too long", []string{"P18 error"}},

		{"nRF Cloud's tag with its CA", asked + "AT%CMNG=0,16842753,0,<nrf cloud ca> -> OK\nAT+CFUN=1 -> OK\n" +
			"* TLS: peer=mqtt.nrfcloud.com:8883 tag=16842753 verify=2 host=mqtt.nrfcloud.com", nil},
		{"nRF Cloud's tag with another CA and server", asked + "AT%CMNG=0,16842753,0,<ca> -> OK\nAT+CFUN=1 -> OK\n" +
			"* TLS: peer=broker.example:8883 tag=16842753 verify=2 host=broker.example",
			[]string{"P19 warning 16842753:0", "P19 warning 16842753"}},
		{"a reserved tag for TLS", asked + "AT%CMNG=0,2147483648,0,<ca> -> OK\nAT+CFUN=1 -> OK\n" +
			"* TLS: peer=broker.example:8883 tag=2147483648 verify=2 host=broker.example",
			[]string{"P19 error 2147483648:0", "P19 error 2147483648"}},

		{"a matching pair", full, []string{"P29 info 24:2"}},
		{"a certificate without a key", asked + "AT%CMNG=0,24,1,<client certificate> -> OK", []string{"P21 error 24:1"}},
		{"a certificate without a key in use", asked + `
			AT%CMNG=0,24,0,<ca> -> OK
			AT%CMNG=0,24,1,<client certificate> -> OK
			AT+CFUN=1 -> OK
			* TLS: peer=broker.example:8883 tag=24 verify=2 host=broker.example
			* TLS: peer=broker.example:8883 tag=24 verify=2 host=broker.example`, []string{"P21 error 24:1 x2"}},
		{"a pair replaced one after the other", full + `
			* power cycle
			AT%CMNG=1 -> OK
			AT%CMNG=0,24,1,<self-signed server certificate> -> OK
			* power cut
			AT%CMNG=1 -> OK
			AT%CMNG=0,24,2,<another key> -> OK`, []string{"P29 info 24:2 x2"}},
		{"a PSK without identity", asked + "AT%CMNG=0,24,3,<psk> -> OK", []string{"P22 error 24:3"}},
		{"an odd PSK", asked + "AT%CMNG=0,24,4,<identity> -> OK\nAT%CMNG=0,24,3,<odd psk> -> OK", []string{"P22 error 24:3"}},
		{"a PSK needs no verification", asked + `
			AT%CMNG=0,24,3,<psk> -> OK
			AT%CMNG=0,24,4,<identity> -> OK
			AT+CFUN=1 -> OK
			* TLS: peer=coap.example:5684 tag=24 verify=0 host=`, nil},
		{"no host name", asked + "AT%CMNG=0,24,0,<ca> -> OK\nAT+CFUN=1 -> OK\n* TLS: peer=broker.example:8883 tag=24 verify=2 host=", []string{"P28 error"}},

		{"mode 0 from boot to going online", "AT+CFUN=0 -> OK\nAT+CFUN=1 -> OK", []string{"P24 warning"}},
		{"mode 0 at the end", "AT+CFUN=1 -> OK\nAT+CFUN=0 -> OK\nAT%CMNG=1 -> OK\n* power cycle\nAT+CFUN=1 -> OK\nAT+CFUN=0 -> OK", nil},
		{"mode 0 over and over", "AT+CFUN=1 -> OK\nAT+CFUN=0 -> OK\nAT+CFUN=1 -> OK\nAT+CFUN=0 -> OK\nAT+CFUN=1 -> OK", []string{"P24 warning x2"}},
		{"flight mode", "AT+CFUN=4 -> OK\n" + asked + "AT%CMNG=0,24,0,<ca> -> OK\nAT+CFUN=1 -> OK", nil},
		{"failed, then not online", asked + "AT%CMNG=0,24,0,<ca> -> +CME ERROR: 515\nAT+CFUN=4 -> OK", []string{"P37 warning 24:0"}},
		{"failed, then a new boot", asked + "AT%CMNG=0,24,0,<ca> -> +CME ERROR: 515\n* power cycle\nAT+CFUN=1 -> OK", []string{"P37 warning 24:0"}},
		{"a certificate that old firmware does not read out", asked + `
			AT%CMNG=0,24,0,<ca> -> OK
			* power cycle
			AT+CMEE=1 -> OK
			AT%CMNG=2,24,0 -> +CME ERROR: 514!
			AT%CMNG=0,24,0,<ca2> -> OK`, []string{"P26 warning 24:0"}},
		{"the read of a key failed otherwise", "AT%CMNG=2,24,2 -> +CME ERROR: 60\nAT%CMNG=0,24,2,<key> -> OK", []string{"P26 warning 24:2", "P29 info 24:2"}},
		{"a compare failed, then the list answered", `
			AT+CMEE=1 -> OK
			AT%CMNG=2,24,0 -> +CME ERROR: 60
			AT%CMNG=1 -> OK
			AT%CMNG=0,24,0,<ca> -> OK`, nil},
		{"the list of everything failed", "AT%CMNG=1 -> +CME ERROR: 60\nAT%CMNG=0,24,0,<ca> -> OK", []string{"P30 error 24:0"}},
		{"one CA twice", asked + "AT%CMNG=0,24,0,<ca> -> OK\nAT%CMNG=0,25,0,<ca> -> OK", []string{"P27 info 24:0"}},
		{"an unused tag that was there before", "* stored from outside: 25,0,<ca2>\n" + asked + "AT%CMNG=0,24,0,<ca> -> OK\nAT+CFUN=1 -> OK\n" +
			"* TLS: peer=broker.example:8883 tag=24 verify=2 host=broker.example", nil},
		{"an unused tag", asked + "AT%CMNG=0,24,0,<ca> -> OK\nAT%CMNG=0,25,0,<ca2> -> OK\nAT+CFUN=1 -> OK\n" +
			"* TLS: peer=broker.example:8883 tag=24 verify=2 host=broker.example", []string{"P27 info 25"}},

		// The host's own deeds excuse nothing.
		{"resets itself and writes at each boot", reset("0") + "AT%CMNG=0,24,0,<ca> -> OK\n* power cycle\n" + reset("0") + "AT%CMNG=0,24,0,<ca> -> OK\n* power cycle\n" +
			reset("0") + "AT%CMNG=0,24,0,<ca> -> OK", []string{"P33 error x4"}},
		{"resets its settings at each boot", reset("1") + asked + "AT%CMNG=0,24,0,<ca> -> OK\n* power cycle\n" + reset("1") + asked + "* power cycle\n" + reset("1") + asked,
			[]string{"P33 error x2"}},
		{"resets itself and makes its key at each boot", reset("0") + "AT%KEYGEN=24,2,0 -> OK\n* power cycle\n" + reset("0") + "AT%KEYGEN=24,2,0 -> OK", []string{"P33 error x2"}},
		{"is reset by somebody else at each boot", full + "* power cycle\n* reset to the factory from outside\n" + full +
			"* power cycle\n* reset to the factory from outside\n" + full, []string{"P29 info 24:2 x3"}},
		{"a key that is changed for another after a good handshake", full + "AT+CFUN=1 -> OK\n" + tlsGood + "\nAT+CFUN=4 -> OK\nAT%CMNG=0,24,2,<another key> -> OK", []string{"P21 error 24:1", "P29 info 24:2 x2"}},
		{"resets itself once", full + "* power cycle\n" + reset("0") + full + "* power cycle\n" + asked, []string{"P29 info 24:2 x2"}},
		{"resets itself when somebody else has been there", reset("0") + full + "* power cycle\n* stored from outside: 24,0,<ca2>\n" + asked + reset("0") + full, []string{"P29 info 24:2 x2"}},
		{"resets itself twice, in one boot", reset("0") + reset("1") + full, []string{"P29 info 24:2"}},

		// Other bytes wear the flash as surely.
		{"a derived PSK in each boot", psks("psk", "psk2", "psk3"), []string{"P31 error x2"}},
		{"a derived PSK in the second boot", psks("psk", "psk2"), []string{"P31 warning"}},
		{"a derived PSK that was given up", psks("psk", "psk2", "psk3") + "* power cycle\n" + asked, nil},
		{"a derived PSK, and somebody else was there", psks("psk", "psk2") + "* power cycle\n* stored from outside: 24,3,<psk>\n" + asked + "AT%CMNG=0,24,3,<psk3> -> OK", []string{"P31 warning"}},
		{"a derived PSK after each reset", asked + "AT%CMNG=0,24,4,<identity> -> OK\nAT%CMNG=0,24,3,<psk> -> OK\n* reset\n" + asked + "AT%CMNG=0,24,3,<psk2> -> OK\n* reset\n" +
			asked + "AT%CMNG=0,24,3,<psk3> -> OK", []string{"P31 error x2"}},
		{"a certificate signed anew for the same key", full + "* power cycle\n" + asked + "AT%CMNG=0,24,1,<client certificate signed anew> -> OK", []string{"P31 warning", "P29 info 24:2"}},
		{"a comment with the time", asked + "AT%CMNG=0,24,0,<ca> -> OK\n* power cycle\n" + asked + "AT%CMNG=0,24,0,<ca with comment> -> OK\n* power cycle\n" +
			asked + "AT%CMNG=0,24,0,<ca with another comment> -> OK", []string{"P36 error 24:0 x2"}},
		{"a comment, in one boot", asked + "AT%CMNG=0,24,0,<ca> -> OK\nAT%CMNG=0,24,0,<ca with comment> -> OK", nil},
		{"a key in another encoding", full + "* power cycle\n" + asked + "AT%CMNG=0,24,2,<key in the older form> -> OK", []string{"P36 error 24:2", "P29 info 24:2 x2"}},
		{"a text put right", asked + "AT%CMNG=0,24,0,<ca with CRLF> -> OK\n* power cycle\n" + asked + "AT%CMNG=0,24,0,<ca> -> OK\n* power cycle\n" + asked, []string{"P08 error 24:0"}},
		{"two roots in turn", asked + "AT%CMNG=0,24,0,<ca> -> OK\n* power cycle\n" + asked + "AT%CMNG=0,24,0,<ca2> -> OK\n* power cycle\n" + asked + "AT%CMNG=0,24,0,<ca> -> OK",
			[]string{"P05 error 24:0"}},
		{"a new tag in each boot", asked + "AT%CMNG=0,24,0,<ca> -> OK\n* power cycle\n" + asked + "AT%CMNG=0,25,0,<ca2> -> OK\n* power cycle\n" +
			asked + "AT%CMNG=0,26,0,<nrf cloud ca> -> OK", []string{"P31 error x2"}},
		{"a key and its certificate in each boot", asked + "AT%KEYGEN=24,2,0 -> OK\nAT%CMNG=0,24,1,<client certificate> -> OK\n* power cycle\n" + asked +
			"AT%CMNG=3,24,2 -> OK\nAT%KEYGEN=24,2,0 -> OK\nAT%CMNG=0,24,1,<client certificate signed anew> -> OK", []string{"P32 error 24:2"}},
		{"one CA twice, in other bytes", asked + "AT%CMNG=0,24,0,<ca> -> OK\nAT%CMNG=0,25,0,<ca with comment> -> OK", []string{"P27 info 24:0"}},

		// Settings are stored too.
		{"+CFUN=0 three times", "AT+CFUN=1 -> OK\nAT+CFUN=0 -> OK\nAT+CFUN=0 -> OK\nAT+CFUN=0 -> OK", []string{"P34 warning x2"}},
		{"+CFUN=0, a reset, and +CFUN=0", "AT+CFUN=1 -> OK\nAT+CFUN=0 -> OK\n* reset\nAT+CFUN=1 -> OK\nAT+CFUN=0 -> OK", nil},
		{"+CFUN=0 and online, then +CFUN=0 at the end", "AT+CFUN=0 -> OK\nAT+CFUN=1 -> OK\nAT+CFUN=0 -> OK", []string{"P24 warning"}},

		// Handshakes that fail for the credentials.
		{"an unknown CA", ca2Online + tlsFault + "unknown-ca\n" + tlsFault + "unknown-ca", []string{"P35 error x2"}},
		{"an unknown CA, put right", ca2Online + tlsFault + "unknown-ca\nAT+CFUN=4 -> OK\n" + asked + "AT%CMNG=0,24,0,<ca> -> OK\nAT+CFUN=1 -> OK\n" + tlsGood, nil},
		{"it succeeded once", ca2Online + tlsGood + "\n" + tlsFault + "unknown-ca", nil},
		{"it succeeded, and then another CA was stored", ca2Online + tlsGood + `
			* power cycle
			` + asked + `
			AT%CMNG=0,24,0,<ca> -> OK
			AT+CFUN=1 -> OK
			` + tlsFault + "unknown-ca\n" + tlsFault + "unknown-ca", []string{"P35 error x2", "P31 warning"}},
		{"it succeeded, and then another CA was stored, and one that is right", ca2Online + tlsGood + `
			* power cycle
			` + asked + `
			AT%CMNG=0,24,0,<ca> -> OK
			AT+CFUN=1 -> OK
			` + tlsFault + `unknown-ca
			* power cycle
			` + asked + `
			AT%CMNG=0,24,0,<nrf cloud ca> -> OK
			AT+CFUN=1 -> OK
			` + tlsGood, []string{"P31 error x2"}},
		{"it succeeded, and something else was stored", ca2Online + tlsGood + "\nAT+CFUN=4 -> OK\nAT%CMNG=0,25,0,<ca> -> OK\nAT+CFUN=1 -> OK\n" + tlsFault + "unknown-ca", []string{"P27 info 25"}},
		{"a client certificate that is refused", ca2Online + tlsFault + "client-certificate", []string{"P35 error"}},
		{"an unknown CA beside one that has expired", asked + "AT%CMNG=0,24,0,<expired ca> -> OK\nAT+CFUN=1 -> OK\n" + tlsFault + "unknown-ca",
			[]string{"P35 error", "P16 warning 24:0"}},
		{"an expired client certificate that is refused", asked + "AT%CMNG=0,24,1,<expired ca> -> OK\nAT+CFUN=1 -> OK\n" + tlsFault + "client-certificate",
			[]string{"P16 error 24:1", "P21 error 24:1"}}, // the key is missing, too
		{"a PSK that is not known", psks("psk") + "AT+CFUN=1 -> OK\n" + tlsFault + "psk", []string{"P35 error"}},
		{"no network", ca2Online + tlsFault + "network\n" + tlsFault + "network", nil},
		{"an empty tag, and so no handshake", "AT+CFUN=1 -> OK\n" + tlsFault + "no-credential", []string{"P20 error 24"}},
		{"a leaf as CA, and so no handshake", asked + "AT%CMNG=0,24,0,<client certificate> -> OK\nAT+CFUN=1 -> OK\n" + tlsFault + "unknown-ca", []string{"P15 error 24:0"}},

		// Halves.
		{"an identity without a PSK", asked + "AT%CMNG=0,24,4,<identity> -> OK", []string{"P22 error 24:4"}},
		{"an identity without a PSK in use", asked + "AT%CMNG=0,24,0,<ca> -> OK\nAT%CMNG=0,24,4,<identity> -> OK\nAT+CFUN=1 -> OK\n" + tlsGood + "\n" + tlsGood, []string{"P22 error 24:4 x2"}},
		{"an identity whose PSK was there before", "* stored from outside: 24,3,<psk>\n" + asked + "AT%CMNG=0,24,4,<identity> -> OK", nil},

		{"an identity whose write the power cut, and that was there then", asked + `
			AT%CMNG=0,24,3,<psk> -> OK
			AT%CMNG=0,24,4,<identity> -> ERROR!
			* power cut
			AT%CMNG=1,24 -> OK`, nil},
		{"a pair that is replaced, and the power cut the write of its second half, which was there then", full + `
			* power cycle
			AT%CMNG=1,24 -> OK
			AT%CMNG=0,24,2,<another key> -> OK
			AT%CMNG=0,24,1,<self-signed server certificate> -> ERROR!
			* power cut
			AT%CMNG=1,24 -> OK`, []string{"P29 info 24:2 x2"}},
		{"an identity that somebody else has removed", asked + `
			AT%CMNG=0,24,3,<psk> -> OK
			AT%CMNG=0,24,4,<identity> -> OK
			* power cycle
			* removed unseen: 24,4
			AT%CMNG=1,24,4 -> OK`, []string{"P22 error 24:3"}},

		// Where the modem does not help.
		{"a damaged CA", asked + "AT%CMNG=0,24,0,<damaged ca> -> OK", []string{"P14 warning 24:0"}},
		{"online with a damaged CA", asked + "AT%CMNG=0,24,0,<damaged ca> -> OK\nAT+CFUN=1 -> OK", []string{"P14 error 24:0"}},
		{"online with a damaged CA of the boot before", asked + "AT%CMNG=0,24,0,<damaged ca> -> OK\n* power cycle\nAT+CFUN=1 -> OK", []string{"P14 error 24:0"}},
		{"a damaged CA, put right", asked + "AT%CMNG=0,24,0,<damaged ca> -> OK\nAT%CMNG=0,24,0,<ca> -> OK\nAT+CFUN=1 -> OK", nil},
		{"a damaged CA, deleted", asked + "AT%CMNG=0,24,0,<damaged ca> -> OK\nAT%CMNG=3,24,0 -> OK\nAT+CFUN=1 -> OK", nil},
		{"a damaged CA that is refused", asked + "AT%CMNG=0,24,0,<damaged ca> -> +CME ERROR: 527\nAT+CFUN=1 -> OK", []string{"P14 error 24:0", "P25 error 24:0"}},
		{"an encrypted key without its password", asked + "AT%CMNG=0,24,2,<encrypted key> -> OK", []string{"P14 error 24:2", "P29 info 24:2"}},

		// What a later write heals.
		{"528, and Nordic's way out of it", asked + `
			AT+CMEE=1 -> OK
			AT%CMNG=0,24,0,<ca> -> +CME ERROR: 528!
			AT+CFUN=1 -> OK
			AT+CFUN=4 -> OK
			AT%CMNG=0,24,0,<ca> -> OK
			AT+CFUN=1 -> OK`, nil},
		{"528, and a connection before it was healed", asked + `
			AT+CMEE=1 -> OK
			AT%CMNG=0,24,0,<ca> -> +CME ERROR: 528!
			AT+CFUN=1 -> OK
			` + tlsGood + `
			AT+CFUN=4 -> OK
			AT%CMNG=0,24,0,<ca> -> OK`, []string{"P20 error 24", "P25 error 24:0"}},
		{"519 for what is there", asked + `
			AT%CMNG=0,24,0,<ca> -> OK
			AT+CMEE=1 -> OK
			AT%CMNG=0,24,0,<ca> -> +CME ERROR: 519!
			AT+CFUN=1 -> OK`, nil},
		{"519 for something else", asked + `
			AT%CMNG=0,24,0,<ca> -> OK
			AT+CMEE=1 -> OK
			AT%CMNG=0,24,0,<ca2> -> +CME ERROR: 519!
			AT+CFUN=1 -> OK`, []string{"P25 error 24:0"}},
		{"518, and a power cut while it was done offline", asked + `
			AT+CMEE=1 -> OK
			AT+CFUN=1 -> OK
			AT%CMNG=0,24,0,<ca> -> +CME ERROR: 518
			AT+CFUN=4 -> OK
			AT+CMEE=0 -> OK
			AT%CMNG=0,24,0,<ca> -> ERROR!
			* power cut
			AT%CMNG=1,24,0 -> OK
			AT%CMNG=0,24,0,<ca> -> OK`, []string{"P01 info 24:0"}},
		{"527, and a power cut during the right file", asked + "AT%CMNG=0,24,0,<ca with CRLF> -> +CME ERROR: 527\nAT+CMEE=0 -> OK\nAT%CMNG=0,24,0,<ca> -> ERROR!\n* power cut\n" +
			asked + "AT%CMNG=0,24,0,<ca> -> OK", nil},
		{"527, and the right file", asked + "AT%CMNG=0,24,0,<ca with CRLF> -> +CME ERROR: 527\nAT%CMNG=0,24,0,<ca> -> OK\nAT+CFUN=1 -> OK", nil},
		{"a failed compare before each write", asked + `
			AT%CMNG=0,24,0,<ca> -> OK
			* power cycle
			AT+CMEE=1 -> OK
			AT%CMNG=2,24,0 -> +CME ERROR: 60
			AT%CMNG=0,24,0,<ca> -> OK`, []string{"P26 error 24:0"}},

		// Texts.
		{"a byte order mark", asked + "AT%CMNG=0,24,0,<ca with byte order mark> -> OK", []string{"P13 error 24:0"}},
		{"padding", asked + "AT%CMNG=0,24,0,<ca with padding> -> OK", []string{"P13 error 24:0"}},
		{"the NUL of a string", asked + "AT%CMNG=0,24,0,<ca with NUL> -> OK", []string{"P13 error 24:0"}},
		{"the NUL of a PSK and of its identity", asked + "AT%CMNG=0,24,3,<psk with NUL> -> OK\nAT%CMNG=0,24,4,<identity with NUL> -> OK", []string{"P13 error 24:3", "P13 error 24:4"}},
		{"a blank in front", asked + "AT%CMNG=0,24,0,<ca with leading blanks> -> OK", []string{"P10 error 24:0"}},
		{"an older label", asked + "AT%CMNG=0,24,0,<x509 certificate> -> OK\nAT+CFUN=1 -> OK", []string{"P14 error 24:0"}},
		{"OpenSSL's trusted certificate", asked + "AT%CMNG=0,24,0,<trusted certificate> -> OK", []string{"P14 warning 24:0"}},
		{"a page", asked + "AT%CMNG=0,24,0,<html> -> OK", []string{"P14 error 24:0"}},
	})
}
