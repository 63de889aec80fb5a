package modem

import (
	"bytes"
	"fmt"

	"nrf91emu/atcmd"
	"nrf91emu/keystore"
)

// Mask returns a command line for the record, with private keys and pre-shared
// keys replaced by their length. It works on lines that are not well formed too:
// a key does not become public by a forgotten quotation mark.
func Mask(line []byte) string {
	var cmd atcmd.Command
	_ = cmd.Parse(line) // what could be parsed is enough
	secret := bytes.Contains(line, []byte("PRIVATE KEY"))
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
