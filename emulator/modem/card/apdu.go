package card

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
)

// Instructions of a card (ETSI TS 102 221).
const (
	InsVerify        = 0x20
	InsChangePIN     = 0x24
	InsDisablePIN    = 0x26
	InsEnablePIN     = 0x28
	InsUnblockPIN    = 0x2c
	InsManageChannel = 0x70
	InsSelect        = 0xa4
	InsReadBinary    = 0xb0
	InsReadRecord    = 0xb2
	InsGetResponse   = 0xc0
	InsEnvelope      = 0xc2
	InsUpdateBinary  = 0xd6
	InsUpdateRecord  = 0xdc
	InsStatus        = 0xf2
)

// Status words of ISO 7816-4.
const (
	statusOK            = 0x9000
	statusWrongLength   = 0x6700
	statusNotAllowed    = 0x6982
	statusBlocked       = 0x6983
	statusNoFile        = 0x6a82
	statusNoRecord      = 0x6a83
	statusWrongP1P2     = 0x6a86
	statusNoChannel     = 0x6a81
	statusNoInstruction = 0x6d00
	statusWrongClass    = 0x6e00
	statusTries         = 0x63c0 // and how many are left
)

// Applications of the card: the first octets of their identifiers.
const (
	usim = "A0000000871002"
	isim = "A0000000871004"
)

// Channels is the card's logical channels, which end when it loses its power.
type Channels struct {
	open [4]channel // the first is the basic one, which is always open
}

// channel is what was selected on a channel.
type channel struct {
	open bool
	aid  string
	file int
}

// Open opens a channel and selects an application on it, as MANAGE CHANNEL and SELECT do;
// ok is false if there is no such application or no channel is left.
func (c *Channels) Open(aid string) (number int, ok bool) {
	aid = strings.ToUpper(aid)
	if !strings.HasPrefix(aid, usim) && !strings.HasPrefix(aid, isim) {
		return 0, false
	}
	for i := 1; i < len(c.open); i++ {
		if !c.open[i].open {
			c.open[i] = channel{open: true, aid: aid}
			return i, true
		}
	}
	return 0, false
}

// Close closes a channel; ok is false if it is not open.
func (c *Channels) Close(number int) (ok bool) {
	if !c.IsOpen(number) {
		return false
	}
	c.open[number] = channel{}
	return true
}

// IsOpen reports whether a logical channel is open.
func (c *Channels) IsOpen(number int) bool {
	return number > 0 && number < len(c.open) && c.open[number].open
}

// Exchange gives the card a command (fact sim/card-model) and returns its answer: data and the two octets of
// the status. puk is the card's.
func (c *Channels) Exchange(cd *Card, s *Subscriber, puk string, command []byte) []byte {
	data, status := c.exchange(cd, s, puk, command)
	return append(data, byte(status>>8), byte(status))
}

func (c *Channels) exchange(cd *Card, s *Subscriber, puk string, command []byte) ([]byte, uint16) {
	if len(command) < 4 {
		return nil, statusWrongLength
	}
	class, ins, p1, p2 := command[0], command[1], command[2], command[3]
	ch := &c.open[class&3]
	switch {
	case class&0x70 != 0:
		return nil, statusWrongClass
	case class&3 != 0 && !ch.open:
		return nil, statusNoChannel
	}
	body := command[4:]
	if len(body) > 0 {
		body = body[1:] // the length
		if want := int(command[4]); len(body) > want {
			body = body[:want]
		}
	}
	switch ins {
	case InsManageChannel:
		return c.manage(p1, p2)
	case InsVerify, InsChangePIN, InsDisablePIN, InsEnablePIN, InsUnblockPIN:
		return nil, cd.presented(ins, p2, body, puk)
	case InsStatus:
		return ch.status(p2)
	case InsSelect:
		return ch.choose(s, p1, p2, body)
	case InsReadBinary, InsReadRecord:
		le := 0
		if len(command) > 4 {
			le = int(command[4])
		}
		return ReadFile(s, ch.file, ins, p1, p2, le)
	case InsUpdateBinary, InsUpdateRecord:
		return nil, statusNotAllowed
	case InsEnvelope:
		return nil, statusNoInstruction
	}
	return nil, statusNoInstruction
}

// manage is MANAGE CHANNEL: P1 00 opens one, 80 closes the one of P2.
func (c *Channels) manage(p1, p2 byte) ([]byte, uint16) {
	switch {
	case p1 == 0x80 && c.Close(int(p2)):
		return nil, statusOK
	case p1 != 0:
		return nil, statusWrongP1P2
	}
	number, ok := c.Open(usim)
	if !ok {
		return nil, statusNoChannel
	}
	c.open[number].aid = ""
	return []byte{byte(number)}, statusOK
}

