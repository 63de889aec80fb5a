package pkcs8

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
)

// ErrNotKey is returned by [ParseKey] for a PEM block that holds no private key,
// such as EC PARAMETERS, which stands in front of one.
var ErrNotKey = errors.New("it is no private key")

// ParseKey reads the private key of a PEM block in any encoding that tools write:
// PKCS #8, encrypted or not, PKCS #1 and SEC 1. The key is of one of the types that
// [x509.ParsePKCS8PrivateKey] returns. Errors: ErrNotKey, those of [Decrypt], or
// what is wrong with the key.
func ParseKey(block *pem.Block, password []byte) (key any, err error) {
	switch block.Type {
	case "PRIVATE KEY":
		return x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		return x509.ParseECPrivateKey(block.Bytes)
	case PEMType:
		der, err := Decrypt(block.Bytes, password)
		if err != nil {
			return nil, err
		}
		return x509.ParsePKCS8PrivateKey(der)
	}
	return nil, ErrNotKey
}
