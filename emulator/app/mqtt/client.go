package mqtt

import (
	"errors"
	"io"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/sock"
	"nrf91emu/emulator/socket"
	"nrf91emu/emulator/timer"
)

// An eventType is the <type> of #XMQTTEVT (fact mqtt/events).
type eventType int

const (
	eventConnack    eventType = 0
	eventDisconnect eventType = 1
	eventPublish    eventType = 2
	eventPuback     eventType = 3
	eventPubrec     eventType = 4
	eventPubrel     eventType = 5
	eventPubcomp    eventType = 6
	eventSuback     eventType = 7
	eventUnsuback   eventType = 8
	eventPingresp   eventType = 9
)

const (
	// maxQueue is how many packets may wait to be sent before the client stops
	// reading (fact mqtt/client-limits).
	maxQueue = 32
	// maxUnanswered is how many PINGREQs may stay without an answer (fact
	// mqtt/ping).
	maxUnanswered = 1
)

// clientHost is what an client has around it.
type clientHost interface {
	// told tells how something ended: 0, a negative errno or, for CONNACK, the
	// broker's return code. why says it in words; it may be nil.
	told(e eventType, result int, why error)
	// message hands over a received message. The slices are valid during the
	// call.
	message(topic string, payload []byte)
	// hold reports whether no more messages should be handed over now. Then
	// resume is called as soon as they may be.
	hold() bool
	// newTimer returns a timer that does not run and calls fn with the device's
	// lock held.
	newTimer(fn func()) *timer.Timer
	// as runs a function in the name of a command, see app.Host.As; cause returns the
	// one in whose name is acted now.
	as(cause int, fn func())
	cause() int
}

// client is the MQTT client of the applications, Zephyr's library in its
// ways (fact mqtt/no-retransmission): nothing is sent again, duplicates
// are not filtered, message ids are not looked at. Its methods are called with
// the device's lock held and never wait. There is a client from the moment when
// the transport is connected until the event eventDisconnect, which comes once.
type client struct {
	s         *socket.Socket
	ends      Ends
	host      clientHost
	keepAlive time.Duration // 0 is none

	begun    bool // CONNECT has gone out
	accepted bool // CONNACK has come
	ended    bool
	held     bool // has stopped reading, see hold

	in      []byte
	out     []outgoing
	sending bool

	alive      *timer.Timer
	unanswered int // PINGREQs
}

// outgoing is a packet on its way, and the command that has sent it. done may be
// nil.
type outgoing struct {
	data  []byte
	done  func(error)
	cause int
}

// A session is what CONNECT says of the client.
type session struct {
	clientID, username, password string
	keepAlive                    uint16 // seconds, 0 is none
	clean                        bool
}

// newClient sends CONNECT over a connected socket. done is called when it
// has been taken; it may be called at once.
func newClient(s *socket.Socket, who session, ends Ends, host clientHost, done func(*client, error)) {
	c := &client{s: s, ends: ends, host: host, keepAlive: time.Duration(who.keepAlive) * time.Second}
	pk := &packets.Packet{
		FixedHeader: packets.FixedHeader{Type: packets.Connect},
		Connect: packets.ConnectParams{
			ProtocolName: []byte("MQTT"), ClientIdentifier: who.clientID,
			Keepalive: who.keepAlive, Clean: who.clean,
		},
	}
	if who.username != "" { // else the password is ignored (fact mqtt/connect)
		pk.Connect.UsernameFlag, pk.Connect.Username = true, []byte(who.username)
		pk.Connect.PasswordFlag, pk.Connect.Password = who.password != "", []byte(who.password)
	}
	c.send(pk, func(err error) {
		c.begun = true
		if err != nil {
			c.stop()
			done(nil, err)
			return
		}
		done(c, nil)
		if !c.ended {
			s.SetNotify(func(socket.Events) { c.read() })
			c.read()
		}
	})
}

// publish sends a message.
func (c *client) publish(topic string, payload []byte, qos byte, retain bool, id uint16, done func(error)) {
	c.request(&packets.Packet{
		FixedHeader: packets.FixedHeader{Type: packets.Publish, Qos: qos, Retain: retain},
		TopicName:   topic, Payload: payload, PacketID: id,
	}, done)
}

