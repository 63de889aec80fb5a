package app

import (
	"errors"
	"fmt"
	"math"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/socket"
	"nrf91emu/emulator/timer"
)

// mqttCommands are those of section 4 of serial-modem-at.md. There is no will.
var mqttCommands = append([]command{
	{"#XMQTTCFG", &forms{
		Set: (*App).configureMQTT, Read: (*App).readMQTTConfig,
		Test: atcmd.Text[*App]("#XMQTTCFG: <client_id>,<keep_alive>,<clean_session>"),
	}},
	{"#XMQTTCON", &forms{
		Set: (*App).connectMQTT, Read: (*App).readMQTT,
		Test: atcmd.Text[*App]("#XMQTTCON: (0,1,2),<username>,<password>,<url>,<port>,<sec_tag>"),
	}},
}, mqttSessionCommands...)

// mqttCommandsBefore26 are those before NCS 2.6, where the client id is a
// parameter of #XMQTTCON (serial-modem-at 4.1, documented).
var mqttCommandsBefore26 = append([]command{
	{"#XMQTTCON", &forms{
		Set: (*App).connectMQTT, Read: (*App).readMQTT,
		Test: atcmd.Text[*App]("#XMQTTCON: (0,1,2),<client_id>,<username>,<password>,<url>,<port>,<sec_tag>"),
	}},
}, mqttSessionCommands...)

// mqttSessionCommands need a connection; without one their test forms fail too
// (serial-modem-at 4.1, seen in source).
var mqttSessionCommands = []command{
	{"#XMQTTPUB", &forms{
		Set: (*App).publishMQTT, Test: connected("#XMQTTPUB: <topic>,<msg>,(0,1,2),(0,1)"),
	}},
	{"#XMQTTSUB", &forms{Set: (*App).subscribeMQTT, Test: connected("#XMQTTSUB: <topic>,(0,1,2)")}},
	{"#XMQTTUNSUB", &forms{Set: (*App).unsubscribeMQTT, Test: connected("#XMQTTUNSUB: <topic>")}},
}

// The limits of section 4.5 of serial-modem-at.md (seen in source).
const (
	maxMQTTClientID = 64
	maxMQTTName     = 32 // user name and password
	maxMQTTTopic    = 127

	mqttKeepAlive = 60 // seconds, unless set
)

// mqttService is what the application keeps about its MQTT client.
type mqttService struct {
	app     *App
	session mqttSession
	client  *mqttClient // nil while not connected

	url    string
	port   uint16
	secTag uint32
	secure bool

	published, subscribed uint16 // message ids used last
}

var errMQTTNotConnected = atcmd.Errorf("there is no MQTT connection; AT#XMQTTCON=1 makes one")

// mqttService returns the application's MQTT client.
func (a *App) mqttService() *mqttService {
	if a.mqtt == nil {
		a.mqtt = &mqttService{app: a, session: mqttSession{
			clientID: a.cfg.Dialect.MQTTClientID, keepAlive: mqttKeepAlive, clean: true, // 4.1
		}}
	}
	return a.mqtt
}

// mqttClient returns the client of the connection.
func (a *App) mqttClient() (*mqttClient, error) {
	if m := a.mqttService(); m.client != nil {
		return m.client, nil
	}
	return nil, errMQTTNotConnected
}

// connected is atcmd.Text for commands that need a connection.
func connected(line string) atcmd.HandlerFunc[*App] {
	return func(a *App, w *atcmd.Response, _ *atcmd.Command) error {
		if _, err := a.mqttClient(); err != nil {
			return err
		}
		w.Line(line)
		return nil
	}
}

// configureMQTT is AT#XMQTTCFG="<client_id>"[,<keep_alive>[,<clean_session>]].
func (a *App) configureMQTT(_ *atcmd.Response, cmd *atcmd.Command) error {
	m := a.mqttService()
	if m.client != nil {
		return atcmd.Errorf("the MQTT client cannot be configured while it is connected")
	}
	id, err := quoted(cmd, 0, maxMQTTClientID, "the client id")
	keepAlive, err2 := optional(cmd, 1, 0, math.MaxUint16, int(m.session.keepAlive), "the keep-alive time in seconds")
	clean, err3 := optional(cmd, 2, 0, 1, btoi(m.session.clean), "0 or 1 for a clean session")
	if err := errors.Join(err, err2, err3); err != nil {
		return err
	}
	m.session.clientID, m.session.keepAlive, m.session.clean = id, uint16(keepAlive), clean == 1
	return nil
}

