package modemtest

import (
	"fmt"
	"strings"
	"testing"

	"nrf91emu/emulator/audit"
)

// Report returns the audit's verdict over what has happened so far.
func (m *Modem) Report() *audit.Report {
	m.t.Helper()
	m.started()
	return m.audit.Report()
}

// RequireSound ends the test t if the provisioning that has happened so far was not
// sound: if the audit has a finding at error level. Each finding says what
// happened, in which boot, and what to change. Lesser findings are logged.
func (m *Modem) RequireSound(t testing.TB) {
	t.Helper()
	r := m.Report()
	if len(r.Findings) == 0 {
		return
	}
	if text := findings(r); r.Sound {
		t.Log(text)
	} else {
		t.Fatal(text)
	}
}

// findings returns the findings of a report for a person.
func findings(r *audit.Report) string {
	var b strings.Builder
	verdict := "is sound"
	if !r.Sound {
		verdict = "is not sound"
	}
	fmt.Fprintf(&b, "modemtest: the provisioning %s (%d boots, %d writes, %d bytes programmed)\n",
		verdict, r.Totals.Boots, r.Totals.Writes, r.Totals.Cost.Programmed)
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s %s: %s", f.Level, f.Rule, f.Name, f.Title)
		if c := f.Credential(); c != "" {
			fmt.Fprintf(&b, " [%s]", c)
		}
		fmt.Fprintf(&b, "\n    %s\n    fix: %s\n", f.What, f.Fix)
		for _, p := range f.Places {
			fmt.Fprintf(&b, "    boot %d", p.Boot)
			if p.Exchange > 0 {
				fmt.Fprintf(&b, ", exchange %d: %s", p.Exchange, p.Command)
			}
			b.WriteByte('\n')
		}
		if f.Count > len(f.Places) {
			fmt.Fprintf(&b, "    and %d more\n", f.Count-len(f.Places))
		}
	}
	return b.String()
}
