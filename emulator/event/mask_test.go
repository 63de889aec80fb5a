package event_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/event"
)

func init() { event.Show("#XTEXT", "v*") }

func TestShowInTwoWays(t *testing.T) {
	event.Show("#XTEXT", "v*") // again
	require.PanicsWithValue(t, "the parameters of #XTEXT are shown in two ways", func() { event.Show("#XTEXT", "n*") })
}

func TestMaskCommand(t *testing.T) {
	certificate, key := pair(t)
	for line, want := range map[string]string{
		"":                      "",
		"AT":                    "AT",
		"ATE1":                  "ATE1",
		"\x1bAT+CFUN=1\n":       "\x1bAT+CFUN=1\n",
		"AT+CFUN=1":             "AT+CFUN=1",
		"AT%XSYSTEMMODE=1,0":    "AT%XSYSTEMMODE=1,0",
		"AT+CEREG=?":            "AT+CEREG=?",
		`AT+COPS=1,2,"24201"`:   `AT+COPS=1,2,"24201"`,
		`AT#XTEXT="t","m"`:      `AT#XTEXT="t","m"`,
		"T+CFUN?":               "T+CFUN?",
		"+CFUN=1":               "+CFUN=1",
		"at+cfun = 1":           "at+cfun <3 bytes masked>",
		"AT+CFUN=1;+CFUN=\"x\"": "AT+CFUN=1;+CFUN=\"<1 bytes masked>\"",
		"AT+CFUN=\"secret\"":    "AT+CFUN=\"<6 bytes masked>\"",
		"AT+CFUN=1\x00secret":   "AT+CFUN=1\x00<6 bytes masked>",

		"AT+NOSUCH":            "AT+NOSUCH",
		"AT+NOSUCH?":           "AT+NOSUCH?",
		"AT+NOSUCH=1":          "AT+NOSUCH=<1 bytes masked>",
		"AT+q8fJx0=":           "AT<8 bytes masked>",
		"ATq8fJx0+/4j":         "ATq<9 bytes masked>",
		"MIIEvQIBADANBgkqhkiG": "<20 bytes masked>",
		"hello":                "<5 bytes masked>",

		`AT%CMNG=1`:                                        `AT%CMNG=1`,
		`AT%CMNG=2,1,2`:                                    `AT%CMNG=2,1,2`,
		`AT%CMNG=0,1,0,"` + certificate + `"`:              `AT%CMNG=0,1,0,"` + certificate + `"`,
		`AT%CMNG=0,1,0,"` + certificate:                    `AT%CMNG=0,1,0,"<N bytes masked>`,
		`AT%CMNG=0,1,0,"` + key + `"`:                      `AT%CMNG=0,1,0,"<N bytes masked>"`,
		`AT%CMNG=0,1,1,"` + certificate + key + `"`:        `AT%CMNG=0,1,1,"<N bytes masked>"`,
		`AT%CMNG=0,1,0,"public"`:                           `AT%CMNG=0,1,0,"<6 bytes masked>"`,
		`AT%CMNG=0,1,4,"identity"`:                         `AT%CMNG=0,1,4,"identity"`,
		`AT%CMNG=0,1,4,"000102030405060708090a0b0c0d0e0f"`: `AT%CMNG=0,1,4,"<32 bytes masked>"`,
		`AT%CMNG=0,1,3,"c0ffee"`:                           `AT%CMNG=0,1,3,"<6 bytes masked>"`,
		`AT%CMNG=0,1,3,c0ffee`:                             `AT%CMNG=0,1,3,<6 bytes masked>`,
		`AT%CMNG=0,1,3,'c0ffee'`:                           `AT%CMNG=0,1,3,<8 bytes masked>`,
		`AT%CMNG=0,1,3,736563726574`:                       `AT%CMNG=0,1,3,<12 bytes masked>`,
		`AT%CMNG=0,1,c0ffee`:                               `AT%CMNG=0,1,<6 bytes masked>`,
		`AT%CMNG=0,1,,"c0ffee"`:                            `AT%CMNG=0,1,,"<6 bytes masked>"`,
		`at%cmng=0, 1, 2,"key","pass"`:                     `at%cmng=0, 1, 2,"<3 bytes masked>","<4 bytes masked>"`,
		`AT%CMNG=0,1,2,"unbalanced`:                        `AT%CMNG=0,1,2,"<10 bytes masked>`,
		`AT%CMNG=0,1,2,"key"secret`:                        `AT%CMNG=0,1,2,"<10 bytes masked>`,
		`AT%CMNG=0,1,2,-----BEGIN PRIVATE KEY-----`:        `AT%CMNG=0,1,2,<27 bytes masked>`,
		`AT %CMNG=0,1,3,"c0ffee"`:                          `AT <20 bytes masked>`,
		`AT%CMNG =0,1,3,"c0ffee"`:                          `AT%CMNG <15 bytes masked>`,
		`AT+CMNG=0,1,3,"c0ffee"`:                           `AT+CMNG=<14 bytes masked>`,
		`AT%CNMG=0,1,3,"c0ffee"`:                           `AT%CNMG=<14 bytes masked>`,
		`AT#XCMNG=0,1,3,"c0ffee"`:                          `AT#XCMNG=0,1,3,"<6 bytes masked>"`,
		`%CMNG=0,1,3,"c0ffee"`:                             `%CMNG=0,1,3,"<6 bytes masked>"`,
		`AT%XSUDO=18,"AA",0;%CMNG=0,1,3,"c0ffee"`:          `AT%XSUDO=18,"AA",0;%CMNG=0,1,3,"<6 bytes masked>"`,
		`AT%XSUDO=18,"AA;%CMNG=0,1,3,"c0ffee"`:             `AT%XSUDO=18,"<23 bytes masked>`,
		`AT%XSUDO=5,"AA";+CGMR`:                            `AT%XSUDO=5,"AA";+CGMR`,
		`AT%XPMNG=0,1,"secret"`:                            `AT%XPMNG=0,1,"<6 bytes masked>"`,

		`AT+CPIN?`:                     `AT+CPIN?`,
		`AT+CPIN="1234"`:               `AT+CPIN="<4 bytes masked>"`,
		`AT+CPIN=1234`:                 `AT+CPIN=<4 bytes masked>`,
		`AT+CPIN?1234`:                 `AT+CPIN<5 bytes masked>`,
		`AT+CPIN="12345678","4321"`:    `AT+CPIN="<8 bytes masked>","<4 bytes masked>"`,
		`AT+CLCK="SC",2`:               `AT+CLCK="SC",2`,
		`AT+CLCK="SC",1,"1234"`:        `AT+CLCK="SC",1,"<4 bytes masked>"`,
		`AT+CLCK="1234",1,"SC"`:        `AT+CLCK="<4 bytes masked>",1,"<2 bytes masked>"`,
		`AT+CPWD="SC","1234","4321"`:   `AT+CPWD="SC","<4 bytes masked>","<4 bytes masked>"`,
		`AT+CPINR="SIM PIN"`:           `AT+CPINR="SIM PIN"`,
		`AT+CGAUTH=0,1,"user","pw"`:    `AT+CGAUTH=0,1,"user","<2 bytes masked>"`,
		`AT+CGDCONT=0,IPV4V6,"apn.no"`: `AT+CGDCONT=0,IPV4V6,"apn.no"`,

		`AT#XMQTTCON=0`: `AT#XMQTTCON=0`,
		`AT#XMQTTCON=1,"user","secret","host",1883`:      `AT#XMQTTCON=1,"user","<6 bytes masked>","host",1883`,
		`AT#XMQTTCON=1,"user","secret","host",8883,24`:   `AT#XMQTTCON=1,"user","<6 bytes masked>","host",8883,24`,
		`AT#XMQTTCON=1,"id","user","secret","host",1883`: `AT#XMQTTCON=1,"id","<4 bytes masked>","<6 bytes masked>","host",1883`,
		`AT#XMQTTCON=1,"secret","host",1883`:             `AT#XMQTTCON=1,"<6 bytes masked>","<4 bytes masked>",<4 bytes masked>`,
		`AT#XMQTTCON=1,"user",secret,"host",1883`:        `AT#XMQTTCON=1,"user",<6 bytes masked>,"host",1883`,
		`AT#XMQTTCON=1,"user","secret`:                   `AT#XMQTTCON=1,"<4 bytes masked>","<6 bytes masked>`,
		`AT#XMQTTCON=1,"user","host",1883,"secret"`:      `AT#XMQTTCON=1,"<4 bytes masked>","<4 bytes masked>",<4 bytes masked>,"<6 bytes masked>"`,
	} {
		got := event.MaskCommand([]byte(line))
		if strings.Contains(want, "<N bytes") {
			before, after, _ := strings.Cut(want, "<N bytes masked>")
			require.Truef(t, strings.HasPrefix(got, before+"<") && strings.HasSuffix(strings.TrimSpace(got), "bytes masked>"+after) && strings.Count(got, "<") == 1, "%q is shown as %q", line, got)
			continue
		}
		require.Equal(t, want, got)
	}
}

