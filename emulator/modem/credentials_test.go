package modem_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/profile"
)

func TestCMNG(t *testing.T) {
	const digestA = "CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB"
	_, send := start(t, "nrf9160-1.3.7", nil)
	steps{
		"AT+CMEE=1", "OK",
		"AT%CMNG=1", "OK",
		`AT%CMNG=0, 7, 0,"a"`, "OK",
		"AT%CMNG=1, 7", `%CMNG: 7,0,"` + digestA + `"|OK`,
		"AT%CMNG=1,7,1", "OK",
		"AT%CMNG=1,8", "OK",
		"AT%CMNG=2,7,0", `%CMNG: 7,0,"` + digestA + `","a"|OK`,
		"AT%CMNG=2,7,1", "+CME ERROR: 513",
		`AT%CMNG=0,7,2,"a"`, "OK", "AT%CMNG=2,7,2", "+CME ERROR: 514",
		`AT%CMNG=0,7,1,"a"`, "OK", "AT%CMNG=2,7,1", `%CMNG: 7,1,"` + digestA + `","a"|OK`,
		`AT%CMNG=0,7,0,"a"`, "OK", // replaced
		`AT%CMNG=0,7,5,"a"`, "+CME ERROR: 514",
		`AT%CMNG=0,2147483648,0,"a"`, "+CME ERROR: 514",
		"AT%CMNG=3,7,0", "OK", "AT%CMNG=3,7,0", "+CME ERROR: 513",
		"AT%CMNG=3,7", "+CME ERROR: 50", "AT%CMNG=2,7", "+CME ERROR: 50", "AT%CMNG=4,7,0", "+CME ERROR: 50",
		`AT%CMNG=0,7,0,""`, "+CME ERROR: 50", "AT%CMNG=0,7,0", "+CME ERROR: 50", "AT%CMNG=0,7,0,abc", "OK",
		`AT%CMNG=0,7,99,"a"`, "+CME ERROR: 50", `AT%CMNG=0,4294967296,0,"a"`, "+CME ERROR: 50", "AT%CMNG=", "+CME ERROR: 50",
		`AT%CMNG=0,7,2,"a","` + strings.Repeat("p", 32) + `"`, "OK",
		`AT%CMNG=0,7,2,"a","` + strings.Repeat("p", 33) + `"`, "+CME ERROR: 50",
		"AT%CMNG?", "+CME ERROR: 0", "AT%CMNG=?", "+CME ERROR: 0", "AT%CMNG", "+CME ERROR: 0",
	}.run(t, send)
}

// Several things are wrong at once: the first check that fails decides.
func TestOrderOfChecks(t *testing.T) {
	m, send := start(t, profile.Default, nil)
	steps{
		"AT+CMEE=1", "OK", "AT+CFUN=1", "OK",
		"AT%CMNG=3,1", "+CME ERROR: 50", // parameters before state
		"AT%CMNG=3,1,0", "+CME ERROR: 518", // state before existence
		`AT%CMNG=0,1,0,"not a certificate"`, "+CME ERROR: 518", // state before content
		"AT+CFUN=4", "OK",
		`AT%CMNG=0,4294967294,0,"not a certificate"`, "+CME ERROR: 514", // permission before content
		`AT%CMNG=0,1,0,"not a certificate"`, "+CME ERROR: 527",
	}.run(t, send)
	m.SetSupply(2800)
	steps{
		"AT%CMNG=3,1,0", "+CME ERROR: 528", // warning before existence
		`AT%CMNG=0,1,0,"not a certificate"`, "+CME ERROR: 528",
		"AT%CMNG=3,1", "+CME ERROR: 50",
	}.run(t, send)
}

func TestOldFirmware(t *testing.T) {
	_, send := start(t, "nrf9160-1.2.7", nil)
	steps{
		"AT+CMEE=1", "OK",
		`AT%CMNG=0,1,0,"HONKHONK"`, "OK", `AT%CMNG=0,1,1,"x"`, "OK",
		"AT%CMNG=1", `%CMNG: 1,0,"` + strings.Repeat("00", 32) + `"|%CMNG: 1,1,"` + strings.Repeat("01", 32) + `"|OK`,
		"AT%CMNG=2,1,0", `%CMNG: 1,0,"` + strings.Repeat("00", 32) + `","HONKHONK"|OK`,
		"AT%CMNG=2,1,1", "+CME ERROR: 514",
		"AT%XSYSTEMMODE=1,1,0,0", "+CME ERROR: 0",
	}.run(t, send)
}

func TestStoreFull(t *testing.T) {
	_, send := start(t, "nrf9160-1.3.7", nil)
	send("AT+CMEE=1")
	content := strings.Repeat("x", 3900)
	got := "OK"
	for tag := 1; got == "OK"; tag++ {
		got = send(fmt.Sprintf(`AT%%CMNG=0,%d,4,"%s"`, tag, content))
	}
	require.Equal(t, "+CME ERROR: 515", got)
	require.Contains(t, send("AT%CMNG=2,1,4"), content, "what is stored stays")
}
