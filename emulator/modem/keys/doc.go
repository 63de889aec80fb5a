// Package keys is what a modem makes of keys: the identity key of the device,
// certificate signing requests, attestation tokens and the device's word about the
// keys it has generated (COSE over CBOR), JSON web tokens. It knows no AT and no
// store.
package keys
