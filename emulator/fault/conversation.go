package fault

import (
	"bytes"
	"fmt"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
)

// talk follows what goes over a port, as far as faults must know it, and makes of
// it what arrives. It does not depend on the pieces in which bytes come, but for
// one: an answer, which the device sends in one piece.
type talk struct {
	set     *Set
	framer  *atcmd.Framer // of what the device gets
	cmd     atcmd.Command
	framed  bool
	in, out way

	pending  []string // commands that the device has got and not answered, in words
	answered bool     // a line of the first one's answer has been sent
	held     []byte   // notifications that come later
}

// way is one direction.
type way struct {
	to    Direction
	bytes uint64 // so far
	mid   bool   // in the middle of a line
}

// count notes bytes that pass untouched.
func (w *way) count(b []byte) {
	w.bytes += uint64(len(b))
	if len(b) > 0 {
		w.mid = !lineEnd(b[len(b)-1])
	}
}

func (w *way) where() string {
	if w.to == ToHost {
		return fmt.Sprintf("byte %d from the device", w.bytes)
	}
	return fmt.Sprintf("byte %d from the host", w.bytes)
}

func lineEnd(c byte) bool { return c == '\r' || c == '\n' }

func newTalk(set *Set, d *app.Dialect) talk {
	return talk{
		set: set, framer: atcmd.NewFramer(d.Framing), framed: d.Framed,
		in: way{to: ToDevice}, out: way{to: ToHost},
	}
}

// line passes bytes over the line, with the faults of the line itself. The first of
// them waits.
func (t *talk) line(w *way, data []byte, wait time.Duration, out *chunks) {
	onByte, onLine := t.set.waits(EachByte, w.to), t.set.waits(EachLine, w.to)
	if !onByte && !onLine {
		w.count(data)
		out.add(wait, data)
		return
	}
	for i := range data {
		m := moment{wait: wait, copies: 1}
		wait = 0
		begins := !w.mid && !lineEnd(data[i])
		w.count(data[i : i+1])
		if onByte {
			t.set.meet(EachByte, w.to, &m, w.where)
		}
		if onLine && begins {
			t.set.meet(EachLine, w.to, &m, w.where)
		}
		out.add(m.wait, bytes.Repeat(data[i:i+1], m.copies))
	}
}

// toDevice makes of what the host has sent what the device gets. on says whether
// it has power, and boot which one it is in.
func (t *talk) toDevice(b []byte, on bool, boot int) []chunk {
	var arrived, out chunks
	t.line(&t.in, b, 0, &arrived)
	for _, c := range arrived {
		wait := c.wait
		for data := c.data; len(data) > 0; {
			n, line, _ := t.framer.Next(data)
			if n == 0 {
				n = len(data) // cannot be; but nothing must hang
			}
			var deeds []func()
			if line != nil && on && len(bytes.TrimSpace(line)) > 0 {
				deeds = t.command(line, boot)
			}
			if len(deeds) == 0 {
				out.add(wait, data[:n])
			} else {
				// What a fault does is done before the command's last byte.
				out.add(wait, data[:n-1])
				out = append(out, chunk{do: deeds, data: append([]byte(nil), data[n-1:n]...)})
			}
			wait, data = 0, data[n:]
		}
	}
	return out
}

// command notes that the device is about to get a command.
func (t *talk) command(line []byte, boot int) (deeds []func()) {
	name := ""
	if t.cmd.Parse(line) == nil {
		name = " of AT" + string(t.cmd.Name)
	}
	if len(t.pending) == 0 {
		t.answered = false
	}
	if len(t.pending) < maxPending {
		t.pending = append(t.pending, name)
	}
	where := func() string { return name }
	m := moment{boot: boot}
	deeds = t.set.meet(EachBoot, ToDevice, &m, where)
	return append(deeds, t.set.meet(EachCommand, ToDevice, &m, where)...)
}

// toHost makes of what the device says what the host gets.
func (t *talk) toHost(b []byte, boot int) []chunk {
	var out chunks
	first := moment{boot: boot}
	t.set.meet(EachBoot, ToHost, &first, t.out.where)
	t.line(&t.out, first.before, 0, &out)
	for len(b) > 0 {
		whole, line := cutLine(b)
		b = b[len(whole):]
		m := moment{copies: 1, layout: t.layout}
		name := func() string {
			if len(t.pending) == 0 {
				return ""
			}
			return t.pending[0]
		}
		_, final := atcmd.ParseResult(string(line))
		switch {
		case len(line) == 0, echo(line):
		case final:
			t.set.meet(EachResult, ToHost, &m, name)
			if len(t.pending) > 0 {
				t.pending = t.pending[1:]
			}
			t.answered = false
		case len(t.pending) > 0:
			if !t.answered {
				t.answered = true
				t.set.meet(EachAnswer, ToHost, &m, name)
			}
		case notification(line):
			t.set.meet(EachNotification, ToHost, &m, func() string {
				name, _, _ := bytes.Cut(line, []byte(":"))
				return string(name)
			})
		}
		t.line(&t.out, m.before, 0, &out)
		if m.hold && len(t.held)+len(whole) <= maxHeld {
			t.held = append(t.held, bytes.Repeat(whole, m.copies)...)
		} else {
			t.line(&t.out, bytes.Repeat(whole, m.copies), m.wait, &out)
		}
		t.line(&t.out, m.after, 0, &out)
		if final {
			t.line(&t.out, t.held, 0, &out)
			t.held = t.held[:0]
		}
	}
	return out
}

// maxPending bounds the commands without an answer that are kept in mind.
const maxPending = 100

// maxHeld bounds the notifications that are held back, in bytes.
const maxHeld = 16 << 10

// layout lays a notification out as the application does.
func (t *talk) layout(line string) []byte {
	if t.framed {
		line = "\r\n" + line
	}
	return []byte(line + "\r\n")
}

// echo reports whether a line is a command that the application sends back.
func echo(line []byte) bool { return len(line) >= 2 && line[0]|0x20 == 'a' && line[1]|0x20 == 't' }

func notification(line []byte) bool { return line[0] == '+' || line[0] == '%' || line[0] == '#' }

// cutLine takes a line off b, with the line ends before and behind it. Line ends in
// quotes are part of the line, as in a certificate. What has no end is no line.
func cutLine(b []byte) (whole, line []byte) {
	start := 0
	for start < len(b) && lineEnd(b[start]) {
		start++
	}
	quoted, end := false, 0
	for i := start; i < len(b); i++ {
		switch {
		case b[i] == '"':
			quoted = !quoted
		case b[i] == '\n' && !quoted:
			return b[:i+1], bytes.TrimRight(b[start:i], "\r")
		case b[i] == '\n' && end == 0:
			end = i
		}
	}
	if quoted && end > 0 { // the quotation mark was a character like others
		return b[:end+1], bytes.TrimRight(b[start:end], "\r")
	}
	return b, nil
}
