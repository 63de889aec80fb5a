package vectors_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/vectors"
	"nrf91emu/testvectors"
)

// Secrets that can be found again, and pieces of them.
const (
	markedPSK  = "5ec2e75ec2e75ec2e75ec2e75ec2e700"
	markedBody = "5ecr37k3y0fth3d3v1c3th4tn0b0dymu57533aaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	markedKey  = "-----BEGIN PRIVATE KEY-----\n" + markedBody + "\nQUJDRA5ecr37\n-----END PRIVATE KEY-----\n"
)

func requireHidden(t *testing.T, what, text string) {
	t.Helper()
	for _, piece := range []string{markedPSK[:8], markedPSK[24:], markedBody[:8], markedBody[8:16], "n0b0dy", "QUJDRA"} {
		require.NotContains(t, text, piece, what)
	}
}

// A play that fails shows what was sent and what came, and nothing of a key.
func TestFailingPlayShowsNoSecret(t *testing.T) {
	lines := strings.ReplaceAll(markedKey, "\n", `\n`)
	for name, text := range map[string]string{
		"a key":               `>> "AT%CMNG=0,24,2,\"` + lines + `\"\r\n"` + "\n< +CME ERROR: 1\n",
		"a pre-shared key":    `> AT%CMNG=0,24,3,"` + markedPSK + `"` + "\n< ERROR\n",
		"a forgotten quote":   `> AT%CMNG=0,24,3,` + markedPSK + "\n< ERROR\n",
		"a misspelt command":  `> AT%CNMG=0,24,3,"` + markedPSK + `"` + "\n< OK\n",
		"nothing before it":   `> ` + markedPSK + "\n< OK\n",
		"two commands":        `>> "AT\r\nAT%CMNG=0,24,3,\"` + markedPSK + `\"\r\n"` + "\n< ERROR\n",
		"a key in pieces":     `>> "AT%CMNG=0,24,2,\"-----BEGIN PRIVATE KEY-----\n` + markedBody[:30] + `"` + "\n" + `>> "` + markedBody[30:] + `\n-----END PRIVATE KEY-----\n\"\r\n"` + "\n< ERROR\n",
		"read back":           `> AT%CMNG=0,24,0,"` + markedPSK + `"` + "\n< OK\n> AT%CMNG=2,24,0\n< OK\n",
		"read back, expected": `> AT%CMNG=2,24,2` + "\n" + `< %CMNG: 24,2,"AA","` + markedPSK + `"` + "\n< OK\n",
		"the end read back": `>> "AT%CMNG=0,24,0,\"` + lines + `\"\r\n"` + "\n< OK\n> AT%CMNG=2,24,0\n" +
			`<< "%CMNG: 24,0,"` + "\n" + `<< "x"` + "\n",
		"the middle expected": `>> "AT%CMNG=0,24,0,\"` + lines + `\"\r\n"` + "\n< OK\n> AT%CMNG=2,24,0\n" +
			"< " + markedBody + "\n",
		"in a silence": `>> "AT%CMNG=0,24,0,\"` + lines + `\"\r\n"` + "\n< OK\n" + `>> "AT%CMNG=2,24,0\r\n"` + "\nsilence 1s\n",
		"echoed":       "> ATE1\n< OK\n> AT%CMNG=0,24,3,\"" + markedPSK + "\"\n< OK\n",
	} {
		for _, app := range []string{"at-client", "serial-modem", "slm"} {
			t.Run(name+" "+app, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, err := testvectors.Parse("x.txt", []byte("# x\n\nchosen by me\n"+text))
					require.NoError(t, err)
					p, err := profile.Lookup("nrf9160-1.3.7") // takes any content
					require.NoError(t, err)
					dialect, err := dialects.Lookup(app)
					require.NoError(t, err)
					target, err := vectors.NewTarget(s, p, dialect)
					require.NoError(t, err)
					r, err := testvectors.Play(t.Context(), s, target.Target)
					require.NoError(t, err)
					require.NoError(t, target.Close())
					require.False(t, r.OK())
					shown := r.String()
					require.Contains(t, shown, "sent ")
					requireHidden(t, name, shown)
				})
			})
		}
	}
}

// A recording shows a secret neither where it is sent nor where it comes back.
func TestRecordingShowsNoSecret(t *testing.T) {
	layout := testvectors.Layout{Name: "at-client", Terminator: "\r\n"}
	for _, command := range []string{
		`AT%CMNG=0,24,2,"` + markedKey + `"`, `AT%CMNG=0,24,3,"` + markedPSK + `"`, `AT%CMNG=0,24,0,"` + markedKey + `"`,
		"AT%CMNG=0,24,3," + markedPSK, `AT%CNMG=0,24,3,"` + markedPSK + `"`, `AT%CMNG =0,24,3,"` + markedPSK + `"`, markedPSK,
		`AT#XCMNG=0,24,3,"` + markedPSK + `"`, `AT+CGAUTH=0,1,"u","` + markedPSK + `"`, `AT+CPIN="` + markedPSK + `"`,
		`AT#XMQTTCON=1,"i","u","` + markedPSK + `","h",1883`, `AT+CLCK="SC",1,"` + markedPSK + `"`,
	} {
		for _, answer := range []string{
			"OK\r\n", "%s\r\nOK\r\n", `%CMNG: 24,2,"` + markedKey + "\"\r\nOK\r\n", `%CMNG: 24,3,"AA","` + markedPSK + "\"\r\nOK\r\n",
			markedKey + "\r\nOK\r\n",
		} {
			for _, pieces := range []bool{false, true} {
				r := testvectors.NewRecorder(testvectors.RecordMeta{
					Title: "x", Source: "me, 2026", Layout: layout,
					CommandSecrets: vectors.CommandSecrets, AnswerSecrets: vectors.AnswerSecrets,
				})
				feed := func(fn func([]byte), text string) {
					if !pieces {
						fn([]byte(text))
						return
					}
					for _, c := range []byte(text) {
						fn([]byte{c})
					}
				}
				feed(r.Sent, command+layout.Terminator)
				feed(r.Received, strings.ReplaceAll(answer, "%s", command))
				feed(r.Sent, "AT%CMNG=2,24,3"+layout.Terminator)
				feed(r.Received, `%CMNG: 24,3,"AA","`+markedPSK+"\"\r\nOK\r\n")
				var b bytes.Buffer
				_, err := r.WriteTo(&b)
				require.NoError(t, err)
				requireHidden(t, command, b.String())
				for name, content := range r.Files() {
					requireHidden(t, command+": "+name, string(content))
				}
			}
		}
	}
}
