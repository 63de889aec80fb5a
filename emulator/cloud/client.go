package cloud

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"syscall"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// ClientTimeout is how long a Client waits for the broker.
const ClientTimeout = 20 * time.Second

// ClientOptions say how a Client connects.
type ClientOptions struct {
	Server Server
	// ID is the client id; "" is a new one that begins with nrf91emu-.
	ID string
	// Roots are the certificates that it trusts; nil or empty trusts none.
	Roots *x509.CertPool
	// Certificates show who it is; nil for a server that does not ask.
	Certificates []tls.Certificate
	// OnMessage takes messages, one after the other; OnLost hears why the connection
	// ended by itself. They may be nil.
	OnMessage func(topic string, payload []byte)
	OnLost    func(error)
}

// A Client is a second client of the broker, as MQTT Explorer is in the exercise.
type Client struct{ c paho.Client }

// Dial connects to an MQTT broker. The error says in words why it did not work.
func Dial(opt ClientOptions) (*Client, error) {
	if opt.ID == "" {
		id := make([]byte, 4)
		rand.Read(id)
		opt.ID = "nrf91emu-" + hex.EncodeToString(id)
	}
	o := paho.NewClientOptions().SetClientID(opt.ID).SetAutoReconnect(false).SetConnectTimeout(ClientTimeout)
	switch opt.Server.Protocol {
	case "mqtt":
		o.AddBroker("tcp://" + opt.Server.Addr.String())
	case "mqtts":
		roots := opt.Roots
		if roots == nil {
			roots = x509.NewCertPool()
		}
		o.AddBroker("ssl://" + opt.Server.Addr.String())
		o.SetTLSConfig(&tls.Config{ServerName: opt.Server.Host, RootCAs: roots, Certificates: opt.Certificates})
	default:
		return nil, fmt.Errorf("%s is no MQTT broker", opt.Server.Name)
	}
	if opt.OnMessage != nil {
		o.SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) { opt.OnMessage(m.Topic(), m.Payload()) })
	}
	if opt.OnLost != nil {
		o.SetConnectionLostHandler(func(_ paho.Client, err error) { opt.OnLost(err) })
	}
	c := paho.NewClient(o)
	if t := c.Connect(); t.Wait() && t.Error() != nil {
		if errors.Is(t.Error(), syscall.ECONNREFUSED) {
			return nil, fmt.Errorf("nothing listens at %s: are the servers still running? %w", opt.Server.Addr, t.Error())
		}
		err := t.Error()
		if both, ok := err.(interface{ Unwrap() []error }); ok { // "network Error" and what it was
			err = both.Unwrap()[len(both.Unwrap())-1]
		}
		return nil, fmt.Errorf("%s (%s) cannot be connected to: %w", opt.Server.Name, opt.Server.Addr, err)
	}
	return &Client{c}, nil
}

// Subscribe asks for messages of a topic filter.
func (c *Client) Subscribe(topic string, qos byte) error {
	return wait(c.c.Subscribe(topic, qos, nil))
}

// Publish sends a message and returns when the broker has it.
func (c *Client) Publish(topic string, qos byte, retain bool, payload []byte) error {
	return wait(c.c.Publish(topic, qos, retain, payload))
}

func wait(t paho.Token) error {
	if !t.WaitTimeout(ClientTimeout) {
		return fmt.Errorf("the broker did not answer within %v", ClientTimeout)
	}
	return t.Error()
}

// Close ends the connection in good order.
func (c *Client) Close() { c.c.Disconnect(100) }
