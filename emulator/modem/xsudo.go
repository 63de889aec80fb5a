package modem

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem/keys"
	"nrf91emu/keystore"
)

// sudoName is the one command that is followed by another (fact at/concatenation).
const sudoName = "%XSUDO"

// unsigned answers a %XSUDO without a second command.
func unsigned(_ *Modem, _ *atcmd.Response, _ *atcmd.Command) error {
	return atcmd.Errorf(`the signed command follows %%XSUDO after a semicolon, without AT: AT%%XSUDO=9,"<signature>";+CFUN=4`)
}

// executeSigned runs AT%XSUDO=<data_len>,"<signature>"[,<sec_tag>];<command> (fact
// keys/xsudo): the first data_len characters behind the semicolon are what was
// signed, and what is run; the rest is passed over. The signature: fact
// keys/xsudo-signature. It gives no rights (fact keys/xsudo-rights).
//
// Codes: 513 without a public key, 514 for one that cannot be used (fact keys/xsudo-514), 520
// for a signature that does not fit.
func (m *Modem) executeSigned(w *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	length := args.Int(1, len(cmd.Tail), "the length of the signed command")
	text := args.Text(0, "the signature in Base64,")
	tag := publicKeyTag(&args)
	if err := args.End(); err != nil {
		return err
	}
	content, err := m.cfg.Store.Secret(keystore.Key{SecTag: tag, Type: keystore.PublicKey})
	if err != nil {
		return storeError(err)
	}
	key, err := keys.ParsePublic(content)
	if err != nil {
		return atcmd.CME(event.CMENoAccess, "%w", err)
	}
	signed := cmd.Tail[:length]
	digest := sha256.Sum256(signed)
	signature, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil || !ecdsa.VerifyASN1(key, digest[:], signature) {
		return atcmd.CME(event.CMEAuthentication, "the signature does not belong to %d characters %q and the key at tag %d", length, event.MaskCommand(append([]byte("AT"), signed...)), tag)
	}
	if err := cmd.Parse(append([]byte("AT"), signed...)); err != nil {
		return err
	}
	if cmd.Tail != nil {
		return atcmd.Errorf("a signed command cannot be followed by another")
	}
	return m.execute(w, cmd)
}
