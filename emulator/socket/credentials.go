package socket

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"nrf91emu/emulator/pkcs8"
	"nrf91emu/keystore"
)

// A credential is one entry of the store, copied at connect.
type credential struct {
	tag     uint32
	typ     keystore.CredentialType
	content []byte
	err     error // why it could not be read

	password []byte // of an encrypted private key
}

// credentials copies what the socket's security tags hold.
func (s *Socket) credentials() []credential {
	if s.e.cfg.Credentials == nil {
		return nil
	}
	var out []credential
	for _, tag := range s.opt.tags {
		for _, typ := range []keystore.CredentialType{keystore.RootCA, keystore.ClientCertificate,
			keystore.PrivateKey, keystore.PSK, keystore.PSKIdentity} {
			k := keystore.Key{SecTag: keystore.SecTag(tag), Type: typ}
			content, err := s.e.cfg.Credentials.Secret(k)
			if errors.Is(err, keystore.ErrNotFound) {
				continue
			}
			c := credential{tag: tag, typ: typ, content: bytes.Clone(content), err: err}
			if typ == keystore.PrivateKey {
				c.password = bytes.Clone(s.e.cfg.Credentials.Password(k))
			}
			out = append(out, c)
		}
	}
	return out
}

// tagNames names security tags in a sentence.
func tagNames(tags []uint32) string {
	switch len(tags) {
	case 0:
		return "no security tag"
	case 1:
		return fmt.Sprintf("security tag %d", tags[0])
	}
	return "security tags " + strings.Trim(strings.ReplaceAll(fmt.Sprint(tags), " ", ", "), "[]")
}

// An anchor is a certificate that the handshake trusts.
type anchor struct {
	tag  uint32
	cert *x509.Certificate
}

// trusted is what the security tags hold of CA certificates.
type trusted struct {
	anchors  []anchor
	pool     *x509.CertPool // of timeless copies
	problems []string       // what could not be read
}

// parseAnchors reads the CA certificates, several in one credential allowed.
func parseAnchors(creds []credential) (t trusted) {
	for _, c := range creds {
		if c.typ != keystore.RootCA {
			continue
		}
		set := parseCAs(c.content)
		for _, cert := range set.certs {
			t.anchors = append(t.anchors, anchor{c.tag, cert})
		}
		if t.pool == nil {
			t.pool = set.pool
		} else {
			t.pool = t.pool.Clone()
			for _, cert := range set.certs {
				t.pool.AddCert(timeless(cert))
			}
		}
		if set.problem != "" {
			t.problems = append(t.problems, fmt.Sprintf("the CA certificate in security tag %d is unusable: %s", c.tag, set.problem))
		}
	}
	return t
}

// parseCertificates reads a PEM of certificates.
func parseCertificates(content []byte) (certs []*x509.Certificate, problem string) {
	for len(content) > 0 {
		block, rest := pem.Decode(content)
		if block == nil {
			break
		}
		content = rest
		if block.Type != "CERTIFICATE" {
			problem = "it holds a PEM block of the kind " + block.Type
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			problem = err.Error()
			continue
		}
		certs = append(certs, cert)
	}
	if len(certs) == 0 && problem == "" {
		problem = "it holds no PEM certificate"
	}
	return certs, problem
}

// clientCertificate finds the client certificate and the key that fits it, from
// any of the tags. Without a pair it says why.
func clientCertificate(creds []credential) (*tls.Certificate, string) {
	var certs, keys, problems []string
	var usable []crypto.Signer
	for _, c := range creds {
		if c.typ != keystore.PrivateKey {
			continue
		}
		keys = append(keys, tagNames([]uint32{c.tag}))
		key, problem := parseKey(c.content, c.password)
		if problem != "" {
			problems = append(problems, fmt.Sprintf("the private key in security tag %d is unusable: %s", c.tag, problem))
			continue
		}
		usable = append(usable, key)
	}
	for _, c := range creds {
		if c.typ != keystore.ClientCertificate {
			continue
		}
		certs = append(certs, tagNames([]uint32{c.tag}))
		chain, problem := parseCertificates(c.content)
		if len(chain) == 0 {
			problems = append(problems, fmt.Sprintf("the client certificate in security tag %d is unusable: %s", c.tag, problem))
			continue
		}
		for _, key := range usable {
			if pub, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool }); ok && pub.Equal(chain[0].PublicKey) {
				pair := &tls.Certificate{PrivateKey: key, Leaf: chain[0]}
				for _, cert := range chain {
					pair.Certificate = append(pair.Certificate, cert.Raw)
				}
				return pair, ""
			}
		}
	}
	switch {
	case len(problems) > 0:
		return nil, strings.Join(problems, "; ")
	case len(certs) == 0 && len(keys) == 0:
		return nil, "the security tags hold no client certificate"
	case len(keys) == 0:
		return nil, certs[0] + " holds a client certificate, but no private key is there"
	case len(certs) == 0:
		return nil, keys[0] + " holds a private key, but no client certificate is there"
	}
	return nil, fmt.Sprintf("the private key in %s does not belong to the client certificate in %s", keys[0], certs[0])
}

// parseKey reads a private key: PKCS #1, PKCS #8 or SEC 1 in PEM, PKCS #8 also
// encrypted (fact cmng/encrypted-key).
func parseKey(content, password []byte) (crypto.Signer, string) {
	for {
		block, rest := pem.Decode(content)
		if block == nil {
			return nil, "it holds no PEM private key"
		}
		content = rest
		if block.Headers["DEK-Info"] != "" {
			return nil, "it is encrypted in the old form of PEM; write it as PKCS #8, with openssl pkcs8 -topk8"
		}
		key, err := pkcs8.ParseKey(block, password)
		if errors.Is(err, pkcs8.ErrNotKey) {
			continue
		}
		if err != nil {
			return nil, err.Error()
		}
		signer, ok := key.(crypto.Signer)
		if !ok {
			return nil, fmt.Sprintf("a key of type %T cannot sign", key)
		}
		return signer, ""
	}
}

// preShared is a pre-shared key and its identity.
type preShared struct {
	identity, key []byte
}

// parsePSK finds the first pre-shared key, which is hexadecimal (fact cmng/psk-hex),
// with an identity in the same tag. With
// none, problem says what is missing, or is "" if there is no trace of one.
func parsePSK(creds []credential) (psk *preShared, problem string) {
	for _, c := range creds {
		if c.typ != keystore.PSK {
			continue
		}
		key, err := hex.DecodeString(string(bytes.TrimSpace(c.content)))
		if err != nil || len(key) == 0 {
			problem = fmt.Sprintf("the pre-shared key in security tag %d is not hexadecimal", c.tag)
			continue
		}
		for _, id := range creds {
			if id.typ == keystore.PSKIdentity && id.tag == c.tag {
				return &preShared{identity: id.content, key: key}, ""
			}
		}
		problem = fmt.Sprintf("security tag %d holds a pre-shared key but no identity", c.tag)
	}
	return nil, problem
}
