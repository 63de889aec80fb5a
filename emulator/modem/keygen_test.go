package modem_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
	"github.com/veraison/go-cose"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/modem/keys"
	"nrf91emu/emulator/profile"
	"nrf91emu/keystore"
)

// The parts of answers: a message in Base64 and, behind a dot, its COSE_Sign1.
var (
	keygenAnswer = regexp.MustCompile(`^%KEYGEN: "([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)"\|OK$`)
	attestAnswer = regexp.MustCompile(`^%ATTESTTOKEN: "([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)"\|OK$`)
)

// parts returns the two decoded parts of an answer.
func parts(t *testing.T, shape *regexp.Regexp, answer string) (body, signed []byte) {
	t.Helper()
	found := shape.FindStringSubmatch(answer)
	require.NotNil(t, found, answer)
	body, err := base64.RawURLEncoding.DecodeString(found[1])
	require.NoError(t, err)
	signed, err = base64.RawURLEncoding.DecodeString(found[2])
	require.NoError(t, err)
	return body, signed
}

// verify checks a COSE_Sign1 with a library and returns its payload.
func verify(t *testing.T, id *profile.Identity, signed, detached []byte) []byte {
	t.Helper()
	require.Equal(t, "d28443a10126a1044121", hex.EncodeToString(signed[:10]), "tag, ES256, key id -2")
	var message cose.Sign1Message
	require.NoError(t, message.UnmarshalCBOR(signed))
	if detached != nil {
		require.Nil(t, message.Payload)
		message.Payload = detached
	}
	verifier, err := cose.NewVerifier(cose.AlgorithmES256, keys.DeviceKey(id))
	require.NoError(t, err)
	require.NoError(t, message.Verify(nil, verifier))
	message.Payload = append([]byte{0}, message.Payload...)
	require.Error(t, message.Verify(nil, verifier), "another payload has another signature")
	return message.Payload[1:]
}

// uuid returns the bytes of a UUID's text.
func uuid(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	require.NoError(t, err)
	require.Len(t, b, 16)
	return b
}

// opensslVerify has openssl check the signature of a request.
func opensslVerify(t *testing.T, der []byte) {
	t.Helper()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Log("openssl is not installed: the request is checked by crypto/x509 only")
		return
	}
	file := filepath.Join(t.TempDir(), "csr.der")
	require.NoError(t, os.WriteFile(file, der, 0o600))
	out, err := exec.Command(openssl, "req", "-inform", "DER", "-in", file, "-verify", "-noout").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "verify OK")
}

func TestKeygenRequest(t *testing.T) {
	for _, c := range []struct {
		params, subject, usage string
		payload                int // bytes
	}{
		{"23,2,0", "", "030203e8", 75},
		{"24,2", "", "030203e8", 76},
		{"1000,2,0,,", "", "030203e8", 77},
		{"16842753,2,0", "", "030203e8", 79},
		{`5,2,0,""`, "", "030203e8", 75},
		{`300,2,,"CN=nrf-355025930000000"`, "CN=nrf-355025930000000", "030203e8", 77},
		{`301,2,0,"O=Nordic Semiconductor,L=PDX,C=no"`, "O=Nordic Semiconductor,L=PDX,C=no", "030203e8", 77},
		{`302,2,0,"CN=a","101010000"`, "CN=a", "030203a8", 77},
		{`2147483647,2,0,,"000000001"`, "", "0303070080", 79},
	} {
		m, send := start(t, "nrf9151-2.0.4", nil)
		id := profile.NewIdentity(m.Profile(), 0)
		body, signed := parts(t, keygenAnswer, send("AT%KEYGEN="+c.params))
		opensslVerify(t, body)
		csr, err := x509.ParseCertificateRequest(body)
		require.NoError(t, err)
		require.NoError(t, csr.CheckSignature())
		require.Equal(t, 0, csr.Version)
		require.Equal(t, x509.ECDSAWithSHA256, csr.SignatureAlgorithm)
		require.Contains(t, string(body), "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02\x03", "no NULL behind the algorithm")
		if c.subject == "" {
			c.subject = "CN=" + id.DeviceUUID
			require.Contains(t, string(body), "\x06\x03\x55\x04\x03\x0c\x24"+id.DeviceUUID, "a UTF8String")
		}
		var names []string
		for _, n := range strings.Split(csr.Subject.ToRDNSequence().String(), ",") {
			names = append([]string{n}, names...)
		}
		require.Len(t, names, len(strings.Split(c.subject, ",")))
		for _, n := range names {
			require.Contains(t, c.subject, n)
		}
		require.Len(t, csr.Extensions, 1)
		require.Equal(t, "2.5.29.15", csr.Extensions[0].Id.String())
		require.False(t, csr.Extensions[0].Critical)
		require.Equal(t, c.usage, hex.EncodeToString(csr.Extensions[0].Value))
		require.NotNil(t, csr.PublicKey.(*ecdsa.PublicKey))

		tag := strings.Split(c.params, ",")[0]
		payload := verify(t, &id, signed, nil)
		require.Len(t, payload, c.payload)
		checkPayload(t, payload, 9, &id, tag, body)
	}
}

