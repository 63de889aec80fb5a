package app

import (
	"errors"
	"io"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"nrf91emu/emulator/socket"
	"nrf91emu/emulator/timer"
)

// An mqttEvent is the <type> of #XMQTTEVT (serial-modem-at 4.2, documented).
type mqttEvent int

const (
	mqttConnack    mqttEvent = 0
	mqttDisconnect mqttEvent = 1
	mqttPublish    mqttEvent = 2
	mqttPuback     mqttEvent = 3
	mqttPubrec     mqttEvent = 4
	mqttPubrel     mqttEvent = 5
	mqttPubcomp    mqttEvent = 6
	mqttSuback     mqttEvent = 7
	mqttUnsuback   mqttEvent = 8
	mqttPingresp   mqttEvent = 9
)

const (
	// mqttQueue is how many packets may wait to be sent before the client stops
	// reading (chosen: the device waits for each of them).
	mqttQueue = 32
	// mqttUnanswered is how many PINGREQs may stay without an answer (seen in
	// source).
	mqttUnanswered = 1
)

// mqttHost is what an mqttClient has around it.
type mqttHost interface {
	// mqttEvent tells how something ended: 0, a negative errno or, for CONNACK, the
	// broker's return code. why says it in words; it may be nil.
	mqttEvent(e mqttEvent, result int, why error)
	// mqttMessage hands over a received message. The slices are valid during the
	// call.
	mqttMessage(topic string, payload []byte)
	// mqttHold reports whether no more messages should be handed over now. Then
	// resume is called as soon as they may be.
	mqttHold() bool
	// timers is where the client's timers belong.
	timers() *timer.Group
}

// mqttClient is the MQTT client of the applications, Zephyr's library in its
// ways (serial-modem-at 4, partly inferred): nothing is sent again, duplicates
// are not filtered, message ids are not looked at. Its methods are called with
// the device's lock held and never wait. There is a client from the moment when
// the transport is connected until the event mqttDisconnect, which comes once.
type mqttClient struct {
	s         *socket.Socket
	host      mqttHost
	keepAlive time.Duration // 0 is none

	begun    bool // CONNECT has gone out
	accepted bool // CONNACK has come
	ended    bool
	held     bool // has stopped reading, see mqttHold

	in      []byte
	out     []mqttOutgoing
	sending bool

	alive      *timer.Timer
	unanswered int // PINGREQs
}

// mqttOutgoing is a packet on its way. done may be nil.
type mqttOutgoing struct {
	data []byte
	done func(error)
}

// An mqttSession is what CONNECT says of the client.
type mqttSession struct {
	clientID, username, password string
	keepAlive                    uint16 // seconds, 0 is none
	clean                        bool
}

// newMQTTClient sends CONNECT over a connected socket. done is called when it
// has been taken; it may be called at once.
func newMQTTClient(s *socket.Socket, session mqttSession, host mqttHost, done func(*mqttClient, error)) {
	c := &mqttClient{s: s, host: host, keepAlive: time.Duration(session.keepAlive) * time.Second}
	pk := &packets.Packet{
		FixedHeader: packets.FixedHeader{Type: packets.Connect},
		Connect: packets.ConnectParams{
			ProtocolName: []byte("MQTT"), ClientIdentifier: session.clientID,
			Keepalive: session.keepAlive, Clean: session.clean,
		},
	}
	if session.username != "" { // else the password is ignored (4.1, seen in source)
		pk.Connect.UsernameFlag, pk.Connect.Username = true, []byte(session.username)
		pk.Connect.PasswordFlag, pk.Connect.Password = session.password != "", []byte(session.password)
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
func (c *mqttClient) publish(topic string, payload []byte, qos byte, retain bool, id uint16, done func(error)) {
	c.request(&packets.Packet{
		FixedHeader: packets.FixedHeader{Type: packets.Publish, Qos: qos, Retain: retain},
		TopicName:   topic, Payload: payload, PacketID: id,
	}, done)
}

func (c *mqttClient) subscribe(topic string, qos byte, id uint16, done func(error)) {
	c.request(&packets.Packet{
		FixedHeader: packets.FixedHeader{Type: packets.Subscribe},
		PacketID:    id, Filters: packets.Subscriptions{{Filter: topic, Qos: qos}},
	}, done)
}

func (c *mqttClient) unsubscribe(topic string, id uint16, done func(error)) {
	c.request(&packets.Packet{
		FixedHeader: packets.FixedHeader{Type: packets.Unsubscribe},
		PacketID:    id, Filters: packets.Subscriptions{{Filter: topic}},
	}, done)
}

// disconnect sends DISCONNECT and ends the connection.
func (c *mqttClient) disconnect(done func(error)) {
	c.request(&packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Disconnect}}, func(err error) {
		if err == nil {
			c.end(0, nil)
		}
		done(err)
	})
}

// request sends what the host asks for, which needs a session.
func (c *mqttClient) request(pk *packets.Packet, done func(error)) {
	if !c.accepted || c.ended {
		done(&socket.Error{Op: "send", Errno: socket.ENOTCONN, Reason: "the broker has not accepted the connection yet: wait for #XMQTTEVT: 0,0"})
		return
	}
	c.send(pk, done)
}

// send queues a packet.
func (c *mqttClient) send(pk *packets.Packet, done func(error)) {
	data, err := encodeMQTT(pk)
	if err != nil {
		done(err)
		return
	}
	c.out = append(c.out, mqttOutgoing{data, done})
	c.pump()
}

// acknowledge answers a packet of the broker.
func (c *mqttClient) acknowledge(typ byte, id uint16) {
	c.send(&packets.Packet{FixedHeader: packets.FixedHeader{Type: typ}, PacketID: id}, func(error) {})
}