func (a *App) readMQTTConfig(w *atcmd.Response, _ *atcmd.Command) error {
	s := a.mqttService().session
	w.Printf("#XMQTTCFG: \"%s\",%d,%d", s.clientID, s.keepAlive, btoi(s.clean))
	return nil
}

// connectMQTT is
// AT#XMQTTCON=<op>[,"<username>","<password>","<url>",<port>[,<sec_tag>]], with
// "<client_id>" behind <op> before NCS 2.6.
func (a *App) connectMQTT(_ *atcmd.Response, cmd *atcmd.Command) error {
	m := a.mqttService()
	op, err := number(cmd, 0, 0, 2, "0 to disconnect, 1 or 2 to connect over IPv4 or IPv6")
	switch {
	case err != nil:
		return err
	case op == 0:
		return m.disconnect()
	case m.client != nil:
		return atcmd.Errorf("the MQTT client is connected already")
	}
	session, i := m.session, 1
	if a.cfg.Dialect.MQTTIDInConnect {
		if session.clientID, err = quoted(cmd, i, maxMQTTClientID, "the client id"); err != nil {
			return err
		}
		i++
	}
	username, err := quoted(cmd, i, maxMQTTName, "the user name")
	password, err2 := quoted(cmd, i+1, maxMQTTName, "the password")
	url, err3 := host(cmd, i+2)
	p, err4 := port(cmd, i+3)
	tag, err5 := optional(cmd, i+4, 0, math.MaxInt32, -1, "a security tag")
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		return err
	}
	session.username, session.password = username, password
	var secure *secureSettings
	if tag >= 0 { // 4.1, seen in source
		secure = &secureSettings{tag: uint32(tag), peerVerify: socket.PeerVerifyRequired, hostName: url}
	}
	s, err := a.openService(socket.Family(op), socket.Stream, secure, 0)
	if err != nil {
		return refuse(err)
	}
	wait := a.later()
	fail := func(err error) {
		s.Close()
		wait.finish(refuse(err))
	}
	s.StartConnect(url, p, func(err error) {
		switch {
		case !wait.live():
			s.Close()
		case err != nil:
			fail(err)
		default:
			newMQTTClient(s, session, m, func(c *mqttClient, err error) {
				switch {
				case err != nil:
					fail(err)
				case !wait.live():
					c.stop()
				default:
					// What comes before CONNACK is a connection already (4.1).
					m.session, m.client = session, c
					m.url, m.port, m.secTag, m.secure = url, p, uint32(max(tag, 0)), tag >= 0
					wait.finish(nil)
				}
			})
		}
	})
	return nil
}

// disconnect is AT#XMQTTCON=0. The event comes before OK, save where
// notifications wait until the channel is idle (serial-modem-at 4.1, for SLM
// inferred).
func (m *mqttService) disconnect() error {
	if m.client == nil {
		return errMQTTNotConnected
	}
	wait := m.app.later()
	m.client.disconnect(func(err error) {
		if err != nil {
			err = refuse(err)
		}
		wait.finish(err)
	})
	return nil
}

func (a *App) readMQTT(w *atcmd.Response, _ *atcmd.Command) error {
	switch m := a.mqttService(); {
	case m.client == nil:
		w.Line("#XMQTTCON: 0")
	case m.secure:
		w.Printf("#XMQTTCON: 1,\"%s\",\"%s\",%d,%d", m.session.clientID, m.url, m.port, m.secTag)
	default:
		w.Printf("#XMQTTCON: 1,\"%s\",\"%s\",%d", m.session.clientID, m.url, m.port)
	}
	return nil
}

// publishMQTT is AT#XMQTTPUB="<topic>"[,"<msg>"[,<qos>[,<retain>]]]. Without a
// message it enters data mode (serial-modem-at 4.4).
func (a *App) publishMQTT(_ *atcmd.Response, cmd *atcmd.Command) error {
	c, err := a.mqttClient()
	if err != nil {
		return err
	}
	topic, err := quoted(cmd, 0, maxMQTTTopic, "the topic")
	if err != nil {
		return err
	}
	var message string
	if len(cmd.Args) > 1 {
		if message, err = quoted(cmd, 1, a.inlineLimit(), "the message"); err != nil {
			return err
		}
	}
	qos, err := optional(cmd, 2, 0, 2, 0, "the quality of service")
	retain, err2 := optional(cmd, 3, 0, 1, 0, "0 or 1 to retain the message")
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	m := a.mqtt
	m.published = nextMessageID(m.published)
	send := func(p []byte, done func(error)) {
		c.publish(topic, p, byte(qos), retain == 1, m.published, done)
	}
	if message == "" {
		// All that one command publishes has one id (seen in source).
		a.enterData(&dataMode{whole: true, send: send})
		return nil
	}
	a.waitFor(func(done func(error)) { send([]byte(message), done) })
	return nil
}

