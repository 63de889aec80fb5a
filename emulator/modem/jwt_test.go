package modem_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/modem/keys"
	"nrf91emu/emulator/profile"
	"nrf91emu/keystore"
)

var tokenAnswer = regexp.MustCompile(`^%JWT: "([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})"\|OK$`)

// token checks the signature and the header of an answer of %JWT and returns its
// claims.
func token(t *testing.T, answer string, key *ecdsa.PublicKey) map[string]any {
	t.Helper()
	found := tokenAnswer.FindStringSubmatch(answer)
	require.NotNil(t, found, answer)
	var text [3][]byte
	for i := range text {
		var err error
		text[i], err = base64.RawURLEncoding.DecodeString(found[i+1])
		require.NoError(t, err)
	}
	digest := sha256.Sum256([]byte(found[1] + "." + found[2]))
	r, s := new(big.Int).SetBytes(text[2][:32]), new(big.Int).SetBytes(text[2][32:])
	require.True(t, ecdsa.Verify(key, digest[:], r, s))

	der, err := x509.MarshalPKIXPublicKey(key)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf(`{"typ":"JWT","alg":"ES256","kid":"%x"}`, sum(der)), strings.TrimRight(string(text[0]), " "))
	require.Zero(t, len(text[0])%3, "filled up with blanks")
	require.Zero(t, len(text[1])%3)
	require.True(t, strings.HasPrefix(string(text[1]), `{"iss":"nRF9`))
	var claims map[string]any
	require.NoError(t, json.Unmarshal(text[1], &claims))
	return claims
}

func TestJWT(t *testing.T) {
	for _, c := range []struct {
		params   string
		sub, aud any
	}{
		{"", nil, nil}, {"=", nil, nil}, {"=0", nil, nil}, {`=0,0,"",""`, nil, nil}, {"=,,,", nil, nil},
		{`=,,"sub"`, "sub", nil}, {`=0,100,"sub","aud"`, "sub", "aud"}, {`=,,,"<a&b>"`, nil, "<a&b>"},
		{"=,,\"a\\\r\n\u00e9\"", "a\\\r\n\u00e9", nil}, {`=,,,,,`, nil, nil},
	} {
		m, send := start(t, "nrf9160-1.3.7", nil)
		id := profile.NewIdentity(m.Profile(), 0)
		claims := token(t, send("AT%JWT"+c.params), keys.DeviceKey(&id))
		require.Equal(t, "nRF9160."+id.DeviceUUID, claims["iss"])
		require.Regexp(t, `^nRF9160\.`+id.ModemUUID+`\.[0-9a-f]{32}$`, claims["jti"])
		require.Equal(t, c.sub, claims["sub"], c.params)
		require.Equal(t, c.aud, claims["aud"], c.params)
		require.NotContains(t, claims, "iat", "the modem knows no time yet")
		require.NotContains(t, claims, "exp")
	}
}

// With the time from the network, and a time to expiry, the token has both.
func TestJWTTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, send := start(t, "nrf9151-2.0.4", nil)
		id := profile.NewIdentity(m.Profile(), 0)
		key := keys.DeviceKey(&id)
		require.NotContains(t, token(t, send("AT%JWT=0,600"), key), "exp")
		send("AT+CFUN=1")
		claims := token(t, send("AT%JWT=0,600"), key)
		require.InDelta(t, time.Now().Unix(), claims["iat"], 0)
		require.InDelta(t, time.Now().Unix()+600, claims["exp"], 0)
		for _, command := range []string{"AT%JWT=0,0", "AT%JWT=0,", "AT%JWT"} {
			claims = token(t, send(command), key)
			require.NotContains(t, claims, "iat")
			require.NotContains(t, claims, "exp")
		}
		m.PowerOff()
	})
}

// The key is one from the store: generated, or written in any usual form.
func TestJWTStoredKey(t *testing.T) {
	m, send := start(t, "nrf9160-1.3.7", nil)
	for i, command := range []string{"AT%KEYGEN=0,2,1", "AT%KEYGEN=1,8"} {
		body, _ := parts(t, keygenAnswer, send(command))
		key, err := x509.ParsePKIXPublicKey(body)
		require.NoError(t, err)
		token(t, send(fmt.Sprintf(`AT%%JWT=0,,"sub",,%d,%d`, i, 2+6*i)), key.(*ecdsa.PublicKey))
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	sec1, err := x509.MarshalECPrivateKey(key)
	require.NoError(t, err)
	parameters := "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
	for i, content := range []string{
		pemText("PRIVATE KEY", pkcs8), pemText("EC PRIVATE KEY", sec1), parameters + pemText("EC PRIVATE KEY", sec1),
	} {
		require.NoError(t, m.Store().Write(keystore.Key{SecTag: keystore.SecTag(10 + i), Type: keystore.PrivateKey}, []byte(content)))
		token(t, send(fmt.Sprintf("AT%%JWT=,,,,%d,2", 10+i)), &key.PublicKey)
	}
}

func pemText(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

func TestJWTErrors(t *testing.T) {
	m, send := start(t, "nrf9160-1.3.7", nil)
	ec, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(ec)
	require.NoError(t, err)
	other, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	for tag, content := range map[keystore.SecTag]string{
		1: "not a key", 2: pemText("PRIVATE KEY", []byte("broken")), 3: pemText("ENCRYPTED PRIVATE KEY", []byte("x")),
		4: pemText("PRIVATE KEY", der), 5: pemText("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(other)),
	} {
		require.NoError(t, m.Store().Write(keystore.Key{SecTag: tag, Type: keystore.PrivateKey}, []byte(content)))
	}
	steps{
		"AT%JWT=1", "ERROR", "AT+CMEE=1", "OK",
		"AT%JWT=1", "+CME ERROR: 50", "AT%JWT=0,-1", "+CME ERROR: 50", "AT%JWT=0,x", "+CME ERROR: 50",
		"AT%JWT=0,0,,,1", "+CME ERROR: 50",
		"AT%JWT=0,0,,,,2", "+CME ERROR: 50", "AT%JWT=0,0,,,1,1", "+CME ERROR: 50", "AT%JWT=,,,,1,2,", "+CME ERROR: 50",
		"AT%JWT=,,,,9,2", "+CME ERROR: 513", "AT%JWT=,,,,9,8", "+CME ERROR: 513",
		"AT%JWT=,,,,1,2", "+CME ERROR: 514", "AT%JWT=,,,,2,2", "+CME ERROR: 514", "AT%JWT=,,,,3,2", "+CME ERROR: 514",
		"AT%JWT=,,,,4,2", "+CME ERROR: 525", "AT%JWT=,,,,5,2", "+CME ERROR: 525",
		"AT%JWT?", "+CME ERROR: 0", "AT%JWT=?", "+CME ERROR: 0",
	}.run(t, send)
	_, send = start(t, "nrf9151-2.0.4", nil)
	steps{"AT+CMEE=1", "OK", "AT%JWT=,,,,9,8", "+CME ERROR: 50", "AT%JWT=,,,,9,2", "+CME ERROR: 513"}.run(t, send)
}
