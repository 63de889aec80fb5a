package testvectors

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A masker hides secrets in what a play shows.
type masker struct {
	command, answer func([]byte) []Secret // of a Target; nil finds nothing
	terminator      string
	// sent are the secrets that were sent, by line: they can come back, whole or
	// in the middle of a difference, where nobody could tell what they are.
	sent [][]byte
}

// sending returns what is sent as it may be shown.
func (m *masker) sending(b []byte) string {
	if m.command == nil {
		return string(b)
	}
	var shown strings.Builder
	for text := string(b); text != ""; {
		var line string
		line, text = firstLine(text, m.terminator)
		secrets := m.command([]byte(line))
		for _, s := range secrets {
			for part := range bytes.FieldsFuncSeq([]byte(line[s.From:s.To]), func(r rune) bool { return r == '\r' || r == '\n' }) {
				if len(part) >= shortSecret {
					m.sent = append(m.sent, part)
				}
			}
		}
		writeMasked(&shown, []byte(line), secrets, 0)
	}
	return shown.String()
}

// answered returns the end of an answer, from a place on, as it may be shown.
func (m *masker) answered(answer []byte, from int) string {
	var secrets []Secret
	if m.answer != nil {
		secrets = slices.Clone(m.answer(answer))
	}
	for _, part := range m.sent {
		for at := 0; ; at += len(part) {
			i := bytes.Index(answer[at:], part)
			if i < 0 {
				break
			}
			at += i
			secrets = append(secrets, Secret{From: at, To: at + len(part)})
		}
	}
	slices.SortFunc(secrets, func(a, b Secret) int { return cmp.Compare(a.From, b.From) })
	var shown strings.Builder
	writeMasked(&shown, answer, secrets, from)
	return shown.String()
}

// writeMasked writes a text from a place on, with their length in the place of
// secrets, which are in order of their beginnings.
func writeMasked(b *strings.Builder, text []byte, secrets []Secret, done int) {
	for i := 0; i < len(secrets); {
		s := secrets[i]
		for i++; i < len(secrets) && secrets[i].From <= s.To; i++ {
			s.To = max(s.To, secrets[i].To)
		}
		if s.From = max(s.From, done); s.From < s.To {
			fmt.Fprintf(b, "%s<%d bytes masked>", text[done:s.From], s.To-s.From)
			done = s.To
		}
	}
	b.Write(text[done:])
}
