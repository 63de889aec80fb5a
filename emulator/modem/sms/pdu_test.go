package sms_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/modem/sms"
)

func octets(t testing.TB, text string) []byte {
	b, err := hex.DecodeString(text)
	require.NoError(t, err)
	return b
}

// The first is of Nordic's own unit tests (fact sms/pdu).
func TestParseSubmit(t *testing.T) {
	const to = "0A912143658709"
	for text, want := range map[string]sms.Submit{
		"2100" + to + "000003CD771A":                                 {To: "+1234567890", Text: "Moi", Report: true},
		"1100" + to + "0000AA00":                                     {To: "+1234567890"},
		"0900" + "05812143F5" + "0000" + "01020304050607" + "02C834": {To: "12345", Text: "Hi"},
		"0100" + to + "00080400E420AC":                               {To: "+1234567890", Text: "ä€"},
		"0100" + to + "0004020F10":                                   {To: "+1234567890", Text: "0F10"},
		"4100" + to + "0000090500030702019067":                       {To: "+1234567890", Text: "Hg", Part: 1, Parts: 2},
		"4100" + to + "0008" + "08" + "050003070202" + "00E4":        {To: "+1234567890", Text: "ä", Part: 2, Parts: 2},
	} {
		got, err := sms.ParseSubmit(octets(t, text))
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for text, reason := range map[string]string{
		"":                                    "too early",
		"0000" + to + "000003CD771A":          "00 is not that of an SMS-SUBMIT",
		"2100" + to + "000003CD77":            "too early",
		"2100" + to + "000003CD771A00":        "1 octets stand behind",
		"21000091000003CD771A":                "no destination",
		"2100FF91" + strings.Repeat("00", 60): "255 digits",
		"4100" + to + "000003CD771A":          "too early",
		"0100" + to + "0004FF" + strings.Repeat("00", 255): "255 octets",
	} {
		_, err := sms.ParseSubmit(octets(t, text))
		require.ErrorContains(t, err, reason, text)
	}
}

// What is delivered is read back by the same rules with another first octet.
func TestDeliver(t *testing.T) {
	at := time.Date(2021, 2, 9, 20, 58, 34, 0, time.FixedZone("", 2*3600))
	b := sms.Deliver("+1234567890123", "Moi", at, 1)
	require.Len(t, b, 1)
	require.Equal(t, "040D91214365870921F300001220900285438003CD771A", fmt.Sprintf("%X", b[0]))
	for _, text := range []string{
		"", "Hello {world} €", strings.Repeat("0123456789", 16), strings.Repeat("0123456789", 40), strings.Repeat("x{", 200),
		"Привет", strings.Repeat("Привет🙂", 40), strings.Repeat("a", 152) + "€" + strings.Repeat("b", 20),
	} {
		var read strings.Builder
		list := sms.Deliver("Nordic", text, at, 9)
		for i, d := range list {
			require.LessOrEqual(t, len(d), 164)
			n := 2 + (int(d[1])+1)/2 + 1                                            // first octet and address
			submit := append([]byte{d[0]&^0x07 | 1, 0, 2, 0x81, 0x21}, d[n:n+2]...) // then protocol and coding
			submit = append(submit, d[n+9:]...)
			s, err := sms.ParseSubmit(submit)
			require.NoError(t, err, "%q %X", text, d)
			if len(list) > 1 {
				require.Equal(t, []int{i + 1, len(list)}, []int{s.Part, s.Parts})
			}
			read.WriteString(s.Text)
		}
		require.Equal(t, text, read.String())
	}
}

func TestStatusReport(t *testing.T) {
	at := time.Date(2021, 2, 22, 11, 38, 41, 0, time.FixedZone("", 2*3600))
	require.Equal(t, "06550A91214365870912202211831480"+"12202211831480"+"00", fmt.Sprintf("%X", sms.StatusReport(0x55, "+1234567890", at, at)))
}

func TestAddresses(t *testing.T) {
	require.Equal(t, "0791534874894320", fmt.Sprintf("%X", sms.Centre("+358447983402")))
	require.Equal(t, "05812143F5", fmt.Sprintf("%X", sms.Address("12345")))
	require.Equal(t, "0CD0CEB79C9C1E03", fmt.Sprintf("%X", sms.Address("Nordic")))
	require.Equal(t, "1220221183148A", fmt.Sprintf("%X", sms.Timestamp(time.Date(2021, 2, 22, 11, 38, 41, 0, time.FixedZone("", -7*3600)))))
}

func FuzzParseSubmit(f *testing.F) {
	f.Add(octets(f, "21000A912143658709000003CD771A"))
	f.Add(octets(f, "41000A912143658709000009050003070201906700"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := sms.ParseSubmit(b); err == nil && len(s.Text) > 1000 {
			t.Fatalf("%d bytes of text", len(s.Text))
		}
	})
}
