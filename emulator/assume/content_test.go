package assume_test

import (
	"io/fs"

	"nrf91emu/keystore"
	"nrf91emu/testvectors"
)

func keyOf(tag keystore.SecTag, typ keystore.CredentialType) keystore.Key {
	return keystore.Key{SecTag: tag, Type: typ}
}

// certificate is one that any modem takes.
var certificate = func() string {
	text, err := fs.ReadFile(testvectors.All(), "certificates/client.pem")
	if err != nil {
		panic(err)
	}
	return string(text)
}()
