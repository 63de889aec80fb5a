package control

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/profile"
)

// A marked secret is stored in every way that works and in some that do not, and
// searched for in all that can be fetched.
func TestNothingSecretOverHTTP(t *testing.T) {
	const psk = "5ec2e75ec2e75ec2e75ec2e75ec2e700"
	body := base64.StdEncoding.EncodeToString([]byte("5ecr37-k3y-0f-th3-d3v1c3-th4t"))
	key := "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n"
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	p, err := profile.Lookup("nrf9160-1.3.7") // it takes any content
	require.NoError(t, err)
	d, err := emulator.New(emulator.Config{Profile: &p, Log: new(event.Log)})
	require.NoError(t, err)
	defer d.Close()
	require.NoError(t, d.PowerOn())
	s, err := ListenTCP(d, portPath, "127.0.0.1:0", false)
	require.NoError(t, err)
	defer s.Close()
	host := newHost(t, d)
	for typ := range 14 {
		for _, content := range []string{psk, key} {
			say(t, host, fmt.Sprintf(`AT%%CMNG=0,24,%d,"%s"`, typ, content), "\r\n")
			say(t, host, fmt.Sprintf(`AT%%CMNG=2,24,%d`, typ), "\r\n")
		}
	}
	for _, line := range []string{
		`AT%CMNG=0,24,3,` + psk, `AT%CNMG=0,24,3,"` + psk + `"`, "AT " + psk, psk, `AT%CMNG=1`,
		`AT+CGAUTH=0,1,"u","` + psk + `"`, `AT+CPIN="` + psk + `"`, `AT#XMQTTCON=1,"u","` + psk + `","h",1`,
	} {
		say(t, host, line, "\r\n")
	}
	fetch := func(path string) string {
		r, err := http.Get("http://" + s.Addr() + path)
		require.NoError(t, err)
		defer r.Body.Close()
		all, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		return string(all)
	}
	paths := []string{"/v1/state", "/v1/wear", "/v1/credentials", "/v1/events", "/v1/why", "/v1/transcript", "/v1/audit", "/metrics", "/v1/board", "/v1/faults"}
	for typ := range 14 {
		paths = append(paths, fmt.Sprintf("/v1/credentials/24/%d", typ))
	}
	for _, path := range paths {
		got := fetch(path)
		for _, piece := range []string{psk[:8], body[:8], body[8:16]} {
			require.NotContains(t, strings.ToLower(got), strings.ToLower(piece), path)
		}
	}
	require.Contains(t, fetch("/v1/events"), "bytes masked>")
}