// status is STATUS: P2 01 asks for the application's name, 0C for nothing.
func (ch *channel) status(p2 byte) ([]byte, uint16) {
	name, _ := hex.DecodeString(ch.aid)
	switch p2 {
	case 0x01:
		return tlv(0x84, name), statusOK
	case 0x0c:
		return nil, statusOK
	}
	return tlv(0x62, append(tlv(0x82, []byte{0x78, 0x21}), tlv(0x84, name)...)), statusOK
}

// choose is SELECT: by an application's name, or by a file's number.
func (ch *channel) choose(s *Subscriber, p1, p2 byte, body []byte) ([]byte, uint16) {
	if p1 == 4 {
		aid := fmt.Sprintf("%X", body)
		if !strings.HasPrefix(aid, usim) && !strings.HasPrefix(aid, isim) {
			return nil, statusNoFile
		}
		ch.aid, ch.file = aid, 0
		return ch.status(p2)
	}
	if len(body) < 2 {
		return nil, statusWrongLength
	}
	number := int(body[len(body)-2])<<8 | int(body[len(body)-1]) // the last one of a path
	switch f, ok := s.Lookup(number); {
	case number == 0x3f00 || number == 0x7fff:
		ch.file = 0
		return ch.status(p2)
	case !ok:
		return nil, statusNoFile
	default:
		ch.file = number
		if p2 == 0x0c {
			return nil, statusOK
		}
		return Control(number, f), statusOK
	}
}

// Control returns the control parameters of a file, as SELECT and GET RESPONSE have them.
func Control(number int, f File) []byte {
	size := len(f.Content) / 2
	shape := []byte{0x41, 0x21}
	if f.Records {
		shape = []byte{0x42, 0x21, byte(size >> 8), byte(size), 1}
	}
	b := append(tlv(0x82, shape), tlv(0x83, []byte{byte(number >> 8), byte(number)})...)
	return tlv(0x62, append(b, tlv(0x80, []byte{byte(size >> 8), byte(size)})...))
}

func tlv(tag byte, value []byte) []byte { return append([]byte{tag, byte(len(value))}, value...) }

// ReadFile is READ BINARY, with an offset in P1 and P2, or READ RECORD, with a number in P1.
// Length 0 is all there is.
func ReadFile(s *Subscriber, number int, ins, p1, p2 byte, length int) ([]byte, uint16) {
	f, ok := s.Lookup(number)
	if !ok {
		return nil, statusNoFile
	}
	content, err := hex.DecodeString(f.Content)
	if err != nil || f.Records != (ins == InsReadRecord) {
		return nil, 0x6981 // the command does not suit the file's structure
	}
	if f.Records {
		if p1 != 1 || p2 != 4 {
			return nil, statusNoRecord
		}
	} else {
		offset := int(p1)<<8 | int(p2)
		if offset > len(content) {
			return nil, 0x6b00 // the offset is outside
		}
		content = content[offset:]
	}
	if length == 0 {
		length = len(content)
	}
	if length > len(content) {
		return nil, 0x6c00 | uint16(len(content)) // the right length
	}
	return content[:length], statusOK
}

// presented is what a PIN or PUK in a command brings about: each takes eight octets,
// filled up with FF, and one that changes the PIN has the new one behind it. Without any
// VERIFY and UNBLOCK PIN tell how many attempts are left.
func (c *Card) presented(ins, p2 byte, body []byte, puk string) uint16 {
	if p2 != 1 {
		return 0x6a88 // there is no such PIN
	}
	part := func(i int) string {
		return string(bytes.TrimRight(body[8*i:8*(i+1)], "\xff"))
	}
	left, length := &c.PINTries, 8
	if ins == InsUnblockPIN {
		left = &c.PUKTries
	}
	if ins == InsUnblockPIN || ins == InsChangePIN {
		length = 16
	}
	var outcome Outcome
	switch {
	case len(body) == 0 && (ins == InsVerify || ins == InsUnblockPIN):
		if *left == 0 {
			return statusBlocked
		}
		return statusTries | uint16(*left)
	case len(body) != length:
		return statusWrongLength
	case ins == InsUnblockPIN:
		outcome = c.Unblock(part(0), puk, part(1))
	default:
		outcome = c.Check(part(0))
	}
	switch {
	case outcome == Blocked:
		return statusBlocked
	case outcome == Wrong:
		return statusTries | uint16(*left)
	case ins == InsChangePIN:
		c.PIN = part(1)
	case ins == InsDisablePIN, ins == InsEnablePIN:
		c.Asks = ins == InsEnablePIN
	}
	return statusOK
}
