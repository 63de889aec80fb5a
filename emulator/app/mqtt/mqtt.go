package mqtt

import (
	"fmt"
	"math"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/sock"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/socket"
	"nrf91emu/emulator/timer"
)

// Facts are what differs between releases.
type Facts struct {
	// ClientID is the client id unless one is set.
	ClientID string
	// IDInConnect has the client id in #XMQTTCON; there is no #XMQTTCFG.
	IDInConnect bool
	// DataLength gives #XMQTTPUB a parameter for the length of what follows in data
	// mode.
	DataLength bool
	// Ends are the numbers of the ends that the host has not asked for.
	Ends Ends
}

// Ends are the error numbers that #XMQTTEVT: 1 tells, without their sign.
type Ends struct {
	Closed socket.Errno // the broker has closed the connection
	Broken socket.Errno // the connection has broken
	Silent socket.Errno // the broker does not answer PINGREQ
	Gone   socket.Errno // the modem has closed the socket
}

// ends are those of the releases before Serial Modem v2.0.0 (fact mqtt/events).
var ends = Ends{
	Closed: socket.ENOTCONN, Broken: socket.ECONNABORTED, Silent: socket.ECONNABORTED, Gone: socket.ECONNABORTED,
}

// The releases.
var (
	// NCS24 is that of Serial LTE Modem before NCS 2.6, where the client id is a
	// parameter of #XMQTTCON (fact mqtt/connect-before-26).
	NCS24 = New(Facts{ClientID: "slm_default_client_id", IDInConnect: true, Ends: ends})
	// NCS31 is that of Serial LTE Modem from NCS 2.6 on.
	NCS31 = New(Facts{ClientID: "slm_default_client_id", Ends: ends}) // fact mqtt/defaults
	// SM10 is that of Serial Modem v1.0.x.
	SM10 = New(Facts{ClientID: "sm_default_client_id", Ends: ends}) // fact mqtt/defaults
	// SM20 is that of Serial Modem v2.0.0.
	SM20 = New(Facts{
		ClientID:   "sm_default_client_id", // fact mqtt/defaults
		DataLength: true,                   // fact mqtt/data-length
		Ends: Ends{ // fact mqtt/ends-of-v2
			Closed: socket.ECONNRESET, Broken: socket.EIO, Silent: socket.ENETRESET, Gone: socket.ENOTCONN,
		},
	})
)

// The limits of fact mqtt/limits.
const (
	maxClientID = 64
	maxName     = 32 // user name and password
	maxTopic    = 127

	defaultKeepAlive = 60 // seconds, unless set
)

// service is the client and what the application keeps about it.
type service struct {
	facts   *Facts
	host    *app.Host
	session session
	client  *client // nil while not connected
	// context is where the connection was made and its notifications go.
	context *app.Context

	url    string
	port   uint16
	secTag uint32
	secure bool

	published, subscribed uint16 // message ids used last
}

type command = app.Command[*service]

// New returns a release of the service. There is no will.
func New(facts Facts) *app.Kind {
	connect := command{
		Name: "#XMQTTCON", Set: (*service).connect, Read: (*service).readConnection,
		Test: app.Text[*service]("#XMQTTCON: (0,1,2),<username>,<password>,<url>,<port>,<sec_tag>"),
	}
	var commands []command
	if facts.IDInConnect {
		connect.Test = app.Text[*service]("#XMQTTCON: (0,1,2),<client_id>,<username>,<password>,<url>,<port>,<sec_tag>")
	} else {
		commands = append(commands, command{
			Name: "#XMQTTCFG", Shows: app.Values, Set: (*service).configure, Read: (*service).readConfiguration,
			Test: app.Text[*service]("#XMQTTCFG: <client_id>,<keep_alive>,<clean_session>"),
		})
	}
	publishTest := "#XMQTTPUB: <topic>,<msg>,(0,1,2),(0,1)"
	if facts.DataLength {
		publishTest += "[,<data_len>]"
	}
	commands = append(commands, connect,
		command{Name: "#XMQTTPUB", Shows: app.Values, Set: (*service).publish, Test: connected(publishTest)},
		command{Name: "#XMQTTSUB", Shows: app.Values, Set: (*service).subscribe, Test: connected("#XMQTTSUB: <topic>,(0,1,2)")},
		command{Name: "#XMQTTUNSUB", Shows: app.Values, Set: (*service).unsubscribe, Test: connected("#XMQTTUNSUB: <topic>")},
	)
	return app.NewKind("MQTT client", func(h *app.Host) *service {
		return &service{facts: &facts, host: h, session: session{
			clientID: facts.ClientID, keepAlive: defaultKeepAlive, clean: true, // 4.1
		}}
	}, commands...)
}

