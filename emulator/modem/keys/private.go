package keys

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
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
		var key any
		var err error
		switch block.Type {
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case "RSA PRIVATE KEY":
			return nil, ErrUnsuitable
		case pkcs8.PEMType:
			var der []byte
			if der, err = pkcs8.Decrypt(block.Bytes, password); err == nil {
				key, err = x509.ParsePKCS8PrivateKey(der)
			}
		default:
			continue // such as EC PARAMETERS, which stands in front of the key
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
