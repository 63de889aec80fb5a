package modem

import (
	"encoding/hex"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem/keys"
)

// attest is AT%ATTESTTOKEN with and without a challenge (fact keys/attesttoken). No
// errors are listed, so a malformed challenge is a plain ERROR.
func (m *Modem) attest(w *atcmd.Response, cmd *atcmd.Command) error {
	nonce := keys.Nonce()
	if cmd.Form == atcmd.FormSet {
		var ok bool
		if nonce, ok = challenge(cmd, 0); !ok || len(cmd.Args) != 1 {
			return atcmd.Errorf("the challenge is a text of 32 hexadecimal digits in double quotes")
		}
	}
	token, err := keys.Attestation(&m.cfg.Identity, m.cfg.Profile.Chip.DeviceType, nonce)
	if err != nil {
		return atcmd.Errorf("%w", err)
	}
	w.Printf("%%ATTESTTOKEN: %q", token)
	return nil
}

// challenge returns 16 bytes that are written as hexadecimal digits.
func challenge(cmd *atcmd.Command, i int) ([]byte, bool) {
	text, _ := cmd.Quoted(i)
	b := make([]byte, hex.DecodedLen(len(text)))
	_, err := hex.Decode(b, text)
	return b, err == nil && len(b) == keys.NonceSize
}

// claimToken is AT%CLAIMTOKEN (fact keys/claimtoken). It is signed with an ownership key,
// which a device gets in Nordic's provisioning only; this one has none, so the
// answer is always 529 (documented for a missing key).
func (m *Modem) claimToken(_ *atcmd.Response, cmd *atcmd.Command) error {
	tag, ok := cmd.Uint32(0)
	if !ok || len(cmd.Args) > 2 {
		return atcmd.Errorf("%%CLAIMTOKEN takes a security tag, and a challenge or not")
	}
	if _, ok := challenge(cmd, 1); cmd.Has(1) && !ok {
		return atcmd.Errorf("the challenge is a text of 32 hexadecimal digits in double quotes")
	}
	return atcmd.CME(event.CMEClaimToken, "there is no ownership key at tag %d: only Nordic's provisioning puts one there", tag)
}
