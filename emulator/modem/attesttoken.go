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
	nonce := keys.Nonce(m.cfg.Identity)
	if cmd.Form == atcmd.FormSet {
		args := atcmd.ReadArgs(cmd)
		nonce = challengeArg(&args)
		if err := args.End(); err != nil {
			return err
		}
	}
	token, err := keys.Attestation(m.cfg.Identity, m.cfg.Profile.Chip.DeviceType, nonce)
	if err != nil {
		return atcmd.Errorf("%w", err)
	}
	w.Printf("%%ATTESTTOKEN: %q", token)
	return nil
}

// challengeArg reads 16 bytes that are written as hexadecimal digits.
func challengeArg(args *atcmd.ArgReader) []byte {
	text := args.Text(hex.EncodedLen(keys.NonceSize), "the challenge")
	b := make([]byte, hex.DecodedLen(len(text)))
	if _, err := hex.Decode(b, text); err != nil || len(b) != keys.NonceSize {
		args.Fail("the challenge must be %d hexadecimal digits", hex.EncodedLen(keys.NonceSize))
	}
	return b
}

// claimToken is AT%CLAIMTOKEN (fact keys/claimtoken). It is signed with an ownership key,
// which a device gets in Nordic's provisioning only; this one has none, so the
// answer is always 529.
func (m *Modem) claimToken(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	tag := args.Uint32("the security tag")
	if args.Has() {
		challengeArg(&args)
	} else {
		args.Skip()
	}
	if err := args.End(); err != nil {
		return err
	}
	return atcmd.CME(event.CMEClaimToken, "there is no ownership key at tag %d: only Nordic's provisioning puts one there", tag)
}
