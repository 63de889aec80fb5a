package event_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/event"
)

func sha(p []byte) string { return fmt.Sprintf("%X", sha256.Sum256(p)) }

// newCA returns a key and a self-signed certificate.
func newCA(t testing.TB) (*ecdsa.PrivateKey, *x509.Certificate, string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Root"},
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC),
		IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return key, cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func TestDescribeCertificate(t *testing.T) {
	_, cert, ca := newCA(t)
	got := event.Describe([]byte(ca), false)
	require.Empty(t, cmp.Diff(&event.Content{
		Text: ca, Bytes: len(ca), SHA256: sha([]byte(ca)),
		LF: strings.Count(ca, "\n"), FinalLF: true, BeginLines: 1, EndLines: 1,
		PEM: []string{"CERTIFICATE"},
		Certificates: []event.Certificate{{
			Subject: "CN=Test Root", Issuer: "CN=Test Root", NotBefore: cert.NotBefore, NotAfter: cert.NotAfter,
			CA: true, Bytes: len(cert.Raw), SHA256: sha(cert.Raw), PublicKey: sha(cert.RawSubjectPublicKeyInfo),
		}},
	}, got))
}

func TestDescribeForm(t *testing.T) {
	_, cert, ca := newCA(t)
	type form struct { // what a rule looks at
		CR, LF, NonASCII, EscapedLF            int
		LeadBlank, FinalLF, Hex, DER           bool
		BeginLines, EndLines, PEM, Certificate int
	}
	lines := strings.Count(ca, "\n")
	for _, test := range []struct {
		name, content string
		want          form
	}{
		{"nothing", "", form{}},
		{"CRLF", strings.ReplaceAll(ca, "\n", "\r\n"), form{CR: lines, LF: lines, FinalLF: true, BeginLines: 1, EndLines: 1, PEM: 1, Certificate: 1}},
		{"escaped", strings.ReplaceAll(ca, "\n", `\n`), form{EscapedLF: lines, BeginLines: 1, EndLines: 1}},
		{"one line", strings.TrimSpace(strings.ReplaceAll(ca, "\n", " ")), form{BeginLines: 1, EndLines: 1}},
		{"leading line feed", "\n" + ca, form{LF: lines + 1, LeadBlank: true, FinalLF: true, BeginLines: 1, EndLines: 1, PEM: 1, Certificate: 1}},
		{"no final line feed", strings.TrimSpace(ca), form{LF: lines - 1, BeginLines: 1, EndLines: 1, PEM: 1, Certificate: 1}},
		{"cut END line", strings.TrimSuffix(ca, "-\n"), form{LF: lines - 1, BeginLines: 1}},
		{"cut at END", ca[:strings.Index(ca, "-----END")+8], form{LF: lines - 1, BeginLines: 1}},
		{"typographic dashes", strings.ReplaceAll(ca, "-----", "—–—"), form{LF: lines, NonASCII: 36, FinalLF: true}},
		{"two", ca + ca, form{LF: 2 * lines, FinalLF: true, BeginLines: 2, EndLines: 2, PEM: 2, Certificate: 2}},
		{"a comment first", "# root\n" + ca, form{LF: lines + 1, FinalLF: true, BeginLines: 1, EndLines: 1, PEM: 1, Certificate: 1}},
		{"no certificate inside", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
			form{LF: 3, FinalLF: true, BeginLines: 1, EndLines: 1, PEM: 1}},
		{"PSK", "00aaBB99", form{Hex: true}},
		{"odd PSK", "00aaBB9", form{}},
		{"base64", "ABEi==", form{}},
		{"text that begins like DER", "0xyz", form{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := event.Describe([]byte(test.content), false)
			require.Equal(t, test.want, form{c.CR, c.LF, c.NonASCII, c.EscapedLF, c.LeadBlank, c.FinalLF, c.Hex, c.DER,
				c.BeginLines, c.EndLines, len(c.PEM), len(c.Certificates)})
			require.Equal(t, len(test.content), c.Bytes)
			require.Equal(t, sha([]byte(test.content)), c.SHA256)
		})
	}
	require.True(t, event.Describe(cert.Raw, false).DER)
}