// pump sends what is queued, one packet after the other.
func (c *mqttClient) pump() {
	for len(c.out) > 0 && !c.sending && !c.ended {
		c.sending = true
		next := c.out[0]
		sendStream(c.s, next.data, 0, func(_ int, err error) {
			if c.ended {
				return // end has told
			}
			c.sending = false
			c.out = c.out[1:]
			if err != nil {
				if c.begun { // else the caller tells
					c.end(-errno(err), err)
				}
				next.done(err)
				return
			}
			c.sent()
			next.done(nil)
			c.pump()
			if c.held {
				c.read()
			}
		})
	}
}

// sent begins a new keep-alive interval: the library counts from what it has
// sent, not from what it has received (seen in source).
func (c *mqttClient) sent() {
	if c.ended || c.keepAlive == 0 {
		return
	}
	if c.alive == nil {
		c.alive = c.host.timers().New(c.idle)
	}
	c.alive.Reset(c.keepAlive)
}

// idle is called when the keep-alive interval has passed. Before CONNACK the
// ping fails, and with it the connection (seen in source). A peer that does not
// answer is given up when more than mqttUnanswered pings are without an answer;
// the application looks at that when something else arrives, here it does with
// the next ping too (chosen).
func (c *mqttClient) idle() {
	switch {
	case !c.accepted:
		c.end(-int(socket.ECONNABORTED), errors.New("the broker did not answer CONNECT with CONNACK within the keep-alive time"))
	case c.unanswered > mqttUnanswered && !c.held:
		c.end(-int(socket.ECONNABORTED), errors.New("the broker does not answer PINGREQ"))
	default:
		c.unanswered++
		c.send(&packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Pingreq}}, func(error) {})
	}
}

// resume reads on after mqttHold.
func (c *mqttClient) resume() {
	if c.held {
		c.read()
	}
}

// read takes what has come from the broker.
func (c *mqttClient) read() {
	if c.held {
		c.held = false
		c.unanswered = 0 // the answers may be among what has waited
	}
	for !c.ended {
		if c.parse(); c.ended || c.held {
			return
		}
		data, _, err := c.s.TryRecv(maxReceive, 0)
		switch {
		case err == nil:
			c.in = append(c.in, data...)
		case errors.Is(err, socket.EAGAIN):
			return
		case errors.Is(err, io.EOF):
			c.end(-int(socket.ENOTCONN), errors.New("the broker has closed the connection"))
		default:
			c.end(-int(socket.ECONNABORTED), err)
		}
	}
}

// parse deals with all complete packets.
func (c *mqttClient) parse() {
	b := c.in
	for !c.ended && len(b) > 0 {
		if len(c.out) >= mqttQueue || c.host.mqttHold() {
			c.held = true
			break
		}
		pk, n, err := decodeMQTT(b)
		if err != nil {
			number := socket.EINVAL
			if !errors.Is(err, errMQTTMalformed) {
				number = socket.ENOMEM // (inferred)
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
func (c *mqttClient) handle(pk *packets.Packet) {
	switch id := pk.PacketID; pk.FixedHeader.Type {
	case packets.Connack:
		if code := int(pk.ReasonCode); code != 0 {
			err := errors.New(mqttRefusal(code))
			c.host.mqttEvent(mqttConnack, code, err)
			c.end(-int(socket.ECONNREFUSED), err)
			return
		}
		c.accepted = true
		c.host.mqttEvent(mqttConnack, 0, nil)
	case packets.Publish:
		c.host.mqttMessage(pk.TopicName, pk.Payload)
		switch pk.FixedHeader.Qos {
		case 1:
			c.acknowledge(packets.Puback, id)
		case 2:
			c.acknowledge(packets.Pubrec, id)
		}
		c.host.mqttEvent(mqttPublish, 0, nil)
	case packets.Puback:
		c.host.mqttEvent(mqttPuback, 0, nil)
	case packets.Pubrec:
		c.acknowledge(packets.Pubrel, id)
		c.host.mqttEvent(mqttPubrec, 0, nil)
	case packets.Pubrel:
		c.acknowledge(packets.Pubcomp, id)
		c.host.mqttEvent(mqttPubrel, 0, nil)
	case packets.Pubcomp:
		c.host.mqttEvent(mqttPubcomp, 0, nil)
	case packets.Suback: // a refusal, 0x80, is a success too (4.2, inferred)
		c.host.mqttEvent(mqttSuback, 0, nil)
	case packets.Unsuback:
		c.host.mqttEvent(mqttUnsuback, 0, nil)
	case packets.Pingresp:
		c.unanswered = 0
		c.host.mqttEvent(mqttPingresp, 0, nil)
	}
	if c.unanswered > mqttUnanswered {
		c.end(-int(socket.ECONNABORTED), errors.New("the broker does not answer PINGREQ"))
	}
}

// mqttRefusal is what a CONNACK return code means (MQTT 3.1.1, documented).
func mqttRefusal(code int) string {
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
func (c *mqttClient) end(result int, why error) {
	if c.ended {
		return
	}
	waiting := c.out
	c.stop()
	c.host.mqttEvent(mqttDisconnect, result, why)
	for _, o := range waiting {
		o.done(&socket.Error{Op: "send", Errno: socket.ENOTCONN, Reason: "the MQTT connection has ended"})
	}
}

// stop ends the client without telling anybody.
func (c *mqttClient) stop() {
	c.ended = true
	c.in, c.out = nil, nil
	c.alive.Stop()
	c.s.SetNotify(nil)
	c.s.Close()
}
