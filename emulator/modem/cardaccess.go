package modem

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem/card"
	"nrf91emu/emulator/network"
)

// cardCommands speak to the card: its files, and commands as it understands them (facts
// sim/crsm and sim/csim).
var cardCommands = map[string]*forms{
	"+CRSM": {Set: (*Modem).accessFile},
	"+CSIM": {Set: (*Modem).askCard},
	"+CCHO": {Set: (*Modem).openChannel},
	"+CGLA": {Set: (*Modem).askChannel},
	"+CCHC": {Set: (*Modem).closeChannel},
	"+CNUM": {Bare: (*Modem).readNumber},
	"%CSUS": {Set: (*Modem).chooseCard, Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		w.Printf("%%CSUS: %d", m.cardSlot)
		return nil
	}},
}

// subscriber is what is written on the card.
func (m *Modem) subscriber() *card.Subscriber {
	n := m.cfg.Network
	return &card.Subscriber{IMSI: m.cfg.Identity.IMSI, ICCID: m.cfg.Identity.ICCID, Number: n.Number, ServiceCentre: n.ServiceCentre}
}

// accessFile is AT+CRSM=<command>[,<file>[,<p1>,<p2>,<p3>[,"<data>"[,"<path>"]]]]. What the
// card refuses is told by its status, with OK (fact sim/crsm).
func (m *Modem) accessFile(w *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	op := args.Int(0, 255, "a command of the card")
	file := args.IntOr(0, 0, 65535, "a file")
	p1 := args.IntOr(0, 0, 255, "P1")
	p2 := args.IntOr(0, 0, 255, "P2")
	p3 := args.IntOr(0, 0, 255, "P3, the length")
	args.TextOr(nil, 510, "data in hexadecimal digits")
	args.TextOr(nil, 16, "a path")
	if err := args.End(); err != nil {
		return err
	}
	if err := m.simNotReady(); err != nil {
		return err
	}
	s := m.subscriber()
	var data []byte
	status := uint16(0x6d00)
	switch op {
	case card.InsReadBinary, card.InsReadRecord:
		data, status = card.ReadFile(s, file, byte(op), byte(p1), byte(p2), p3)
	case card.InsGetResponse, card.InsStatus:
		f, ok := s.Lookup(file)
		switch {
		case ok:
			data, status = card.Control(file, f), 0x9000
		case op == card.InsStatus && file == 0:
			status = 0x9000
		default:
			status = 0x6a82
		}
	case card.InsUpdateBinary, card.InsUpdateRecord:
		if status = 0x6982; !m.hasFile(file) {
			status = 0x6a82
		}
	}
	if len(data) == 0 {
		w.Printf("+CRSM: %d,%d", status>>8, status&0xff)
	} else {
		w.Printf(`+CRSM: %d,%d,"%X"`, status>>8, status&0xff, data)
	}
	return nil
}

func (m *Modem) hasFile(number int) bool {
	_, ok := m.subscriber().Lookup(number)
	return ok
}

// basicInstructions are what +CSIM lets through without a logical channel.
var basicInstructions = []byte{card.InsStatus, card.InsManageChannel, card.InsVerify, card.InsUnblockPIN, card.InsEnablePIN, card.InsDisablePIN, card.InsChangePIN, card.InsEnvelope}

// readCommand reads <length>,"<command>", the length in digits.
func readCommand(args *atcmd.ArgReader) []byte {
	length := args.Int(8, 522, "the length of the command in digits")
	text := args.Text(522, "a command in hexadecimal digits")
	command, err := hex.DecodeString(string(text))
	if args.Err() == nil && (err != nil || len(text) != length) {
		args.Fail("the command is not %d hexadecimal digits", length)
	}
	return command
}

// askCard is AT+CSIM=<length>,"<command>" (fact sim/csim).
func (m *Modem) askCard(w *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	command := readCommand(&args)
	if err := args.End(); err != nil {
		return err
	}
	if !m.sim.started || m.cardDead() {
		return m.simNotReady()
	}
	if command[0]&3 == 0 && !slices.Contains(basicInstructions, command[1]) {
		return atcmd.CME(event.CMENotAllowed, "the instruction %02X needs a logical channel: AT+CCHO opens one", command[1])
	}
	m.answerOfCard(w, "+CSIM", command)
	return nil
}

