package pki_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/cloud/pki"
)

// TestEncryptedKey: openssl decrypts the key, with the right password only.
func TestEncryptedKey(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("there is no openssl")
	}
	ca, err := pki.NewCA("root")
	require.NoError(t, err)
	text, err := ca.EncryptedKeyPEM("password")
	require.NoError(t, err)
	plain, err := ca.KeyPEM()
	require.NoError(t, err)
	decrypt := func(password string) (string, error) {
		cmd := exec.Command("openssl", "pkcs8", "-passin", "pass:"+password)
		cmd.Stdin = strings.NewReader(string(text))
		out, err := cmd.Output()
		return string(out), err
	}
	out, err := decrypt("password")
	require.NoError(t, err)
	require.Equal(t, string(plain), out)
	_, err = decrypt("other")
	require.Error(t, err)
}
