package modem

import (
	"crypto/sha256"

	"nrf91emu/keystore"
)

// SystemCredentials returns the modem's own credentials, which stand at the end
// of every list from mfw 1.3 on, in the order that the tests of Nordic's library
// have them (section 2.6, seen). Their digests are made up: they differ from
// device to device for the identity key only.
func SystemCredentials(p *Profile, id *Identity) []keystore.SystemEntry {
	if !p.FactoryCredentials {
		return nil
	}
	entry := func(tag keystore.SecTag, typ keystore.CredentialType, seed string) keystore.SystemEntry {
		return keystore.SystemEntry{
			Key:    keystore.Key{SecTag: tag, Type: typ},
			Digest: sha256.Sum256([]byte(seed)),
		}
	}
	return []keystore.SystemEntry{
		entry(keystore.NordicRootTag, keystore.NordicIdentityRootCA, "nrf91emu Nordic identity root CA"),
		entry(keystore.DeviceKeyTag, keystore.DeviceIdentityPublicKey, "nrf91emu device identity key "+id.IMEI),
		entry(keystore.NordicBaseTag, keystore.NordicBasePublicKey, "nrf91emu Nordic base public key"),
	}
}
