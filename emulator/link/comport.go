package link

import "encoding/binary"

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
