package cloud

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Device is one for which a certificate was signed.
type Device struct {
	ID          string     `json:"id"`          // the common name of its certificate
	Certificate string     `json:"certificate"` // SHA-256 of it, in hexadecimal
	Signed      time.Time  `json:"signed"`
	Connected   *time.Time `json:"connected,omitempty"` // when it last showed the certificate
	Claimed     bool       `json:"claimed"`
}

// maxDevices is how many devices are remembered.
const maxDevices = 10_000

// devices are those that were onboarded.
type devices struct {
	mu   sync.Mutex
	byID map[string]*Device
}

// errUnknownDevice and errNotConnected are why a device cannot be claimed.
var (
	errUnknownDevice = errors.New("no certificate was signed for a device of that name")
	errNotConnected  = errors.New("the device has not connected with its certificate yet, which shows that it holds the key")
)

func (d *devices) signed(id string, cert *x509.Certificate) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byID == nil {
		d.byID = make(map[string]*Device)
	}
	if d.byID[id] == nil && len(d.byID) >= maxDevices {
		return fmt.Errorf("there are %d devices already", maxDevices)
	}
	sum := sha256.Sum256(cert.Raw)
	d.byID[id] = &Device{ID: id, Certificate: hex.EncodeToString(sum[:]), Signed: time.Now()}
	return nil
}

func (d *devices) connected(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if dev := d.byID[id]; dev != nil {
		now := time.Now()
		dev.Connected = &now
	}
}

func (d *devices) claim(id string) (Device, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	dev := d.byID[id]
	if dev == nil {
		return Device{}, errUnknownDevice
	}
	if dev.Connected == nil {
		return *dev, errNotConnected
	}
	dev.Claimed = true
	return *dev, nil
}

func (d *devices) all() []Device {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]Device, 0, len(d.byID))
	for _, dev := range d.byID {
		list = append(list, *dev)
	}
	slices.SortFunc(list, func(a, b Device) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// Devices returns the devices for which certificates were signed, by name.
func (c *Cloud) Devices() []Device { return c.devices.all() }

// Claim takes a device over, which must have connected with its certificate.
func (c *Cloud) Claim(id string) (Device, error) { return c.devices.claim(id) }

// SignCSR signs a device's certificate request with the lab's CA and returns the
// certificate in PEM. The request is PEM, DER, or what AT%KEYGEN answers: base64url
// of the request, with or without the signature behind the full stop and the text
// around it.
func (c *Cloud) SignCSR(request []byte) (certificate []byte, err error) {
	csr, err := parseCSR(request)
	if err != nil {
		return nil, err
	}
	id := csr.Subject.CommonName
	if id == "" {
		return nil, errors.New("the signing request has no common name, which is how the device is known")
	}
	made, err := c.certs.ca.Sign(csr)
	if err != nil {
		return nil, err
	}
	if err := c.devices.signed(id, made.Certificate); err != nil {
		return nil, err
	}
	return made.PEM(), nil
}

// Sign signs a device's certificate request with the CA that a Cloud has left in a
// folder, and returns the certificate in PEM. See [Cloud.SignCSR] for its forms.
func Sign(dir string, request []byte) (certificate []byte, err error) {
	ca, err := load(dir, FileCA, FileCAKey)
	if err != nil {
		return nil, err
	}
	if ca == nil {
		return nil, fmt.Errorf("%s holds no %s and %s: the first start of the servers makes them", dir, FileCA, FileCAKey)
	}
	csr, err := parseCSR(request)
	if err != nil {
		return nil, err
	}
	made, err := ca.Sign(csr)
	if err != nil {
		return nil, err
	}
	return made.PEM(), nil
}

func parseCSR(text []byte) (*x509.CertificateRequest, error) {
	if block, _ := pem.Decode(text); block != nil {
		if !strings.HasSuffix(block.Type, "CERTIFICATE REQUEST") {
			return nil, fmt.Errorf("this is a %s, not a signing request", block.Type)
		}
		return x509.ParseCertificateRequest(block.Bytes)
	}
	if csr, err := x509.ParseCertificateRequest(text); err == nil {
		return csr, nil
	}
	// %KEYGEN: "<csr>.<signature>"
	line := string(text)
	if _, after, ok := strings.Cut(line, `"`); ok {
		line, _, _ = strings.Cut(after, `"`)
	}
	line, _, _ = strings.Cut(strings.TrimSpace(line), ".")
	der, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(line, "="))
	if err != nil {
		return nil, errors.New("this is no signing request: send PEM, DER, or the line that AT%KEYGEN has answered")
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, fmt.Errorf("this is no signing request: %w; AT%%KEYGEN with type 0 makes one", err)
	}
	return csr, nil
}
