package modem

import (
	"encoding/hex"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem/sms"
)

// smsCommands are short messages in PDU mode. The modem has no store for them: one host
// registers as the client, gets each message, and acknowledges it (fact sms/client).
var smsCommands = map[string]*forms{
	"+CMGF": {
		Set:  (*Modem).setMessageFormat,
		Read: atcmd.Text[*Modem]("+CMGF: 0"),
		Test: atcmd.Text[*Modem]("+CMGF: (0)"),
	},
	"+CNMI": {Bare: (*Modem).setClient, Set: (*Modem).setClient, Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
		s := &m.sms
		w.Printf("+CNMI: %d,%d,0,%d,1", 3*btoi(s.registered), 2*btoi(s.deliver), btoi(s.reports))
		return nil
	}},
	"+CMGS": {PDU: (*Modem).submitMessage},
	"+CNMA": {Bare: (*Modem).acknowledge, Set: (*Modem).acknowledge, PDU: (*Modem).acknowledge, Test: atcmd.Text[*Modem]("+CNMA: (0-2)")},
	"+CMMS": answered(func(_ *Modem, args *atcmd.ArgReader) { args.Int(0, 2, "0, or 1 or 2 to keep the connection") }), // fact sms/cmms
	"+CPMS": { // fact sms/no-store
		Set: func(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
			args := atcmd.ReadArgs(cmd)
			for i := 0; i < 3 && (i == 0 || args.Len() > 0); i++ {
				if name := args.Text(2, "a store"); args.Err() == nil && string(name) != "MT" {
					args.Fail("%q is not a store of this modem: MT is the only one", name)
				}
			}
			if err := args.End(); err != nil {
				return err
			}
			w.Line("+CPMS: 0,0,0,0,0,0")
			return nil
		},
		Read: atcmd.Text[*Modem](`+CPMS: "MT",0,0,"MT",0,0,"MT",0,0`),
		Test: atcmd.Text[*Modem](`+CPMS: ("MT"),("MT"),("MT")`),
	},
	"+CGSMS": { // fact sms/cgsms
		Set:  answered(func(_ *Modem, args *atcmd.ArgReader) { args.Int(1, 1, "1, circuit-switched") }).Set,
		Read: atcmd.Text[*Modem]("+CGSMS: 1"),
		Test: atcmd.Text[*Modem]("+CGSMS: (1)"),
	},
	"%XSMMA": {Bare: (*Modem).memoryAvailable},
}

// smsClient is the host as the client for messages. It ends at +CFUN=0 (fact sms/client).
type smsClient struct {
	registered       bool
	deliver, reports bool
	reference        byte // of the next message (fact sms/reference)
	told             *delivery
	stop             func() // stops the wait for the acknowledgement
	full             bool   // the host has no room, until %XSMMA
}

// acknowledgeTime is how long the modem waits for +CNMA; of the range of TR2M in 3GPP TS
// 24.011 (fact sms/not-acknowledged).
const acknowledgeTime = 15 * time.Second

// setMessageFormat is AT+CMGF=[0]: there is no text mode (fact sms/cmgf).
func (m *Modem) setMessageFormat(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	format := args.IntOr(0, 0, 1, "the format")
	switch err := args.End(); {
	case err != nil:
		return atcmd.CMS(event.CMSNotAllowed, "%w", err)
	case format == 1:
		return atcmd.CMS(event.CMSNotAllowed, "this modem has no text mode")
	case !m.sms.registered:
		return atcmd.CMS(event.CMSNotAllowed, "no client is registered: AT+CNMI=3,2,0,1 comes first")
	}
	return nil
}

// setClient is AT+CNMI=[<mode>[,<mt>[,<bm>[,<ds>]]]] (fact sms/cnmi).
func (m *Modem) setClient(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	mode := args.IntOr(0, 0, 3, "0, or 3 to register")
	mt := args.IntOr(0, 0, 2, "0, or 2 for messages")
	args.Skip() // <bm>
	ds := args.IntOr(0, 0, 1, "0, or 1 for reports")
	if err := args.End(); err != nil {
		return atcmd.CMS(event.CMSNotAllowed, "%w", err)
	}
	on := mode == 3 && mt == 2
	if !on && (mode != 0 || mt != 0 || ds != 0) {
		return atcmd.CMS(event.CMSNotAllowed, "+CNMI takes 3,2,0,1 or 3,2,0,0 to register, 0 to end that")
	}
	m.putBack()
	m.sms = smsClient{registered: on, deliver: on, reports: ds == 1, reference: m.sms.reference}
	m.soon = append(m.soon, m.deliverMessages)
	return nil
}