// answerOfCard gives the card a command and writes its answer.
func (m *Modem) answerOfCard(w *atcmd.Response, name string, command []byte) {
	answer := m.sim.channels.Exchange(&m.cfg.Retained.card, m.subscriber(), m.cfg.Network.PUK, command)
	w.Printf(`%s: %d,"%X"`, name, 2*len(answer), answer)
	switch command[1] {
	case card.InsVerify, card.InsUnblockPIN:
		if c := &m.cfg.Retained.card; !m.sim.ready && c.PINTries > 0 && answer[len(answer)-2] == 0x90 {
			m.soon = append(m.soon, m.unlock)
			return
		}
	}
	if c := &m.cfg.Retained.card; m.sim.ready && c.PINTries == 0 {
		m.sim.ready = false
		m.soon = append(m.soon, m.checkCard)
	}
}

// openChannel is AT+CCHO="<application>".
func (m *Modem) openChannel(w *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	aid := args.Text(32, "the identifier of an application")
	if err := args.End(); err != nil {
		return err
	}
	if err := m.simNotReady(); err != nil {
		return err
	}
	number, ok := m.sim.channels.Open(string(aid))
	if !ok {
		return atcmd.Errorf("the card has no application %q, or no channel is left", aid)
	}
	w.Printf("+CCHO: %d", number)
	return nil
}

// channelNumber reads the number of a channel that AT+CCHO has opened.
func (m *Modem) channelNumber(args *atcmd.ArgReader) int {
	number := args.Int(1, 255, "a channel")
	if args.Err() == nil && !m.sim.channels.IsOpen(number) {
		args.Fail("the channel %d is not open: AT+CCHO opens one", number)
	}
	return number
}

// askChannel is AT+CGLA=<channel>,<length>,"<command>": the channel's number is put into
// the class of the command.
func (m *Modem) askChannel(w *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	number := m.channelNumber(&args)
	command := readCommand(&args)
	if err := args.End(); err != nil {
		return err
	}
	if err := m.simNotReady(); err != nil {
		return err
	}
	command[0] = command[0]&^3 | byte(number)
	m.answerOfCard(w, "+CGLA", command)
	return nil
}

// closeChannel is AT+CCHC=<channel>.
func (m *Modem) closeChannel(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	number := m.channelNumber(&args)
	if err := args.End(); err != nil {
		return err
	}
	if err := m.simNotReady(); err != nil {
		return err
	}
	m.sim.channels.Close(number)
	return nil
}

// readNumber is AT+CNUM (fact sim/cnum).
func (m *Modem) readNumber(w *atcmd.Response, _ *atcmd.Command) error {
	if err := m.simNotReady(); err != nil {
		return err
	}
	number := m.cfg.Network.Number
	if number == "" {
		return atcmd.Errorf("there is no number on the card")
	}
	w.Append(func(b []byte) []byte { return fmt.Appendf(b, `+CNUM: ,"%s",%d`, number, numberType(number)) })
	return nil
}

// numberType returns 145 for an international number and 129 for another.
func numberType(number string) int {
	if strings.HasPrefix(number, "+") {
		return 145
	}
	return 129
}

// The slots of %CSUS: the card and one in software, which is not there.
const softwareCard = 2

// chooseCard is AT%CSUS=<0|2> (fact sim/csus).
func (m *Modem) chooseCard(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	slot := args.Int(0, softwareCard, "0 for the card or 2 for one in software")
	if slot == 1 {
		args.Fail("%%CSUS takes 0 or 2")
	}
	if m.sim.powered && slot != m.cardSlot {
		args.Fail("the card is on: AT+CFUN=4 switches it off")
	}
	if err := args.End(); err != nil {
		return err
	}
	m.cardSlot = slot
	return nil
}

// cardState is what there is in the slot in use.
func (m *Modem) cardState() network.SIM {
	if m.cardSlot == softwareCard {
		return network.SIMAbsent
	}
	return m.cfg.Network.SIM
}
