package pki

import (
	"crypto/x509"
	"encoding/pem"
	"errors"

	"nrf91emu/emulator/pkcs8"
)

// EncryptedKeyPEM returns the private key as encrypted PKCS #8 (PBES2 with AES-256 and
// HMAC-SHA-256), as openssl pkcs8 -topk8 makes it. It fails where the key is not here.
func (i *Identity) EncryptedKeyPEM(password string) ([]byte, error) {
	if i.Key == nil {
		return nil, errors.New("the private key is not here")
	}
	der, err := x509.MarshalPKCS8PrivateKey(i.Key)
	if err != nil {
		return nil, err
	}
	if der, err = pkcs8.Encrypt(der, []byte(password)); err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: pkcs8.PEMType, Bytes: der}), nil
}
