package socket_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/keystore"
)

// broker is the host name that the tests' certificates bear.
const broker = "broker.test"

var serials atomic.Int64

// An identity is a certificate with its key and those above it.
type identity struct {
	cert *x509.Certificate
	key  crypto.Signer
	up   *identity // nil: self-signed
}

// edit changes a certificate's template.
type edit func(*x509.Certificate)

func issue(t testing.TB, up *identity, key crypto.Signer, edits ...edit) *identity {
	t.Helper()
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(serials.Add(1)),
		Subject:      pkix.Name{CommonName: broker},
		NotBefore:    time.Now().Add(-24 * time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
	}
	for _, e := range edits {
		e(tmpl)
	}
	parent, signer := tmpl, key
	if up != nil {
		parent, signer = up.cert, up.key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, key.Public(), signer)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &identity{cert: cert, key: key, up: up}
}

func newCA(t testing.TB, name string, edits ...edit) *identity {
	return issue(t, nil, p256(t), append([]edit{authority(name)}, edits...)...)
}

func authority(name string) edit {
	return func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: name}
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
	}
}

func forHosts(names ...string) edit {
	return func(c *x509.Certificate) { c.DNSNames = names }
}

func forIP(ip string) edit {
	return func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.ParseIP(ip)} }
}

func commonName(name string) edit {
	return func(c *x509.Certificate) { c.Subject = pkix.Name{CommonName: name} }
}

func valid(from, to time.Duration) edit {
	return func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(from), time.Now().Add(to)
	}
}

// padded makes the certificate larger.
func padded(bytes int) edit {
	return func(c *x509.Certificate) {
		c.Subject.OrganizationalUnit = []string{string(make([]byte, 0))}
		for bytes > 0 {
			c.Subject.OrganizationalUnit = append(c.Subject.OrganizationalUnit, "padding padding padding padding padding padding padding padding")
			bytes -= 64
		}
	}
}

func p256(t testing.TB) crypto.Signer { return ec(t, elliptic.P256()) }

func ec(t testing.TB, c elliptic.Curve) crypto.Signer {
	key, err := ecdsa.GenerateKey(c, rand.Reader)
	require.NoError(t, err)
	return key
}

func ed(t testing.TB) crypto.Signer {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return key
}

// rsaKey reads a key of the test data: making one takes seconds.
func rsaKey(t testing.TB, file string) crypto.Signer {
	text, err := os.ReadFile("testdata/" + file)
	require.NoError(t, err)
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	require.NoError(t, err)
	return key
}

// pem returns the certificate alone.
func (i *identity) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.cert.Raw})
}

// keyPEM returns the key as PKCS #8.
func (i *identity) keyPEM() []byte {
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// pair returns what a server shows: the chain without its root.
func (i *identity) pair() tls.Certificate {
	pair := tls.Certificate{PrivateKey: i.key}
	for c := i; c != nil && (c == i || c.up != nil); c = c.up {
		pair.Certificate = append(pair.Certificate, c.cert.Raw)
	}
	return pair
}

func (i *identity) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(i.cert)
	return pool
}

// store is a credential store that is only read.
type store map[keystore.Key][]byte

func (s store) Secret(k keystore.Key) ([]byte, error) {
	if content, ok := s[k]; ok {
		return content, nil
	}
	return nil, keystore.ErrNotFound
}

// passwordType is under what a test keeps the password of the private key.
const passwordType keystore.CredentialType = 100

func (s store) Password(k keystore.Key) []byte {
	return s[keystore.Key{SecTag: k.SecTag, Type: passwordType}]
}

func (s store) password(tag keystore.SecTag, password string) store {
	s[keystore.Key{SecTag: tag, Type: passwordType}] = []byte(password)
	return s
}

// put adds the contents of types 0, 1, 2 and so on; nil leaves one out.
func (s store) put(tag keystore.SecTag, contents ...[]byte) store {
	for typ, c := range contents {
		if c != nil {
			s[keystore.Key{SecTag: tag, Type: keystore.CredentialType(typ)}] = c
		}
	}
	return s
}

// tag24 is a store with credentials in security tag 24.
func tag24(contents ...[]byte) store { return store{}.put(24, contents...) }
