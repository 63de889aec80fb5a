package emulator_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/profile"
)

// marked is a secret that can be found again: as itself, in PEM and as digits.
const marked = "5ecr37-k3y-0f-th3-d3v1c3-th4t-n0b0dy-mu57-533"

// disguises are the forms of the secret that are fed, and pieces what is searched for.
func disguises() (key, psk, digits string, pieces []string) {
	body := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(marked, 4)))
	var lines []string
	for len(body) > 64 {
		lines = append(lines, body[:64])
		body = body[64:]
	}
	lines = append(lines, body)
	psk = hex.EncodeToString([]byte(marked))
	digits = "73914682"
	for _, text := range append(slices.Clone(lines), marked, psk, strings.ToUpper(marked), strings.ToUpper(psk)) {
		for ; len(text) >= 12; text = text[12:] {
			pieces = append(pieces, text[:12])
		}
	}
	pieces = append(pieces, digits)
	key = "-----BEGIN PRIVATE KEY-----\n" + strings.Join(lines, "\n") + "\n-----END PRIVATE KEY-----\n"
	return key, psk, digits, pieces
}

// lines are commands with secrets in them, of one command's name.
func lines(name string) (out []string) {
	key, psk, digits, _ := disguises()
	at := "AT" + name
	for _, before := range []string{"=", "=1,", "=0,24,", "=1,2,3,", `="",`, `=0,"a",1,`, " = ", " ", "?", ";", `="a";%CMNG=0,1,3,`} {
		out = append(out, at+before+`"`+key+`"`, at+before+`'`+psk+`'`, at+before+`"`+marked+`"x`)
		if name == "#XGETADDRINFO" && before == "=" {
			continue // the word without quotes is the host name that is looked up
		}
		out = append(out, at+before+marked, at+before+digits+marked)
	}
	return append(out, at+"="+strings.Repeat("1,", 70)+marked, at+marked, marked+at, at[1:]+" "+marked)
}

// owned are lines whose parameters are secret where they belong, and those that a
// person gets wrong.
func owned() (out []string) {
	key, psk, digits, _ := disguises()
	for _, name := range []string{"%CMNG", "#XCMNG", "+CMNG", "%CNMG", "%CMNG ", " %CMNG", "%cmng", "%CMNGG", "%XCMNG"} {
		for _, typ := range []string{"0", "1", "2", "3", "5", "8", "9", "13", "99", "", " 2", "x"} {
			for _, content := range []string{key, psk, marked} {
				before := "AT" + name + "=0,24," + typ + ","
				out = append(out, before+`"`+content+`"`, before+`"`+content+`","`+marked+`"`, before+content, before+`'`+content+`'`,
					before+content+`"`, before+` "`+content+`"`, before+`"x`+content, "AT"+name+"=0,24,"+content, "AT"+name+`="`+content+`"`)
			}
		}
	}
	for _, before := range []string{`+CPIN=`, `+CPIN="1",`, `+CLCK="SC",1,`, `+CPWD="SC",`, `+CPWD="SC","1",`, `+CPIN?`, `+CPIN `, `+CLCK=`, `+CPWD=`} {
		for _, code := range []string{digits, `"` + digits + `"`, `'` + digits + `'`, `"` + digits, ` "` + digits + `"`, marked} {
			out = append(out, "AT"+before+code)
		}
	}
	return append(out, `AT+CGAUTH=0,1,"u","`+marked+`"`, `AT+CGAUTH=0,1,"u",`+marked, `AT+CGAUTH=0,1,u,`+marked, `AT+CGAUTH=0,2,"u","`+marked,
		`AT#XMQTTCON=1,"u","`+marked+`","h",1883`, `AT#XMQTTCON=1,"i","u","`+marked+`","h",1883`, `AT#XMQTTCON=1,"`+marked+`","h",1883`,
		`AT#XMQTTCON=1,"u",`+marked+`,"h",1883`, `AT#XMQTTCON=1,"u","`+marked, `AT#XMQTTCON=1,u,"`+marked+`","h",1883`,
		`AT#XMQTTCON=1,"u","h",1883,"`+marked+`"`, `AT#XMQTTCON="u","`+marked+`","h",1883,1`, `AT#XMQTTCON=1,"u","v","`+marked+`","h","1883"`,
		"AT%CMNG=2,24,0", "AT%CMNG=2,24,1", "AT%CMNG=1", `AT#XSSOCKET=1,1,0,24`, `AT#XCONNECT=0,"127.0.0.1",1`, "AT#XRESET")
}

