package keys

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"

	"nrf91emu/emulator/profile"
	"nrf91emu/keystore"
)

// Generate makes a key on the curve P-256, and the key as it is stored: PKCS #8 in
// PEM. In which form the modem keeps its keys is not published; this one is that of
// keys which are written with %CMNG, so whoever takes a key from the store, such as
// TLS, need not know where it came from.
func Generate(id *profile.Identity) (key *ecdsa.PrivateKey, content []byte, err error) {
	for key == nil { // few numbers are none of a key
		key, _ = ecdsa.ParseRawPrivateKey(elliptic.P256(), random(id, 32))
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
}

// Payload ids of the messages beside generated keys (fact keys/keygen-message).
const (
	publicKeyMessage = 8
	csrMessage       = 9
)

// PublicKeyMessages returns what %KEYGEN answers about a key whose public half was
// asked for: that half and, behind a dot, the device's signed word about it (facts
// keys/keygen and keys/cose).
func PublicKeyMessages(id *profile.Identity, tag keystore.SecTag, key *ecdsa.PrivateKey) (string, error) {
	return messages(id, tag, publicKeyMessage, PublicDER(&key.PublicKey))
}

// A Request is what a certificate signing request is to say.
type Request struct {
	Subject []byte // in DER, see ParseName; nil for the device's UUID
	Usage   []byte // in DER, see ParseKeyUsage
	// ExplicitNull is the fault of older firmware, see profile.Facts.
	ExplicitNull bool
}

// RequestMessages returns the same with a certificate signing request.
func RequestMessages(id *profile.Identity, tag keystore.SecTag, key *ecdsa.PrivateKey, r Request) (string, error) {
	if r.Subject == nil {
		r.Subject = commonName(id.DeviceUUID)
	}
	body, err := certificateRequest(key, &r)
	if err != nil {
		return "", err
	}
	return messages(id, tag, csrMessage, body)
}

func messages(id *profile.Identity, tag keystore.SecTag, message int64, body []byte) (string, error) {
	uuid, err := parseUUID(id.DeviceUUID)
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256(body)
	payload := appendHead(appendHead(nil, cborTag, selfDescribed), cborArray, 5)
	payload = appendInt(payload, message)
	payload = appendByteString(payload, uuid)
	payload = appendByteString(payload, appendInt(nil, int64(tag)))
	payload = appendByteString(payload, digest[:])
	payload = appendByteString(payload, Nonce(id))
	signed, err := sign1(DevicePrivateKey(id), payload, false)
	if err != nil {
		return "", err
	}
	return base64url.EncodeToString(body) + "." + base64url.EncodeToString(signed), nil
}
