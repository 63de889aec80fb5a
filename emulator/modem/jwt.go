package modem

import (
	"crypto/ecdsa"
	"errors"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem/keys"
	"nrf91emu/keystore"
)

// webToken is AT%JWT (fact keys/jwt). All parameters may be left out,
// the list itself too (chosen).
func (m *Modem) webToken(w *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	args.Code = event.CMEIncorrectParameter
	args.IntOr(0, 0, 0, "the algorithm, 0 for ES256")
	lifetime := int64(args.Uint32Or(0, "the time to expiry in seconds"))
	subject := string(args.TextOr(nil, 0, "the subject"))
	audience := string(args.TextOr(nil, 0, "the audience"))
	key, err := m.webTokenKey(&args)
	if err != nil {
		return err
	}
	claims := keys.Claims{Subject: subject, Audience: audience}
	if now, known := m.Now(); known && lifetime > 0 {
		claims.IssuedAt = now.Unix()
		claims.Expiry = claims.IssuedAt + lifetime
	}
	token, err := keys.WebToken(m.cfg.Identity, m.cfg.Profile.Chip.Name, key, claims)
	if err != nil {
		return atcmd.CME(event.CMEToken, "%w", err)
	}
	w.Printf("%%JWT: %q", token)
	return nil
}

// webTokenKey returns the key that is to sign: the device identity key, or the
// one that the last two parameters name (fact keys/jwt-key-types).
func (m *Modem) webTokenKey(args *atcmd.ArgReader) (*ecdsa.PrivateKey, error) {
	hasTag := args.Has()
	tag := args.Uint32Or(0, "the security tag of the key")
	hasType := args.Has()
	typ := args.IntOr(0, 0, int(maxType), "the type of the key")
	k := keystore.Key{SecTag: keystore.SecTag(tag), Type: keystore.CredentialType(typ)}
	suits := k.Type == keystore.PrivateKey || k.Type == keystore.EndorsementKey && m.cfg.Profile.EndorsementTokens
	if hasTag != hasType || hasType && !suits {
		args.Fail("a key is named by its security tag and its type: 2, or 8 on nRF9160")
	}
	if err := args.End(); err != nil {
		return nil, err
	}
	if !hasTag {
		return keys.DevicePrivateKey(m.cfg.Identity), nil
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
