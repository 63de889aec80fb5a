package pkcs8_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/pkcs8"
)

func newKey(t testing.TB) []byte {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return der
}

// What openssl encrypts is decrypted, or refused with the reason.
func TestOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("there is no openssl")
	}
	der := newKey(t)
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	for _, test := range []struct{ name, args, reason string }{
		{"the default", "", ""},
		{"AES-128", "-v2 aes-128-cbc -v2prf hmacWithSHA1", ""},
		{"AES-192", "-v2 aes-192-cbc", ""},
		{"AES-256", "-v2 aes-256-cbc -iter 5000", ""},
		{"3DES", "-v2 des3", ""},
		{"3DES with SHA-1", "-v2 des3 -v2prf hmacWithSHA1", ""},
		{"SHA-512", "-v2 aes-128-cbc -v2prf hmacWithSHA512", "only HMAC with SHA-1 and SHA-256"},
		{"PBES1", "-v1 PBE-SHA1-3DES", "only PBES2"},
		{"Camellia", "-v2 camellia-128-cbc", "only AES and 3DES"},
		{"scrypt", "-scrypt", "only PBKDF2"},
		{"too many iterations", "-iter 1048577", "1048577 iterations"},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := append([]string{"pkcs8", "-topk8", "-passout", "pass:secret"}, strings.Fields(test.args)...)
			cmd := exec.Command("openssl", args...)
			cmd.Stdin = strings.NewReader(text)
			out, err := cmd.Output()
			require.NoError(t, err)
			block, _ := pem.Decode(out)
			require.Equal(t, pkcs8.PEMType, block.Type)
			plain, err := pkcs8.Decrypt(block.Bytes, []byte("secret"))
			if test.reason != "" {
				require.ErrorContains(t, err, test.reason)
				return
			}
			require.NoError(t, err)
			require.Equal(t, der, plain)
			_, err = pkcs8.Decrypt(block.Bytes, []byte("Secret"))
			require.ErrorIs(t, err, pkcs8.ErrPassword)
		})
	}
}

func TestEncrypt(t *testing.T) {
	der := newKey(t)
	box, err := pkcs8.Encrypt(der, []byte("secret"))
	require.NoError(t, err)
	plain, err := pkcs8.Decrypt(box, []byte("secret"))
	require.NoError(t, err)
	require.Equal(t, der, plain)
	for _, password := range []string{"secre", "secret "} {
		_, err = pkcs8.Decrypt(box, []byte(password))
		require.ErrorIs(t, err, pkcs8.ErrPassword)
	}
	_, err = pkcs8.Decrypt(box, nil)
	require.ErrorIs(t, err, pkcs8.ErrNoPassword)
	for n := range box {
		_, err := pkcs8.Decrypt(box[:n], []byte("secret"))
		require.Error(t, err)
	}
}

// Whatever a host has written, nothing panics.
func FuzzDecrypt(f *testing.F) {
	box, err := pkcs8.Encrypt(newKey(f), []byte("secret"))
	require.NoError(f, err)
	f.Add(box)
	f.Add([]byte{0x30, 0})
	f.Fuzz(func(t *testing.T, der []byte) {
		if plain, err := pkcs8.Decrypt(der, []byte("secret")); err == nil {
			require.NotEmpty(t, plain)
		}
	})
}

// Every encoding of the same key is read, and what is no key is said to be none.
func TestParseKey(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	plain, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	sec1, err := x509.MarshalECPrivateKey(key)
	require.NoError(t, err)
	locked, err := pkcs8.Encrypt(plain, []byte("secret"))
	require.NoError(t, err)
	for typ, der := range map[string][]byte{"PRIVATE KEY": plain, "EC PRIVATE KEY": sec1, pkcs8.PEMType: locked} {
		got, err := pkcs8.ParseKey(&pem.Block{Type: typ, Bytes: der}, []byte("secret"))
		require.NoError(t, err, typ)
		require.True(t, key.Equal(got), typ)
	}
	_, err = pkcs8.ParseKey(&pem.Block{Type: pkcs8.PEMType, Bytes: locked}, nil)
	require.ErrorIs(t, err, pkcs8.ErrNoPassword)
	_, err = pkcs8.ParseKey(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte("x")}, nil)
	require.ErrorIs(t, err, pkcs8.ErrNotKey)
	_, err = pkcs8.ParseKey(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: []byte("x")}, nil)
	require.Error(t, err)
}
