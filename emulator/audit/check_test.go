package audit_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
)

// TestCheckContent finds in a file what the rules find when it is written.
func TestCheckContent(t *testing.T) {
	ca := content(t, "ca")
	tests := []struct {
		name, text string
		typ        event.CredentialType
		want       []string // rule and what
	}{
		{"good", ca, 0, nil},
		{"CR LF", strings.ReplaceAll(ca, "\n", "\r\n"), 0, []string{"P08"}},
		{"no last line feed", strings.TrimSuffix(ca, "\n"), 0, []string{"P12"}},
		{"byte order mark", "\ufeff" + ca, 0, []string{"P13 The content begins with a byte order mark; save the file without one."}},
		{"a page", "<!DOCTYPE html>\n<html></html>\n", 0, []string{"P14 The content is a web page (HTML), not PEM."}},
		{"empty", "", 0, []string{"P14"}},
		{"a leaf", content(t, "client certificate"), 0, []string{"P15"}},
		{"expired", content(t, "expired ca"), 0, []string{"P16"}},
		{"two", content(t, "two cas"), 0, []string{"P17"}},
		{"a key as CA", content(t, "key"), 0, []string{"P14"}},
		{"a key", content(t, "key"), 2, nil},
		{"an encrypted key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n", 2,
			[]string{"P14 The modem cannot use the private key: it is encrypted, and no password was stored with it."}},
		{"PSK", "2e66", 3, nil},
		{"PSK in base64", "secret==", 3, []string{"P22"}},
		{"identity", "device", 4, nil},
		{"an identity that begins with a line feed", "\ndevice", 4, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found := audit.CheckContent(audit.Key{SecTag: 24, Type: tt.typ}, []byte(tt.text), start)
			require.Len(t, found, len(tt.want), found)
			for i, want := range tt.want {
				require.True(t, strings.HasPrefix(found[i].Rule+" "+found[i].What, want), found[i])
			}
		})
	}
}
