package keystore

import (
	"cmp"
	"encoding/hex"
	"fmt"
)

// SecTag is a security tag: the number under which the credentials of one
// connection are kept.
type SecTag uint32

// Ranges of security tags (facts cmng/user-tags, cmng/decrypt-tags).
const (
	MaxUserTag       SecTag = 1<<31 - 1 // last tag of the user range
	FirstDecryptTag  SecTag = 1 << 31   // tags whose TLS sessions Nordic's tools can decrypt
	LastDecryptTag   SecTag = 1<<31 + 19
	NordicBaseTag    SecTag = 4294967292 // Nordic base public key, type 11 (fact cmng/system-entries)
	NordicRootTag    SecTag = 4294967293 // Nordic identity root CA, type 10 (fact cmng/system-entries)
	DeviceKeyTag     SecTag = 4294967294 // device identity public key, type 6 (fact cmng/system-entries)
	NRFCloudTag      SecTag = 16842753   // default of nRF Cloud (fact cmng/nrf-cloud-tag)
	LwM2MBootTag     SecTag = 35724862   // default of Nordic's LwM2M samples (fact cmng/lwm2m-tag)
	LastPublicKeyTag SecTag = 9          // %XPMNG takes tags 0 to 9
)

// CredentialType is the second half of a credential's name.
type CredentialType uint8

// Credential types (facts cmng/types and cmng/types-by-firmware).
const (
	RootCA                  CredentialType = 0
	ClientCertificate       CredentialType = 1
	PrivateKey              CredentialType = 2
	PSK                     CredentialType = 3
	PSKIdentity             CredentialType = 4
	PublicKey               CredentialType = 5
	DeviceIdentityPublicKey CredentialType = 6
	EndorsementKey          CredentialType = 8
	OwnershipKey            CredentialType = 9
	NordicIdentityRootCA    CredentialType = 10
	NordicBasePublicKey     CredentialType = 11
	AssetEncryptionKey      CredentialType = 13
)

var typeNames = map[CredentialType]string{
	RootCA: "root CA certificate", ClientCertificate: "client certificate",
	PrivateKey: "client private key", PSK: "PSK", PSKIdentity: "PSK identity",
	PublicKey: "public key", DeviceIdentityPublicKey: "device identity public key",
	EndorsementKey: "endorsement private key", OwnershipKey: "ownership key",
	NordicIdentityRootCA: "Nordic identity root CA", NordicBasePublicKey: "Nordic base public key",
	AssetEncryptionKey: "asset encryption key",
}

// String returns the type's name in words.
func (t CredentialType) String() string {
	if name, ok := typeNames[t]; ok {
		return name
	}
	return fmt.Sprintf("type %d", uint8(t))
}

// Key names a credential: there is at most one for each tag and type.
type Key struct {
	SecTag SecTag
	Type   CredentialType
}

// String returns tag and type as in an AT command, "24,0".
func (k Key) String() string { return fmt.Sprintf("%d,%d", k.SecTag, k.Type) }

// Compare orders keys by tag, then by type.
func (k Key) Compare(o Key) int {
	return cmp.Or(cmp.Compare(k.SecTag, o.SecTag), cmp.Compare(k.Type, o.Type))
}

// Digest is a SHA-256.
type Digest [32]byte

// String returns the digest as the modem prints it: 64 upper-case hexadecimal
// digits (fact cmng/digest).
func (d Digest) String() string { return string(d.Append(nil)) }

// Append appends the text of String to b.
func (d Digest) Append(b []byte) []byte {
	n := len(b)
	b = hex.AppendEncode(b, d[:])
	for i, c := range b[n:] {
		if c >= 'a' {
			b[n+i] = c - 'a' + 'A'
		}
	}
	return b
}

// Entry is what a list shows of a credential, and a little more.
type Entry struct {
	Key
	Size      int    // bytes stored; 0 for a system entry
	Digest    Digest // SHA-256 of exactly the bytes stored; see Store.ShownDigest
	Generated bool   // the modem made it: it has never been outside
	System    bool   // one of the modem's own, not in the flash
	Writes    uint32 // times it was written, as far back as the flash remembers
}

// SystemEntry is one of the credentials that the modem comes with. They are listed,
// and that is all (fact cmng/system-protected): they cannot be written, read or
// deleted.
type SystemEntry struct {
	Key
	Digest Digest
}