// A request of mfw 1.3.x has a NULL where strict parsers want nothing.
func TestKeygenExplicitNull(t *testing.T) {
	for name, null := range map[string]bool{"nrf9160-1.3.0": true, "nrf9160-1.3.7": true, "nrf9151-2.0.0": false} {
		_, send := start(t, name, nil)
		body, _ := parts(t, keygenAnswer, send("AT%KEYGEN=1,2"))
		opensslVerify(t, body)
		require.Equal(t, null, strings.Contains(string(body), "\x30\x0c\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02\x05\x00\x03"), name)
	}
}

// checkPayload checks the message beside a generated key.
func checkPayload(t *testing.T, payload []byte, message int, id *profile.Identity, tag string, body []byte) {
	t.Helper()
	require.Equal(t, "d9d9f785", hex.EncodeToString(payload[:4]))
	var fields struct {
		_       struct{} `cbor:",toarray"`
		Message int
		Device  []byte
		Tag     []byte
		Digest  []byte
		Nonce   []byte
	}
	require.NoError(t, cbor.Unmarshal(payload, &fields))
	digest := sha256.Sum256(body)
	number, err := strconv.ParseUint(tag, 10, 32)
	require.NoError(t, err)
	var secTag uint64
	require.NoError(t, cbor.Unmarshal(fields.Tag, &secTag))
	require.Equal(t, message, fields.Message)
	require.Equal(t, uuid(t, id.DeviceUUID), fields.Device)
	require.Equal(t, number, secTag)
	require.Equal(t, digest[:], fields.Digest)
	require.Len(t, fields.Nonce, 16)
	require.NotEqual(t, make([]byte, 16), fields.Nonce)
}

func TestKeygenPublicKey(t *testing.T) {
	for _, params := range []string{"7,2,1", "7,2,1,,", "7,8", "7,8,0", "7,8,1", `7,8,,"CN=a","100000000"`} {
		m, send := start(t, "nrf9160-1.3.7", nil)
		id := profile.NewIdentity(m.Profile(), 0)
		body, signed := parts(t, keygenAnswer, send("AT%KEYGEN="+params))
		key, err := x509.ParsePKIXPublicKey(body)
		require.NoError(t, err)
		require.Equal(t, elliptic.P256(), key.(*ecdsa.PublicKey).Curve)
		checkPayload(t, verify(t, &id, signed, nil), 8, &id, "7", body)
	}
}

// A generated key is listed by the digest of what is stored, cannot be read,
// and is refused with 519 the second time, written or generated.
func TestKeygenStores(t *testing.T) {
	m, send := start(t, "nrf9160-1.3.7", nil)
	send("AT+CMEE=1")
	parts(t, keygenAnswer, send("AT%KEYGEN=7,2,0"))
	k := keystore.Key{SecTag: 7, Type: keystore.PrivateKey}
	content, err := m.Store().Secret(k)
	require.NoError(t, err)
	digest := strings.ToUpper(hex.EncodeToString(sum(content)))
	steps{
		"AT%CMNG=1,7", `%CMNG: 7,2,"` + digest + `"|OK`,
		"AT%CMNG=2,7,2", "+CME ERROR: 514",
		"AT%KEYGEN=7,2,0", "+CME ERROR: 519", "AT%KEYGEN=7,2,1", "+CME ERROR: 519",
		"AT%CMNG=3,7,2", "OK",
		`AT%CMNG=0,7,2,"written"`, "OK", "AT%KEYGEN=7,2,0", "+CME ERROR: 519",
	}.run(t, send)
	entry, err := m.Store().Entry(k)
	require.NoError(t, err)
	require.False(t, entry.Generated)
}

func sum(p []byte) []byte {
	s := sha256.Sum256(p)
	return s[:]
}

// An endorsement key answers again for the same key, and the flash rests.
func TestKeygenEndorsementAgain(t *testing.T) {
	m, send := start(t, "nrf9160-1.3.7", nil)
	first, signed := parts(t, keygenAnswer, send("AT%KEYGEN=7,8"))
	writes := m.Store().Wear().Flash
	second, signedAgain := parts(t, keygenAnswer, send("AT%KEYGEN=7,8"))
	require.Equal(t, first, second)
	require.NotEqual(t, signed, signedAgain, "another nonce")
	require.Equal(t, writes, m.Store().Wear().Flash)
	other, _ := parts(t, keygenAnswer, send("AT%KEYGEN=8,8"))
	require.NotEqual(t, first, other)
}

