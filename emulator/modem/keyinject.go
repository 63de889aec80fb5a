package modem

import (
	"bytes"
	"encoding/base64"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
)

// injectKey is AT%KEYINJECT (fact keys/keyinject). Only Nordic's provisioning
// service can make a message for it, and this modem does not know the key that
// signs them: the answer to a well-formed one is always 513, "signing or decrypting
// key not on the device" (fact keys/keyinject-answer).
func (m *Modem) injectKey(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	args.Code = event.CMEIncorrectParameter
	text := args.Text(0, "a message and its signature")
	message, signature, ok := bytes.Cut(text, []byte("."))
	if !ok || !isBase64url(message) || !isBase64url(signature) {
		args.Fail("a message and its signature are in base64url, with a dot between them")
	}
	if err := args.End(); err != nil {
		return err
	}
	if err := m.mayStore(); err != nil {
		return err
	}
	return atcmd.CME(event.CMENotFound, "the key that signed the message is not on the device: an emulated modem takes no keys from Nordic's provisioning service")
}

func isBase64url(text []byte) bool {
	_, err := base64.RawURLEncoding.DecodeString(string(text))
	return err == nil && len(text) > 0
}
