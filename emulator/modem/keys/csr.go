package keys

import (
	"crypto/ecdsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
)

// keyUsageBits is the length of the <key_usage> of %KEYGEN (fact
// keys/keygen-usage): one character for each bit of X.509's keyUsage.
const keyUsageBits = 9

// DefaultKeyUsage is digitalSignature, nonRepudiation, keyEncipherment and
// keyAgreement (fact keys/csr).
const DefaultKeyUsage = "111010000"

var oidKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 15}

// ParseKeyUsage returns the value of a keyUsage extension in DER. It is a named
// bit list: zeros at its end are left out (X.690 11.2.2).
func ParseKeyUsage(text string) ([]byte, error) {
	if len(text) != keyUsageBits {
		return nil, fmt.Errorf("the key usage has %d characters of 0 and 1, not %d", keyUsageBits, len(text))
	}
	var usage asn1.BitString
	usage.Bytes = make([]byte, 2)
	for i := range len(text) {
		switch text[i] {
		case '0':
		case '1':
			usage.Bytes[i/8] |= 0x80 >> (i % 8)
			usage.BitLength = i + 1
		default:
			return nil, fmt.Errorf("the key usage is written with 0 and 1, not %q", text[i])
		}
	}
	usage.Bytes = usage.Bytes[:(usage.BitLength+7)/8]
	return asn1.Marshal(usage)
}

// certificateRequest returns a certificate signing request in DER (fact keys/csr):
// version 0, an extension request that holds keyUsage alone and not critical,
// signed with ECDSA and SHA-256. The algorithm has no parameters, or an explicit
// NULL, which strict parsers refuse.
func certificateRequest(key *ecdsa.PrivateKey, r *Request) ([]byte, error) {
	der, err := x509.CreateCertificateRequest(nil, &x509.CertificateRequest{
		SignatureAlgorithm: x509.ECDSAWithSHA256,
		RawSubject:         r.Subject,
		ExtraExtensions:    []pkix.Extension{{Id: oidKeyUsage, Value: r.Usage}},
	}, key)
	if err != nil || !r.ExplicitNull {
		return der, err
	}
	var request struct {
		Info      asn1.RawValue // what is signed
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &request); err != nil {
		return nil, err
	}
	request.Algorithm.Parameters = asn1.NullRawValue
	return asn1.Marshal(request)
}
