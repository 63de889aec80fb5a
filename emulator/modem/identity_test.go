package modem_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/profile"
)

func TestIdentity(t *testing.T) {
	for profile, s := range map[string]steps{
		"nrf9160-1.3.7": {
			"AT+CGMI", "Nordic Semiconductor ASA|OK", "AT+CGMM", "nRF9160-SICA|OK",
			"AT+CGMR", "mfw_nrf9160_1.3.7|OK", "AT+CGSN", "352656100367872|OK",
			"AT+CGSN=0", "352656100367872|OK", "AT+CGSN=1", `+CGSN: "352656100367872"|OK`,
			"AT+CGSN=2", `+CGSN: "3526561003678713"|OK`, "AT+CGSN=3", `+CGSN: "13"|OK`,
			"AT+CGSN=?", "+CGSN: (0-3)|OK", "AT+CGSN=4", "ERROR", "AT+CGSN?", "ERROR", "AT+CGMI?", "ERROR",
		},
		"nrf9151-ntn-1.0.0": {"AT+CGMR", "mfw_nrf9151-ntn_1.0.0|OK", "AT%XSYSTEMMODE?", "%XSYSTEMMODE: 1,0,0,0,0|OK"},
		"nrf9151-2.0.4":     {"AT+CGMM", "nRF9151-LACA|OK", "AT+CGMR", "mfw_nrf91x1_2.0.4|OK", "AT", "OK", "ATI", "ERROR", "A", "ERROR", "AT+NO", "ERROR"},
	} {
		t.Run(profile, func(t *testing.T) {
			_, send := start(t, profile, nil)
			s.run(t, send)
		})
	}
}

func TestIdentityWithoutIMEI(t *testing.T) {
	_, send := start(t, profile.Default, func(c *modem.Config) { c.Identity.IMEI = "" })
	require.Equal(t, "ERROR", send("AT+CGSN"))
}

func TestCheckIMEI(t *testing.T) {
	require.NoError(t, profile.CheckIMEI("352656100367872")) // seen in a trace
	for _, imei := range []string{"", "35265610036787", "352656100367873", "35265610036787x"} {
		require.Error(t, profile.CheckIMEI(imei), imei)
	}
}

func TestVersionsAndUUIDs(t *testing.T) {
	for profile, s := range map[string]steps{
		"nrf9160-1.3.7": {
			"AT%HWVERSION", "%HWVERSION: nRF9160 SICA B1A|OK", "AT%HWVERSION?", "ERROR", "AT%SHORTSWVER", "%SHORTSWVER: nrf9160_1.3.7|OK",
			"AT%XMODEMUUID?", "ERROR", "AT%DEVICEUUID", "ERROR", "AT%XVERSION", "ERROR",
		},
		"nrf9151-2.0.4":     {"AT%HWVERSION", "%HWVERSION: nRF9151 LACA ADA|OK", "AT%SHORTSWVER", "%SHORTSWVER: nrf91x1_2.0.4|OK", "AT%SHORTSWVER=?", "ERROR"},
		"nrf9151-ntn-1.0.0": {"AT%SHORTSWVER", "%SHORTSWVER: nrf9151-ntn_1.0.0|OK"},
	} {
		_, send := start(t, profile, nil)
		s.run(t, send)
		require.Regexp(t, `^%XMODEMUUID: [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\|OK$`, send("AT%XMODEMUUID"))
	}
	_, send := start(t, profile.Default, nil)
	require.Regexp(t, `^%DEVICEUUID: 50[0-9a-f]{6}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\|OK$`, send("AT%DEVICEUUID"))
}

// Every modem has its own numbers, the same ones each time.
func TestIdentitiesDiffer(t *testing.T) {
	p, err := profile.Lookup(profile.Default)
	require.NoError(t, err)
	seen := make(map[string]bool)
	for n := range 5000 {
		id := profile.NewIdentity(&p, n)
		require.Equal(t, id, profile.NewIdentity(&p, n))
		require.NoError(t, profile.CheckIMEI(id.IMEI))
		require.NoError(t, profile.CheckUUID(id.DeviceUUID))
		require.NoError(t, profile.CheckUUID(id.ModemUUID))
		padded, err := profile.PadICCID(id.ICCID)
		require.NoError(t, err)
		require.Equal(t, id.ICCID, padded)
		for _, number := range []string{id.IMEI, id.IMSI, id.ICCID, id.DeviceUUID} {
			require.False(t, seen[number], number)
			seen[number] = true
		}
	}
}

func execute(m *modem.Modem, line string) error {
	var w atcmd.Response
	return m.Execute(&w, []byte(line), 1)
}

// AT+CLAC and the commands agree: what is listed is known, and what came with a
// later firmware is neither.
func TestCommandList(t *testing.T) {
	for _, p := range profile.All() {
		m, send := start(t, p.Name, nil)
		list := strings.Split(send("AT+CLAC"), "|")
		require.Equal(t, "OK", list[len(list)-1])
		list = list[:len(list)-1]
		require.IsIncreasing(t, list)
		for _, command := range list {
			require.NotErrorIs(t, execute(m, command+"?"), modem.ErrUnknownCommand, command)
		}
		for _, c := range profile.Changes() {
			for _, name := range c.Commands {
				if has := p.Firmware.AtLeast(c.Since); !has {
					require.NotContains(t, list, "AT"+name)
					require.ErrorIs(t, execute(m, "AT"+name+"=1"), modem.ErrUnknownCommand, "%s on %s", name, p.Name)
				}
			}
		}
	}
}
