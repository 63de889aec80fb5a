package socket

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"nrf91emu/emulator/event"
)

// verifier judges a server's certificates as the modem does. Its fields are set
// before the handshake; chain, verified and remark are its findings.
type verifier struct {
	policy *Policy
	level  int
	host   string
	tags   []uint32
	trusted

	chain    []*x509.Certificate
	verified bool
	remark   string // what a person should know although it was accepted
}

// A refusal is a verdict of the verifier.
type refusal struct {
	fault  event.HandshakeFault
	reason string
}

func (r refusal) Error() string { return r.reason }

// check judges the chain that the server sent, leaf first. What is refused is told the
// server as bad_certificate (fact tls/alert).
func (v *verifier) check(chain []*x509.Certificate) error {
	v.chain, v.verified, v.remark = chain, false, ""
	if size := chainSize(chain); v.policy.ChainLimit > 0 && size > v.policy.ChainLimit {
		return refusal{event.FaultServerCertificate, fmt.Sprintf("the server's certificate chain has %d bytes in %d certificates; the modem takes %d", size, len(chain), v.policy.ChainLimit)}
	}
	if v.level == PeerVerifyNone {
		v.remark = "the server's certificate was not checked: peer verification is 0"
		return nil
	}
	err := v.trust(chain)
	if err == nil {
		err = v.named(chain[0])
	}
	switch {
	case err == nil:
		v.verified = true
	case v.level == PeerVerifyOptional:
		v.remark = "accepted although verification failed, because peer verification is 1 (optional): " + err.Error()
		err = nil
	}
	return err
}

func chainSize(chain []*x509.Certificate) int {
	size := 0
	for _, c := range chain {
		size += len(c.Raw)
	}
	return size
}

// trust builds a path to one of the anchors. Dates are looked at apart, since
// firmware may not look at them at all; extended key usage is not (facts
// tls/expired, tls/extended-key-usage).
func (v *verifier) trust(chain []*x509.Certificate) error {
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(timeless(c))
	}
	paths, err := timeless(chain[0]).Verify(x509.VerifyOptions{
		Roots: v.pool, Intermediates: between, CurrentTime: someTime,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		return v.untrusted(chain, err)
	}
	now := time.Now()
	var dated string
	for _, path := range paths {
		if dated = outdated(v.originals(path, chain), now); dated == "" {
			return nil
		}
	}
	if !v.policy.AcceptExpired {
		return refusal{event.FaultServerCertificate, dated}
	}
	v.remark = dated + "; the modem accepted it"
	return nil
}

// someTime lies inside the validity of every timeless certificate.
var someTime = time.Unix(1, 0)

// timeless is the certificate with a validity that never ends.
func timeless(c *x509.Certificate) *x509.Certificate {
	ever := *c
	ever.NotBefore, ever.NotAfter = time.Unix(0, 0), time.Unix(2, 0)
	return &ever
}

// originals maps the certificates of a path back to those with real dates.
func (v *verifier) originals(path, chain []*x509.Certificate) []*x509.Certificate {
	known := slices.Clone(chain)
	for _, a := range v.anchors {
		known = append(known, a.cert)
	}
	var out []*x509.Certificate
	for _, p := range path {
		for _, c := range known {
			if bytes.Equal(c.Raw, p.Raw) {
				out = append(out, c)
				break
			}
		}
	}
	return out
}

// outdated says which certificate of a path is outside its validity, if any.
func outdated(path []*x509.Certificate, now time.Time) string {
	for _, c := range path {
		switch {
		case now.After(c.NotAfter):
			return fmt.Sprintf("the certificate %s expired on %s", subject(c), c.NotAfter.UTC().Format(time.DateOnly))
		case now.Before(c.NotBefore):
			return fmt.Sprintf("the certificate %s is not valid before %s", subject(c), c.NotBefore.UTC().Format(time.DateOnly))
		}
	}
	return ""
}

// untrusted says in words why no path was found.
func (v *verifier) untrusted(chain []*x509.Certificate, err error) refusal {
	leaf := chain[0]
	last, broken := v.followChain(chain)
	if broken.reason != "" {
		return broken
	}
	switch unknown := err.(type) {
	case x509.UnknownAuthorityError:
		if bytes.Equal(leaf.RawIssuer, leaf.RawSubject) {
			return refusal{event.FaultUnknownCA, fmt.Sprintf("the server's certificate %s is self-signed and is not the one stored; %s", subject(leaf), v.holds())}
		}
		return refusal{event.FaultUnknownCA, fmt.Sprintf("the server's certificate is signed by an unknown CA: %s; %s", last.Issuer, v.holds())}
	case x509.CertificateInvalidError:
		return refusal{event.FaultServerCertificate, fmt.Sprintf("the certificate %s cannot be used: %v", subject(unknown.Cert), err)}
	}
	return refusal{event.FaultServerCertificate, fmt.Sprintf("the server's certificate %s cannot be verified: %v", subject(leaf), err)}
}

// holds says which CAs the tags have.
func (v *verifier) holds() string {
	var names []string
	for _, a := range v.anchors {
		names = append(names, subject(a.cert))
	}
	verb := " holds "
	if len(v.tags) > 1 {
		verb = " hold "
	}
	return tagNames(v.tags) + verb + strings.Join(names, " and ")
}

func subject(c *x509.Certificate) string {
	if name := c.Subject.String(); name != "" {
		return name
	}
	return "with serial number " + c.SerialNumber.String()
}

// named checks the host name, if one is set (fact tls/host-name: off by default).
func (v *verifier) named(leaf *x509.Certificate) error {
	if v.host == "" {
		return nil
	}
	names := slices.Clone(leaf.DNSNames)
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) > 0 {
		if leaf.VerifyHostname(v.host) == nil {
			return nil
		}
		return refusal{event.FaultServerName, fmt.Sprintf("the server's certificate is for %s, the socket's host name is %s%s",
			strings.Join(names, ", "), v.host, addressOrName(leaf, v.host))}
	}
	cn := leaf.Subject.CommonName
	if !v.policy.AcceptCommonName {
		return refusal{event.FaultServerName, fmt.Sprintf("the server's certificate has only the common name %q and no subject alternative name", cn)}
	}
	named := *leaf
	named.DNSNames = []string{cn}
	if cn == "" || (!strings.EqualFold(cn, v.host) && named.VerifyHostname(v.host) != nil) {
		return refusal{event.FaultServerName, fmt.Sprintf("the server's certificate is for CN=%s, the socket's host name is %s", cn, v.host)}
	}
	return nil
}