func (c *client) subscribe(topic string, qos byte, id uint16, done func(error)) {
	c.request(&packets.Packet{
		FixedHeader: packets.FixedHeader{Type: packets.Subscribe},
		PacketID:    id, Filters: packets.Subscriptions{{Filter: topic, Qos: qos}},
	}, done)
}

func (c *client) unsubscribe(topic string, id uint16, done func(error)) {
	c.request(&packets.Packet{
		FixedHeader: packets.FixedHeader{Type: packets.Unsubscribe},
		PacketID:    id, Filters: packets.Subscriptions{{Filter: topic}},
	}, done)
}

// disconnect sends DISCONNECT and ends the connection.
func (c *client) disconnect(done func(error)) {
	c.request(&packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Disconnect}}, func(err error) {
		if err == nil {
			c.end(0, nil)
		}
		done(err)
	})
}

// request sends what the host asks for, which needs a session.
func (c *client) request(pk *packets.Packet, done func(error)) {
	if !c.accepted || c.ended {
		done(&socket.Error{Op: "send", Errno: socket.ENOTCONN, Reason: "the broker has not accepted the connection yet: wait for #XMQTTEVT: 0,0"})
		return
	}
	c.send(pk, done)
}

// send queues a packet.
func (c *client) send(pk *packets.Packet, done func(error)) {
	data, err := encode(pk)
	if err != nil {
		done(err)
		return
	}
	c.out = append(c.out, outgoing{data, done, c.host.cause()})
	c.pump()
}

// acknowledge answers a packet of the broker.
func (c *client) acknowledge(typ byte, id uint16) {
	c.send(&packets.Packet{FixedHeader: packets.FixedHeader{Type: typ}, PacketID: id}, func(error) {})
}

// pump sends what is queued, one packet after the other.
func (c *client) pump() {
	for len(c.out) > 0 && !c.sending && !c.ended {
		c.sending = true
		next := c.out[0]
		c.host.as(next.cause, func() {
			sock.SendStream(c.s, next.data, func(_ int, err error) { c.went(next, err) })
		})
	}
}

// went is called when the first packet of the queue has been taken.
func (c *client) went(o outgoing, err error) {
	if c.ended {
		return // end has told
	}
	c.sending = false
	c.out = c.out[1:]
	if err != nil {
		if c.begun { // else the caller tells
			c.end(-app.Errno(err), err)
		}
		o.done(err)
		return
	}
	c.sent()
	o.done(nil)
	c.pump()
	if c.held {
		c.read()
	}
}

// sent begins a new keep-alive interval: the library counts from what it has
// sent, not from what it has received (fact mqtt/no-retransmission).
func (c *client) sent() {
	if c.ended || c.keepAlive == 0 {
		return
	}
	if c.alive == nil {
		c.alive = c.host.newTimer(c.idle)
	}
	c.alive.Reset(c.keepAlive)
}

// idle is called when the keep-alive interval has passed. Before CONNACK the
// ping fails, and with it the connection (fact mqtt/ping). A peer that does not
// answer is given up when more than maxUnanswered pings are without an answer;
// the application looks at that when something else arrives, here it does with
// the next ping too (chosen).
func (c *client) idle() {
	switch {
	case !c.accepted:
		c.end(-int(socket.ECONNABORTED), errors.New("the broker did not answer CONNECT with CONNACK within the keep-alive time"))
	case c.unanswered > maxUnanswered && !c.held:
		c.end(-int(c.ends.Silent), errors.New("the broker does not answer PINGREQ"))
	default:
		c.unanswered++
		c.send(&packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Pingreq}}, func(error) {})
	}
}

// resume reads on after hold.
func (c *client) resume() {
	if c.held {
		c.read()
	}
}

