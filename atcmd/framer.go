package atcmd

import "errors"

// Terminator says which bytes end a command line. It is a build-time choice of
// the application (facts at-host/terminator, serial-modem/terminator).
type Terminator uint8

// The terminators that Nordic's applications can be built with.
const (
	TerminatorCR   Terminator = iota // CR alone: AT Client sample, Serial Modem
	TerminatorLF                     // LF alone
	TerminatorCRLF                   // CR and LF next to each other: SLM
	TerminatorNUL                    // a NUL byte: AT host library only
)

// Bytes returns what a host sends to end a line.
func (t Terminator) Bytes() string {
	switch t {
	case TerminatorLF:
		return "\n"
	case TerminatorCRLF:
		return "\r\n"
	case TerminatorNUL:
		return "\x00"
	default:
		return "\r"
	}
}

// String names what ends a line: "CR", "LF", "CR LF" or "NUL".
func (t Terminator) String() string {
	switch t {
	case TerminatorLF:
		return "LF"
	case TerminatorCRLF:
		return "CR LF"
	case TerminatorNUL:
		return "NUL"
	default:
		return "CR"
	}
}

// Overflow says what happens to a line that is longer than the buffer.
type Overflow uint8

const (
	// OverflowDrop loses each further byte, a closing quote included, so that the
	// terminator is never seen and the port seems dead (fact at-host/open-quote). A
	// line that overflows outside quotes is cut and executed.
	OverflowDrop Overflow = iota
	// OverflowAtEnd loses the rest and reports ErrLineTooLong at the terminator
	// (fact serial-modem/overlong).
	OverflowAtEnd
	// OverflowAtOnce reports ErrLineTooLong at the first byte too many and takes
	// what follows as new input (fact serial-modem/overlong).
	OverflowAtOnce
)

// Framing is how an application cuts its input into command lines.
type Framing struct {
	Terminator Terminator
	// Limit is the longest line in bytes, the terminator not counted. Zero
	// means 4095: a buffer of 4096 with its NUL, which all of Nordic's
	// applications have by default (facts at-host/length, serial-modem/overlong).
	Limit    int
	Overflow Overflow
	// AwaitAT drops every byte until an A directly followed by a T has been
	// seen, in either case (fact serial-modem/seek-at). AAT
	// therefore loses the command: the second A is not the T asked for.
	AwaitAT bool
	// QuoteOnErase makes deleting a quotation mark undo its effect (fact
	// serial-modem/editing). The AT host library does not (fact at-host/quote-on-erase): a quote typed and
	// deleted leaves the string open.
	QuoteOnErase bool
	// KeepNUL stores NUL bytes as data (fact serial-modem/editing). The AT
	// host library drops them outside quotes.
	KeepNUL bool
}

// ErrLineTooLong is returned by [Framer.Next] for a line longer than the
// framing's limit.
var ErrLineTooLong = errors.New("command line is longer than the application's buffer")

const defaultLimit = 4095

// A Framer cuts bytes into command lines. It holds at most one unfinished line
// and never more than Framing.Limit bytes of it. A Framer is not safe for
// concurrent use.
type Framer struct {
	cfg     Framing
	buf     []byte
	dropped int  // bytes that did not fit into buf
	quoted  bool // inside a quoted string: terminators are data
	prev    byte // what the application takes for the last byte: see store and erase
	done    bool // buf was handed out by the last Next
}

// NewFramer returns a Framer for one direction of one port.
func NewFramer(cfg Framing) *Framer {
	if cfg.Limit <= 0 {
		cfg.Limit = defaultLimit
	}
	return &Framer{cfg: cfg}
}

// Next consumes bytes of p up to and including the end of the next line, and
// says how many. When n < len(p) there is more to read and Next wants to be
// called again with p[n:], unless the line just read changes what the bytes
// after it mean (data mode).
//
// The line is without its terminator, nil when there is no complete one yet, and
// empty but not nil for an empty line. It stays valid until the next call. The
// error is nil or ErrLineTooLong; a line that was cut by OverflowDrop comes
// without an error, as the application notices nothing.
func (f *Framer) Next(p []byte) (n int, line []byte, err error) {
	if f.done {
		f.Reset()
	}
	for n < len(p) {
		if run := f.plainRun(p[n:]); run > 0 {
			f.storeRun(p[n : n+run])
			n += run
			continue
		}
		c := p[n]
		n++
		if f.cfg.AwaitAT && !f.startsAT(c) {
			continue
		}
		if f.cfg.Overflow == OverflowAtOnce && len(f.buf) >= f.cfg.Limit {
			f.done = true
			return n, nil, ErrLineTooLong
		}
		switch c {
		case '\b', 0x7f:
			f.erase()
			continue
		case 0:
			if f.cfg.Terminator == TerminatorNUL && !f.quoted {
				return f.finish(n)
			}
			if !f.cfg.KeepNUL && !f.quoted {
				continue
			}
		case '\r':
			if f.cfg.Terminator == TerminatorCR && !f.quoted {
				return f.finish(n)
			}
		case '\n':
			if f.quoted {
				break
			}
			if f.cfg.Terminator == TerminatorLF {
				return f.finish(n)
			}
			if f.cfg.Terminator == TerminatorCRLF && f.prev == '\r' {
				f.trimCR()
				return f.finish(n)
			}
		}
		f.store(c)
	}
	return n, nil, nil
}

