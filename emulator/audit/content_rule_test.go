package audit_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// content returns what a word in angle brackets stands for.
func content(t testing.TB, name string) string {
	c, ok := contents()[name]
	require.True(t, ok, "there is no content %q", name)
	return c
}

var contents = sync.OnceValue(func() map[string]string {
	rootKey, clientKey, otherKey := newKey(), newKey(), newKey()
	year := 365 * 24 * time.Hour
	root := template("Test Root", true, 20*year)
	ca := sign(root, root, rootKey, rootKey)
	ca2 := sign(template("Second Root", true, 20*year), nil, otherKey, otherKey)
	client := sign(template("device", false, 5*year), root, clientKey, rootKey)
	soon := template("Soon", true, 20*year)
	soon.NotAfter = start.Add(30 * 24 * time.Hour)
	amazon := template("Amazon Root CA 1", true, 20*year)
	resigned := template("device", false, 6*year)
	expired := template("Old Root", true, 20*year)
	expired.NotBefore, expired.NotAfter = start.Add(-2*year), start.Add(-time.Hour)
	crlf := strings.ReplaceAll(ca, "\n", "\r\n")
	return map[string]string{
		"ca":                             ca,
		"ca2":                            ca2,
		"ca with CRLF":                   crlf,
		"ca with CR":                     strings.ReplaceAll(ca, "\n", "\r"),
		`ca with \n`:                     strings.ReplaceAll(ca, "\n", `\n`),
		"ca on one line":                 strings.ReplaceAll(ca, "\n", " "),
		"ca with leading blank":          "\n" + ca,
		"ca cut short":                   strings.TrimSuffix(ca, "-\n"),
		"ca cut in half":                 ca[:len(ca)/2],
		"ca without final LF":            strings.TrimSuffix(ca, "\n"),
		"ca with typographic dashes":     strings.ReplaceAll(ca, "-----", "—–—"),
		"ca with comment":                "# Test Root\n" + ca,
		"two cas":                        ca + ca2,
		"big":                            ca + strings.Repeat("# padding\n", 400),
		"expired ca":                     sign(expired, nil, rootKey, rootKey),
		"ca that expires soon":           sign(soon, nil, rootKey, rootKey),
		"nrf cloud ca":                   sign(amazon, nil, rootKey, rootKey),
		"client certificate":             client,
		"client certificate signed anew": sign(resigned, root, clientKey, rootKey),
		"ca with another comment":        "# Test Root, later\n" + ca,
		"ca with byte order mark":        "\ufeff" + ca,
		"ca with padding":                ca + "\xff\xff\xff",
		"ca with NUL":                    ca + "\x00",
		"ca with leading blanks":         "  " + ca,
		"x509 certificate":               strings.ReplaceAll(ca, " CERTIFICATE", " X509 CERTIFICATE"),
		"trusted certificate":            strings.ReplaceAll(ca, " CERTIFICATE", " TRUSTED CERTIFICATE"),
		"damaged ca":                     block("CERTIFICATE", []byte("\x30\x03\x02\x01\x01")),
		"encrypted key":                  "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n",
		"key in the older form":          ecPEM(clientKey),
		"html":                           "<!DOCTYPE html>\n<html></html>\n",
		"psk with NUL":                   "00112233445566778899AABBCCDDEEFF\x00",
		"identity with NUL":              "device\x00",
		"client chain":                   client + ca,
		"self-signed server certificate": sign(template("server", false, 5*year), nil, otherKey, otherKey),
		"key":                            keyPEM(clientKey),
		"ec key with parameters":         "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + ecPEM(clientKey),
		"another key":                    keyPEM(otherKey),
		"der":                            "\x30\x82\x01\x0a\x02\x82\x01\x01",
		"nonsense":                       "HONKHONK",
		"made-up pem":                    "-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n",
		"psk":                            "00112233445566778899AABBCCDDEEFF",
		"psk in base64":                  "ABEiM0RVZneImaq7zN3u/w==",
		"psk2":                           "00112233445566778899AABBCCDDEE00",
		"psk3":                           "00112233445566778899AABBCCDDEE01",
		"odd psk":                        "00112",
		"identity":                       `domain\nrf-352656100367872`,
	}
})

func newKey() *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return k
}

func template(name string, ca bool, valid time.Duration) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: start.Add(-time.Hour), NotAfter: start.Add(valid),
		IsCA: ca, BasicConstraintsValid: true,
	}
}

func sign(cert, parent *x509.Certificate, key, by *ecdsa.PrivateKey) string {
	if parent == nil {
		parent = cert
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, parent, key.Public(), by)
	if err != nil {
		panic(err)
	}
	return block("CERTIFICATE", der)
}

func keyPEM(k *ecdsa.PrivateKey) string {
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		panic(err)
	}
	return block("PRIVATE KEY", der)
}

func ecPEM(k *ecdsa.PrivateKey) string {
	der, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		panic(err)
	}
	return block("EC PRIVATE KEY", der)
}

func block(label string, der []byte) string {
	var b bytes.Buffer
	if err := pem.Encode(&b, &pem.Block{Type: label, Bytes: der}); err != nil {
		panic(err)
	}
	return b.String()
}
