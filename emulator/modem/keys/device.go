package keys

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"nrf91emu/emulator/profile"
)

// DeviceKey returns the public half of a device's identity key, with which the
// device signs attestation tokens, the messages beside generated keys, and JSON
// web tokens. A test plays the cloud with it: Nordic knows these keys from
// production.
//
// The key is derived from the device UUID, or from the IMEI if there is none, so
// the same device has the same key after each start and nothing is stored. It is
// no secret, as a real device's would be.
func DeviceKey(id *profile.Identity) *ecdsa.PublicKey { return &DevicePrivateKey(id).PublicKey }

// DevicePrivateKey derives the identity key of a device. It takes some
// 20 microseconds, and no modem holds the key: most never need it.
func DevicePrivateKey(id *profile.Identity) *ecdsa.PrivateKey {
	name := id.DeviceUUID
	if name == "" {
		name = id.IMEI
	}
	for n := 0; ; n++ {
		seed := sha256.Sum256(fmt.Appendf(nil, "nrf91emu device identity key %d of %s", n, name))
		// One number in 2^32 is not below the order of the curve.
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:]); err == nil {
			return key
		}
	}
}

// PublicDER returns a public key as a SubjectPublicKeyInfo.
func PublicDER(key *ecdsa.PublicKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		panic("keys: a P-256 key cannot be encoded: " + err.Error())
	}
	return der
}

// parseUUID returns the 16 bytes of a UUID in its text form, 8-4-4-4-12 digits.
func parseUUID(text string) ([]byte, error) {
	if err := profile.CheckUUID(text); err != nil {
		return nil, err
	}
	return hex.DecodeString(strings.ReplaceAll(text, "-", ""))
}

// NonceSize is the length of nonces and challenges (facts keys/keygen-message and
// keys/attesttoken).
const NonceSize = 16

// Nonce returns NonceSize random bytes of a modem.
func Nonce(id *profile.Identity) []byte { return random(id, NonceSize) }

// random returns n random bytes of a modem.
func random(id *profile.Identity, n int) []byte {
	b := make([]byte, n)
	if id.Random == nil {
		rand.Read(b) // never fails
	} else if _, err := io.ReadFull(id.Random, b); err != nil {
		panic("the source of random numbers has an end: " + err.Error())
	}
	return b
}
