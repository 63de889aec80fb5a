package modemtest

import (
	"strings"
)

// lastShown is how many events of a modem the log of a failed test has.
const lastShown = 40

// logFailure logs what happened last, if the test has failed.
func (m *Modem) logFailure() {
	m.t.Helper()
	if m.t.Failed() {
		if text := m.last(); text != "" {
			m.t.Logf("modemtest: what happened last at the modem:\n%s", text)
		}
	}
}

// last puts the last exchanges into words, with the reasons of what failed.
func (m *Modem) last() string {
	var lines []string
	events := m.watch.all()
	for i := len(events) - 1; i >= 0 && len(lines) < lastShown; i-- {
		e := &events[i]
		switch {
		case e.Flash != nil, e.Credential != nil && !e.Credential.Error, e.Link != nil, e.NVM != nil && !e.NVM.Error, e.Console != nil, e.Board != nil:
			continue // what an exchange did to the store stands in its answer
		}
		lines = append(lines, indent(e.Time.Format("15:04:05.000")+" "+shortened(e.Text())))
	}
	if len(lines) == 0 {
		return ""
	}
	var b strings.Builder
	for i := len(lines) - 1; i >= 0; i-- {
		b.WriteString(lines[i] + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// maxLines is how many lines of one event a log has: a certificate has twenty.
const maxLines = 6

func shortened(text string) string {
	lines := strings.Split(text, "\n")
	if len(lines) <= maxLines {
		return text
	}
	// The last lines of an answer are its result and the reason.
	return strings.Join(append(append(lines[:2:2], "  ..."), lines[len(lines)-3:]...), "\n")
}

func indent(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }
