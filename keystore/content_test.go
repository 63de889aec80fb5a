package keystore

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestContentCheck(t *testing.T) {
	ca := string(amazonRootCA1(t))
	crlf := strings.ReplaceAll(ca, "\n", "\r\n")
	tests := []struct {
		name    string
		content string
		reason  string // part of the sentence; empty when it is valid
	}{
		{"LF", ca, ""},
		{"CR LF", crlf, ""},
		{"no line feed at the end", strings.TrimSuffix(ca, "\n"), ""},
		{"two certificates", ca + ca, ""},
		{"text in front", "Amazon Root CA 1\n" + ca, ""},
		{"any text", "HONKHONK", "no line -----BEGIN"},
		{"one line", strings.ReplaceAll(ca, "\n", ""), "line feed"},
		{"blanks for line feeds", strings.ReplaceAll(ca, "\n", " "), "line feed"},
		{"escaped line feeds", strings.ReplaceAll(ca, "\n", `\n`), "line feed"},
		{"no BEGIN line", ca[strings.Index(ca, "\n")+1:], "no line -----BEGIN"},
		{"no END line", ca[:strings.Index(ca, "-----END")], "line"},
		{"END line cut short", ca[:len(ca)-3], "END lines be whole"},
		{"second certificate broken", ca + ca[:600], "END lines be whole"},
		{"first certificate broken", ca[:600] + "\n" + ca, "END lines be whole"},
		{"other label", strings.ReplaceAll(ca, "CERTIFICATE", "PRIVATE KEY"), "it is a PRIVATE KEY"},
		{"not X.509", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be parsed"},
		{"too large", strings.Repeat(ca, 4), "4752 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, typ := range []CredentialType{RootCA, ClientCertificate} {
				s, _ := newStore(t, 8, Rules{CheckCertificates: true})
				err := s.Write(Key{24, typ}, []byte(tt.content))
				if tt.reason == "" {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, ErrInvalidContent)
					require.ErrorContains(t, err, tt.reason)
				}
				for _, unchecked := range []CredentialType{PrivateKey, PSK, PSKIdentity} {
					require.NoError(t, s.Write(Key{24, unchecked}, []byte(tt.content)))
				}
				s, _ = newStore(t, 8, Rules{})
				require.NoError(t, s.Write(Key{24, typ}, []byte(tt.content)), "older firmware takes anything")
			}
		})
	}
}

func TestLargestCertificateIsAKnob(t *testing.T) {
	s, _ := newStore(t, 8, Rules{CheckCertificates: true, MaxCertificate: 1187})
	require.ErrorIs(t, s.Write(Key{24, RootCA}, amazonRootCA1(t)), ErrInvalidContent)
	s, _ = newStore(t, 8, Rules{CheckCertificates: true, MaxCertificate: 1188})
	require.NoError(t, s.Write(Key{24, RootCA}, amazonRootCA1(t)))
}

// The content check takes any bytes without panic, and what it lets through
// comes back as it went in.
func FuzzContent(f *testing.F) {
	ca := amazonRootCA1(f)
	f.Add(ca)
	f.Add(bytes.ReplaceAll(ca, []byte("\n"), []byte("\r\n")))
	f.Add(ca[:700])
	f.Add([]byte("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"))
	f.Add([]byte("-----BEGIN \n-----BEGIN CERTIFICATE-----\nAAAA"))
	f.Fuzz(func(t *testing.T, content []byte) {
		s, _ := newStore(t, 8, Rules{CheckCertificates: true})
		k := Key{24, RootCA}
		if s.Write(k, content) != nil {
			return
		}
		got, e, err := s.Read(k)
		require.NoError(t, err)
		require.Equal(t, content, got)
		require.Equal(t, digestOf(content), e.Digest)
	})
}