// Pending returns how many bytes of an unfinished line have been received, those
// that did not fit included.
func (f *Framer) Pending() int {
	if f.done {
		return 0
	}
	return len(f.buf) + f.dropped
}

// Held returns what is held of the unfinished line, nil if there is none. It is valid
// until the next call of Next.
func (f *Framer) Held() []byte {
	if f.done {
		return nil
	}
	return f.buf
}

// InQuotes reports whether the unfinished line has an open quoted string, in
// which a terminator does not end the line.
func (f *Framer) InQuotes() bool { return f.quoted && !f.done }

// Reset forgets an unfinished line.
func (f *Framer) Reset() {
	f.buf = f.buf[:0]
	f.dropped, f.quoted, f.prev, f.done = 0, false, 0, false
}

// special holds the bytes that mean something to an application; all others are
// only stored.
var special = [256]bool{0: true, '\b': true, '\n': true, '\r': true, '"': true, 0x7f: true}

// plainRun returns how many bytes at the start of p can be stored without a look
// at each: it is what makes a megabyte of text cost no more than its copy.
func (f *Framer) plainRun(p []byte) int {
	if f.cfg.AwaitAT && len(f.buf) < 2 {
		return 0
	}
	if f.cfg.Overflow == OverflowAtOnce {
		p = p[:min(len(p), f.cfg.Limit-len(f.buf))] // the next byte is an error
	}
	for i, c := range p {
		if special[c] {
			return i
		}
	}
	return len(p)
}

func (f *Framer) storeRun(p []byte) {
	room := min(len(p), f.cfg.Limit-len(f.buf))
	f.buf = append(f.buf, p[:room]...)
	f.dropped += len(p) - room
	if room > 0 || f.cfg.Overflow != OverflowDrop {
		f.prev = p[0] // no CR and no quote: which of them does not matter
	}
}

// startsAT reports whether c belongs to a line, given what has been stored.
func (f *Framer) startsAT(c byte) bool {
	switch len(f.buf) {
	case 0:
		return c == 'A' || c == 'a'
	case 1:
		if c == 'T' || c == 't' {
			return true
		}
		f.Reset()
		return false
	default:
		return true
	}
}

func (f *Framer) store(c byte) {
	if len(f.buf) >= f.cfg.Limit {
		f.dropped++
		if f.cfg.Overflow == OverflowDrop {
			return // neither stored nor looked at: prev and quoted stay
		}
	} else {
		f.buf = append(f.buf, c)
	}
	f.prev = c
	if c == '"' {
		f.quoted = !f.quoted
	}
}

// erase undoes the last byte. Where that byte did not fit, what stands before it
// is not known any more; the real applications then look at memory behind their
// buffer, and prev = 0 stands for that (chosen).
func (f *Framer) erase() {
	if len(f.buf) == 0 {
		return
	}
	if f.cfg.QuoteOnErase && f.prev == '"' {
		f.quoted = !f.quoted
	}
	f.unstore()
	f.prev = 0
	if n := len(f.buf); n > 0 && !f.counting() {
		f.prev = f.buf[n-1]
	}
}

// trimCR takes the CR of a CR LF off the line.
func (f *Framer) trimCR() {
	if len(f.buf) > 0 {
		f.unstore()
	}
}

// unstore takes the last byte away: one that was only counted, if there is any.
func (f *Framer) unstore() {
	if f.counting() {
		f.dropped--
	} else {
		f.buf = f.buf[:len(f.buf)-1]
	}
}

// counting reports whether the line is longer than the buffer for an application
// that counts the bytes which do not fit. One with OverflowDrop knows nothing of
// them.
func (f *Framer) counting() bool { return f.dropped > 0 && f.cfg.Overflow != OverflowDrop }

func (f *Framer) finish(n int) (int, []byte, error) {
	f.done = true
	if f.counting() {
		return n, nil, ErrLineTooLong
	}
	if f.buf == nil {
		f.buf = make([]byte, 0, 64)
	}
	return n, f.buf, nil
}