func TestMaskAnswer(t *testing.T) {
	certificate, key := pair(t)
	digest := strings.Repeat("A1", 32)
	var log event.Log
	for text, want := range map[string]string{
		"+CFUN: 1":                     "+CFUN: 1",
		`%CMNG: 24,0,"` + digest + `"`: `%CMNG: 24,0,"` + digest + `"`,
		`%CMNG: 24,0,"` + digest + `","` + certificate + `"`:                         `%CMNG: 24,0,"` + digest + `","` + certificate + `"`,
		`%CMNG: 24,0,"` + digest + `","secret"`:                                      `%CMNG: 24,0,"` + digest + `","<6 bytes masked>"`,
		`%CMNG: 24,0,"AA","secret"`:                                                  `%CMNG: 24,0,"<2 bytes masked>","<6 bytes masked>"`,
		`#XCMNG: 24,3,"secret`:                                                       `#XCMNG: 24,3,"<6 bytes masked>`,
		`%CMNG: 24,4,"` + digest + `","identity"`:                                    `%CMNG: 24,4,"` + digest + `","identity"`,
		"-----BEGIN EC PRIVATE KEY-----\nMII\n-----END EC PRIVATE KEY-----\n and on": "<63 bytes masked>\n and on",
		"-----BEGIN PRIVATE KEY-----\nMII":                                           "<31 bytes masked>",
		`%JWT: "aa.bb.cc"`:                                                           `%JWT: "aa.<5 bytes masked>"`,
	} {
		require.Equal(t, want, log.Answer([]byte(text)))
	}
	require.NotContains(t, log.Answer([]byte(`%CMNG: 24,0,"`+digest+`","`+certificate+key+`"`)), "MI")
	log.ShowSecrets = true
	require.Contains(t, log.Answer([]byte(`%CMNG: 24,0,"`+digest+`","`+certificate+key+`"`)), key)
}

