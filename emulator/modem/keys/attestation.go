package keys

import "nrf91emu/emulator/profile"

// identityMessage is the message id of an attestation token (fact keys/attesttoken).
const identityMessage = 1

// Attestation returns the token of %ATTESTTOKEN (fact keys/attesttoken): who the
// device is, of which type (profile.Chip) and with which firmware, signed with its
// identity key. The error says that the identity has no UUIDs.
func Attestation(id *profile.Identity, deviceType int, nonce []byte) (string, error) {
	device, err := parseUUID(id.DeviceUUID)
	if err != nil {
		return "", err
	}
	firmware, err := parseUUID(id.ModemUUID)
	if err != nil {
		return "", err
	}
	message := appendHead(appendHead(nil, cborTag, selfDescribed), cborArray, 5)
	message = appendInt(message, identityMessage)
	message = appendByteString(message, device)
	message = appendInt(message, int64(deviceType))
	message = appendByteString(message, firmware)
	message = appendByteString(message, nonce)
	signed, err := sign1(DevicePrivateKey(id), message, true)
	if err != nil {
		return "", err
	}
	return base64url.EncodeToString(message) + "." + base64url.EncodeToString(signed), nil
}