// readPDU returns the message behind the parameters; length is how many octets it has
// without the service centre in front, if there is one.
func readPDU(cmd *atcmd.Command, length int, centre bool) (pdu []byte, err error) {
	pdu = make([]byte, hex.DecodedLen(len(cmd.PDU)))
	if _, err := hex.Decode(pdu, cmd.PDU); err != nil {
		return nil, atcmd.CMS(event.CMSInvalidPDU, "the message is written in pairs of hexadecimal digits")
	}
	if centre {
		if len(pdu) == 0 || 1+int(pdu[0]) > len(pdu) {
			return nil, atcmd.CMS(event.CMSInvalidPDU, "the message does not begin with a service centre, 00 for that of the card")
		}
		pdu = pdu[1+int(pdu[0]):]
	}
	if len(pdu) != length {
		return nil, atcmd.CMS(event.CMSInvalidPDU, "the message has %d octets without the service centre, not %d", len(pdu), length)
	}
	return pdu, nil
}

// maxTPDU is the longest message in octets (3GPP TS 23.040).
const maxTPDU = 164

// submitMessage is AT+CMGS=<length><CR><pdu><Ctrl-Z> (fact sms/cmgs).
func (m *Modem) submitMessage(w *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	length := args.Int(1, maxTPDU, "the number of octets")
	switch err := args.End(); {
	case err != nil:
		return atcmd.CMS(event.CMSInvalidPDU, "%w", err)
	case !m.sms.registered:
		return atcmd.CMS(event.CMSNotAllowed, "no client is registered: AT+CNMI=3,2,0,1 comes first")
	}
	pdu, err := readPDU(cmd, length, true)
	if err != nil {
		return err
	}
	s, err := sms.ParseSubmit(pdu)
	switch {
	case err != nil:
		return atcmd.CMS(event.CMSInvalidPDU, "%w", err)
	case !m.radio.lte:
		return atcmd.CMS(event.CMSNotActivated, "LTE is off: AT+CFUN=1 switches it on")
	case !m.reg.registered():
		return atcmd.CMS(event.CMSNoNetwork, "the modem is not registered")
	case partialRefusal(m.reg.cause):
		return atcmd.CMS(event.CMSNoNetwork, "the network has refused short messages with EMM cause %d", m.reg.cause)
	}
	m.wake()
	if m.conn.counting {
		m.conn.messagesSent++
	}
	reference := m.sms.reference
	m.sms.reference++
	m.submitted(reference, s)
	w.Printf("+CMGS: %d", reference)
	return nil
}

// Octets of an SMS-DELIVER-REPORT whose failure says that the host has no room (3GPP TS
// 23.040).
const (
	failureSIMFull = 0xd0
	failureNoRoom  = 0xd3
)

// acknowledge is AT+CNMA[=<0|1|2>[,<length><CR><pdu><Ctrl-Z>]] (fact sms/cnma).
func (m *Modem) acknowledge(_ *atcmd.Response, cmd *atcmd.Command) error {
	s := &m.sms
	args := atcmd.ReadArgs(cmd)
	mode := args.IntOr(0, 0, 2, "0 or 1 to acknowledge, 2 to refuse")
	length := -1
	if cmd.PDU != nil {
		length = args.Int(0, maxTPDU, "the number of octets")
	}
	if err := args.End(); err != nil {
		return atcmd.CMS(event.CMSNotAllowed, "%w", err)
	}
	if s.told == nil {
		return atcmd.CMS(event.CMSNotAllowed, "there is nothing to acknowledge")
	}
	var pdu []byte
	if cmd.PDU != nil {
		var err error
		if pdu, err = readPDU(cmd, length, false); err != nil {
			return err
		}
	}
	d := s.told
	switch {
	case mode == 2 && len(pdu) > 1 && (pdu[1] == failureSIMFull || pdu[1] == failureNoRoom):
		m.putBack()
		s.full = true // until %XSMMA
		return nil
	case mode == 2 && !d.report:
		d.message.State = ShortMessageRefused
	case d.report:
		d.message.State = ShortMessageReported
	default:
		d.message.State = ShortMessageDelivered
	}
	s.stop()
	s.told = nil
	m.after(messageDelay, m.deliverMessages)
	return nil
}

// messageNotAcknowledged ends the client that did not acknowledge in time; the network
// keeps the message (fact sms/not-acknowledged).
func (m *Modem) messageNotAcknowledged() {
	m.putBack()
	m.sms = smsClient{reference: m.sms.reference}
	m.notify([]byte("+CMS ERROR: 524"))
}

// memoryAvailable is AT%XSMMA: the host has room again (fact sms/xsmma).
func (m *Modem) memoryAvailable(_ *atcmd.Response, _ *atcmd.Command) error {
	if !m.sms.registered || !m.reg.registered() {
		return atcmd.CMS(event.CMSFailure, "the modem is not registered, or no client is")
	}
	m.sms.full = false
	m.after(messageDelay, m.deliverMessages)
	return nil
}

// endClient forgets the client, as +CFUN=0 does; what was told and not acknowledged stays
// in the network.
func (m *Modem) endClient() {
	m.putBack()
	m.sms = smsClient{reference: m.sms.reference}
}
