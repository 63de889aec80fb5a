package link

import (
	"encoding/binary"
	"net"
	"sync"
)

// comClient is the client's side of RFC 2217: the bytes of a serial port, with the
// telnet protocol taken off.
type comClient struct {
	net.Conn
	writing sync.Mutex // Write and the answers of Read

	// These belong to Read.
	state  telnetState
	verb   byte
	binary bool // the server sends binary: CR is a byte like others
	lastCR bool
	asked  map[[2]byte]bool // what has been said of an option: verb and option
}

// newComClient asks the server for a line of 8 bits, no parity, one stop bit, without
// flow control, with DTR and RTS on.
func newComClient(conn net.Conn, baud int) (*comClient, error) {
	c := &comClient{Conn: conn, asked: make(map[[2]byte]bool)}
	var b []byte
	for _, option := range [...][2]byte{
		{telnetWILL, optionBinary}, {telnetDO, optionBinary}, {telnetWILL, optionSGA}, {telnetDO, optionSGA}, {telnetWILL, optionComPort},
	} {
		c.asked[option] = true
		b = append(b, telnetIAC, option[0], option[1])
	}
	set := func(command byte, value ...byte) {
		b = append(b, telnetIAC, telnetSB, optionComPort, command)
		b = append(escape(b, value), telnetIAC, telnetSE)
	}
	set(comBaud, binary.BigEndian.AppendUint32(nil, uint32(baud))...)
	set(comDataBits, 8)
	set(comParity, 1)
	set(comStopBits, 1)
	set(comControl, controlFlow+1)
	set(comControl, controlDTR+1)
	set(comControl, controlRTS+1)
	_, err := conn.Write(b)
	return c, err
}

// Write sends bytes to the serial port.
func (c *comClient) Write(p []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	if _, err := c.Conn.Write(escape(nil, p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Read returns bytes of the serial port: at least one, or an error.
func (c *comClient) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		if n = c.strip(p[:n]); n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
}

// strip leaves the data of what has come, and obeys the rest.
func (c *comClient) strip(p []byte) (n int) {
	for _, b := range p {
		switch c.state {
		case stateData:
			switch {
			case b == telnetIAC:
				c.state = stateIAC
			case c.lastCR && b == 0 && !c.binary:
				c.lastCR = false
			default:
				c.lastCR = b == '\r'
				p[n] = b
				n++
			}
		case stateIAC:
			c.state = stateData
			switch b {
			case telnetIAC:
				p[n] = b
				n++
			case telnetWILL, telnetWONT, telnetDO, telnetDONT:
				c.verb, c.state = b, stateOption
			case telnetSB:
				c.state = stateSub
			}
		case stateOption:
			c.state = stateData
			c.option(c.verb, b)
		case stateSub: // what the server tells of its line changes nothing here
			if b == telnetIAC {
				c.state = stateSubIAC
			}
		case stateSubIAC:
			c.state = stateSub
			if b == telnetSE {
				c.state = stateData
			}
		}
	}
	return n
}

// option answers the server: yes to what a serial port needs and has not been said yet,
// no to all else.
func (c *comClient) option(verb, option byte) {
	var answer byte
	switch verb {
	case telnetWILL:
		answer = telnetDONT
		if option == optionBinary || option == optionSGA {
			answer = telnetDO
			c.binary = c.binary || option == optionBinary
		}
	case telnetDO:
		answer = telnetWONT
		if supported(option) {
			answer = telnetWILL
		}
	default: // a refusal stands
		return
	}
	if said := [2]byte{answer, option}; !c.asked[said] {
		c.asked[said] = true
		c.writing.Lock()
		defer c.writing.Unlock()
		c.Conn.Write([]byte{telnetIAC, answer, option}) // an error shows in the next Read
	}
}
