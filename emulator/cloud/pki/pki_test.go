package pki_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/cloud/pki"
)

func must(t testing.TB) func(*pki.Identity, error) *pki.Identity {
	return func(i *pki.Identity, err error) *pki.Identity {
		t.Helper()
		require.NoError(t, err)
		return i
	}
}

// Each certificate has the fault that was asked for and no other.
func TestEachHasItsOwnFault(t *testing.T) {
	ca := must(t)(pki.NewCA("Lab root"))
	now := time.Now()
	middle := must(t)(ca.IssueCA("Middle"))
	broken := must(t)(ca.IssueCA("Not a CA", pki.NotCA))
	for _, c := range []struct {
		name   string
		leaf   *pki.Identity
		reason string // "" verifies
	}{
		{"good", must(t)(ca.Issue(pki.Hosts("broker.lab"))), ""},
		{"by an address too", must(t)(ca.Issue(pki.Hosts("broker.lab", "127.0.0.1"))), ""},
		{"below an intermediate", must(t)(middle.Issue(pki.Hosts("broker.lab"))), ""},
		{"RSA", must(t)(ca.Issue(pki.Hosts("broker.lab"), pki.RSA(2048))), ""},
		{"large", must(t)(ca.Issue(pki.Hosts("broker.lab"), pki.Padded(4096))), ""},
		{"other name", must(t)(ca.Issue(pki.Hosts("other.lab"))), "is valid for other.lab, not broker.lab"},
		{"common name only", must(t)(ca.Issue(pki.CommonName("broker.lab"))), "legacy Common Name"},
		{"expired", must(t)(ca.Issue(pki.Hosts("broker.lab"), pki.Valid(now.Add(-2*time.Hour), now.Add(-time.Hour)))), "expired or is not yet valid"},
		{"self-signed", must(t)(pki.NewSelfSigned(pki.Hosts("broker.lab"))), "unknown authority"},
		{"another root", must(t)(must(t)(pki.NewCA("Other root")).Issue(pki.Hosts("broker.lab"))), "unknown authority"},
		{"issuer is no CA", must(t)(broken.Issue(pki.Hosts("broker.lab"))), "parent certificate cannot sign"},
		{"for a client", must(t)(ca.Issue(pki.Hosts("broker.lab"), pki.Client)), "incompatible key usage"},
	} {
		t.Run(c.name, func(t *testing.T) {
			between := x509.NewCertPool()
			require.True(t, between.AppendCertsFromPEM(c.leaf.ChainPEM()))
			_, err := c.leaf.Certificate.Verify(x509.VerifyOptions{Roots: ca.Pool(), Intermediates: between, DNSName: "broker.lab"})
			if c.reason == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.reason)
			}
			key, err := c.leaf.KeyPEM()
			require.NoError(t, err)
			_, err = tls.X509KeyPair(c.leaf.ChainPEM(), key)
			require.NoError(t, err)
		})
	}
	require.Greater(t, len(must(t)(ca.Issue(pki.Padded(4096))).Certificate.Raw), 4096)
}

func TestSign(t *testing.T) {
	ca := must(t)(pki.NewCA("Lab root"))
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "nrf-1"}}, key)
	require.NoError(t, err)
	csr, err := x509.ParseCertificateRequest(der)
	require.NoError(t, err)

	device := must(t)(ca.Sign(csr))
	require.Equal(t, "nrf-1", device.Certificate.Subject.CommonName)
	require.True(t, key.PublicKey.Equal(device.Certificate.PublicKey))
	_, err = device.Certificate.Verify(x509.VerifyOptions{Roots: ca.Pool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	require.NoError(t, err)
	_, err = device.KeyPEM()
	require.Error(t, err)

	csr.RawTBSCertificateRequest[30] ^= 1
	_, err = ca.Sign(csr)
	require.ErrorContains(t, err, "not signed by the key")
	_, err = device.Issue()
	require.ErrorContains(t, err, "private key is not here")
}
