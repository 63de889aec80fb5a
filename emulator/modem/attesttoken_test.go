package modem_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/profile"
)

// A published token of a real nRF9160: with its identity and its nonce as the
// challenge, the message comes out to the byte.
func TestAttestationTokenExample(t *testing.T) {
	const message = "2dn3hQFQUFZBTjQyRAqARAIf47w9GANQ9uO9e33zS4i0OqepdmoErVDTluTkTuSk5wSathm9GYCY"
	require.Len(t, message, 76)
	_, send := start(t, "nrf9160-1.3.7", func(c *modem.Config) {
		c.Identity.DeviceUUID = "5056414e-3432-440a-8044-021fe3bc3d18"
		c.Identity.ModemUUID = "f6e3bd7b-7df3-4b88-b43a-a7a9766a04ad"
	})
	answer := send(`AT%ATTESTTOKEN="d396e4e44ee4a4e7049ab619bd198098"`)
	require.Contains(t, answer, `%ATTESTTOKEN: "`+message+`.0oRDoQEmoQRBIfZYQ`)
}

func TestAttestationToken(t *testing.T) {
	for name, device := range map[string]int{"nrf9160-1.3.0": 3, "nrf9161-2.0.4": 4, "nrf9131-2.0.4": 5, "nrf9151-2.0.4": 6, "nrf9151-ntn-1.0.0": 6} {
		m, send := start(t, name, nil)
		id := profile.NewIdentity(m.Profile(), 0)
		var nonces []string
		for _, command := range []string{"AT%ATTESTTOKEN", "AT%ATTESTTOKEN", `AT%ATTESTTOKEN="000102030405060708090A0b0c0d0e0f"`} {
			message, signed := parts(t, attestAnswer, send(command))
			require.Len(t, message, 57)
			require.Equal(t, "d9d9f78501", hex.EncodeToString(message[:5]))
			verify(t, &id, signed, message)
			var fields struct {
				_        struct{} `cbor:",toarray"`
				Message  int
				Device   []byte
				Type     int
				Firmware []byte
				Nonce    []byte
			}
			require.NoError(t, cbor.Unmarshal(message, &fields))
			require.Equal(t, 1, fields.Message)
			require.Equal(t, uuid(t, id.DeviceUUID), fields.Device)
			require.Equal(t, device, fields.Type)
			require.Equal(t, uuid(t, id.ModemUUID), fields.Firmware)
			nonces = append(nonces, hex.EncodeToString(fields.Nonce))
		}
		require.NotEqual(t, nonces[0], nonces[1])
		require.Equal(t, "000102030405060708090a0b0c0d0e0f", nonces[2])
		require.Equal(t, "OK", send("AT+CFUN=1"))
		parts(t, attestAnswer, send("AT%ATTESTTOKEN")) // in any functional mode
	}
}

func TestAttestationTokenErrors(t *testing.T) {
	_, send := start(t, profile.Default, nil)
	digits := strings.Repeat("0", 32)
	steps{
		"AT+CMEE=1", "OK",
		"AT%ATTESTTOKEN=", "+CME ERROR: 0", `AT%ATTESTTOKEN=""`, "+CME ERROR: 0", `AT%ATTESTTOKEN="00"`, "+CME ERROR: 0",
		`AT%ATTESTTOKEN="` + digits + `0"`, "+CME ERROR: 0", `AT%ATTESTTOKEN="` + digits[1:] + `x"`, "+CME ERROR: 0",
		`AT%ATTESTTOKEN="` + digits + `",1`, "+CME ERROR: 0", `AT%ATTESTTOKEN=` + digits, "+CME ERROR: 0",
		"AT%ATTESTTOKEN?", "+CME ERROR: 0", "AT%ATTESTTOKEN=?", "+CME ERROR: 0",
	}.run(t, send)
}

func TestClaimToken(t *testing.T) {
	_, send := start(t, "nrf9160-1.3.4", nil)
	digits := strings.Repeat("0", 32)
	steps{
		"AT%CLAIMTOKEN=7", "ERROR", "AT+CMEE=1", "OK",
		"AT%CLAIMTOKEN=7", "+CME ERROR: 529", `AT%CLAIMTOKEN=7,"` + digits + `"`, "+CME ERROR: 529",
		"AT%CLAIMTOKEN=7,", "+CME ERROR: 529", "AT%CLAIMTOKEN=", "+CME ERROR: 0", `AT%CLAIMTOKEN=7,"0"`, "+CME ERROR: 0",
		`AT%CLAIMTOKEN=7,"` + digits + `",1`, "+CME ERROR: 0", "AT%CLAIMTOKEN?", "+CME ERROR: 0", "AT%CLAIMTOKEN", "+CME ERROR: 0",
	}.run(t, send)
}

// A command that the firmware does not have is like any that no modem has.
func TestKeyCommandsByFirmware(t *testing.T) {
	for _, c := range []struct {
		command string
		since   string // the first profile that has it
		before  string // the last that does not
	}{
		{"AT%KEYGEN=1,2,1", "nrf9160-1.3.0", "nrf9160-1.2.7"},
		{"AT%ATTESTTOKEN", "nrf9160-1.3.0", "nrf9160-1.2.7"},
		{"AT%JWT", "nrf9160-1.3.0", "nrf9160-1.2.7"},
		{`AT%KEYINJECT="AA.AA"`, "nrf9160-1.3.0", "nrf9160-1.2.7"},
		{"AT%CLAIMTOKEN=1", "nrf9160-1.3.4", "nrf9160-1.3.2"},
		{"AT%CERTEXPIRY=1,0", "nrf9151-2.0.4", "nrf9151-2.0.2"},
	} {
		for _, profile := range []string{c.before, c.since} {
			_, send := start(t, profile, nil)
			require.Equal(t, "OK", send("AT+CMEE=1"))
			answer := send(c.command)
			require.Equal(t, profile == c.before, answer == "+CME ERROR: 0", "%s with %s: %s", c.command, profile, answer)
		}
	}
	for _, command := range []string{`AT%XPMNG=2`, `AT%XSUDO=1,"AA";+`} {
		_, send := start(t, "nrf9160-1.1.5", nil)
		require.Equal(t, "OK", send("AT+CMEE=1"))
		require.Equal(t, "+CME ERROR: 513", send(command), command)
	}
}
