package modem

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"nrf91emu/emulator/modem/sms"
	"nrf91emu/emulator/network"
)

// A ShortMessage is a message as the network's service centre knows it.
type ShortMessage struct {
	Number int // from 1, in the order in which they came
	// FromModem says that the modem has sent it, to Peer; otherwise it is for the modem,
	// from Peer.
	FromModem bool
	Peer      string
	Text      string
	// Part and Parts say that it is a part of a longer text, from 1 on; Parts is 0 if not.
	Part, Parts int
	Time        time.Time // when the centre got it
	State       ShortMessageState
}

// A ShortMessageState is what has become of a message.
type ShortMessageState string

// The states.
const (
	ShortMessageSent      ShortMessageState = "sent"      // by the modem
	ShortMessageReported  ShortMessageState = "reported"  // and the modem has acknowledged the status report
	ShortMessageWaiting   ShortMessageState = "waiting"   // for a modem that is registered and has a client for it
	ShortMessageTold      ShortMessageState = "told"      // by +CMT, and not acknowledged yet
	ShortMessageDelivered ShortMessageState = "delivered" // acknowledged
	ShortMessageRefused   ShortMessageState = "refused"   // by the host, with +CNMA=2
)

// serviceCentre is the network's store of short messages (fact sms/service-centre). It is kept beside the modem, as
// it does not lose anything when the modem's power goes.
type serviceCentre struct {
	count    int
	messages []*ShortMessage
	queue    []*delivery
	long     byte // the reference of the last text in parts
}

// maxShortMessages bounds what the centre remembers.
const maxShortMessages = 200

// ErrTooManyMessages is returned for a message that the service centre has no room for.
var ErrTooManyMessages = errors.New("the service centre holds too many messages that wait for the modem")

// delivery is what the centre has for the modem: a message, or the report on one.
type delivery struct {
	message *ShortMessage
	report  bool
	tpdu    []byte
}

func (c *serviceCentre) add(s ShortMessage) *ShortMessage {
	c.count++
	s.Number, s.Time = c.count, time.Now()
	if len(c.messages) == maxShortMessages {
		c.messages = slices.Delete(c.messages, 0, 1)
	}
	c.messages = append(c.messages, &s)
	return &s
}

// ShortMessages returns the messages of the network's service centre, those that the
// modem has sent and those for it, oldest first.
func (m *Modem) ShortMessages() []ShortMessage {
	list := make([]ShortMessage, 0, len(m.cfg.Retained.centre.messages))
	for _, s := range m.cfg.Retained.centre.messages {
		list = append(list, *s)
	}
	return list
}

// SendShortMessage gives the network a text for the modem, from a number or a name of up
// to eleven characters. A long one goes in parts. It waits until the modem is registered and
// has a client for messages, over a loss of power too. The error is ErrTooManyMessages, or
// says what is wrong with the sender.
func (m *Modem) SendShortMessage(from, text string) error {
	defer m.settleOutside()
	if from == "" || !network.IsNumber(from) && len(from) > 11 {
		return fmt.Errorf("%q is not a sender: a telephone number, or a name of up to 11 characters", from)
	}
	c := &m.cfg.Retained.centre
	n := m.cfg.Network
	zone := time.FixedZone("", n.Zone*15*60)
	c.long++
	parts := sms.Deliver(from, text, time.Now().In(zone), c.long)
	if len(c.queue)+len(parts) > maxShortMessages {
		return ErrTooManyMessages
	}
	for i, tpdu := range parts {
		s := ShortMessage{Peer: from, Text: text, State: ShortMessageWaiting}
		if len(parts) > 1 {
			s.Part, s.Parts = i+1, len(parts)
		}
		c.queue = append(c.queue, &delivery{message: c.add(s), tpdu: tpdu})
	}
	m.deliverMessages()
	return nil
}

// submitted is what the centre does with a message of the modem: it keeps it and, if that
// was asked for, reports that it has arrived.
func (m *Modem) submitted(reference byte, s sms.Submit) {
	c := &m.cfg.Retained.centre
	message := c.add(ShortMessage{FromModem: true, Peer: s.To, Text: s.Text, Part: s.Part, Parts: s.Parts, State: ShortMessageSent})
	if !s.Report || len(c.queue) >= maxShortMessages {
		return
	}
	zone := time.FixedZone("", m.cfg.Network.Zone*15*60)
	sent := time.Now().In(zone)
	m.after(messageDelay, func() {
		report := sms.StatusReport(reference, s.To, sent, time.Now().In(zone))
		c.queue = append(c.queue, &delivery{message: message, report: true, tpdu: report})
		m.deliverMessages()
	})
}

// messageDelay is how long a message is on its way; free choice.
const messageDelay = time.Second

// deliverMessages tells the host of the first message that waits, if it can be told: the
// next one follows when it has been acknowledged.
func (m *Modem) deliverMessages() {
	s, c := &m.sms, &m.cfg.Retained.centre
	if !m.Alive() || !m.reg.registered() || m.saving.asleep || !s.deliver || s.told != nil || s.full || partialRefusal(m.reg.cause) {
		return
	}
	for i, d := range c.queue {
		if d.report && !s.reports {
			continue
		}
		c.queue = slices.Delete(c.queue, i, i+1)
		m.tellMessage(d)
		return
	}
}

// tellMessage sends +CMT or +CDS. A message has the service centre's number in front, which
// the length does not count; a report has none (fact sms/cmt).
func (m *Modem) tellMessage(d *delivery) {
	s := &m.sms
	m.wake()
	s.told = d
	s.stop = m.after(acknowledgeTime, m.messageNotAcknowledged)
	if d.report {
		m.notify(fmt.Appendf(nil, "+CDS: %d\r\n%X", len(d.tpdu), d.tpdu))
		return
	}
	d.message.State = ShortMessageTold
	if m.conn.counting {
		m.conn.messagesReceived++
	}
	m.notify(fmt.Appendf(nil, "+CMT: \"%s\",%d\r\n%X%X", d.message.Peer, len(d.tpdu), sms.Centre(cmp.Or(m.cfg.Network.ServiceCentre, network.DefaultServiceCentre)), d.tpdu))
	m.notifyIndicator("message", 1)
}

// putBack returns what was told and not acknowledged to the front of the queue.
func (m *Modem) putBack() {
	s, c := &m.sms, &m.cfg.Retained.centre
	d := s.told
	if d == nil {
		return
	}
	s.stop()
	s.told = nil
	if !d.report {
		d.message.State = ShortMessageWaiting
	}
	c.queue = slices.Insert(c.queue, 0, d)
}
