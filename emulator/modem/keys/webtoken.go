package keys

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"nrf91emu/emulator/profile"
)

// webTokenHeader is the header of a JSON web token. Its members and their order: fact
// keys/jwt-header. The key id is the SHA-256 of the public key in DER.
type webTokenHeader struct {
	Type      string `json:"typ"`
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
}

// Claims are the claims of a web token (fact keys/jwt). The order of the first three is
// seen in the same token, that of the others is chosen.
type Claims struct {
	Issuer   string `json:"iss"`
	ID       string `json:"jti"`
	Subject  string `json:"sub,omitempty"`
	Audience string `json:"aud,omitempty"`
	IssuedAt int64  `json:"iat,omitempty"`
	Expiry   int64  `json:"exp,omitempty"`
}

// WebToken fills in issuer and id, and returns the token of %JWT, signed with a key. chip
// is the name of a profile.Chip.
func WebToken(id *profile.Identity, chip string, key *ecdsa.PrivateKey, claims Claims) (string, error) {
	claims.Issuer = chip + "." + id.DeviceUUID
	claims.ID = fmt.Sprintf("%s.%s.%x", chip, id.ModemUUID, Nonce(id))
	header := webTokenHeader{"JWT", "ES256", fmt.Sprintf("%x", sha256.Sum256(PublicDER(&key.PublicKey)))}
	first, err := tokenPart(header)
	if err != nil {
		return "", err
	}
	second, err := tokenPart(claims)
	if err != nil {
		return "", err
	}
	token := first + "." + second
	signature, err := sign(key, []byte(token))
	if err != nil {
		return "", err
	}
	return token + "." + base64url.EncodeToString(signature), nil
}

// tokenPart returns a value as JSON in Base64. Blanks at the end fill it up to a
// multiple of three bytes, so that Base64 comes out even, as in the token of
// fact keys/jwt-header.
func tokenPart(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	text := bytes.TrimRight(b.Bytes(), "\n")
	for len(text)%3 != 0 {
		text = append(text, ' ')
	}
	return base64url.EncodeToString(text), nil
}
