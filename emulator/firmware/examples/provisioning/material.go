package provisioning

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io/fs"
	"math/big"
	"sync/atomic"
	"time"

	"nrf91emu/testvectors"
)

// Material is what programs provision.
type Material struct {
	CA        string // a root
	OtherCA   string // another root
	Expired   string // a root whose time is over
	Chain     string // three roots
	LongChain string // three roots, above 4 kB
	Cert      string // of a client, issued by CA
	Key       string // that belongs to it
	OtherKey  string // that does not
	Renewal   string // another certificate for it
	// EncryptedKey is a private key of its own, for which there is EncryptedKeyPassword.
	EncryptedKey string
	PSK          string // hexadecimal
	Identity     string // for the PSK

	// ServerCert and ServerKey are those of a TLS server for ServerName, issued by
	// CA; ServerPort is where it listens.
	ServerCert, ServerKey string
	ServerPort            int

	ca, client *authority
}

// EncryptedKeyPassword is the password of Material.EncryptedKey.
const EncryptedKeyPassword = "nrf91emu"

// Reissue returns another client certificate for Key each time.
func (m *Material) Reissue() (string, error) {
	cert, _, err := issueFor("client", time.Now().AddDate(5, 0, 0), 0, m.ca, m.client.key)
	return cert, err
}

// sign issues a client certificate for a request, under a name.
func (m *Material) sign(request []byte, name string) (string, error) {
	r, err := x509.ParseCertificateRequest(request)
	if err != nil {
		return "", err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial.Add(1)), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().AddDate(-5, 0, 0), NotAfter: time.Now().AddDate(5, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, m.ca.cert, r.PublicKey, m.ca.key)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), nil
}

// ServerName is the host name of the server that programs connect to.
const ServerName = "localhost"

// Renewed returns the material of a firmware update: CA and OtherCA have changed
// places.
func (m Material) Renewed() *Material {
	m.CA, m.OtherCA = m.OtherCA, m.CA
	return &m
}

// NewMaterial makes material that is valid now.
func NewMaterial() (*Material, error) {
	m := &Material{PSK: "c0ffee0123456789abcdef", Identity: "nrf-352656100367872"}
	now := time.Now()
	var err error
	root := func(name string, until time.Time, padding int) string {
		var cert string
		if err == nil {
			cert, _, err = issue(name, until, padding, nil)
		}
		return cert
	}
	var ca *authority
	m.CA, ca, err = issue("Catalogue CA", now.AddDate(10, 0, 0), 0, nil)
	m.OtherCA = root("Another CA", now.AddDate(10, 0, 0), 0)
	m.Expired = root("Expired CA", now.AddDate(0, 0, -1), 0)
	for _, name := range []string{"Chain 1", "Chain 2", "Chain 3"} {
		m.Chain += root(name, now.AddDate(10, 0, 0), 0)
		m.LongChain += root(name, now.AddDate(10, 0, 0), 900)
	}
	if err != nil {
		return nil, err
	}
	var client *authority
	if m.Cert, client, err = issue("client", now.AddDate(5, 0, 0), 0, ca); err != nil {
		return nil, err
	}
	m.ca, m.client = ca, client
	if m.Renewal, err = m.Reissue(); err != nil {
		return nil, err
	}
	encrypted, err := fs.ReadFile(testvectors.All(), "certificates/encrypted-key.pem")
	if err != nil {
		return nil, err
	}
	m.EncryptedKey = string(encrypted)
	if m.Key, err = keyPEM(client.key); err != nil {
		return nil, err
	}
	if m.OtherKey, err = keyPEM(ca.key); err != nil {
		return nil, err
	}
	var server *authority
	if m.ServerCert, server, err = issue(ServerName, now.AddDate(5, 0, 0), 0, ca); err != nil {
		return nil, err
	}
	m.ServerKey, err = keyPEM(server.key)
	return m, err
}

// authority is a certificate with its key.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a root, or a leaf if there is an issuer, that is
// padding bytes longer than it need be.
func issue(name string, until time.Time, padding int, issuer *authority) (string, *authority, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", nil, err
	}
	return issueFor(name, until, padding, issuer, private)
}

// serial is the number of the certificate that was issued last.
var serial atomic.Int64

// issueFor is issue for a key that is there.
func issueFor(name string, until time.Time, padding int, issuer *authority, private *ecdsa.PrivateKey) (string, *authority, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial.Add(1)), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().AddDate(-5, 0, 0), NotAfter: until,
		BasicConstraintsValid: true, IsCA: issuer == nil,
	}
	if issuer != nil {
		template.DNSNames = []string{name}
	}
	if padding > 0 {
		template.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, Value: make([]byte, padding)}}
	}
	parent, signer := template, private
	if issuer != nil {
		parent, signer = issuer.cert, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &private.PublicKey, signer)
	if err != nil {
		return "", nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return "", nil, err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), &authority{cert, private}, nil
}

func keyPEM(k *ecdsa.PrivateKey) (string, error) {
	der, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})), nil
}
