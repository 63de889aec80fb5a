package sms

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The first octet of a message, of which the lowest two bits are its type.
const (
	typeMask     = 0x03
	typeDeliver  = 0x00
	typeSubmit   = 0x01
	typeStatus   = 0x02
	noMore       = 0x04 // no more messages wait
	reportWanted = 0x20
	hasHeader    = 0x40
)

// A Submit is a message that a host sends.
type Submit struct {
	To   string // with a plus sign if it is international
	Text string // what it says; data in hexadecimal digits
	// Report says that a status report is asked for.
	Report bool
	// Part and Parts say that it is a part of a longer text, from 1 on; Parts is 0 if not.
	Part, Parts int
}

var errShort = errors.New("the message ends too early")

// ParseSubmit reads an SMS-SUBMIT without the service centre in front.
func ParseSubmit(b []byte) (s Submit, err error) {
	r := reader{b: b}
	first := r.octet()
	if r.err == nil && first&typeMask != typeSubmit {
		return s, fmt.Errorf("the first octet %02X is not that of an SMS-SUBMIT", first)
	}
	r.octet() // the reference, which the modem counts by itself
	s.Report = first&reportWanted != 0
	s.To = r.address()
	r.octet() // the protocol
	coding := r.octet()
	switch first >> 3 & 3 {
	case 2:
		r.octet() // a relative validity
	case 1, 3:
		r.take(7)
	}
	s.Text, s.Part, s.Parts = r.userData(coding, first&hasHeader != 0)
	switch {
	case r.err != nil:
		return s, r.err
	case len(r.b) > 0:
		return s, fmt.Errorf("%d octets stand behind the end of the message", len(r.b))
	case s.To == "" || s.To == "+":
		return s, errors.New("the message has no destination")
	}
	return s, nil
}

// reader reads a message and keeps its first error.
type reader struct {
	b   []byte
	err error
}

func (r *reader) take(n int) []byte {
	if r.err != nil || n > len(r.b) {
		if r.err == nil {
			r.err = errShort
		}
		return make([]byte, n)
	}
	p := r.b[:n]
	r.b = r.b[n:]
	return p
}

func (r *reader) octet() byte { return r.take(1)[0] }

// address reads an address: its digits, its type, and the digits in pairs.
func (r *reader) address() string {
	digits := int(r.octet())
	if digits > 20 && r.err == nil {
		r.err = fmt.Errorf("an address of %d digits is too long", digits)
		return ""
	}
	kind := r.octet()
	return number(r.take((digits+1)/2), digits, kind)
}

// number returns the digits of an address.
func number(octets []byte, digits int, kind byte) string {
	if kind&0x70 == 0x50 { // letters
		return fromSeptets(unpack(octets, 0, digits*4/7))
	}
	const symbols = "0123456789*#abc"
	var b strings.Builder
	if kind&0x70 == 0x10 {
		b.WriteByte('+')
	}
	for i := range digits {
		v := octets[i/2] >> (4 * (i % 2)) & 0x0f
		if v == 0x0f {
			break
		}
		b.WriteByte(symbols[v])
	}
	return b.String()
}

// userData reads length, header and text.
func (r *reader) userData(coding byte, header bool) (text string, part, parts int) {
	length := int(r.octet())
	octets := length
	alphabet := alphabetOf(coding)
	if alphabet == 0 {
		octets = (7*length + 7) / 8
	}
	if octets > 140 && r.err == nil {
		r.err = fmt.Errorf("a text of %d octets is longer than a message can be", octets)
		return "", 0, 0
	}
	data := r.take(octets)
	skip := 0
	if header && r.err == nil {
		if octets == 0 || int(data[0]) >= octets {
			r.err = errShort
			return "", 0, 0
		}
		skip = 1 + int(data[0])
		part, parts = concatenation(data[1:skip])
	}
	switch alphabet {
	case 0:
		n := (8*skip + 6) / 7 // septets that the header takes
		if n > length {
			n = length
		}
		return fromSeptets(unpack(data, 7*n, length-n)), part, parts
	case 2:
		return fromUCS2(data[skip:]), part, parts
	}
	return fmt.Sprintf("%X", data[skip:]), part, parts
}

// alphabetOf returns 0 for the default alphabet, 1 for data and 2 for UCS2.
func alphabetOf(coding byte) byte {
	switch coding >> 4 {
	case 0xf:
		return coding >> 2 & 1
	case 0xe:
		return 2
	}
	if coding < 0x80 {
		return coding >> 2 & 3
	}
	return 0
}

