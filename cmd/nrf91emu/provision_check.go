package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
	"nrf91emu/keystore/provision"
)

// check prints what the judge has to say of contents before they are stored, and returns
// how many of it are errors.
func check(w io.Writer, contents []content) (errors int) {
	described := make(map[keystore.CredentialType]*event.Content)
	for _, c := range contents {
		key := audit.Key{SecTag: uint32(c.key.SecTag), Type: event.CredentialType(c.key.Type)}
		described[c.key.Type] = event.Describe(c.bytes, true)
		for _, f := range audit.CheckContent(key, c.bytes, time.Now()) {
			fmt.Fprintf(w, "%s: tag %d, %v: %s (%s %s) %s\n", f.Level, c.key.SecTag, c.key.Type, f.What, f.Rule, f.Name, f.Fix)
			if f.Level == audit.Error {
				errors++
			}
		}
	}
	if !pair(described[keystore.ClientCertificate], described[keystore.PrivateKey]) {
		fmt.Fprintf(w, "%s: the private key does not belong to the client certificate of %s: give the key that it was issued for\n",
			audit.Error, described[keystore.ClientCertificate].Certificates[0].Subject)
		errors++
	}
	return errors
}

// pair reports whether a client certificate and a private key belong together, as far
// as both are given and can be read.
func pair(cert, key *event.Content) bool {
	if cert == nil || key == nil || len(cert.Certificates) == 0 || key.PublicKey == "" {
		return true
	}
	return cert.Certificates[0].PublicKey == key.PublicKey
}

// halves are the types that serve only together.
var halves = map[keystore.CredentialType]keystore.CredentialType{
	keystore.ClientCertificate: keystore.PrivateKey, keystore.PrivateKey: keystore.ClientCertificate,
	keystore.PSK: keystore.PSKIdentity, keystore.PSKIdentity: keystore.PSK,
}

// warnOfHalves prints which of the stored credentials lack their other half, in the
// modem too.
func warnOfHalves(ctx context.Context, w io.Writer, m *provision.Manager, contents []content) error {
	given := make(map[keystore.CredentialType]bool)
	for _, c := range contents {
		given[c.key.Type] = true
	}
	for _, c := range contents {
		other, half := halves[c.key.Type]
		if !half || given[other] {
			continue
		}
		there, err := m.Exists(ctx, keystore.Key{SecTag: c.key.SecTag, Type: other})
		if err != nil {
			return err
		}
		if !there {
			fmt.Fprintf(w, "%s: tag %d holds a %v and no %v: a handshake needs both from one tag\n", audit.Warning, c.key.SecTag, c.key.Type, other)
		}
	}
	return nil
}
