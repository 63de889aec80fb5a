package modem

import (
	"crypto/ecdsa"
	"errors"
	"math"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem/keys"
	"nrf91emu/keystore"
)

// webToken is AT%JWT (fact keys/jwt). All parameters may be left out,
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
	claims := keys.Claims{Subject: subject, Audience: audience}
	if now, known := m.Now(); known && lifetime > 0 {
		claims.IssuedAt = now.Unix()
		claims.Expiry = claims.IssuedAt + lifetime
	}
	token, err := keys.WebToken(&m.cfg.Identity, m.cfg.Profile.Chip.Name, key, claims)
	if err != nil {
		return atcmd.CME(event.CMEToken, "%w", err)
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
		return keys.DevicePrivateKey(&m.cfg.Identity), nil
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
	private, err := keys.ParsePrivate(content, m.cfg.Store.Password(k))
	switch {
	case errors.Is(err, keys.ErrUnsuitable):
		return nil, atcmd.CME(event.CMEToken, "tag %d: %w", tag, err) // which code is chosen
	case err != nil:
		return nil, atcmd.CME(event.CMENoAccess, "tag %d: %w", tag, err)
	}
	return private, nil
}
