package modem

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
)

// certificateExpiry is AT%CERTEXPIRY=<sec_tag>,<type> (fact keys/certexpiry).
// It answers for the first certificate of a chain (chosen).
func (m *Modem) certificateExpiry(w *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	tag := args.Int(1, int(keystore.MaxUserTag), "the security tag")
	typ := args.OneOf("the type of a certificate", int(keystore.RootCA), int(keystore.ClientCertificate), int(keystore.NordicIdentityRootCA))
	if err := args.End(); err != nil {
		return err
	}
	k := keystore.Key{SecTag: keystore.SecTag(tag), Type: keystore.CredentialType(typ)}
	content, err := m.cfg.Store.Secret(k)
	if err != nil {
		return storeError(err)
	}
	cert, err := firstCertificate(content)
	if err != nil {
		return atcmd.CME(event.CMEInvalidContent, "%w", err)
	}
	w.Printf("%%CERTEXPIRY: %s,%s,%s", serialNumberText(cert), certificateTime(cert.NotBefore), certificateTime(cert.NotAfter))
	return nil
}

// firstCertificate reads the first of what may be several (fact cmng/chain).
func firstCertificate(content []byte) (*x509.Certificate, error) {
	for {
		block, rest := pem.Decode(content)
		if block == nil {
			return nil, errors.New("there is no certificate in PEM")
		}
		if block.Type == "CERTIFICATE" {
			return x509.ParseCertificate(block.Bytes)
		}
		content = rest
	}
}

// serialNumberText returns the bytes of a serial number as DER has them: with 00 in
// front where the first bit is set, as in the guide's example.
func serialNumberText(cert *x509.Certificate) string {
	b := cert.SerialNumber.Bytes()
	if len(b) == 0 || b[0] >= 0x80 {
		b = append([]byte{0}, b...)
	}
	return fmt.Sprintf("%X", b)
}

// certificateTime returns a time as yyyymmddhhmmssZ.
func certificateTime(t time.Time) string { return t.UTC().Format("20060102150405Z") }
