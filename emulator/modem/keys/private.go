package keys

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/pem"
	"errors"
	"fmt"

	"nrf91emu/emulator/pkcs8"
)

// ErrUnsuitable is returned by ParsePrivate for a key with which ES256
// cannot be done.
var ErrUnsuitable = errors.New("the key is not on the curve P-256")

// ParsePrivate reads a private key as it is in the store, generated or
// written by a host, with the password that was stored with it if it is encrypted.
// Errors: ErrUnsuitable, or any other for a key that cannot be read.
func ParsePrivate(content, password []byte) (*ecdsa.PrivateKey, error) {
	for {
		var block *pem.Block
		if block, content = pem.Decode(content); block == nil {
			return nil, errors.New("the content is no private key in PEM")
		}
		key, err := pkcs8.ParseKey(block, password)
		if errors.Is(err, pkcs8.ErrNotKey) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("the private key cannot be used: %w", err)
		}
		ec, ok := key.(*ecdsa.PrivateKey)
		if !ok || ec.Curve != elliptic.P256() {
			return nil, ErrUnsuitable
		}
		return ec, nil
	}
}
