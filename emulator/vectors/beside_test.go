package vectors_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/vectors"
)

// Values in which two modems must differ are recognised, and nothing else is.
func TestBeside(t *testing.T) {
	for _, c := range []struct{ real, emulated, want string }{
		{"OK", "OK", "="},
		{"352656100367872", "352656610000018", "~ IMEI or IMSI"},
		{`+CEREG: 5,"0901","02024720",7,,,"11100000","11100000"`, `+CEREG: 5,"B4DC","000AE520",7,,,"11100000","11100000"`, "~ cell, tracking area"},
		{`+CEREG: 5,"0901","02024720",7`, `+CEREG: 1,"B4DC","000AE520",7`, "-+"},
		{`+CEREG: 2`, `+CEREG: 2,"B4DC","000AE520",7`, "-+"},
		{"+CESQ: 99,99,255,255,31,62", "+CESQ: 99,99,255,255,17,56", "~ measurement"},
		{"%XSYSTEMMODE: 1,0,1,0", "%XSYSTEMMODE: 1,0,0,0", "-+"},
		{"mfw_nrf9160_1.3.7", "mfw_nrf91x1_2.0.4", "-+"},
		{`+COPS: 0,2,"26201",7`, `+COPS: 0,2,"24201",7`, "~ network"},
		{`+COPS: 0,0,"EDAV",7`, `+COPS: 0,0,"Telenor",7`, "~ name"},
		{`%CMNG: 24,4,"2C43952EE9E000FF2ACC4E2ED0897C0A72AD5FA72C3D934E81741CBD54F05BD1"`, `%CMNG: 24,4,"3C43952EE9E000FF2ACC4E2ED0897C0A72AD5FA72C3D934E81741CBD54F05BD1"`, "-+"},
		{`+CCLK: "26/11/26,10:00:00+04"`, `+CCLK: "26/11/26,11:00:00+00"`, "~ time"},
		{`%XMONITOR: 1,"EDAV","EDAV","26295","00B7",7,4,"00011B07",7,2300,63,39,"","11100000","11100000","00000000"`,
			`%XMONITOR: 5,"","","24201","B4DC",7,20,"000AE520",0,6400,56,39,"","11100000","11100000","01001001"`, "~ cell, granted timer, measurement, name, network, tracking area"},
		{"a|b|OK", "a|OK", "=-="},
		{"+CME ERROR: 513", "+CME ERROR: 514", "-+"},
	} {
		var got strings.Builder
		for _, p := range vectors.Beside(strings.Split(c.real, "|"), strings.Split(c.emulated, "|")) {
			switch {
			case !p.InEmulated:
				got.WriteString("-")
			case !p.InReal:
				got.WriteString("+")
			case len(p.Values) > 0:
				got.WriteString("~ " + strings.Join(p.Values, ", "))
			default:
				got.WriteString("=")
			}
		}
		require.Equal(t, c.want, got.String(), "%s beside %s", c.real, c.emulated)
	}
}
