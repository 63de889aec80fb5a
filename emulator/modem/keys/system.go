package keys

import (
	"crypto/sha256"

	"nrf91emu/emulator/profile"
	"nrf91emu/keystore"
)

// System returns the modem's own credentials, which stand at the end
// of every list from mfw 1.3 on, in the order that the tests of Nordic's library
// have them (fact cmng/system-entries). The digest of the device identity key is that
// of its public half in DER, see [DeviceKey]; the two of Nordic's own are the
// same on all devices (fact cmng/system-digests).
func System(p *profile.Profile, id *profile.Identity) []keystore.SystemEntry {
	if !p.FactoryCredentials {
		return nil
	}
	entry := func(tag keystore.SecTag, typ keystore.CredentialType, content []byte) keystore.SystemEntry {
		return keystore.SystemEntry{
			Key:    keystore.Key{SecTag: tag, Type: typ},
			Digest: sha256.Sum256(content),
		}
	}
	return []keystore.SystemEntry{
		entry(keystore.NordicRootTag, keystore.NordicIdentityRootCA, []byte("nrf91emu Nordic identity root CA")),
		entry(keystore.DeviceKeyTag, keystore.DeviceIdentityPublicKey, PublicDER(DeviceKey(id))),
		entry(keystore.NordicBaseTag, keystore.NordicBasePublicKey, []byte("nrf91emu Nordic base public key")),
	}
}
