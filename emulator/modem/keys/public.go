package keys

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
)

// ParsePublic reads a P-256 key between BEGIN and END, with line breaks inside
// or without, as the guide's example has it (fact keys/xpmng).
func ParsePublic(text []byte) (*ecdsa.PublicKey, error) {
	_, rest, begins := bytes.Cut(text, []byte("-----BEGIN PUBLIC KEY-----"))
	body, _, ends := bytes.Cut(rest, []byte("-----END PUBLIC KEY-----"))
	if !begins || !ends {
		return nil, errors.New("the public key has no BEGIN or no END line")
	}
	der, err := base64.StdEncoding.DecodeString(string(bytes.Join(bytes.Fields(body), nil)))
	if err != nil {
		return nil, fmt.Errorf("the public key is not Base64: %w", err)
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("the public key cannot be parsed: %w", err)
	}
	ec, ok := key.(*ecdsa.PublicKey)
	if !ok || ec.Curve != elliptic.P256() {
		return nil, errors.New("the public key is not on the curve P-256")
	}
	return ec, nil
}
