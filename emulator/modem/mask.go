package modem

import (
	"bytes"
	"fmt"

	"nrf91emu/atcmd"
	"nrf91emu/keystore"
)

// Mask returns a command line for the record, with private keys and pre-shared
// keys replaced by their length. It works on lines that are not well formed too:
// a key does not become public by a forgotten quotation mark. The command that
// %XSUDO signs is masked like any other.
func Mask(line []byte) string {
	var cmd atcmd.Command
	_ = cmd.Parse(line) // what could be parsed is enough
	secret := holdsPrivateKey(line)
	if string(cmd.Name) == sudoName {
		if cmd.Tail != nil {
			head := cmd.Line[:len(cmd.Line)-len(cmd.Tail)]
			return string(head) + Mask(append([]byte("AT"), cmd.Tail...))[2:]
		}
		secret = true
	}
	if op, ok := cmd.Int(0, cmngWrite, cmngWrite); ok && op == cmngWrite && string(cmd.Name) == "%CMNG" {
		typ, ok := cmd.Int(2, 0, int64(maxType))
		secret = secret || !ok || keystore.CredentialType(typ).Secret()
	}
	quote := bytes.IndexByte(line, '"')
	if !secret || quote < 0 {
		return string(line)
	}
	return fmt.Sprintf("%s\"<%d bytes masked>", line[:quote], len(line)-quote-1)
}

// Secret reports whether the content of a credential must be kept out of the
// record: by its type, or because a private key was stored under another one.
func Secret(typ keystore.CredentialType, content []byte) bool {
	return typ.Secret() || holdsPrivateKey(content)
}

// holdsPrivateKey reports whether text holds a private key in PEM.
func holdsPrivateKey(text []byte) bool { return bytes.Contains(text, []byte("PRIVATE KEY")) }