func TestDescribeKeys(t *testing.T) {
	key, cert, _ := newCA(t)
	public := sha(cert.RawSubjectPublicKeyInfo)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	edPublic, edKey, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	pkcs8 := func(k any) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(k)
		require.NoError(t, err)
		return der
	}
	spki := func(k crypto.PublicKey) string {
		der, err := x509.MarshalPKIXPublicKey(k)
		require.NoError(t, err)
		return sha(der)
	}
	ec, err := x509.MarshalECPrivateKey(key)
	require.NoError(t, err)
	ecdhKey, err := key.ECDH()
	require.NoError(t, err)
	require.Equal(t, public, spki(key.Public()))

	for _, test := range []struct {
		name, label string
		der         []byte
		want        string
	}{
		{"PKCS #8", "PRIVATE KEY", pkcs8(key), public},
		{"SEC 1", "EC PRIVATE KEY", ec, public},
		{"PKCS #8 RSA", "PRIVATE KEY", pkcs8(rsaKey), spki(rsaKey.Public())},
		{"PKCS #1", "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey), spki(rsaKey.Public())},
		{"Ed25519", "PRIVATE KEY", pkcs8(edKey), spki(edPublic)},
		{"the same curve by another type", "PRIVATE KEY", pkcs8(ecdhKey), public},
		{"not a key", "PRIVATE KEY", []byte("nonsense"), ""},
		{"an encrypted key", "ENCRYPTED PRIVATE KEY", []byte("secret"), ""},
		{"something else", "EC PARAMETERS", []byte{1}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := pem.EncodeToMemory(&pem.Block{Type: test.label, Bytes: test.der})
			c := event.Describe(text, true)
			require.Empty(t, c.Text, "a secret must not get into the record")
			require.Equal(t, sha(text), c.SHA256)
			require.Equal(t, []string{test.label}, c.PEM)
			require.Equal(t, test.want, c.PublicKey)
		})
	}
	// OpenSSL writes the parameters of a curve before the key.
	text := append(pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte{6, 0}}),
		pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: ec})...)
	require.Equal(t, public, event.Describe(text, true).PublicKey)
}

// Nothing of a secret may reach the JSON form.
func TestSecretsStayOut(t *testing.T) {
	const psk = "00112233445566778899aabbccddeeff"
	var trace bytes.Buffer
	w := event.NewWriter(&trace)
	w.Add(&event.Event{Credential: &event.Credential{Op: "write", Content: event.Describe([]byte(psk), true)}})
	require.NoError(t, w.Err())
	require.NotContains(t, trace.String(), psk)
	require.Contains(t, trace.String(), sha([]byte(psk)))
}

func FuzzDescribe(f *testing.F) {
	_, cert, ca := newCA(f)
	for _, s := range []string{"", ca, ca + ca, strings.ReplaceAll(ca, "\n", " "), "-----BEGIN", "-----END-----",
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", string(cert.Raw), "0011"} {
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, content []byte, secret bool) {
		c := event.Describe(content, secret)
		require.Equal(t, len(content), c.Bytes)
		require.Len(t, c.SHA256, 64)
		if secret {
			require.Empty(t, c.Text)
		} else {
			require.Equal(t, string(content), c.Text)
		}
		require.LessOrEqual(t, len(c.PEM), c.BeginLines)
		require.LessOrEqual(t, len(c.Certificates), len(c.PEM))
		require.LessOrEqual(t, c.CR+c.LF+c.NonASCII, c.Bytes)
	})
}

func TestDescribeDamage(t *testing.T) {
	_, _, ca := newCA(t)
	for _, test := range []struct {
		name, content string
		lead          bool
		padding       int
		damage        string
	}{
		{"none", ca, false, 0, ""},
		{"line feeds in front", "\n\n" + ca, true, 0, ""},
		{"a blank in front", " \n" + ca, false, 0, ""},
		{"a blank after a line feed", "\n " + ca, false, 0, ""},
		{"nothing but line feeds", "\n\n", false, 0, ""},
		{"erased flash behind", ca + "\xff\xff\xff", false, 3, ""},
		{"the NUL of a string", ca + "\x00", false, 1, ""},
		{"another byte", ca + "\xfe", false, 0, ""},
		{"no certificate inside", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", false, 0, "malformed certificate"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := event.Describe([]byte(test.content), false)
			require.Equal(t, test.lead, c.LeadLF)
			require.Equal(t, test.padding, c.Padding)
			require.Equal(t, test.damage, c.Damage)
		})
	}
}

// A line that was asked for before is shown as it was, and one with a secret in it is
// masked each time.
func TestCommandsAskedAgain(t *testing.T) {
	var l event.Log
	for range 3 {
		for i := range 40 { // more than are remembered
			require.Equal(t, event.Line{}.Form, l.Command([]byte("no command")).Form)
			line := []byte("AT+CFUN=" + strconv.Itoa(i))
			shown := l.Command(line)
			require.Equal(t, []string{string(line), "+CFUN", "set"}, []string{shown.Text, shown.Name, shown.Form})
			line[0] = 'x' // the caller's own
		}
		require.Equal(t, `AT%CMNG=0,1,3,"<4 bytes masked>"`, l.Command([]byte(`AT%CMNG=0,1,3,"abcd"`)).Text)
	}
}