// The key in the store makes a TLS certificate together with what a CA makes of
// the request.
func TestKeygenForTLS(t *testing.T) {
	m, send := start(t, profile.Default, nil)
	body, _ := parts(t, keygenAnswer, send("AT%KEYGEN=16842753,2,0"))
	csr, err := x509.ParseCertificateRequest(body)
	require.NoError(t, err)
	ca, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), RawSubject: csr.RawSubject}
	der, err := x509.CreateCertificate(rand.Reader, template, template, csr.PublicKey, ca)
	require.NoError(t, err)
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	require.Equal(t, "OK", send(`AT%CMNG=0,16842753,1,"`+string(cert)+`"`))
	key, err := m.Store().Secret(keystore.Key{SecTag: 16842753, Type: keystore.PrivateKey})
	require.NoError(t, err)
	_, err = tls.X509KeyPair(cert, key)
	require.NoError(t, err)
}

func TestKeygenErrors(t *testing.T) {
	m, send := start(t, "nrf9151-2.0.4", nil)
	steps{
		"AT%KEYGEN=1,3", "ERROR", "AT+CMEE=1", "OK",
		"AT%KEYGEN", "+CME ERROR: 0", "AT%KEYGEN?", "+CME ERROR: 0", "AT%KEYGEN=?", "+CME ERROR: 0",
		"AT%KEYGEN=", "+CME ERROR: 0", "AT%KEYGEN=1", "+CME ERROR: 0", "AT%KEYGEN=,2", "+CME ERROR: 0",
		"AT%KEYGEN=1,1", "+CME ERROR: 0", "AT%KEYGEN=1,2,2", "+CME ERROR: 0", "AT%KEYGEN=1,2,x", "+CME ERROR: 0",
		`AT%KEYGEN=1,2,0,"a"`, "+CME ERROR: 0",
		`AT%KEYGEN=1,2,0,"CN=a","11"`, "+CME ERROR: 0",
		"AT%KEYGEN=1,2,0,,,", "+CME ERROR: 0", "AT%KEYGEN=4294967296,2", "+CME ERROR: 0",
		"AT%KEYGEN=2147483648,2", "+CME ERROR: 514", "AT%KEYGEN=4294967294,8", "+CME ERROR: 514",
		"AT+CFUN=1", "OK", "AT%KEYGEN=1,2", "+CME ERROR: 518", "AT%KEYGEN=1,9", "+CME ERROR: 0",
		"AT+CFUN=4", "OK", "AT%CMNG=1", "OK",
	}.run(t, send)
	m.SetSupply(2800)
	require.Equal(t, "+CME ERROR: 528", send("AT%KEYGEN=1,2"))
}

func TestKeygenStoreFull(t *testing.T) {
	m, send := start(t, "nrf9160-1.3.7", nil)
	send("AT+CMEE=1")
	for tag, size := keystore.SecTag(100), 4000; size > 0; tag++ {
		if m.Store().Write(keystore.Key{SecTag: tag, Type: keystore.PSKIdentity}, bytes.Repeat([]byte("x"), size)) != nil {
			size /= 2
		}
	}
	require.Equal(t, "+CME ERROR: 515", send("AT%KEYGEN=1,2"))
	require.Equal(t, "OK", send("AT%CMNG=1,1"), "nothing is half stored")
}

// An identity without UUIDs cannot vouch for a key.
func TestKeygenFails(t *testing.T) {
	_, send := start(t, "nrf9160-1.3.7", func(c *modem.Config) { c.Identity.DeviceUUID = "none" })
	steps{
		"AT+CMEE=1", "OK", "AT%KEYGEN=1,2", "+CME ERROR: 523", "AT%CMNG=1", "OK", "AT%ATTESTTOKEN", "+CME ERROR: 0",
	}.run(t, send)
}

func TestKeygenRecord(t *testing.T) {
	var events []event.Credential
	log := &event.Log{}
	log.Subscribe(func(e *event.Event) {
		if e.Credential != nil {
			events = append(events, *e.Credential)
		}
	})
	m, send := start(t, "nrf9160-1.3.7", func(c *modem.Config) {
		c.Log = log
		c.FlashCost = func() (cost event.Cost) {
			for _, w := range c.Store.Wear().Credentials {
				cost.Programmed += int(w.Bytes)
			}
			return cost
		}
	})
	body, _ := parts(t, keygenAnswer, send("AT%KEYGEN=7,2,1"))
	send("AT%KEYGEN=7,2,1")
	require.Len(t, events, 2)
	made, refused := events[0], events[1]
	entry, err := m.Store().Entry(keystore.Key{SecTag: 7, Type: keystore.PrivateKey})
	require.NoError(t, err)
	require.EqualValues(t, "generate", made.Op)
	require.Equal(t, uint32(7), *made.SecTag)
	require.EqualValues(t, 2, *made.Type)
	require.Empty(t, made.Before)
	require.Equal(t, entry.Digest.String(), made.After)
	require.Positive(t, made.Cost.Programmed)
	require.Equal(t, strings.ToUpper(hex.EncodeToString(sum(body))), made.Content.PublicKey)
	require.Empty(t, made.Content.Text, "a key is secret")
	require.True(t, refused.Error)
	require.Equal(t, 519, refused.CME)
	require.Equal(t, 1, refused.Found)
	require.Nil(t, refused.Content)
	require.Zero(t, refused.Cost)
}
