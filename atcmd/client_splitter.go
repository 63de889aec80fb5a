package atcmd

import "bytes"

// echoMax is how much of a command Serial Modem echoes; of a longer one it sends
// back the first echoMax-1 bytes and the terminator (fact serial-modem/echo).
const echoMax = 4096

// A splitter cuts what a device sends into lines, for both layouts: that of the
// AT Client sample, which ends each line with CR LF, and that of Serial Modem,
// which puts CR LF in front as well. It drops blank lines and the echo of what
// was sent, and holds at most limit bytes of a line.
type splitter struct {
	limit  int
	line   []byte
	quoted bool
	cut    bool // the line in hand was longer than limit
	done   bool // line was handed out

	// echo is what was sent up to the first byte of its terminator, and may come
	// back; matched says how much of it has. An echo begins at the start of a
	// line.
	echo    []byte
	matched int
}

// next consumes bytes of p up to and including the end of a line that is not
// blank, and says how many. ok tells that there is a line; it is valid until the
// next call.
//
// When multi is set, a line that begins as an information line does, with +, %
// or #, goes on over a line end inside quotes: a certificate is one line. Without
// it every line feed ends a line, so that a stray quotation mark in a
// notification or a boot message swallows nothing.
func (s *splitter) next(p []byte, multi bool) (n int, line []byte, ok bool) {
	if s.done {
		s.endLine()
	}
	for n < len(p) {
		c := p[n]
		n++
		if s.echoes(c) {
			continue
		}
		if c == '\n' && !(multi && s.quoted && !s.cut && isInformation(s.line)) {
			text := bytes.Trim(s.line, "\r\x00")
			if len(text) > 0 {
				s.done = true
				return n, text, true
			}
			s.endLine()
			continue
		}
		s.add(c)
	}
	return n, nil, false
}

// expect tells the splitter what was sent.
func (s *splitter) expect(sent []byte) { s.echo, s.matched = sent, 0 }

// dropPartial forgets an unfinished line.
func (s *splitter) dropPartial() {
	s.endLine()
	s.matched = 0
}

// echoes reports whether c is part of an echo. Bytes that looked like one and
// were not are put back in front of c.
func (s *splitter) echoes(c byte) bool {
	if len(s.echo) == 0 || s.matched == 0 && len(bytes.Trim(s.line, "\r")) > 0 {
		return false
	}
	end := s.echo[len(s.echo)-1]
	switch {
	case c == s.echo[s.matched]:
		s.matched++
	case s.matched == echoMax-1 && c == end:
		s.matched = len(s.echo)
	default:
		for _, b := range s.echo[:s.matched] {
			s.add(b)
		}
		s.matched = 0
		return false
	}
	if s.matched == len(s.echo) {
		s.expect(nil)
	}
	return true
}

func (s *splitter) add(c byte) {
	if len(s.line) >= s.limit {
		s.cut = true
		return
	}
	s.line = append(s.line, c)
	if c == '"' {
		s.quoted = !s.quoted
	}
}

func (s *splitter) endLine() {
	s.line = s.line[:0]
	s.quoted, s.cut, s.done = false, false, false
}

// isInformation reports whether the line begins as the information lines and
// notifications of the modem and of Serial Modem do.
func isInformation(line []byte) bool {
	line = bytes.TrimLeft(line, "\r\x00")
	return len(line) > 0 && isPrefix(line[0])
}

// isPrefix reports whether c begins the name of an extended command.
func isPrefix(c byte) bool { return c == '+' || c == '%' || c == '#' }