// concatenation finds in a header which part of how many it is.
func concatenation(header []byte) (part, parts int) {
	for len(header) >= 2 {
		n := 2 + int(header[1])
		if n > len(header) {
			break
		}
		switch v := header[2:n]; {
		case header[0] == 0 && len(v) == 3:
			return int(v[2]), int(v[1])
		case header[0] == 8 && len(v) == 4:
			return int(v[3]), int(v[2])
		}
		header = header[n:]
	}
	return 0, 0
}

// Deliver returns the SMS-DELIVERs of a text, without the service centre in front: one, or
// as many parts as it needs, with a common reference.
func Deliver(from, text string, at time.Time, reference byte) [][]byte {
	var (
		units []byte // septets or octets
		step  = 1
		most  = 160
		split = 153
		code  byte
	)
	list, ok := toSeptets(text)
	units = list
	if !ok {
		units, step, most, split, code = toUCS2(text), 2, 140, 134, 0x08
	}
	head := func(first byte) []byte {
		b := append([]byte{first}, Address(from)...)
		return append(append(b, 0, code), Timestamp(at)...)
	}
	if len(units) <= most {
		body := units
		if ok {
			body = pack(units, 0)
		}
		return [][]byte{append(append(head(typeDeliver|noMore), byte(len(units))), body...)}
	}
	var chunks [][]byte
	for len(units) > 0 {
		n := min(split, len(units))
		switch {
		case n == len(units):
		case ok && units[n-1] == escape:
			n-- // the escape and what it means stay together
		case !ok && units[n-step]>>2 == 0xd8>>2: // the first half of a pair
			n -= step
		}
		chunks = append(chunks, units[:n])
		units = units[n:]
	}
	var messages [][]byte
	for i, c := range chunks {
		header := []byte{5, 0, 3, reference, byte(len(chunks)), byte(i + 1)}
		first := byte(typeDeliver | hasHeader)
		if i == len(chunks)-1 {
			first |= noMore
		}
		b := head(first)
		if ok {
			b = append(append(b, byte(7+len(c))), header...)
			packed := pack(c, 1) // a bit fills the header up to seven septets
			b = append(b, packed...)
		} else {
			b = append(append(append(b, byte(len(header)+len(c))), header...), c...)
		}
		messages = append(messages, b)
	}
	return messages
}

// StatusReport returns the SMS-STATUS-REPORT of a message that has arrived.
func StatusReport(reference byte, to string, sent, arrived time.Time) []byte {
	b := append([]byte{typeStatus | noMore, reference}, Address(to)...)
	b = append(append(b, Timestamp(sent)...), Timestamp(arrived)...)
	return append(b, 0) // received by the destination
}

// Address returns an address as it stands in messages: its digits, its type, and the
// digits in pairs. One that is not a number is written in letters.
func Address(text string) []byte {
	digits, international := strings.CutPrefix(text, "+")
	if strings.Trim(digits, "0123456789") != "" {
		octets, _ := Pack(text)
		return append([]byte{byte(2 * len(octets)), 0xd0}, octets...)
	}
	kind := byte(0x81)
	if international {
		kind = 0x91
	}
	return append([]byte{byte(len(digits)), kind}, pairs(digits)...)
}

// Centre returns the number of a service centre as it stands in front of messages: its
// octets, its type, and the digits in pairs.
func Centre(text string) []byte {
	a := Address(text)
	a[0] = byte(len(a) - 1)
	return a
}

// pairs swaps the digits of each pair and fills up with F.
func pairs(digits string) []byte {
	b := make([]byte, (len(digits)+1)/2)
	for i := range 2 * len(b) {
		v := byte(0x0f)
		if i < len(digits) {
			v = digits[i] - '0'
		}
		b[i/2] |= v << (4 * (i % 2))
	}
	return b
}

// Timestamp returns a time in seven octets, the last one its zone in quarters of an hour.
func Timestamp(t time.Time) []byte {
	_, offset := t.Zone()
	quarters := offset / 900
	b := pairs(t.Format("060102150405"))
	sign := byte(0)
	if quarters < 0 {
		sign, quarters = 0x08, -quarters
	}
	return append(b, byte(quarters%10)<<4|byte(quarters/10)|sign)
}
