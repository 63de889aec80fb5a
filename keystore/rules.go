package keystore

// MaxContent is the greatest number of bytes that any firmware's store takes
// for one credential. Chosen: no limit is known, and an AT command cannot
// bring that much.
const MaxContent = 16384

// Rules says what the store of a modem firmware does. The zero value is a
// firmware that takes any content and shows digests, as mfw 1.3.2 and later
// for the nRF9160 and 2.0.0 for the nRF91x1.
type Rules struct {
	// PlaceholderDigest: lists show the type number repeated 32 times instead
	// of the digest. Up to mfw 1.2.x (fact cmng/digest-placeholder).
	PlaceholderDigest bool

	// ClientCertificateUnreadable: type 1 cannot be read back, up to mfw 1.2.x
	// (fact cmng/read-client-certificate).
	ClientCertificateUnreadable bool

	// CheckCertificates: types 0 and 1 must be certificates in PEM, from mfw 2.0.2
	// on (facts cmng/content-checked, cmng/content-unchecked).
	CheckCertificates bool

	// MaxCertificate is the greatest length of types 0 and 1 where
	// CheckCertificates is set; 0 means 4096 (fact cmng/largest-content).
	MaxCertificate int

	// MaxReadable is the greatest length that can be read back; reading what
	// is longer crashes the modem. 0 means 4096 (facts cmng/oversize-read,
	// cmng/oversize-crash).
	MaxReadable int

	// RefuseOverwrite: what exists has to be deleted first. It is off in every
	// known profile (fact cmng/overwrite).
	RefuseOverwrite bool

	// ProtectGenerated: the same for a key that the modem has made, alone. Off in
	// every known profile (fact cmng/generated-protected).
	ProtectGenerated bool

	// SkipEqual: a write of what is stored already leaves the flash alone. Off in
	// every known profile (fact wear/same-content).
	SkipEqual bool

	// DecryptTags: tags 2147483648 to 2147483667 can be written, from mfw 2.0.0 on
	// (fact cmng/decrypt-tags).
	DecryptTags bool

	// Slots is the number of slots for credentials, 0 for as many as fit. The
	// 2019 firmware had 16 and gave a certificate several (fact cmng/slots); here
	// one for each 2 kB begun (chosen).
	Slots int
}

const slotSize = 2048

func (r *Rules) maxCertificate() int { return orDefault(r.MaxCertificate) }
func (r *Rules) maxReadable() int    { return orDefault(r.MaxReadable) }

func orDefault(n int) int {
	if n == 0 {
		return 4096
	}
	return n
}

// mayWrite applies the rules for writing by %CMNG, existence included.
func (r *Rules) mayWrite(k Key, exists bool) error {
	switch {
	case k.SecTag > MaxUserTag && !(r.DecryptTags && k.SecTag >= FirstDecryptTag && k.SecTag <= LastDecryptTag):
		return refuse(ErrNoAccess, k, "tags above %d are the modem's own", MaxUserTag) // fact cmng/reserved-tags
	case k.Type > PSKIdentity && exists:
		return refuse(ErrExists, k, "delete it first") // facts cmng/overwrite and cmng/generated-protected
	case k.Type > PSKIdentity:
		return refuse(ErrNoAccess, k, "only types 0 to 4 can be written") // fact cmng/write-only-0-to-4
	case r.RefuseOverwrite && exists:
		return refuse(ErrExists, k, "delete it first")
	}
	return nil
}

// mayRead applies the rules for reading by %CMNG.
func (r *Rules) mayRead(e Entry) error {
	switch {
	case e.System:
		return refuse(ErrNoAccess, e.Key, "the modem's own credentials cannot be read") // fact cmng/system-protected
	case e.Type == RootCA, e.Type == PSKIdentity, e.Type == ClientCertificate && !r.ClientCertificateUnreadable:
	default: // facts cmng/readable, cmng/unreadable and cmng/read-client-certificate
		return refuse(ErrNoAccess, e.Key, "its content cannot be read; compare the digest that the list shows")
	}
	if e.Size > r.maxReadable() {
		return refuse(ErrReadCrash, e.Key, "%d bytes, at most %d can be read; store a shorter one", e.Size, r.maxReadable())
	}
	return nil
}

// mayDelete applies the rules for deleting by %CMNG.
func (r *Rules) mayDelete(e Entry) error {
	switch e.Type {
	case DeviceIdentityPublicKey, NordicIdentityRootCA, NordicBasePublicKey:
		return refuse(ErrNoAccess, e.Key, "the modem's own credentials cannot be deleted") // fact cmng/system-protected
	}
	if e.System {
		return refuse(ErrNoAccess, e.Key, "the modem's own credentials cannot be deleted") // fact cmng/system-protected
	}
	return nil
}

// PlaceholderDigest returns what firmware up to 1.2.x shows for any content of
// a type: its number in each byte.
func PlaceholderDigest(t CredentialType) Digest {
	var d Digest
	for i := range d {
		d[i] = byte(t)
	}
	return d
}