var errNotConnected = atcmd.Errorf("there is no MQTT connection; AT#XMQTTCON=1 makes one")

// connected is app.Text for commands that need a connection: without one their test
// forms fail too (fact mqtt/commands).
func connected(line string) app.HandlerFunc[*service] {
	return func(s *service, x *app.Exchange) error {
		if s.client == nil {
			return errNotConnected
		}
		x.Line(line)
		return nil
	}
}

// Stop ends the connection silently.
func (s *service) Stop() {
	if s.client != nil {
		s.client.stop()
	}
}

// ModemGone ends the connection.
func (s *service) ModemGone(why error) {
	if s.client != nil {
		s.client.end(-int(s.facts.Ends.Gone), why)
	}
}

// Resume reads on.
func (s *service) Resume() {
	if s.client != nil {
		s.client.resume()
	}
}

// ContextClosed has another context hear of what comes.
func (s *service) ContextClosed(c, heir *app.Context) {
	if s.context == c {
		s.context = heir
	}
}

// configure is AT#XMQTTCFG="<client_id>"[,<keep_alive>[,<clean_session>]]. What is left out
// becomes what it was at start (fact mqtt/left-out).
func (s *service) configure(x *app.Exchange) error {
	args := x.Args()
	if id := string(args.Text(maxClientID, "the client id")); args.Err() == nil {
		s.session.clientID = id // whatever comes of the rest
	}
	keepAlive := args.IntOr(defaultKeepAlive, 0, math.MaxUint16, "the keep-alive time in seconds")
	clean := args.IntOr(1, 0, 1, "0 or 1 for a clean session") == 1
	if err := args.Err(); err != nil {
		return err
	}
	if s.client != nil {
		return atcmd.Errorf("the MQTT client cannot be configured while it is connected")
	}
	s.session.keepAlive, s.session.clean = uint16(keepAlive), clean
	return nil
}

func (s *service) readConfiguration(x *app.Exchange) error {
	x.Printf("#XMQTTCFG: \"%s\",%d,%d", s.session.clientID, s.session.keepAlive, app.Digit(s.session.clean))
	return nil
}

// connect is
// AT#XMQTTCON=<op>[,"<username>","<password>","<url>",<port>[,<sec_tag>]], with
// "<client_id>" behind <op> before NCS 2.6.
func (s *service) connect(x *app.Exchange) error {
	args := x.Args()
	op := args.Int(0, 2, "0 to disconnect, 1 or 2 to connect over IPv4 or IPv6")
	switch {
	case args.Err() != nil:
		return args.Err()
	case op == 0:
		return s.disconnect(x)
	case s.client != nil:
		return atcmd.Errorf("the MQTT client is connected already")
	}
	who := s.session
	if s.facts.IDInConnect {
		who.clientID = string(args.Text(maxClientID, "the client id"))
	}
	who.username = string(args.Text(maxName, "the user name"))
	who.password = string(args.Text(maxName, "the password"))
	url, port := app.HostArg(&args), app.PortArg(&args)
	tag, secure := sock.OptionalTag(&args) // fact mqtt/connect
	if err := args.Err(); err != nil {
		return err
	}
	want := sock.Want{Family: socket.Family(op), Type: socket.Stream}
	if secure {
		want.Secure = &sock.Secure{Tag: tag, PeerVerify: socket.PeerVerifyRequired, HostName: url}
	}
	conn, err := sock.Open(s.host, want, nil)
	if err != nil {
		return app.Refuse(err)
	}
	fail := func(err error) {
		conn.Close()
		x.Finish(app.Refuse(err))
	}
	x.Later()
	conn.StartConnect(url, port, func(err error) {
		switch {
		case !x.Live():
			conn.Close()
		case err != nil:
			fail(err)
		default:
			newClient(conn, who, s.facts.Ends, s, func(c *client, err error) {
				switch {
				case err != nil:
					fail(err)
				case !x.Live():
					c.stop()
				default:
					// What comes before CONNACK is a connection already (fact mqtt/connect).
					s.session, s.client, s.context = who, c, x.Context()
					s.url, s.port, s.secTag, s.secure = url, port, tag, secure
					x.Finish(nil)
				}
			})
		}
	})
	return nil
}

// disconnect is AT#XMQTTCON=0. The event comes before OK, save where
// notifications wait until the channel is idle (fact mqtt/disconnect-order).
func (s *service) disconnect(x *app.Exchange) error {
	if s.client == nil {
		return errNotConnected
	}
	x.Wait(s.client.disconnect)
	return nil
}

