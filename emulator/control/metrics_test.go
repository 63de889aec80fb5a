package control

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/network"
)

// metrics returns what a handler serves.
func metrics(t *testing.T, h http.Handler) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, metricsType, w.Header().Get("Content-Type"))
	return w.Body.String()
}

func TestMetrics(t *testing.T) {
	log := new(event.Log)
	log.Keep()
	d, err := emulator.New(emulator.Config{Network: &network.Network{}, Log: log})
	require.NoError(t, err)
	t.Cleanup(func() { d.Close() })
	require.NoError(t, d.PowerOn())
	host := newHost(t, d)
	say(t, host, "AT", "OK\r\n")
	say(t, host, "AT+NO", "ERROR\r\n")
	say(t, host, "AT%CMNG=2,24,0", "ERROR\r\n")
	say(t, host, "AT+CMEE=1", "OK\r\n")
	say(t, host, "AT%CMNG=2,24,0", "513\r\n")
	say(t, host, `AT%CMNG=0,24,4,"me"`, "OK\r\n")
	require.NoError(t, d.PowerCycle())

	text := metrics(t, New(d, "").Handler())
	for _, want := range []string{
		`nrf91emu_modem_info{modem="1",imei="` + d.Identity().IMEI + `",profile="nrf9151-2.0.4",firmware="mfw_nrf91x1_2.0.4",application="at-client"} 1`,
		`nrf91emu_power_on{modem="1"} 1`,
		`nrf91emu_boots_total{modem="1"} 2`,
		`nrf91emu_commands_total{modem="1"} 6`,
		`nrf91emu_results_total{modem="1",result="+CME ERROR",code="513"} 1`,
		`nrf91emu_results_total{modem="1",result="ERROR",code="0"} 1`,
		`nrf91emu_results_total{modem="1",result="ERROR",code="513"} 1`,
		`nrf91emu_results_total{modem="1",result="OK",code="0"} 3`,
		`nrf91emu_credential_writes_total{modem="1"} 1`,
		`nrf91emu_flash_erases_total{modem="1"} 0`,
		"# TYPE nrf91emu_results_total counter",
	} {
		require.Contains(t, text, want+"\n")
	}
	require.Regexp(t, `nrf91emu_flash_programmed_bytes_total\{modem="1"\} [1-9]\d+\n`, text)
	requireFormat(t, text)

	// Several modems in one answer: each family once.
	unrecorded, err := emulator.New(emulator.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { unrecorded.Close() })
	s := New(d, "")
	s.Measure([]Measured{{"1", d}, {`odd "\` + "\n", unrecorded}})
	fleet := metrics(t, s.Handler())
	require.Equal(t, 1, strings.Count(fleet, "# TYPE nrf91emu_boots_total "))
	require.Contains(t, fleet, `nrf91emu_boots_total{modem="1"} 2`+"\n"+`nrf91emu_boots_total{modem="odd \"\\\n"} 0`+"\n")
	requireFormat(t, fleet)
}

// requireFormat checks the text format: each family has its help and type in front, all
// its samples stand together, none twice. The linter of Prometheus itself runs in
// .ci/full.
func requireFormat(t *testing.T, text string) {
	t.Helper()
	sample := regexp.MustCompile(`^([a-z0-9_]+)\{[a-z]+="(?:[^"\\]|\\.)*"(?:,[a-z]+="(?:[^"\\]|\\.)*")*\} [0-9.e+]+$`)
	head := regexp.MustCompile(`^# (HELP|TYPE) ([a-z0-9_]+) (.+)$`)
	seen := map[string]bool{}
	family, expected := "", "HELP"
	require.True(t, strings.HasSuffix(text, "\n"))
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		require.False(t, seen[line], "twice: %s", line)
		seen[line] = true
		if m := head.FindStringSubmatch(line); m != nil {
			require.True(t, m[1] == expected || expected == "any" && m[1] == "HELP", line)
			if m[1] == "HELP" {
				require.False(t, seen[m[2]], "family twice: %s", line)
				seen[m[2]] = true
				family, expected = m[2], "TYPE"
				continue
			}
			require.Equal(t, family, m[2])
			require.Equal(t, strings.HasSuffix(family, "_total"), m[3] == "counter", line)
			expected = "any"
			continue
		}
		m := sample.FindStringSubmatch(line)
		require.NotNil(t, m, line)
		require.Equal(t, family, m[1])
		require.Equal(t, "any", expected)
	}
}

// promtool, where there is one, agrees.
func TestMetricsByPromtool(t *testing.T) {
	if _, err := exec.LookPath("promtool"); err != nil {
		t.Skip("promtool is not installed here; .ci/full has the linter")
	}
	d := newDevice(t)
	cmd := exec.Command("promtool", "check", "metrics")
	cmd.Stdin = strings.NewReader(metrics(t, New(d, "").Handler()))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
