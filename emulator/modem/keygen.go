package modem

import (
	"crypto/ecdsa"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem/keys"
	"nrf91emu/keystore"
)

// keyCommands are the commands about keys (fact at/firmware-table). %XSUDO takes a
// second command, see executeSigned.
var keyCommands = map[string]*forms{
	"%KEYGEN":      {Set: (*Modem).generateKey},
	"%ATTESTTOKEN": {Bare: (*Modem).attest, Set: (*Modem).attest},
	"%JWT":         {Bare: (*Modem).webToken, Set: (*Modem).webToken},
	"%KEYINJECT":   {Set: (*Modem).injectKey},
	"%CLAIMTOKEN":  {Set: (*Modem).claimToken},
	"%XPMNG":       {Set: (*Modem).managePublicKey},
	"%XSUDO":       {Set: unsigned},
	"%CERTEXPIRY":  {Set: (*Modem).certificateExpiry},
}

// keygen is one %KEYGEN command.
type keygen struct {
	key     keystore.Key
	public  bool   // answer the public key, not a certificate signing request
	subject []byte // in DER; nil for the default
	usage   []byte // in DER
}

// parseKeygen reads the parameters. An empty parameter, and an empty text, is as good
// as none (fact keys/keygen-empty-tail). What is of no use to a public key must be right all the same.
func parseKeygen(cmd *atcmd.Command) (k keygen, err error) {
	args := atcmd.ReadArgs(cmd)
	tag := args.Uint32("the security tag")
	typ := args.OneOf("the type, a private or an endorsement key", int(keystore.PrivateKey), int(keystore.EndorsementKey))
	body := args.IntOr(0, 0, 1, "0 for a certificate signing request or 1 for the public key")
	attributes := string(args.TextOr(nil, 0, `the attributes, such as "CN=device"`))
	usage := string(args.TextOr(nil, 0, `the key usage, such as "101010000"`))
	if err := args.End(); err != nil {
		return k, err
	}
	k.key = keystore.Key{SecTag: keystore.SecTag(tag), Type: keystore.CredentialType(typ)}
	// For an endorsement key it is always the public key (fact keys/keygen-defaults).
	k.public = body == 1 || k.key.Type == keystore.EndorsementKey
	if attributes != "" {
		if k.subject, err = keys.ParseName(attributes); err != nil {
			return k, atcmd.Errorf("%w", err)
		}
	}
	if usage == "" {
		usage = keys.DefaultKeyUsage
	}
	if k.usage, err = keys.ParseKeyUsage(usage); err != nil {
		return k, atcmd.Errorf("%w", err)
	}
	return k, nil
}

// generateKey is AT%KEYGEN (fact keys/keygen). The order of checks is that of %CMNG:
// parameters, active state, power-off warning (fact keys/keygen-power-warning),
// existence, space.
//
// An endorsement key that exists answers again, and the flash is not touched; an
// existing client key is refused with 519 (fact keys/keygen-endorsement).
func (m *Modem) generateKey(w *atcmd.Response, cmd *atcmd.Command) error {
	k, err := parseKeygen(cmd)
	if err != nil {
		return err
	}
	before, absent := m.cfg.Store.Entry(k.key)
	err = m.mayStore()
	if err == nil && absent == nil && k.key.Type == keystore.EndorsementKey {
		return m.answerAgain(w, &k)
	}
	var answer string
	var content []byte
	cost := m.flashCost()
	if err == nil {
		if answer, content, err = m.newKey(&k); err == nil {
			err = storeError(m.cfg.Store.PutGenerated(k.key, content))
		}
	}
	if err != nil {
		content = nil // there is no such key
	}
	after, _ := m.cfg.Store.Entry(k.key)
	m.recordCredential(event.CredentialGenerate, cmng{key: k.key, content: content}, before, after, err, m.flashCost().Since(cost))
	if err != nil {
		return err
	}
	w.Printf("%%KEYGEN: %q", answer)
	return nil
}

// newKey makes a key: the answer about it, and the key as it is stored.
func (m *Modem) newKey(k *keygen) (answer string, content []byte, err error) {
	key, content, err := keys.Generate(m.cfg.Identity)
	if err == nil {
		answer, err = m.keyMessages(k, key)
	}
	if err != nil {
		return "", nil, atcmd.CME(event.CMEKeyGeneration, "%w", err)
	}
	return answer, content, nil
}

// keyMessages is what %KEYGEN answers about a key.
func (m *Modem) keyMessages(k *keygen, key *ecdsa.PrivateKey) (string, error) {
	if k.public {
		return keys.PublicKeyMessages(m.cfg.Identity, k.key.SecTag, key)
	}
	return keys.RequestMessages(m.cfg.Identity, k.key.SecTag, key, keys.Request{
		Subject: k.subject, Usage: k.usage, ExplicitNull: m.cfg.Profile.ExplicitNull,
	})
}

// answerAgain answers for a key that exists.
func (m *Modem) answerAgain(w *atcmd.Response, k *keygen) error {
	content, err := m.cfg.Store.Secret(k.key)
	if err != nil {
		return storeError(err)
	}
	key, err := keys.ParsePrivate(content, m.cfg.Store.Password(k.key))
	if err != nil {
		return atcmd.CME(event.CMEKeyGeneration, "%w", err)
	}
	answer, err := m.keyMessages(k, key)
	if err != nil {
		return atcmd.CME(event.CMEKeyGeneration, "%w", err)
	}
	w.Printf("%%KEYGEN: %q", answer)
	return nil
}
