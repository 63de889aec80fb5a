package event

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"strings"

	"nrf91emu/emulator/pkcs8"
)

// Content describes the content of a credential, so that it can be judged even
// where it is masked.
type Content struct {
	Text   string `json:"text,omitempty"` // the bytes themselves, empty where they are secret
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"` // upper-case hexadecimal, of exactly the bytes sent

	CR         int  `json:"cr,omitempty"`          // carriage returns
	LF         int  `json:"lf,omitempty"`          // line feeds
	NonASCII   int  `json:"non_ascii,omitempty"`   // bytes above 0x7E
	EscapedLF  int  `json:"escaped_lf,omitempty"`  // the two characters \n
	LeadBlank  bool `json:"lead_blank,omitempty"`  // white space before anything else
	LeadLF     bool `json:"lead_lf,omitempty"`     // which is nothing but line feeds
	Padding    int  `json:"padding,omitempty"`     // bytes 0xFF or NUL at the end, as erased flash and strings in C have
	FinalLF    bool `json:"final_lf,omitempty"`    // the last byte is a line feed
	Hex        bool `json:"hex,omitempty"`         // nothing but an even number of hexadecimal digits
	BeginLines int  `json:"begin_lines,omitempty"` // "-----BEGIN" marks
	EndLines   int  `json:"end_lines,omitempty"`   // whole "-----END ...-----" marks

	// PEM is the labels of the blocks that decode, in order.
	PEM []string `json:"pem,omitempty"`
	// DER is set if the content is binary ASN.1 rather than text.
	DER bool `json:"der,omitempty"`
	// BOM is set if the content begins with a byte order mark, HTML if it is a page
	// that a browser saved.
	BOM  bool `json:"bom,omitempty"`
	HTML bool `json:"html,omitempty"`
	// Damage is why the first block that is no certificate, and is said to be one, is
	// none.
	Damage string `json:"damage,omitempty"`
	// Certificates are those among the blocks that parse.
	Certificates []Certificate `json:"certificates,omitempty"`
	// PublicKey is the SHA-256 of the SubjectPublicKeyInfo that belongs to a
	// private key, see Certificate.PublicKey. Only certificates and private keys
	// that fit share it.
	PublicKey string `json:"public_key,omitempty"`
	// Locked is why an encrypted private key cannot be decrypted.
	Locked string `json:"locked,omitempty"`
}

// NoPassword is what Locked says of a private key whose password is missing.
var NoPassword = pkcs8.ErrNoPassword.Error()

// Describe returns the description of content. Its text is left out if secret
// is set.
func Describe(content []byte, secret bool) *Content {
	c := &Content{
		Bytes:      len(content),
		SHA256:     digest(content),
		CR:         bytes.Count(content, []byte("\r")),
		LF:         bytes.Count(content, []byte("\n")),
		EscapedLF:  bytes.Count(content, []byte(`\n`)),
		FinalLF:    bytes.HasSuffix(content, []byte("\n")),
		BeginLines: bytes.Count(content, []byte("-----BEGIN")),
		DER:        len(content) > 2 && content[0] == 0x30 && content[1] >= 0x80,
		Hex:        isHex(content),
		BOM:        bytes.HasPrefix(content, []byte("\xef\xbb\xbf")) || bytes.HasPrefix(content, []byte("\xff\xfe")),
		HTML:       isHTML(content),
	}
	if !secret {
		c.Text = string(content)
	}
	if len(content) > 0 {
		c.LeadBlank = content[0] <= ' '
		rest := bytes.TrimLeft(content, "\n")
		c.LeadLF = c.LeadBlank && len(rest) > 0 && rest[0] > ' '
		for n := len(content); n > 0 && (content[n-1] == 0xff || content[n-1] == 0); n-- {
			c.Padding++
		}
	}
	for _, b := range content {
		if b > 0x7e {
			c.NonASCII++
		}
	}
	for _, s := range strings.Split(string(content), "-----END")[1:] {
		if line, _, _ := strings.Cut(s, "\n"); strings.Contains(line, "-----") {
			c.EndLines++
		}
	}
	c.describePEM(content)
	return c
}

func (c *Content) describePEM(content []byte) {
	for rest := content; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return
		}
		c.PEM = append(c.PEM, block.Type)
		if block.Type == "CERTIFICATE" {
			if cert, err := x509.ParseCertificate(block.Bytes); err == nil {
				c.Certificates = append(c.Certificates, DescribeCertificate(cert))
			} else if c.Damage == "" {
				c.Damage = strings.TrimPrefix(err.Error(), "x509: ")
			}
		} else if block.Type == pkcs8.PEMType {
			c.Locked = NoPassword
		} else if c.PublicKey == "" {
			c.PublicKey = publicKeyOf(block)
		}
	}
}

// Unlock adds what the password of an encrypted private key shows of it. The content
// is the one described.
func (c *Content) Unlock(content, password []byte) {
	for c.Locked != "" && len(password) > 0 {
		var block *pem.Block
		if block, content = pem.Decode(content); block == nil {
			return
		}
		if block.Type != pkcs8.PEMType {
			continue
		}
		der, err := pkcs8.Decrypt(block.Bytes, password)
		if err != nil {
			c.Locked = err.Error()
			return
		}
		c.Locked, c.PublicKey = "", publicKeyOf(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	}
}

// DescribeCertificate returns what the record keeps of a certificate.
func DescribeCertificate(cert *x509.Certificate) Certificate {
	return Certificate{
		Subject:   cert.Subject.String(),
		Issuer:    cert.Issuer.String(),
		NotBefore: cert.NotBefore,
		NotAfter:  cert.NotAfter,
		CA:        cert.IsCA,
		Bytes:     len(cert.Raw),
		SHA256:    digest(cert.Raw),
		PublicKey: digest(cert.RawSubjectPublicKeyInfo),
	}
}

// publicKeyOf returns the digest of the public key that belongs to a private key
// in any of the three encodings that tools write.
func publicKeyOf(block *pem.Block) string {
	key, err := pkcs8.ParseKey(block, nil)
	if err != nil {
		return ""
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return ""
	}
	der, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		return ""
	}
	return digest(der)
}

func digest(p []byte) string {
	sum := sha256.Sum256(p)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

func isHex(p []byte) bool {
	if len(p) == 0 || len(p)%2 != 0 {
		return false
	}
	for _, c := range p {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// isHTML reports whether content begins as a page does.
func isHTML(p []byte) bool {
	p = bytes.ToLower(bytes.TrimSpace(p[:min(len(p), 1024)]))
	return bytes.HasPrefix(p, []byte("<!doctype html")) || bytes.HasPrefix(p, []byte("<html"))
}
