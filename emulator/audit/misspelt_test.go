package audit_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
)

// A write that the modem does not take for one is found, as the record shows it: masked.
func TestMisspeltWrites(t *testing.T) {
	ca := content(t, "ca")
	right := `AT%CMNG=0,24,0,"` + ca + `"`
	for _, tt := range []struct {
		name     string
		commands []string // those that the modem understands begin with AT%CMNG=; an empty one is a power cycle
		subject  string   // of the finding; empty if there is none
	}{
		{"a slip in the name", []string{strings.Replace(right, "CMNG", "CMGN", 1)}, "%CMGN"},
		{"another sign", []string{strings.Replace(right, "%", "+", 1)}, "+CMNG"},
		{"without AT", []string{right[2:]}, "CMNG"},
		{"a blank in the name", []string{"AT %CMNG" + right[7:]}, "a command that is none"},
		{"a blank behind the name", []string{"AT%CMNG " + right[7:]}, "CMNG"},
		{"a colon", []string{"AT%CMNG:" + right[8:]}, "CMNG"},
		{"a letter too few", []string{"AT%CMG" + right[7:]}, "%CMG"},
		{"a letter too many", []string{"AT%CMNGG" + right[7:]}, "%CMNGG"},
		{"an operation that there is not", []string{"AT%CMNG=5" + right[9:]}, "AT%CMNG=0"},
		{"the operation in quotes", []string{`AT%CMNG="0"` + right[9:]}, "AT%CMNG=0"},
		{"two commands in a line", []string{"AT+CMEE=1;" + right[2:]}, "CMNG"},
		{"a pre-shared key", []string{`AT+CMNG=0,24,3,"00112233445566778899aabbccddeeff"`}, "+CMNG"},
		{"a key to make", []string{"AT%KEYGEN=24,9"}, "AT%KEYGEN"},
		{"a message for the key store", []string{"AT%KEYINJECT=1"}, "AT%KEYINJECT"},
		{"a question", []string{"AT%CMGN=1,24,0"}, "%CMGN"},

		{"then the right one", []string{strings.Replace(right, "%", "#X", 1), right}, ""},
		{"then the right one, at the next start", []string{strings.Replace(right, "%", "#X", 1), "", right}, ""},
		{"then another, at the next start", []string{strings.Replace(right, "%", "#X", 1), "", `AT%CMNG=0,25,0,"` + content(t, "ca2") + `"`}, "#XCMNG"},
		{"what is stored", []string{right, "", strings.Replace(right, "%", "#X", 1)}, ""},
		{"two dialects of a question", []string{"AT#XCMNG=1,24,0", "AT%CMNG=1,24,0"}, ""},
		{"two dialects of a question, at another start", []string{"AT#XCMNG=1,24,0", "", "AT%CMNG=1,24,0"}, "#XCMNG"},
		{"a question in another form", []string{"AT%CMNG?"}, ""},
		{"a short message", []string{`AT+CMGS="+49", ` + strings.Repeat("x", 300)}, ""},
		{"a command of another firmware", []string{`AT#XHTTPCREQ="POST","/` + strings.Repeat("x", 300) + `"`}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := audit.New(audit.Options{Levels: map[string]audit.Level{"P03": audit.Off, "P27": audit.Off, "P31": audit.Off}})
			m, record := newModem(t, a.Add), new(event.Log)
			for _, command := range tt.commands {
				switch {
				case command == "":
					m.powerCycle()
				case strings.HasPrefix(command, "AT%CMNG=0,") || strings.HasPrefix(command, "AT%CMNG=1,"):
					m.at("%s", command)
				default:
					m.id++
					line := record.Command([]byte(command))
					if line.Form == "" {
						line.Name = "" // it cannot be parsed
					}
					m.emit(event.Event{Command: &event.Command{ID: m.id, Text: line.Text, Name: line.Name, Form: line.Form}})
					m.emit(event.Event{Response: &event.Response{ID: m.id, Result: "ERROR", Error: true, Reason: "it is no command"}})
				}
			}
			r := a.Report()
			if tt.subject == "" {
				require.Empty(t, found(r))
				return
			}
			require.Equal(t, []string{"P37 error"}, found(r))
			require.Equal(t, tt.subject, r.Findings[0].Subject)
			require.Equal(t, a.Report(), r, "again")
		})
	}
}