// subscribeMQTT is AT#XMQTTSUB="<topic>",<qos>.
func (a *App) subscribeMQTT(_ *atcmd.Response, cmd *atcmd.Command) error {
	c, err := a.mqttClient()
	if err != nil {
		return err
	}
	if len(cmd.Args) != 2 {
		return atcmd.Errorf("#XMQTTSUB takes two parameters, the topic and the quality of service")
	}
	topic, err := quoted(cmd, 0, maxMQTTTopic, "the topic")
	qos, err2 := number(cmd, 1, 0, 2, "the quality of service")
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	id := a.mqtt.nextSubscription()
	a.waitFor(func(done func(error)) { c.subscribe(topic, byte(qos), id, done) })
	return nil
}

// unsubscribeMQTT is AT#XMQTTUNSUB="<topic>".
func (a *App) unsubscribeMQTT(_ *atcmd.Response, cmd *atcmd.Command) error {
	c, err := a.mqttClient()
	if err != nil {
		return err
	}
	if len(cmd.Args) != 1 {
		return atcmd.Errorf("#XMQTTUNSUB takes one parameter, the topic")
	}
	topic, err := quoted(cmd, 0, maxMQTTTopic, "the topic")
	if err != nil {
		return err
	}
	id := a.mqtt.nextSubscription()
	a.waitFor(func(done func(error)) { c.unsubscribe(topic, id, done) })
	return nil
}

// nextSubscription returns an id for SUBSCRIBE or UNSUBSCRIBE, which are counted
// apart from messages (seen in source).
func (m *mqttService) nextSubscription() uint16 {
	m.subscribed = nextMessageID(m.subscribed)
	return m.subscribed
}

// waitFor has the command in hand wait until start calls done, which start may do
// before it returns.
func (a *App) waitFor(start func(done func(error))) {
	wait := a.later()
	start(func(err error) {
		if err != nil {
			err = refuse(err)
		}
		wait.finish(err)
	})
}

// inlineLimit is the longest text that a command sends, in bytes.
func (a *App) inlineLimit() int {
	if n := a.cfg.Dialect.InlineLimit; n > 0 {
		return n
	}
	return a.cfg.Dialect.Framing.Limit
}

func (m *mqttService) mqttEvent(e mqttEvent, result int, why error) {
	if why != nil {
		m.app.serviceEnded(m.client.s, "mqtt", max(-result, 0), why)
	}
	line := fmt.Sprintf("#XMQTTEVT: %d,%d", e, result)
	if e != mqttDisconnect {
		m.app.tell(line)
		return
	}
	m.client = nil
	if result == 0 && m.app.cfg.Dialect.Delivery != DeliverWhenIdle {
		m.app.tellNow(line)
		return
	}
	m.app.tell(line)
}

func (m *mqttService) mqttMessage(topic string, payload []byte) {
	m.app.tell(fmt.Sprintf("#XMQTTMSG: %d,%d", len(topic), len(payload)), []byte(topic), []byte(crlf), payload, []byte(crlf))
}

func (m *mqttService) mqttHold() bool { return m.app.holdServices() }

func (m *mqttService) timers() *timer.Group { return m.app.timers }

// mask returns a command line for the record, without secrets: those that the
// modem knows, and the password of #XMQTTCON. What could be parsed of it is cmd.
func (a *App) mask(line []byte, cmd *atcmd.Command) string {
	if string(cmd.Name) != "#XMQTTCON" {
		return modem.Mask(line)
	}
	before := 1 // the user name
	if a.cfg.Dialect.MQTTIDInConnect {
		before++
	}
	start := -1 // of a string in quotes
	for i, c := range line {
		switch {
		case c != '"':
		case start < 0:
			start = i + 1
		case before > 0:
			before--
			start = -1
		default:
			return fmt.Sprintf("%s<%d bytes masked>%s", line[:start], i-start, line[i:])
		}
	}
	return string(line)
}
