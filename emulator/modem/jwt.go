package modem

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"nrf91emu/atcmd"
	"nrf91emu/keystore"
)

// webTokenHeader is the header of a JSON web token. Its members and their order
// are those of a token in the tests of Nordic's library (modem_jwt, seen); the
// key id is the SHA-256 of the public key in DER, as Nordic's own software for
// application processors has it (inferred for the modem).
type webTokenHeader struct {
	Type      string `json:"typ"`
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
}

// webTokenClaims are the claims (section 7.4). The order of the first three is
// seen in the same token, that of the others is chosen.
type webTokenClaims struct {
	Issuer   string `json:"iss"`
	ID       string `json:"jti"`
	Subject  string `json:"sub,omitempty"`
	Audience string `json:"aud,omitempty"`
	IssuedAt int64  `json:"iat,omitempty"`
	Expiry   int64  `json:"exp,omitempty"`
}

// webToken is AT%JWT (section 7.4, documented). All parameters may be left out,
// the list itself too (chosen).
func (m *Modem) webToken(w *atcmd.Response, cmd *atcmd.Command) error {
	if _, ok := cmd.Int(0, 0, 0); cmd.Has(0) && !ok {
		return incorrect("the algorithm is 0 (ES256), there is no other")
	}
	lifetime, ok := cmd.Int(1, 0, math.MaxUint32)
	if cmd.Has(1) && !ok {
		return incorrect("the time to expiry is a number of seconds")
	}
	subject, okSubject := optionalText(cmd, 2)
	audience, okAudience := optionalText(cmd, 3)
	if !okSubject || !okAudience {
		return incorrect("subject and audience are texts in double quotes")
	}
	key, err := m.webTokenKey(cmd)
	if err != nil {
		return err
	}
	claims := webTokenClaims{Subject: subject, Audience: audience}
	if now, known := m.Now(); known && lifetime > 0 {
		claims.IssuedAt = now.Unix()
		claims.Expiry = claims.IssuedAt + lifetime
	}
	token, err := m.signWebToken(key, &claims)
	if err != nil {
		return atcmd.CME(cmeToken, "%w", err)
	}
	w.Printf("%%JWT: %q", token)
	return nil
}

// webTokenKey returns the key that is to sign: the device identity key, or the
// one that the last two parameters name. Only nRF9160 signs with an endorsement
// key (documented).
func (m *Modem) webTokenKey(cmd *atcmd.Command) (*ecdsa.PrivateKey, error) {
	if len(cmd.Args) > 6 {
		return nil, incorrect("%%JWT takes at most six parameters")
	}
	if !cmd.Has(4) && !cmd.Has(5) {
		return identityKey(&m.cfg.Identity), nil
	}
	tag, ok := cmd.Uint32(4)
	typ, okType := cmd.Int(5, 0, int64(maxType))
	k := keystore.Key{SecTag: keystore.SecTag(tag), Type: keystore.CredentialType(typ)}
	okType = okType && (k.Type == keystore.PrivateKey || k.Type == keystore.EndorsementKey && m.cfg.Profile.EndorsementTokens)
	if !ok || !okType {
		return nil, incorrect("a key is named by its security tag and its type: 2, or 8 on nRF9160")
	}
	content, err := m.cfg.Store.Secret(k)
	if err != nil {
		return nil, storeError(err)
	}
	key, err := parsePrivateKey(content)
	switch {
	case errors.Is(err, errUnsuitableKey):
		return nil, atcmd.CME(cmeToken, "tag %d: %w", tag, err) // which code is chosen
	case err != nil:
		return nil, atcmd.CME(cmeNoAccess, "tag %d: %w", tag, err)
	}
	return key, nil
}

// signWebToken fills in issuer and id, and returns the token.
func (m *Modem) signWebToken(key *ecdsa.PrivateKey, claims *webTokenClaims) (string, error) {
	id, chip := &m.cfg.Identity, m.cfg.Profile.Chip.Name
	claims.Issuer = chip + "." + id.DeviceUUID
	claims.ID = fmt.Sprintf("%s.%s.%x", chip, id.ModemUUID, random(nonceSize))
	header := webTokenHeader{"JWT", "ES256", fmt.Sprintf("%x", sha256.Sum256(publicDER(&key.PublicKey)))}
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
// multiple of three bytes, so that Base64 comes out even (seen in the token
// above).
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
