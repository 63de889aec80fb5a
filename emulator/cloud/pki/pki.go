package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"
	"time"
)

// Lifetime is how long a certificate is valid unless Valid says otherwise. It
// begins a day before it was made, so that a clock that is a little slow does no
// harm.
const Lifetime = 10 * 365 * 24 * time.Hour

// An Identity is a certificate, its private key, and the identity that issued it.
type Identity struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
	// Issuer is nil for a certificate that is signed with its own key.
	Issuer *Identity
}

// An Option changes a certificate before it is signed.
type Option func(*request)

// request is what a certificate will be made from.
type request struct {
	template x509.Certificate
	key      crypto.Signer    // nil: an own one is made
	public   crypto.PublicKey // set where the key is somebody else's
	bits     int              // of an RSA key; 0 is ECDSA P-256
}

// NewCA makes a root: a certificate that may sign others, signed with its own key.
func NewCA(name string, options ...Option) (*Identity, error) {
	return issue(nil, append([]Option{CommonName(name), authority}, options...))
}

// NewSelfSigned makes a certificate without an issuer that may not sign others.
func NewSelfSigned(options ...Option) (*Identity, error) {
	return issue(nil, append([]Option{serverUse}, options...))
}

// IssueCA makes an intermediate CA.
func (i *Identity) IssueCA(name string, options ...Option) (*Identity, error) {
	return issue(i, append([]Option{CommonName(name), authority}, options...))
}

// Issue makes a certificate for a server; Client turns it into one for a device.
func (i *Identity) Issue(options ...Option) (*Identity, error) {
	return issue(i, append([]Option{serverUse}, options...))
}

// Sign makes a device's certificate for the key and the name of a signing request
// (CSR). The request's own signature is checked first. Key of the result is nil.
func (i *Identity) Sign(csr *x509.CertificateRequest, options ...Option) (*Identity, error) {
	if err := csr.CheckSignature(); err != nil {
		return nil, fmt.Errorf("the signing request is not signed by the key it is for: %w", err)
	}
	asked := func(r *request) {
		r.template.Subject, r.public = csr.Subject, csr.PublicKey
	}
	return issue(i, append([]Option{Client, asked}, options...))
}

func issue(issuer *Identity, options []Option) (*Identity, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	r := request{template: x509.Certificate{
		SerialNumber: serial,
		NotBefore:    now.Add(-24 * time.Hour),
		NotAfter:     now.Add(Lifetime),
	}}
	for _, o := range options {
		o(&r)
	}
	if r.public == nil {
		if r.key == nil {
			if r.key, err = newKey(r.bits); err != nil {
				return nil, err
			}
		}
		r.public = r.key.Public()
	}
	made := &Identity{Key: r.key, Issuer: issuer}
	parent, signer := &r.template, r.key
	if issuer != nil {
		parent, signer = issuer.Certificate, issuer.Key
	}
	if signer == nil {
		return nil, errors.New("the issuer's private key is not here")
	}
	der, err := x509.CreateCertificate(rand.Reader, &r.template, parent, r.public, signer)
	if err != nil {
		return nil, err
	}
	made.Certificate, err = x509.ParseCertificate(der)
	return made, err
}

func newKey(bits int) (crypto.Signer, error) {
	if bits > 0 {
		return rsa.GenerateKey(rand.Reader, bits)
	}
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

func authority(r *request) {
	r.template.IsCA, r.template.BasicConstraintsValid = true, true
	r.template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
}

func serverUse(r *request) {
	r.template.BasicConstraintsValid = true
	r.template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
	r.template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
}

// Client makes the certificate one by which a device shows who it is.
func Client(r *request) {
	r.template.BasicConstraintsValid = true
	r.template.KeyUsage = x509.KeyUsageDigitalSignature
	r.template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
}

// CommonName sets the subject's common name. Alone, without Hosts, it makes a
// server's certificate of the old kind that crypto/tls refuses.
func CommonName(name string) Option {
	return func(r *request) { r.template.Subject = pkix.Name{CommonName: name} }
}

// Hosts says for which names and addresses a server's certificate is; the first
// one becomes the common name, if there is none.
func Hosts(names ...string) Option {
	return func(r *request) {
		for _, name := range names {
			if ip := net.ParseIP(name); ip != nil {
				r.template.IPAddresses = append(r.template.IPAddresses, ip)
			} else {
				r.template.DNSNames = append(r.template.DNSNames, name)
			}
		}
		if r.template.Subject.CommonName == "" && len(names) > 0 {
			r.template.Subject.CommonName = names[0]
		}
	}
}

// Valid says from when to when the certificate is valid.
func Valid(from, to time.Time) Option {
	return func(r *request) { r.template.NotBefore, r.template.NotAfter = from, to }
}

// RSA gives the certificate an RSA key of so many bits; without it, it is ECDSA on
// P-256.
func RSA(bits int) Option { return func(r *request) { r.bits = bits } }

// Key gives the certificate a key that was made before.
func Key(key crypto.Signer) Option { return func(r *request) { r.key = key } }

// NotCA takes from an issuer's certificate that it may sign others.
func NotCA(r *request) {
	r.template.IsCA, r.template.KeyUsage = false, x509.KeyUsageDigitalSignature
}

// Padded makes the certificate at least so many bytes longer, by words in its
// subject: a chain of them outgrows what the modem takes.
func Padded(bytes int) Option {
	return func(r *request) {
		const unit = 64 // the most that X.520 allows in an organizational unit
		for i := 0; i < bytes; i += unit {
			r.template.Subject.OrganizationalUnit = append(r.template.Subject.OrganizationalUnit,
				fmt.Sprintf("%04d %s", i/unit, strings.Repeat("padding ", 7)+"pad"))
		}
	}
}

// PEM returns the certificate alone, as text with line feeds.
func (i *Identity) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.Certificate.Raw})
}

// ChainPEM returns the certificate and those above it, without the root.
func (i *Identity) ChainPEM() []byte {
	var out []byte
	for _, c := range i.chain() {
		out = append(out, c.PEM()...)
	}
	return out
}

// KeyPEM returns the private key as PKCS #8. It fails where the key is not here.
func (i *Identity) KeyPEM() ([]byte, error) {
	if i.Key == nil {
		return nil, errors.New("the private key is not here")
	}
	der, err := x509.MarshalPKCS8PrivateKey(i.Key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// TLS returns what a server or a client shows: the chain without its root.
func (i *Identity) TLS() tls.Certificate {
	pair := tls.Certificate{PrivateKey: i.Key, Leaf: i.Certificate}
	for _, c := range i.chain() {
		pair.Certificate = append(pair.Certificate, c.Certificate.Raw)
	}
	return pair
}

// Pool returns a pool that holds the certificate alone.
func (i *Identity) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(i.Certificate)
	return pool
}

// chain returns the identity and those above it, without a root above.
func (i *Identity) chain() []*Identity {
	chain := []*Identity{i}
	for up := i.Issuer; up != nil && up.Issuer != nil; up = up.Issuer {
		chain = append(chain, up)
	}
	return chain
}
