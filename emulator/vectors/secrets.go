package vectors

import (
	"nrf91emu/emulator/event"
	"nrf91emu/testvectors"
)

// CommandSecrets finds secrets in a command line as the event record does, for
// plays and recordings.
func CommandSecrets(line []byte) []testvectors.Secret {
	return secretsOf(event.CommandSecrets(line))
}

// AnswerSecrets finds secrets in what a device has sent as the event record does,
// for plays and recordings.
func AnswerSecrets(text []byte) []testvectors.Secret {
	return secretsOf(event.AnswerSecrets(text))
}

func secretsOf(found []event.Secret) (secrets []testvectors.Secret) {
	for _, s := range found {
		secrets = append(secrets, testvectors.Secret(s))
	}
	return secrets
}
