package keystore

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
)

// checkContent applies the content check of newer firmware: types 0 and 1 must
// be certificates in PEM that can be parsed and are not too large. Other types
// are not checked by any firmware (fact cmng/content-unchecked).
func (r *Rules) checkContent(k Key, content []byte) error {
	if !r.CheckCertificates || k.Type != RootCA && k.Type != ClientCertificate {
		return nil
	}
	if len(content) > r.maxCertificate() {
		return refuse(ErrInvalidContent, k, "%d bytes, a certificate may have %d", len(content), r.maxCertificate())
	}
	if err := checkPEM(content); err != nil {
		return refuse(ErrInvalidContent, k, "%v", err)
	}
	return nil
}

// checkPEM checks that a text is one certificate in PEM, or several. Lines may
// end with LF or with CR and LF (chosen; one report of CR LF being refused is
// weak), and text around the certificates is passed over.
func checkPEM(text []byte) error {
	begins := bytes.Count(text, []byte("-----BEGIN "))
	if begins == 0 {
		return errors.New("there is no line -----BEGIN CERTIFICATE-----")
	}
	for blocks := 0; ; blocks++ {
		block, rest := pem.Decode(text)
		switch {
		case block == nil && blocks < begins:
			return errors.New("it is not PEM; every line must end with a line feed, and BEGIN and END lines be whole")
		case block == nil:
			return nil
		case block.Type != "CERTIFICATE":
			return errors.New("it is a " + block.Type + ", not a CERTIFICATE")
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return errors.New("the certificate cannot be parsed: " + err.Error())
		}
		text = rest
	}
}
