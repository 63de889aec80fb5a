package modem_test

import (
	"errors"
	"slices"
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

// What AT+CLAC lists, what the modem answers and what the profile says are the same, for
// each modem. A command that a firmware has not is unknown in all its forms.
func TestCommandList(t *testing.T) {
	var listed []string
	for _, p := range profile.All() {
		m, send := start(t, p.Name, nil)
		list := strings.Split(send("AT+CLAC"), "|")
		require.Equal(t, "OK", list[len(list)-1])
		list = list[:len(list)-1]
		require.IsIncreasing(t, list)
		listed = append(listed, list...)
		for _, c := range profile.Changes() {
			for _, name := range c.Commands {
				require.Equal(t, p.HasCommand(name), slices.Contains(list, "AT"+name), "%s on %s", name, p.Name)
				for _, form := range []string{"", "=1", "?", "=?"} {
					err := execute(m, "AT"+name+form)
					require.Equal(t, !p.HasCommand(name), errors.Is(err, modem.ErrUnknownCommand), "%s%s on %s: %v", name, form, p.Name, err)
				}
			}
		}
	}
	for _, name := range modem.CommandNames() {
		require.Contains(t, listed, "AT"+name, "no firmware has it")
	}
}

// The table of the reference, by example: since when there is a command, and until when.
func TestCommandsByFirmware(t *testing.T) {
	for _, c := range []struct{ name, without, with, gone string }{
		{"+CSCON", "nrf9160-1.0.0", "nrf9160-1.1.4", ""}, {"%COPS", "nrf9160-1.0.0", "nrf9160-1.1.4", ""},
		{"%XEMPR", "nrf9160-1.1.5", "nrf9160-1.2.1", ""}, {"+CEINFO", "nrf9160-1.1.5", "nrf9160-1.2.1", ""},
		{"%NCELLMEAS", "nrf9160-1.2.8", "nrf9160-1.3.0", ""}, {"%XT3412", "nrf9160-1.2.8", "nrf9160-1.3.0", ""},
		{"%PERIODICSEARCHCONF", "nrf9160-1.2.8", "nrf9160-1.3.0", ""}, {"+CCHO", "nrf9160-1.2.8", "nrf9160-1.3.0", ""},
		{"%CSUS", "nrf9160-1.3.3", "nrf9160-1.3.4", ""}, {"%ENVEVAL", "nrf9151-2.0.2", "nrf9151-2.0.3", ""},
		{"%ENVEVAL", "nrf9160-1.3.7", "nrf9151-ntn-1.0.1", ""}, {"%PALL", "nrf9151-ntn-1.0.1", "nrf9151-2.0.4", ""},
		{"%XRAI", "", "nrf9160-1.2.8", "nrf9160-1.3.0"}, {"%XRAI", "", "nrf9160-1.0.0", "nrf9151-2.0.4"},
		{"%LOCATION", "nrf9151-2.0.4", "nrf9151-ntn-1.0.0", ""}, {"+CNMI", "", "nrf9160-1.0.0", ""},
	} {
		for name, want := range map[string]bool{c.without: false, c.with: true, c.gone: false} {
			if name == "" {
				continue
			}
			p, err := profile.Lookup(name)
			require.NoError(t, err)
			require.Equal(t, want, p.HasCommand(c.name), "%s on %s", c.name, name)
		}
	}
}
