package cloud

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"nrf91emu/emulator/cloud/pki"
)

// Files that a Cloud writes into Config.Dir. Those with keys are for the owner
// only.
const (
	FileCA         = "ca.pem"         // the root that a device must trust
	FileCAKey      = "ca.key"         // its key, so that the next start has the same root
	FileOtherCA    = "unknown-ca.pem" // the root of the server unknown-ca
	FileClient     = "client.pem"     // a device's certificate for mqtt-client-certificate
	FileClientKey  = "client.key"
	clientName     = "nrf91-lab"
	ownerOnly      = fs.FileMode(0o600)
	readableForAll = fs.FileMode(0o644)
)

// authorities are the certificates of a cloud.
type authorities struct {
	names  []string // of the servers
	ca     *pki.Identity
	other  *pki.Identity // a CA that nobody trusts
	server *pki.Identity // the good one
	client *pki.Identity
}

// newAuthorities makes the certificates, or takes the root and the client's
// certificate from a folder that an earlier start has written; dir may be empty.
func newAuthorities(dir string, names []string) (*authorities, error) {
	a := &authorities{names: names}
	var err error
	if dir != "" {
		if a.ca, err = load(dir, FileCA, FileCAKey); err != nil {
			return nil, err
		}
	}
	if a.ca == nil {
		if a.ca, err = pki.NewCA("nrf91emu lab root CA"); err != nil {
			return nil, err
		}
	} else if a.client, err = load(dir, FileClient, FileClientKey); err != nil {
		return nil, err
	}
	if a.client == nil {
		if a.client, err = a.ca.Issue(pki.CommonName(clientName), pki.Client); err != nil {
			return nil, err
		}
	}
	if a.other, err = pki.NewCA("Another root CA"); err != nil {
		return nil, err
	}
	if a.server, err = a.ca.Issue(pki.Hosts(append(names, "localhost", "127.0.0.1", "::1")...)); err != nil {
		return nil, err
	}
	if dir == "" {
		return a, nil
	}
	return a, a.write(dir)
}

// write stores what people need as files.
func (a *authorities) write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	caKey, err := a.ca.KeyPEM()
	if err != nil {
		return err
	}
	clientKey, err := a.client.KeyPEM()
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name    string
		content []byte
		mode    fs.FileMode
	}{
		{FileCA, a.ca.PEM(), readableForAll},
		{FileCAKey, caKey, ownerOnly},
		{FileOtherCA, a.other.PEM(), readableForAll},
		{FileClient, a.client.PEM(), readableForAll},
		{FileClientKey, clientKey, ownerOnly},
	} {
		path := filepath.Join(dir, f.name)
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, f.content) {
			continue
		}
		// A file that is there keeps its mode, so it is made anew.
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.WriteFile(path, f.content, f.mode); err != nil {
			return err
		}
	}
	return nil
}

// load reads a certificate and its key; nil if neither is there.
func load(dir, certificate, key string) (*pki.Identity, error) {
	certPath, keyPath := filepath.Join(dir, certificate), filepath.Join(dir, key)
	certText, certErr := os.ReadFile(certPath)
	keyText, keyErr := os.ReadFile(keyPath)
	switch {
	case errors.Is(certErr, fs.ErrNotExist) && errors.Is(keyErr, fs.ErrNotExist):
		return nil, nil
	case certErr != nil || keyErr != nil:
		return nil, fmt.Errorf("%s and %s belong together, so both are needed or neither: %w", certPath, keyPath, errors.Join(certErr, keyErr))
	}
	block, _ := pem.Decode(certText)
	if block == nil {
		return nil, fmt.Errorf("%s holds no certificate in PEM; remove it and %s, and new ones are made", certPath, keyPath)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", certPath, err)
	}
	if block, _ = pem.Decode(keyText); block == nil {
		return nil, fmt.Errorf("%s holds no private key in PEM; remove it and %s, and new ones are made", keyPath, certPath)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", keyPath, err)
	}
	signer, ok := parsed.(crypto.Signer)
	if !ok || !samePublicKey(signer.Public(), cert.PublicKey) {
		return nil, fmt.Errorf("%s is not the key of %s; remove both, and new ones are made", keyPath, certPath)
	}
	return &pki.Identity{Certificate: cert, Key: signer}, nil
}

func samePublicKey(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}
