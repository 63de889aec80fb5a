package socket

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"

	"nrf91emu/emulator/event"
)

// followChain goes from the server's certificate up, from issuer to issuer, until it
// finds none or one that is not accepted as such. It returns the last certificate that
// is sound, and says what is wrong with the one above it, if that is there.
func (v *verifier) followChain(chain []*x509.Certificate) (last *x509.Certificate, broken refusal) {
	last = chain[0]
	for range chain {
		var issuer *x509.Certificate
		broken = refusal{}
		try := func(cert *x509.Certificate, where string, fault event.HandshakeFault) bool {
			if !bytes.Equal(cert.RawSubject, last.RawIssuer) || bytes.Equal(cert.Raw, last.Raw) {
				return false
			}
			why := notIssued(last, cert, where)
			if why == "" {
				issuer = cert
			} else if broken.reason == "" {
				if insecure(last.CheckSignatureFrom(cert)) {
					fault = event.FaultServerCertificate
				}
				broken = refusal{fault, why}
			}
			return why == ""
		}
		for _, a := range v.anchors {
			if try(a.cert, fmt.Sprintf(" in security tag %d", a.tag), event.FaultUnknownCA) {
				return last, refusal{} // what is wrong is not the signatures
			}
		}
		for _, cert := range chain[1:] {
			if try(cert, " that the server sent", event.FaultServerCertificate) {
				break
			}
		}
		if issuer == nil {
			return last, broken
		}
		last = issuer
	}
	return last, refusal{}
}

// notIssued says why a certificate is not taken for issued by another one whose
// subject it names as its issuer, or nothing if it is (facts tls/issuer, tls/sha-1).
// where says where that one is.
func notIssued(cert, issuer *x509.Certificate, where string) string {
	err := cert.CheckSignatureFrom(issuer)
	if err == nil {
		return ""
	}
	if forged := issuer.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature); forged != nil && !insecure(forged) {
		return fmt.Sprintf("the server's certificate names the issuer %s, but was not signed by the certificate of that name%s: %v", cert.Issuer, where, forged)
	}
	switch {
	case insecure(err):
		return fmt.Sprintf("the certificate %s is signed with %s, and such signatures are not accepted any more: have it issued anew with SHA-256", subject(cert), hashOf(cert))
	case !issuer.IsCA:
		return fmt.Sprintf("the certificate %s was signed by %s%s, which is no CA certificate: its basic constraints do not say CA:TRUE; "+
			"make it anew with basicConstraints=critical,CA:TRUE", subject(cert), subject(issuer), where)
	case issuer.KeyUsage != 0 && issuer.KeyUsage&x509.KeyUsageCertSign == 0:
		return fmt.Sprintf("the certificate %s was signed by %s%s, whose key usage does not let it sign certificates; "+
			"make it anew with keyCertSign", subject(cert), subject(issuer), where)
	}
	return fmt.Sprintf("the certificate %s was signed by %s%s, which cannot be used for that: %v", subject(cert), subject(issuer), where, err)
}

func insecure(err error) bool {
	_, ok := errors.AsType[x509.InsecureAlgorithmError](err)
	return ok
}

// hashOf names the hash of a certificate's signature.
func hashOf(cert *x509.Certificate) string {
	algorithm := cert.SignatureAlgorithm.String()
	for _, h := range []struct{ in, name string }{{"SHA1", "SHA-1"}, {"MD5", "MD5"}, {"MD2", "MD2"}} {
		if strings.Contains(algorithm, h.in) {
			return h.name
		}
	}
	return algorithm
}

// addressOrName explains a certificate whose names are of another kind than the
// socket's host name: addresses and names never match each other (fact tls/address).
func addressOrName(leaf *x509.Certificate, host string) string {
	if net.ParseIP(strings.Trim(host, "[]")) == nil {
		if len(leaf.DNSNames) == 0 {
			return "; it is for addresses alone, and the socket has a name: set no host name, or give the certificate a DNS entry"
		}
		return ""
	}
	for _, name := range leaf.DNSNames {
		if name == host {
			return "; the certificate has the address as a DNS name, which never matches an address: it must be an IP entry (subjectAltName=IP:" + host + ")"
		}
	}
	if len(leaf.IPAddresses) == 0 {
		return "; an address is looked for among the certificate's IP entries, and it has DNS names alone: set the name that it has as host name, or give it an IP entry"
	}
	return ""
}
