package audit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nrf91emu/emulator/event"
)

// A misspelt is a command by which the host meant to store or to make something, and which the
// modem refused without knowing that: a slip in its name, no AT in front, two commands in a line.
// The record masks what it does not understand, so that its name and its length must tell.
type misspelt struct {
	refusal
	subject string
	change  bool   // it was to change something; otherwise it may have been to ask
	digest  string // of the content; empty where the record masks it
	boot    int    // the last
}

// Lengths in bytes of what the record masks, or of a content. That of a question is shorter than
// contentLength; nothing but a key or a certificate is as long as pemLength.
const contentLength, pemLength = 24, 200

// misspelling returns what a refused command was to be; nil if it was none about the store, or one
// that says what it is about.
func misspelling(cmd *event.Command) *misspelt {
	head, content, _ := strings.Cut(cmd.Text, `"`)
	head = strings.ToUpper(head)
	long := lengthOf(cmd.Text)
	m := &misspelt{change: long >= contentLength}
	switch {
	case isCredentialSet(cmd):
		_, args, _ := strings.Cut(cmd.Text, "=")
		args, _, _ = strings.Cut(args, `"`)
		fields := strings.Split(args, ",")
		op := strings.TrimSpace(fields[0])
		_, tag := number(fields, 1, 32)
		_, typ := number(fields, 2, 8)
		if op == "1" || op == "2" || op == "3" || op == "0" && tag && typ || op != "0" && !m.change {
			return nil
		}
		m.subject, m.change = "AT%CMNG=0", true
	case cmd.Name == "%CMNG" && cmd.Form != "":
		return nil // another form of it
	case cmd.Name == "%KEYGEN" || cmd.Name == "%KEYINJECT":
		if cmd.Form != "set" {
			return nil
		}
		m.subject, m.change = "AT"+cmd.Name, true
	case cmd.Name != "" && resembles(strings.TrimLeft(cmd.Name, "%+#&*X"), "CMNG"):
		m.subject = cmd.Name
	case strings.Contains(head, "CMNG"):
		m.subject = "CMNG"
	case cmd.Name == "" && long >= pemLength:
		m.subject = "a command that is none"
	default:
		return nil
	}
	content, _, _ = strings.Cut(content, `"`)
	if content != "" && !strings.Contains(content, "bytes masked>") {
		m.digest = event.Describe([]byte(content), true).SHA256
	}
	return m
}

// lengthOf returns how long the content of a command is, or what the record masks of it.
func lengthOf(text string) (n int) {
	if _, content, ok := strings.Cut(text, `"`); ok {
		n = len(content)
	}
	for rest := text; ; {
		_, after, ok := strings.Cut(rest, "<")
		if !ok {
			return n
		}
		rest = after
		if digits, _, ok := strings.Cut(after, " bytes masked>"); ok {
			if masked, err := strconv.Atoi(digits); err == nil {
				n = max(n, masked)
			}
		}
	}
}

// resembles reports whether two words differ in one letter, or in the order of two, at most.
func resembles(a, b string) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(b) && a[i] == b[i] {
		i++
	}
	switch {
	case i == len(a):
		return true
	case len(a) == len(b)+1:
		return a[i+1:] == b[i:]
	case len(a) != len(b):
		return false
	}
	return a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// response takes note of a refused command, if it was to be about the store. One that is
// understood shows that the host has found the words to ask.
func (w *refusedWatch) response(r *event.Response) {
	cmd := &w.mem.command
	switch {
	case cmd.ID != r.ID:
		return
	case !r.Error && len(w.misspelt) > 0 && isCredentialSet(cmd):
		w.misspelt = slices.DeleteFunc(w.misspelt, func(m *misspelt) bool { return !m.change && m.boot == w.mem.boot })
		return
	case !r.Error || w.mem.recorded == r.ID && !isCredentialSet(cmd):
		return
	}
	m := misspelling(cmd)
	if m == nil {
		return
	}
	m.boot = w.mem.boot
	i := slices.IndexFunc(w.misspelt, func(o *misspelt) bool {
		return o.subject == m.subject && o.change == m.change && o.digest == m.digest && (o.change || o.boot == m.boot)
	})
	switch {
	case i >= 0:
		w.misspelt[i].boot = m.boot
		m = w.misspelt[i]
	case len(w.misspelt) >= maxFindings:
		return
	default:
		w.misspelt = append(w.misspelt, m)
	}
	m.note(w.mem.here(r.ID), r.CME, r.Reason)
}

// healed forgets what was misspelt, once the host has stored something in the same boot, or
// what was to be stored is.
func (w *refusedWatch) healed(c *event.Credential) {
	if len(w.misspelt) > 0 {
		w.misspelt = slices.DeleteFunc(w.misspelt, func(m *misspelt) bool {
			return m.change && (m.boot == w.mem.boot || m.digest == "" || m.digest == c.After)
		})
	}
}

// tellMisspelt reports what is left, those of one name once.
func (w *refusedWatch) tellMisspelt(found foundFunc) {
	for _, m := range w.misspelt {
		if m.digest != "" && w.mem.stores(m.digest) {
			continue
		}
		for i, at := range m.places {
			count := 1
			if i == len(m.places)-1 {
				count = m.count - i
			}
			what := m.what
			if m.subject != "AT%CMNG=0" {
				what = m.meant
			}
			found(sighting{subject: m.subject, at: at, count: count, fix: m.cure(), what: what})
		}
	}
}

// meant says what has become of a command that the modem does not know as a write.
func (m *misspelt) meant() string {
	return fmt.Sprintf("A command that was to change what is stored was refused (%s), and nothing was stored in its place.", m.why())
}

func (m *misspelt) cure() string {
	switch m.subject {
	case "AT%CMNG=0":
		return refusedFix(event.CMEIncorrectParameter)
	case "AT%KEYGEN":
		return "Send AT%KEYGEN=<tag>,2,0, check the result, and stop on an error."
	case "AT%KEYINJECT":
		return checkResult
	}
	return `Send AT%CMNG=0,<tag>,<type>,"<content>", spelt like this and in a line of its own. ` + checkResult
}

// stores reports whether something with a digest is known to be stored.
func (m *memory) stores(digest string) bool {
	for _, c := range m.creds {
		if c.known && c.stored == digest {
			return true
		}
	}
	return false
}