func (s *service) readConnection(x *app.Exchange) error {
	switch {
	case s.client == nil:
		x.Line("#XMQTTCON: 0")
	case s.secure:
		x.Printf("#XMQTTCON: 1,\"%s\",\"%s\",%d,%d", s.session.clientID, s.url, s.port, s.secTag)
	default:
		x.Printf("#XMQTTCON: 1,\"%s\",\"%s\",%d", s.session.clientID, s.url, s.port)
	}
	return nil
}

// publish is AT#XMQTTPUB="<topic>"[,"<msg>"[,<qos>[,<retain>[,<data_len>]]]]. Without
// a message it enters data mode (fact mqtt/data-mode).
func (s *service) publish(x *app.Exchange) error {
	c := s.client
	if c == nil {
		return errNotConnected
	}
	args := x.Args()
	topic := string(args.Text(maxTopic, "the topic"))
	message := args.TextOr(nil, s.host.Dialect().MaxInline(), "the message")
	qos := byte(args.IntOr(0, 0, 2, "the quality of service"))
	retain := args.IntOr(0, 0, 1, "0 or 1 to retain the message") == 1
	length := 0
	if s.facts.DataLength {
		length = args.IntOr(0, 0, app.DataBuffer, "the length of the message in data mode")
	}
	if length > 0 && len(message) > 0 {
		args.Fail("a length is for a message in data mode, and there is a message in the command")
	}
	if err := args.Err(); err != nil {
		return err
	}
	// All that one command publishes has one id, whatever is published before it
	// leaves (fact mqtt/one-id).
	s.published = nextMessageID(s.published)
	id := s.published
	send := func(p []byte, done func(error)) { c.publish(topic, p, qos, retain, id, done) }
	if len(message) == 0 {
		x.EnterData(app.Data{Whole: true, Length: length, Send: send})
		return nil
	}
	message = append([]byte(nil), message...)
	x.Wait(func(done func(error)) { send(message, done) })
	return nil
}

// subscribe is AT#XMQTTSUB="<topic>",<qos>.
func (s *service) subscribe(x *app.Exchange) error {
	c := s.client
	if c == nil {
		return errNotConnected
	}
	args := x.Args()
	topic := string(args.Text(maxTopic, "the topic"))
	qos := byte(args.Int(0, 2, "the quality of service"))
	if err := args.End(); err != nil {
		return err
	}
	id := s.nextSubscription()
	x.Wait(func(done func(error)) { c.subscribe(topic, qos, id, done) })
	return nil
}

// unsubscribe is AT#XMQTTUNSUB="<topic>".
func (s *service) unsubscribe(x *app.Exchange) error {
	c := s.client
	if c == nil {
		return errNotConnected
	}
	args := x.Args()
	topic := string(args.Text(maxTopic, "the topic"))
	if err := args.End(); err != nil {
		return err
	}
	id := s.nextSubscription()
	x.Wait(func(done func(error)) { c.unsubscribe(topic, id, done) })
	return nil
}

// nextSubscription returns an id for SUBSCRIBE or UNSUBSCRIBE, which are counted
// apart from messages (fact mqtt/one-id).
func (s *service) nextSubscription() uint16 {
	s.subscribed = nextMessageID(s.subscribed)
	return s.subscribed
}

// What follows is the clientHost.

func (s *service) told(e eventType, result int, why error) {
	if why != nil {
		s.host.ServiceEnded(s.client.s.Handle(), event.SocketMQTT, socket.Errno(max(-result, 0)), why)
	}
	line := fmt.Sprintf("#XMQTTEVT: %d,%d", e, result)
	if e != eventDisconnect {
		s.context.Tell(line)
		return
	}
	s.client = nil
	if result == 0 && s.host.Dialect().Delivery != app.DeliverWhenIdle {
		s.context.TellNow(line)
		return
	}
	s.context.Tell(line)
}

func (s *service) message(topic string, payload []byte) {
	const crlf = "\r\n"
	s.context.Tell(fmt.Sprintf("#XMQTTMSG: %d,%d", len(topic), len(payload)), []byte(topic), []byte(crlf), payload, []byte(crlf))
}

func (s *service) hold() bool                      { return s.context.Hold() }
func (s *service) newTimer(fn func()) *timer.Timer { return s.host.NewTimer(fn) }
func (s *service) as(cause int, fn func())         { s.host.As(cause, fn) }
func (s *service) cause() int                      { return s.host.Cause() }
