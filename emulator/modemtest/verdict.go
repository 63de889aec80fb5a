package modemtest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/link"
)

// Report returns the audit's verdict over what has happened so far.
func (m *Modem) Report() *audit.Report {
	m.t.Helper()
	m.started()
	return m.audit.Report()
}

// RequireSound ends the test t if the provisioning that has happened so far was not
// sound: if the audit has a finding at error level, or if no command was sent, or none that
// the modem has done, and Audit.AllowIdle does not allow that. Each finding says what happened, in which boot, and
// what to change. Lesser findings are logged.
//
// What the code under test has sent is taken first, so call it when that code has come to
// its end. A command that it has begun and not ended is found when the modem is closed, and
// fails the modem's own test then.
func (m *Modem) RequireSound(t testing.TB) {
	t.Helper()
	m.started()
	m.drain()
	r := m.Report()
	m.mu.Lock()
	m.judged = m.judged || r.Sound
	m.mu.Unlock()
	switch {
	case r.NothingSeen && r.Errors == 0:
		t.Fatal("modemtest: " + r.WhyNothing + "\n    fix: Let the code under test use Path, Port, Client or Library of this modem. Audit.AllowIdle lets such a test pass.")
	case !r.Sound:
		t.Fatal(findings(r))
	case len(r.Findings) > 0:
		t.Log(findings(r))
	}
}

// drainTimeout is how long what was sent may take until the modem has it.
const drainTimeout = 2 * time.Second

// drain lets the device take what was sent to it.
func (m *Modem) drain() {
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.ports {
		if d, ok := p.port.(link.Drainer); ok {
			_ = d.Drain(ctx) // a port that has ended, and a modem that is busy, are judged as they are
		}
	}
}

// judgeEnd calls end, which ends the last boot, and fails the test if that has shown what
// RequireSound could not see yet, such as a command that was never ended.
func (m *Modem) judgeEnd(end func()) {
	m.t.Helper()
	m.mu.Lock()
	judged := m.judged
	m.mu.Unlock()
	if !judged {
		end()
		return
	}
	before := m.audit.Report().Errors
	end()
	if r := m.audit.Report(); r.Errors > before {
		m.t.Error("modemtest: the end of the last boot shows more\n" + findings(r))
	}
}

// findings returns the findings of a report for a person.
func findings(r *audit.Report) string {
	var b strings.Builder
	verdict := "is sound"
	if !r.Sound {
		verdict = "is not sound"
	}
	fmt.Fprintf(&b, "modemtest: the provisioning %s (%s)\n", verdict, r.Totals)
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
