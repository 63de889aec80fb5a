package keys

import (
	"encoding/asn1"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type attributeSET []struct {
	Type  asn1.ObjectIdentifier
	Value asn1.RawValue
}

// readName returns each attribute of a name in DER as "type string-type value".
func readName(t *testing.T, der []byte) []string {
	t.Helper()
	var sets []attributeSET
	rest, err := asn1.Unmarshal(der, &sets)
	require.NoError(t, err)
	require.Empty(t, rest)
	var all []string
	for _, set := range sets {
		require.Len(t, set, 1)
		all = append(all, fmt.Sprintf("%v %d %s", set[0].Type, set[0].Value.Tag, set[0].Value.Bytes))
	}
	return all
}

func TestParseName(t *testing.T) {
	for text, want := range map[string][]string{
		"O=Nordic Semiconductor,L=PDX,C=no": {"2.5.4.10 12 Nordic Semiconductor", "2.5.4.7 12 PDX", "2.5.4.6 19 no"},
		"CN=nrf-355025930000000":            {"2.5.4.3 12 nrf-355025930000000"},
		"cn=a, ou=b , o = c":                {"2.5.4.3 12 a", "2.5.4.11 12 b ", "2.5.4.10 12  c"},
		`CN=a\,b\=c`:                        {"2.5.4.3 12 a,b=c"},
		`CN=\41\c3\a9,L=x`:                  {"2.5.4.3 12 A\u00e9", "2.5.4.7 12 x"},
		"CN=a=b":                            {"2.5.4.3 12 a=b"},
		"CN=a,CN=b":                         {"2.5.4.3 12 a", "2.5.4.3 12 b"},
		"serialNumber=12,dnQualifier=x":     {"2.5.4.5 19 12", "2.5.4.46 19 x"},
		"title=Dr,ST=Bayern":                {"2.5.4.12 12 Dr", "2.5.4.8 12 Bayern"},
		"emailAddress=a@b.c,DC=nordic":      {"1.2.840.113549.1.9.1 22 a@b.c", "0.9.2342.19200300.100.1.25 22 nordic"},
	} {
		der, err := ParseName(text)
		require.NoError(t, err, text)
		require.Equal(t, want, readName(t, der), text)
	}
}

func TestParseNameErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "has no value",
		"CN":                              "has no value",
		"CN=":                             "is empty",
		"CN=a,":                           "has no value",
		"CN=a,,O=b":                       "is no attribute",
		"X=a":                             "is no attribute",
		"=a":                              "is no attribute",
		"C=n_":                            "other than letters",
		"DC=é":                            "not ASCII",
		"CN=\xff":                         "not UTF-8",
		`CN=a\`:                           "ends with a backslash",
		`CN=a\n`:                          "ends with a backslash",
		`CN=a\nb`:                         "two hexadecimal digits",
		"CN=" + strings.Repeat("x", 257):  "at most 256",
		"CN=a" + strings.Repeat(" ", 509): "at most 512",
	} {
		_, err := ParseName(text)
		require.ErrorContains(t, err, want, text)
	}
}

// What is accepted is a name that can be read and that holds the values as they
// were written.
func FuzzParseName(f *testing.F) {
	for _, s := range []string{"O=Nordic Semiconductor,L=PDX,C=no", `CN=a\,b`, `CN=\41`, "CN=", ",", `CN=a\`, "DC=x,CN=\u00e9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		der, err := ParseName(text)
		if err != nil {
			return
		}
		name := readName(t, der)
		if strings.Contains(text, `\`) {
			return
		}
		written := strings.Split(text, ",")
		require.Len(t, name, len(written))
		for i, a := range written {
			_, value, _ := strings.Cut(a, "=")
			require.True(t, strings.HasSuffix(name[i], " "+value), "%q: %q", text, name[i])
		}
	})
}

func TestParseKeyUsage(t *testing.T) {
	for text, want := range map[string][]byte{
		DefaultKeyUsage: {3, 2, 3, 0xe8}, // seen in requests of real devices
		"101010000":     {3, 2, 3, 0xa8},
		"000000000":     {3, 1, 0},
		"000000001":     {3, 3, 7, 0, 0x80},
		"111111111":     {3, 3, 7, 0xff, 0x80},
		"100000000":     {3, 2, 7, 0x80},
	} {
		der, err := ParseKeyUsage(text)
		require.NoError(t, err)
		require.Equal(t, want, der, text)
	}
	for _, text := range []string{"", "1", "1010100001", "10101000x", "1010100 0"} {
		_, err := ParseKeyUsage(text)
		require.Error(t, err, text)
	}
}
