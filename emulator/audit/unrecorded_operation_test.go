package audit_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
)

// A command that the modem refuses for its parameters never gets to the store.
func TestRefusedForItsParameters(t *testing.T) {
	const write = `AT%CMNG=0,24,4,"device"`
	for _, test := range []struct {
		name, refused, then string
		want                []string
	}{
		{"a list", "AT%CMNG=1,24,4,9", write, []string{"P30 error 24:4"}},
		{"a list of a tag", "AT%CMNG=1, 24,x", write, []string{"P30 error 24:4"}},
		{"a read", "AT%CMNG=2,24,4,5", write, []string{"P26 warning 24:4"}},
		{"a list of another tag", "AT%CMNG=1,25,4,9", write, []string{"P03 warning 24:4"}},
		{"a list of no tag", "AT%CMNG=1,tag", write, []string{"P03 warning 24:4"}},
		{"a write", `AT%CMNG=0,24,4,"`, "AT+CFUN=1", []string{"P25 error 24:4"}},
		{"a delete", "AT%CMNG=3,24,4,4", "AT+CFUN=1", []string{}},
		{"a test", "AT%CMNG=?", "AT+CFUN=1", []string{}},
		{"no operation", "AT%CMNG=7,24,4", "AT+CFUN=1", []string{}},
		{"nothing", "AT%CMNG=", "AT+CFUN=1", []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := audit.New(audit.Options{Levels: map[string]audit.Level{"P22": audit.Off}})
			m := newModem(t, a.Add)
			form := "set"
			if test.refused == "AT%CMNG=?" {
				form = "test"
			}
			m.id++
			m.emit(event.Event{Command: &event.Command{ID: m.id, Text: test.refused, Name: "%CMNG", Form: form}})
			m.emit(event.Event{Response: &event.Response{ID: m.id, Result: "+CME ERROR: 50", Error: true, CME: 50}})
			m.at("%s", test.then)
			require.Equal(t, test.want, found(a.Report()))
		})
	}
}
