package modem

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"nrf91emu/keystore"
)

// errUnsuitableKey is returned by storedKey for a key with which ES256 cannot be
// done.
var errUnsuitableKey = errors.New("the key is not on the curve P-256")

// storedKey returns a private key from the store, whoever put it there. Errors:
// keystore.ErrNotFound, errUnsuitableKey, or any other for a key that cannot be
// read.
func (m *Modem) storedKey(k keystore.Key) (*ecdsa.PrivateKey, error) {
	content, err := m.cfg.Store.Secret(k)
	if err != nil {
		return nil, err
	}
	for {
		var block *pem.Block
		if block, content = pem.Decode(content); block == nil {
			return nil, fmt.Errorf("tag %d, %v holds no private key in PEM", k.SecTag, k.Type)
		}
		var key any
		switch block.Type {
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case "RSA PRIVATE KEY":
			return nil, errUnsuitableKey
		case "ENCRYPTED PRIVATE KEY":
			return nil, fmt.Errorf("the private key at tag %d is encrypted, and its password is not kept", k.SecTag)
		default:
			continue // such as EC PARAMETERS, which stands in front of the key
		}
		if err != nil {
			return nil, fmt.Errorf("the private key at tag %d cannot be parsed: %w", k.SecTag, err)
		}
		ec, ok := key.(*ecdsa.PrivateKey)
		if !ok || ec.Curve != elliptic.P256() {
			return nil, errUnsuitableKey
		}
		return ec, nil
	}
}
