package modem

import (
	"encoding/hex"

	"nrf91emu/atcmd"
)

// identityMessage is the message id of an attestation token (section 7.3, seen).
const identityMessage = 1

// attest is AT%ATTESTTOKEN with and without a challenge (section 7.3). No errors
// are listed, so a malformed challenge is a plain ERROR.
func (m *Modem) attest(w *atcmd.Response, cmd *atcmd.Command) error {
	nonce := random(nonceSize)
	if cmd.Form == atcmd.FormSet {
		var ok bool
		if nonce, ok = challenge(cmd, 0); !ok || len(cmd.Args) != 1 {
			return atcmd.Errorf("the challenge is a text of 32 hexadecimal digits in double quotes")
		}
	}
	id := &m.cfg.Identity
	device, err := parseUUID(id.DeviceUUID)
	if err != nil {
		return atcmd.Errorf("%w", err)
	}
	firmware, err := parseUUID(id.ModemUUID)
	if err != nil {
		return atcmd.Errorf("%w", err)
	}
	message := appendHead(appendHead(nil, cborTag, selfDescribed), cborArray, 5)
	message = appendInt(message, identityMessage)
	message = appendByteString(message, device)
	message = appendInt(message, int64(m.cfg.Profile.Chip.DeviceType))
	message = appendByteString(message, firmware)
	message = appendByteString(message, nonce)
	signed, err := sign1(identityKey(id), message, true)
	if err != nil {
		return atcmd.Errorf("%w", err)
	}
	w.Printf(`%%ATTESTTOKEN: "%s.%s"`, base64url.EncodeToString(message), base64url.EncodeToString(signed))
	return nil
}

// challenge returns 16 bytes that are written as hexadecimal digits.
func challenge(cmd *atcmd.Command, i int) ([]byte, bool) {
	text, _ := cmd.Quoted(i)
	b := make([]byte, hex.DecodedLen(len(text)))
	_, err := hex.Decode(b, text)
	return b, err == nil && len(b) == nonceSize
}

// claimToken is AT%CLAIMTOKEN (section 7.8). It is signed with an ownership key,
// which a device gets in Nordic's provisioning only; this one has none, so the
// answer is always 529 (documented for a missing key). Codes for malformed
// parameters are not listed (50 is chosen).
func (m *Modem) claimToken(_ *atcmd.Response, cmd *atcmd.Command) error {
	tag, ok := cmd.Uint32(0)
	if !ok || len(cmd.Args) > 2 {
		return incorrect("%%CLAIMTOKEN takes a security tag, and a challenge or not")
	}
	if _, ok := challenge(cmd, 1); cmd.Has(1) && !ok {
		return incorrect("the challenge is a text of 32 hexadecimal digits in double quotes")
	}
	return atcmd.CME(cmeClaimToken, "there is no ownership key at tag %d: only Nordic's provisioning puts one there", tag)
}
