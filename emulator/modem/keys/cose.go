package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
)

// Labels and values of COSE headers (RFC 9052 3.1, RFC 9053 2.1), and the tag of
// a COSE_Sign1.
const (
	coseAlgorithm = 1
	coseKeyID     = 4
	coseES256     = -7
	coseSign1Tag  = 18
)

// deviceKeyID is the key id of the device identity key (fact keys/cose). The
// ids -4 and -5 are those of Nordic's base keys, with which this modem signs
// nothing.
const deviceKeyID = -2

// base64url is the text form of all that the key commands answer: without
// padding (fact keys/cose).
var base64url = base64.RawURLEncoding

// protectedHeader is the map {1: -7}: ES256.
var protectedHeader = appendInt(appendInt(appendHead(nil, cborMap, 1), coseAlgorithm), coseES256)

// sign1 returns a COSE_Sign1 over a payload, signed with the device identity key
// (fact keys/cose). A detached payload is signed and not sent along.
func sign1(key *ecdsa.PrivateKey, payload []byte, detached bool) ([]byte, error) {
	signature, err := sign(key, signatureInput(payload))
	if err != nil {
		return nil, err
	}
	b := appendHead(nil, cborTag, coseSign1Tag)
	b = appendHead(b, cborArray, 4)
	b = appendByteString(b, protectedHeader)
	b = appendInt(appendHead(b, cborMap, 1), coseKeyID)
	b = appendByteString(b, appendInt(nil, deviceKeyID))
	if detached {
		b = append(b, cborNull)
	} else {
		b = appendByteString(b, payload)
	}
	return appendByteString(b, signature), nil
}

// signatureInput returns the Sig_structure of a COSE_Sign1 without external data
// (RFC 9052 4.4).
func signatureInput(payload []byte) []byte {
	b := appendHead(nil, cborArray, 4)
	b = appendTextString(b, "Signature1")
	b = appendByteString(b, protectedHeader)
	b = appendByteString(b, nil)
	return appendByteString(b, payload)
}

// sign returns the 64 bytes r and s of an ES256 signature, the form in which
// COSE and JWT have it.
func sign(key *ecdsa.PrivateKey, message []byte) ([]byte, error) {
	digest := sha256.Sum256(message)
	der, err := key.Sign(nil, digest[:], crypto.SHA256) // deterministic (RFC 6979)
	if err != nil {
		return nil, err
	}
	var numbers struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &numbers); err != nil {
		return nil, err
	}
	signature := make([]byte, 64)
	numbers.R.FillBytes(signature[:32])
	numbers.S.FillBytes(signature[32:])
	return signature, nil
}
