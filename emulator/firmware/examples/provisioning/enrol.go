package provisioning

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
)

// enrol has the modem make a key pair, where there must be none, and stores a certificate that is
// issued for it under a name.
func (f *Firmware) enrol(name string) error {
	a := f.at("AT%%KEYGEN=%d,2,0", tag)
	if !a.OK {
		return errRefused
	}
	request, _, _ := strings.Cut(quoted(a), ".") // what follows says that the modem has made it
	der, err := base64.RawURLEncoding.DecodeString(request)
	if err != nil {
		return fmt.Errorf("the modem's request is no base64: %w", err)
	}
	cert, err := f.sign(der, name)
	if err != nil {
		return err
	}
	return f.store(certKey, cert)
}

// certifiedAs returns the name in the client certificate that is stored, empty if there is none.
func (f *Firmware) certifiedAs() (string, error) {
	text, ok := f.read(certKey)
	if !ok {
		return "", nil
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return "", nil
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return "", fmt.Errorf("what is stored is no certificate: %w", err)
	}
	return cert.Subject.CommonName, nil
}

// reenrol takes certificate and key away, in the order in which a power cut between the two is
// noticed, and makes others.
func (f *Firmware) reenrol(name string) error {
	if f.exists(certKey) {
		f.remove(certKey)
	}
	if f.exists(keyKey) {
		f.remove(keyKey)
	}
	return f.enrol(name)
}
