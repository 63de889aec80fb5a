package link

import (
	"bytes"
	"encoding/binary"
)

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

// Commands of the COM-PORT option, client to server (RFC 2217). The server's are
// higher by comServer.
const (
	comSignature = iota
	comBaud
	comDataBits
	comParity
	comStopBits
	comControl
	comNotifyLine
	comNotifyModem
	comSuspend
	comResume
	comLineMask
	comModemMask
	comPurge

	comServer = 100
)

// modemState says carrier detect, data set ready and clear to send are on.
const modemState = 1<<7 | 1<<5 | 1<<4

// signature is what we answer to the question who we are.
const signature = "nrf91emu"

// answer sends a command of the COM-PORT option.
func (t *telnet) answer(command byte, value ...byte) {
	b := []byte{telnetIAC, telnetSB, optionComPort, command + comServer}
	b = escape(b, value)
	t.reply(append(b, telnetIAC, telnetSE)...)
}

func (t *telnet) notifyModemState() { t.answer(comNotifyModem, modemState) }

// subnegotiation obeys a command of the COM-PORT option. What is malformed or
// unknown is ignored; a value that does not exist is answered by the present
// one.
func (t *telnet) subnegotiation(b []byte) {
	if len(b) < 2 || b[0] != optionComPort {
		return
	}
	command, value := b[1], b[2:]
	if command == comSignature {
		if len(value) == 0 {
			t.answer(comSignature, []byte(signature)...)
		}
		return
	}
	if command == comSuspend || command == comResume {
		t.pause(command == comSuspend)
		return
	}
	if command == comBaud {
		if len(value) == 4 {
			t.setBaud(binary.BigEndian.Uint32(value))
		}
		return
	}
	if len(value) != 1 {
		return
	}
	v := value[0]
	switch command {
	case comDataBits:
		if v >= 5 && v <= 8 {
			t.change(func(l *Line) { l.DataBits = int(v) })
		}
		t.answer(command, byte(t.line().DataBits))
	case comParity:
		if v >= 1 && v <= 5 {
			t.change(func(l *Line) { l.Parity = Parity(v - 1) })
		}
		t.answer(command, byte(t.line().Parity)+1)
	case comStopBits:
		// 1 is one, 2 is two, 3 is one and a half.
		if v >= 1 && v <= 3 {
			t.change(func(l *Line) { l.StopBits = [...]int{2, 4, 3}[v-1] })
		}
		t.answer(command, [...]byte{2: 1, 3: 3, 4: 2}[t.line().StopBits])
	case comControl:
		if state, ok := t.control(v); ok {
			t.answer(command, state)
		}
	case comLineMask:
		t.answer(command, v) // a line without errors has nothing to report
	case comModemMask:
		t.answer(command, v)
		t.notifyModemState()
	case comPurge:
		if v >= 1 && v <= 3 {
			t.purge(v&1 != 0, v&2 != 0)
			t.answer(command, v)
		}
	}
}

func (t *telnet) line() Line { return t.client.server.Line() }

func (t *telnet) setBaud(baud uint32) {
	if baud != 0 && baud <= maxBaud {
		t.change(func(l *Line) { l.Baud = int(baud) })
	}
	t.answer(comBaud, binary.BigEndian.AppendUint32(nil, uint32(t.line().Baud))...)
}

// Values of the SET-CONTROL command: questions, followed by the states that can
// be set.
const (
	controlFlow        = 0 // 1 none, 2 XON/XOFF, 3 RTS/CTS
	controlBreak       = 4 // 5 on, 6 off
	controlDTR         = 7 // 8 on, 9 off
	controlRTS         = 10
	controlInboundFlow = 13 // 14 none, 15 XON/XOFF, 16 RTS/CTS
	controlLast        = 19 // 17 to 19: flow control by DCD, DTR, DSR
)

// control obeys SET-CONTROL and returns the state to answer with.
func (t *telnet) control(v byte) (state byte, ok bool) {
	onOff := func(on bool, first byte) byte {
		if on {
			return first + 1
		}
		return first + 2
	}
	switch {
	case v < controlBreak:
		if v != controlFlow {
			t.change(func(l *Line) { l.Flow = Control(v - 1) })
		}
		return byte(t.line().Flow) + controlFlow + 1, true
	case v < controlDTR:
		if v != controlBreak {
			t.change(func(l *Line) { l.Break = v == controlBreak+1 })
		}
		return onOff(t.line().Break, controlBreak), true
	case v < controlRTS:
		if v != controlDTR {
			t.change(func(l *Line) { l.DTR = v == controlDTR+1 })
		}
		return onOff(t.line().DTR, controlDTR), true
	case v < controlInboundFlow:
		if v != controlRTS {
			t.change(func(l *Line) { l.RTS = v == controlRTS+1 })
		}
		return onOff(t.line().RTS, controlRTS), true
	case v <= controlLast:
		// There is one flow control for both directions, and none by
		// DCD, DTR or DSR.
		return byte(t.line().Flow) + controlInboundFlow + 1, true
	}
	return 0, false
}

// pause stops or starts what goes to the client.
func (t *telnet) pause(stop bool) {
	s := t.client.server
	s.mu.Lock()
	defer s.mu.Unlock()
	t.client.paused = stop
	t.client.changed.Signal()
}

// purge discards what waits for this client, and what waits for the modem.
func (t *telnet) purge(toClient, toModem bool) {
	s := t.client.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if toClient {
		t.client.data = t.client.data[:0]
	}
	if toModem {
		s.in.clear()
	}
}