// read takes what has come from the broker.
func (c *client) read() {
	if c.held {
		c.held = false
		c.unanswered = 0 // the answers may be among what has waited
	}
	for !c.ended {
		if c.parse(); c.ended || c.held {
			return
		}
		data, _, err := c.s.TryRecv(sock.MaxReceive, 0)
		switch {
		case err == nil:
			c.in = append(c.in, data...)
		case errors.Is(err, socket.EAGAIN):
			return
		case errors.Is(err, io.EOF):
			c.end(-int(c.ends.Closed), errors.New("the broker has closed the connection"))
		case c.s.Poll()&socket.PollInvalid != 0:
			c.end(-int(c.ends.Gone), err)
		default:
			c.end(-int(c.ends.Broken), err)
		}
	}
}

// parse deals with all complete packets.
func (c *client) parse() {
	b := c.in
	for !c.ended && len(b) > 0 {
		if len(c.out) >= maxQueue || c.host.hold() {
			c.held = true
			break
		}
		pk, n, err := decode(b)
		if err != nil {
			number := socket.EINVAL
			if !errors.Is(err, errMalformed) {
				number = socket.ENOMEM // fact mqtt/refused-packets
			}
			c.end(-int(number), err)
			return
		}
		if n == 0 {
			break
		}
		c.handle(&pk)
		b = b[n:]
	}
	if len(b) == 0 {
		c.in = nil // most of the time there is nothing, and thousands of clients
		return
	}
	c.in = append(c.in[:0], b...)
}

// handle is what a packet of the broker does.
func (c *client) handle(pk *packets.Packet) {
	switch id := pk.PacketID; pk.FixedHeader.Type {
	case packets.Connack:
		if code := int(pk.ReasonCode); code != 0 {
			err := errors.New(refusal(code))
			c.host.told(eventConnack, code, err)
			c.end(-int(socket.ECONNREFUSED), err)
			return
		}
		c.accepted = true
		c.host.told(eventConnack, 0, nil)
	case packets.Publish:
		c.host.message(pk.TopicName, pk.Payload)
		switch pk.FixedHeader.Qos {
		case 1:
			c.acknowledge(packets.Puback, id)
		case 2:
			c.acknowledge(packets.Pubrec, id)
		}
		c.host.told(eventPublish, 0, nil)
	case packets.Puback:
		c.host.told(eventPuback, 0, nil)
	case packets.Pubrec:
		c.acknowledge(packets.Pubrel, id)
		c.host.told(eventPubrec, 0, nil)
	case packets.Pubrel:
		c.acknowledge(packets.Pubcomp, id)
		c.host.told(eventPubrel, 0, nil)
	case packets.Pubcomp:
		c.host.told(eventPubcomp, 0, nil)
	case packets.Suback: // a refusal, 0x80, is a success too (fact mqtt/events)
		c.host.told(eventSuback, 0, nil)
	case packets.Unsuback:
		c.host.told(eventUnsuback, 0, nil)
	case packets.Pingresp:
		c.unanswered = 0
		c.host.told(eventPingresp, 0, nil)
	}
	if c.unanswered > maxUnanswered {
		c.end(-int(c.ends.Silent), errors.New("the broker does not answer PINGREQ"))
	}
}

// refusal is what a CONNACK return code means (MQTT 3.1.1).
func refusal(code int) string {
	reasons := [...]string{
		1: "the broker does not speak MQTT 3.1.1", 2: "the broker refuses the client id",
		3: "the broker is not available", 4: "user name or password is malformed",
		5: "the broker refuses user name and password, or this client",
	}
	if code < len(reasons) {
		return reasons[code]
	}
	return "the broker refuses the connection"
}

// end ends the connection and tells the host, once.
func (c *client) end(result int, why error) {
	if c.ended {
		return
	}
	waiting := c.out
	c.stop()
	c.host.told(eventDisconnect, result, why)
	for _, o := range waiting {
		o.done(&socket.Error{Op: "send", Errno: socket.ENOTCONN, Reason: "the MQTT connection has ended"})
	}
}

// stop ends the client without telling anybody.
func (c *client) stop() {
	c.ended = true
	c.in, c.out = nil, nil
	c.alive.Stop()
	c.s.SetNotify(nil)
	c.s.Close()
}
