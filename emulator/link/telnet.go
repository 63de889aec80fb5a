package link

import "bytes"

// Bytes of the telnet protocol (RFC 854, RFC 855).
const (
	telnetSE   = 240
	telnetBRK  = 243
	telnetSB   = 250
	telnetWILL = 251
	telnetWONT = 252
	telnetDO   = 253
	telnetDONT = 254
	telnetIAC  = 255
)

// Telnet options that a serial port over TCP wants.
const (
	optionBinary  = 0  // RFC 856: 8-bit bytes, CR is a byte like others
	optionSGA     = 3  // RFC 858: no half-duplex "go ahead"
	optionComPort = 44 // RFC 2217
)

// subLimit bounds the subnegotiation that is kept, in bytes: the longest that
// means anything here is a client's signature, which is not used.
const subLimit = 64

// escape appends b to dst with each IAC doubled.
func escape(dst, b []byte) []byte {
	for {
		i := bytes.IndexByte(b, telnetIAC)
		if i < 0 {
			return append(dst, b...)
		}
		dst = append(dst, b[:i+1]...)
		dst = append(dst, telnetIAC)
		b = b[i+1:]
	}
}

// telnet is the state of the telnet protocol towards one client.
type telnet struct {
	client *client
	state  telnetState
	verb   byte // WILL, WONT, DO or DONT in stateOption
	sub    []byte
	lastCR bool // the last byte of data was CR

	// What is agreed on, and what we have asked for, by option.
	us, them         map[byte]bool
	askedUs, askedIt map[byte]bool
}

type telnetState uint8

const (
	stateData telnetState = iota
	stateIAC
	stateOption
	stateSub
	stateSubIAC
)

func newTelnet(c *client) *telnet {
	return &telnet{
		client: c,
		us:     make(map[byte]bool), them: make(map[byte]bool),
		askedUs: make(map[byte]bool), askedIt: make(map[byte]bool),
	}
}

func supported(option byte) bool {
	return option == optionBinary || option == optionSGA || option == optionComPort
}

// start asks the client for what a serial port needs. The caller holds the
// server's mu.
func (t *telnet) start() {
	for _, option := range [...]byte{optionBinary, optionSGA} {
		t.askedUs[option], t.askedIt[option] = true, true
		t.client.reply(telnetIAC, telnetWILL, option, telnetIAC, telnetDO, option)
	}
	t.askedIt[optionComPort] = true
	t.client.reply(telnetIAC, telnetDO, optionComPort)
}

// receive takes what the client sent, acts on the telnet commands in it and
// returns the data, which takes the place of b.
func (t *telnet) receive(b []byte) []byte {
	data := b[:0]
	for len(b) > 0 {
		if t.state == stateData {
			// Up to the next command, all is data.
			i := bytes.IndexByte(b, telnetIAC)
			if i < 0 {
				return t.text(data, b)
			}
			data = t.text(data, b[:i])
			b = b[i+1:]
			t.state = stateIAC
			continue
		}
		c := b[0]
		b = b[1:]
		switch t.state {
		case stateIAC:
			data = t.command(data, c)
		case stateOption:
			t.state = stateData
			t.option(t.verb, c)
		case stateSub:
			if c == telnetIAC {
				t.state = stateSubIAC
			} else {
				t.keep(c)
			}
		case stateSubIAC:
			switch c {
			case telnetIAC:
				t.keep(c)
				t.state = stateSub
			case telnetSE:
				t.state = stateData
				t.subnegotiation(t.sub)
			default:
				// The end is missing; this is the next command.
				data = t.command(data, c)
			}
		}
	}
	return data
}

// text appends data bytes. A client that does not send binary says CR NUL for a
// CR alone.
func (t *telnet) text(data, b []byte) []byte {
	if t.them[optionBinary] {
		t.lastCR = false
		return append(data, b...)
	}
	for _, c := range b {
		if t.lastCR && c == 0 {
			t.lastCR = false
			continue
		}
		t.lastCR = c == '\r'
		data = append(data, c)
	}
	return data
}

// command takes the byte after an IAC.
func (t *telnet) command(data []byte, c byte) []byte {
	t.state = stateData
	switch c {
	case telnetIAC:
		t.lastCR = false
		return append(data, c)
	case telnetWILL, telnetWONT, telnetDO, telnetDONT:
		t.verb, t.state = c, stateOption
	case telnetSB:
		t.sub, t.state = t.sub[:0], stateSub
	case telnetBRK:
		t.change(func(l *Line) { l.Break = true })
		t.change(func(l *Line) { l.Break = false })
	}
	return data
}

func (t *telnet) keep(c byte) {
	if len(t.sub) < subLimit {
		t.sub = append(t.sub, c)
	}
}

// change changes the line and tells the device.
func (t *telnet) change(f func(*Line)) {
	s := t.client.server
	s.mu.Lock()
	changed := s.setLine(f)
	s.mu.Unlock()
	changed()
}

func (t *telnet) reply(b ...byte) {
	s := t.client.server
	s.mu.Lock()
	defer s.mu.Unlock()
	t.client.reply(b...)
}

// option negotiates. An answer to our own question needs no answer, and neither
// does what is agreed on already: otherwise two sides could answer each other
// for ever (RFC 1143).
func (t *telnet) option(verb, option byte) {
	side, asked := t.us, t.askedUs
	yes, no := byte(telnetWILL), byte(telnetWONT)
	if verb == telnetWILL || verb == telnetWONT {
		side, asked = t.them, t.askedIt
		yes, no = telnetDO, telnetDONT
	}
	wants := verb == telnetWILL || verb == telnetDO
	answer := asked[option]
	delete(asked, option)
	switch {
	case wants && !supported(option):
		t.reply(telnetIAC, no, option)
	case wants && !side[option]:
		side[option] = true
		if !answer {
			t.reply(telnetIAC, yes, option)
		}
		if option == optionComPort {
			t.notifyModemState()
		}
	case !wants && side[option]:
		delete(side, option)
		if !answer {
			t.reply(telnetIAC, no, option)
		}
	}
}