// Reasons say what is wrong with a line; they must not quote what it hides.
func TestMaskReason(t *testing.T) {
	var log event.Log
	for _, c := range []struct{ line, reason, want string }{
		{`AT+CPWD="ZZ","1234","1"`, `"ZZ" is not a facility of +CPWD`, `"ZZ" is not a facility of +CPWD`},
		{`AT+CLCK="1234",1`, `"1234" is not a facility`, `"<4 bytes masked>" is not a facility`},
		{"ATMsecret", `M takes a number, not "secret"`, `M takes a number, not "<6 bytes masked>"`},
		{"AT+CFUN=1,2", `"a\"b" is odd`, `"a\"b" is odd`},
		{"AT+sEcReT=1", `+SECRET is not a command`, `<a name that is masked> is not a command`},
		{`AT+NOSUCH=1`, `+NOSUCH is not a command`, `+NOSUCH is not a command`},
	} {
		require.Equal(t, c.want, log.Command([]byte(c.line)).Reason(c.reason))
	}
}

func TestPublic(t *testing.T) {
	certificate, key := pair(t)
	for _, typ := range []uint8{0, 1, 10} {
		require.True(t, event.Public(typ, []byte(certificate)))
		require.True(t, event.Public(typ, []byte("\n"+certificate+"\r\n"+certificate)))
		for _, content := range []string{
			"", "-", key, certificate + key, key + certificate, certificate + "secret", "secret" + certificate, certificate[:200],
			strings.ReplaceAll(key, "PRIVATE KEY", "CERTIFICATE"), strings.ReplaceAll(certificate, "\n", " "),
			certificate + "-----BEGIN CERTIFICATE-----\nsecret\n" + certificate,
		} {
			require.False(t, event.Public(typ, []byte(content)), content)
		}
	}
	for _, typ := range []uint8{2, 3, 7, 8, 9, 12, 13, 200} {
		require.False(t, event.Public(typ, []byte(certificate)))
	}
	require.False(t, event.Public(4, []byte(key)))
	require.False(t, event.Public(5, []byte(key)))
}

// FuzzMaskCommand: what is masked is a part of the line, and a secret in the place
// of a credential's content never shows.
func FuzzMaskCommand(f *testing.F) {
	const secret = "5ecre7k3y"
	for _, before := range []string{"AT%CMNG=0,24,2,\"", "AT%CMNG=0,24,3,", "at+cpin=\"", "AT%CMNG=0,0,0,\"\",\"", "AT+X=", "AT%XSUDO=1,\"\";%CMNG=0,1,3,"} {
		f.Add(before, "\"")
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		line := []byte(before + secret + after)
		last := 0
		for _, s := range event.CommandSecrets(line) {
			if s.From < last || s.To < s.From || s.To > len(line) || s.Name == "" {
				t.Fatalf("%q: %+v", line, s)
			}
			last = s.To
		}
		event.AnswerSecrets(line)
		upper := strings.ToUpper(before)
		if !strings.ContainsAny(before, "\";\x00") && (strings.HasPrefix(upper, "AT%CMNG=0,") || strings.HasPrefix(upper, "AT+CPIN=")) &&
			strings.Contains(event.MaskCommand(line), secret) {
			t.Fatalf("%q is shown", event.MaskCommand(line))
		}
	})
}

// pair returns a certificate and its private key in PEM.
func pair(t *testing.T) (certificate, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<31, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, k.Public(), k)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(k)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
}