// TestSecretsStayInside feeds a marked secret through every command of every
// application, in its place and out of it, and searches all outputs for pieces of it.
func TestSecretsStayInside(t *testing.T) {
	_, _, _, pieces := disguises()
	p, err := profile.Lookup("nrf9160-1.3.7") // it takes any content
	require.NoError(t, err)
	for _, dialect := range dialects.All() {
		t.Run(dialect.Name, func(t *testing.T) { searchForSecrets(t, &p, dialect, false, pieces) })
	}
	// Reports hold none even of a record that does.
	t.Run("shown in the record", func(t *testing.T) {
		searchForSecrets(t, &p, dialects.All()[0], true, pieces)
	})
}

func searchForSecrets(t *testing.T, p *profile.Profile, dialect *app.Dialect, show bool, pieces []string) {
	synctest.Test(t, func(t *testing.T) {
		log := event.Log{ShowSecrets: show}
		var trace bytes.Buffer
		w := event.NewWriter(&trace)
		log.Subscribe(w.Add)
		var writes int
		log.Subscribe(func(e *event.Event) {
			if e.Credential != nil && e.Credential.Op == "write" && !e.Credential.Error {
				writes++
			}
		})
		judge := audit.New(audit.Options{})
		log.Subscribe(judge.Add)
		b := start(t, emulator.Config{Profile: p, Dialect: dialect, Log: &log, NoExternal: true, Network: atOnce()})
		end := string(dialect.Framing.Terminator.Bytes())
		feed := func(all []string) {
			for _, line := range all {
				b.send(line + end)
				if strings.Count(line, `"`)%2 == 1 {
					b.send(`"` + end) // the quotation is closed
				}
				b.send(end)
			}
			time.Sleep(3 * time.Second)
			require.NoError(t, b.PowerCycle())
			b.read()
		}
		for _, name := range append(event.Commands(), "+NOSUCH", "%XNOSUCH", "#XNOSUCH", "D", "") {
			feed(lines(name))
		}
		for _, online := range []string{"AT+CFUN=0", "AT+CFUN=1"} {
			feed(append([]string{"AT+CMEE=1", online}, owned()...))
		}
		require.NoError(t, w.Err())
		require.Greater(t, writes, 20, "something is stored")
		r := judge.Report()
		var text, asJSON, junit bytes.Buffer
		require.NoError(t, r.WriteText(&text, audit.TextOptions{}))
		require.NoError(t, r.WriteJSON(&asJSON))
		require.NoError(t, r.WriteJUnit(&junit, "x"))
		outputs := map[string]string{"the text report": text.String(), "the JSON report": asJSON.String(), "the JUnit report": junit.String()}
		if show {
			require.Contains(t, trace.String(), pieces[0])
		} else {
			outputs["the trace"] = trace.String()
		}
		for what, out := range outputs {
			for _, piece := range pieces {
				if i := strings.Index(out, piece); i >= 0 {
					t.Fatalf("%s shows %q:\n%s", what, piece, out[max(0, i-600):min(len(out), i+200)])
				}
			}
		}
	})
}

// TestRecordKnowsAllCommands: the record masks the parameters of commands that it
// does not know, so that a new one must be added to its list.
func TestRecordKnowsAllCommands(t *testing.T) {
	known := event.Commands()
	for _, dialect := range dialects.All() {
		for _, p := range profile.All() {
			synctest.Test(t, func(t *testing.T) {
				b := start(t, emulator.Config{Profile: &p, Dialect: dialect})
				end := string(dialect.Framing.Terminator.Bytes())
				names := strings.Fields(b.send("AT+CLAC"+end) + b.send("AT#XCLAC"+end))
				require.Greater(t, len(names), 40)
				for _, name := range names {
					name = strings.TrimPrefix(name, "AT")
					if name == "" || strings.IndexByte("+%#", name[0]) < 0 {
						continue
					}
					require.Contains(t, known, name, "say what is shown of it: an application's command in app.Command, the modem's in parameters of package event")
				}
			})
		}
	}
}
