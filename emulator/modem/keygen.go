package modem

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"

	"nrf91emu/atcmd"
	"nrf91emu/keystore"
)

// keyCommands are the commands about keys (section 7). %XSUDO takes a second
// command, see executeSigned.
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

// Payload ids of the messages beside generated keys (section 7.2, seen in
// source).
const (
	publicKeyMessage = 8
	csrMessage       = 9
)

// nonceSize is the length of nonces and challenges (section 7.2, seen).
const nonceSize = 16

// keygen is one %KEYGEN command.
type keygen struct {
	key     keystore.Key
	public  bool   // answer the public key, not a certificate signing request
	subject []byte // in DER; nil for the default
	usage   []byte // in DER
}

// parseKeygen reads the parameters. What is wrong with them is answered with 50,
// as for %CMNG (chosen: the page does not list a code). An empty parameter, and
// an empty text, is as good as none (seen: AT%KEYGEN=1000,2,0,,). What is of no
// use to a public key must be right all the same.
func parseKeygen(cmd *atcmd.Command) (k keygen, err error) {
	tag, ok := cmd.Uint32(0)
	if !ok {
		return k, incorrect("the security tag is a number from 0 to 4294967295")
	}
	typ, ok := cmd.Int(1, 0, int64(maxType))
	k.key = keystore.Key{SecTag: keystore.SecTag(tag), Type: keystore.CredentialType(typ)}
	if !ok || k.key.Type != keystore.PrivateKey && k.key.Type != keystore.EndorsementKey {
		return k, incorrect("the key type is 2 (client private key) or 8 (endorsement key)")
	}
	body, ok := cmd.Int(2, 0, 1)
	if cmd.Has(2) && !ok {
		return k, incorrect("the response content is 0 (certificate signing request) or 1 (public key)")
	}
	// For an endorsement key it is always the public key (inferred).
	k.public = body == 1 || k.key.Type == keystore.EndorsementKey
	attributes, ok := optionalText(cmd, 3)
	if !ok {
		return k, incorrect(`the attributes are a text in double quotes, such as "CN=device"`)
	}
	if attributes != "" {
		if k.subject, err = parseName(attributes); err != nil {
			return k, incorrect("%w", err)
		}
	}
	usage, ok := optionalText(cmd, 4)
	if !ok {
		return k, incorrect(`the key usage is a text in double quotes, such as "101010000"`)
	}
	if usage == "" {
		usage = defaultKeyUsage
	}
	if k.usage, err = parseKeyUsage(usage); err != nil {
		return k, incorrect("%w", err)
	}
	if len(cmd.Args) > 5 {
		return k, incorrect("%%KEYGEN takes at most five parameters")
	}
	return k, nil
}

// optionalText returns a quoted parameter, which may be left out.
func optionalText(cmd *atcmd.Command, i int) (string, bool) {
	if !cmd.Has(i) {
		return "", true
	}
	text, ok := cmd.Quoted(i)
	return string(text), ok
}

// generateKey is AT%KEYGEN (section 7.1). The order of checks is that of %CMNG:
// parameters, active state, power-off warning, existence, space. The warning's
// 528 is not in the list of this command, but the warning's page says it of all
// that writes to NVM (documented).
//
// An endorsement key that exists answers again, and the flash is not touched; an
// existing client key is refused with 519 (documented).
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
	m.recordCredential("generate", cmng{key: k.key, content: content}, before, after, err, m.flashCost().Since(cost))
	if err != nil {
		return err
	}
	w.Printf("%%KEYGEN: %q", answer)
	return nil
}

// newKey makes a key: the answer about it, and the key as it is stored, PKCS #8
// in PEM. In which form the modem keeps its keys is not published; this one is
// that of keys which are written with %CMNG, so whoever takes a key from the
// store, such as TLS, need not know where it came from.
func (m *Modem) newKey(k *keygen) (answer string, content []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", nil, atcmd.CME(cmeKeyGeneration, "%w", err)
	}
	if answer, err = m.keyMessages(k, key); err != nil {
		return "", nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", nil, atcmd.CME(cmeKeyGeneration, "%w", err)
	}
	return answer, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// answerAgain answers for a key that exists.
func (m *Modem) answerAgain(w *atcmd.Response, k *keygen) error {
	content, err := m.cfg.Store.Secret(k.key)
	if err != nil {
		return storeError(err)
	}
	key, err := parsePrivateKey(content)
	if err != nil {
		return atcmd.CME(cmeKeyGeneration, "%w", err)
	}
	answer, err := m.keyMessages(k, key)
	if err != nil {
		return err
	}
	w.Printf("%%KEYGEN: %q", answer)
	return nil
}

// keyMessages returns what %KEYGEN answers about a key: the body and, behind a
// dot, the device's signed word about it (section 7.1 and 7.2).
func (m *Modem) keyMessages(k *keygen, key *ecdsa.PrivateKey) (string, error) {
	id := &m.cfg.Identity
	uuid, err := parseUUID(id.DeviceUUID)
	if err != nil {
		return "", atcmd.CME(cmeKeyGeneration, "%w", err)
	}
	message, body := int64(publicKeyMessage), []byte(nil)
	if k.public {
		body = publicDER(&key.PublicKey)
	} else {
		message = csrMessage
		subject := k.subject
		if subject == nil {
			subject = commonName(id.DeviceUUID)
		}
		if body, err = certificateRequest(key, subject, k.usage); err != nil {
			return "", atcmd.CME(cmeKeyGeneration, "%w", err)
		}
	}
	digest := sha256.Sum256(body)
	payload := appendHead(appendHead(nil, cborTag, selfDescribed), cborArray, 5)
	payload = appendInt(payload, message)
	payload = appendByteString(payload, uuid)
	payload = appendByteString(payload, appendInt(nil, int64(k.key.SecTag)))
	payload = appendByteString(payload, digest[:])
	payload = appendByteString(payload, random(nonceSize))
	signed, err := sign1(identityKey(id), payload, false)
	if err != nil {
		return "", atcmd.CME(cmeKeyGeneration, "%w", err)
	}
	return base64url.EncodeToString(body) + "." + base64url.EncodeToString(signed), nil
}
