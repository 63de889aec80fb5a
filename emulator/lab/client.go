package lab

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"sync"

	"nrf91emu/emulator/cloud"
)

// A secondClient is the page's own client of the broker.
type secondClient struct {
	seat   *Seat
	acting sync.Mutex // one act at a time
	mu     sync.Mutex
	conn   *cloud.Client
	server string
}

// id is the client's id at the broker.
func (c *secondClient) id() string { return fmt.Sprintf("page-%d", c.seat.N) }

// is reports whether an event is about this client.
func (c *secondClient) is(ev cloud.Event) bool {
	return ev.Session != nil && ev.Session.ClientID == c.id()
}

// clientState is what the page shows of it.
type clientState struct {
	Connected bool   `json:"connected"`
	Server    string `json:"server,omitempty"`
	Error     string `json:"error,omitempty"`
}

func (c *secondClient) report(st clientState) {
	c.seat.mu.Lock()
	c.seat.world.clientConnected = st.Connected
	c.seat.world.clientRefused = c.seat.world.clientRefused || st.Error != ""
	c.seat.mu.Unlock()
	c.seat.hub.setIfNew("client", st)
	if st.Error != "" {
		c.seat.hub.add("refused", st.Error)
	}
	c.seat.changed()
}

// connect connects to a server, trusting the CA of a file; "none" trusts none.
func (c *secondClient) connect(server, ca string) error {
	c.acting.Lock()
	defer c.acting.Unlock()
	c.drop()
	s, ok := c.seat.lab.cloud.Server(server)
	if !ok || !strings.HasPrefix(s.Protocol, "mqtt") {
		return fmt.Errorf("%q is no broker", server)
	}
	roots := x509.NewCertPool()
	if ca != "none" {
		content, ok := c.seat.lab.files[ca]
		if !ok || !roots.AppendCertsFromPEM(content) {
			return fmt.Errorf("%q is no file with a CA certificate", ca)
		}
	}
	opt := cloud.ClientOptions{
		Server: s, ID: c.id(), Roots: roots,
		OnMessage: func(topic string, payload []byte) {
			c.seat.hub.add("message", map[string]string{"topic": topic, "payload": string(payload[:min(len(payload), cloud.MessageLimit)])})
		},
		OnLost: func(err error) {
			c.mu.Lock()
			c.conn = nil
			c.mu.Unlock()
			c.report(clientState{Error: "the connection is gone: " + err.Error()})
		},
	}
	if server == "mqtt-client-certificate" {
		cert, key, err := c.seat.lab.cloud.ClientCertificate()
		if err != nil {
			return err
		}
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			return err
		}
		opt.Certificates = []tls.Certificate{pair}
	}
	conn, err := cloud.Dial(opt)
	if err != nil {
		c.report(clientState{Error: err.Error()})
		return err
	}
	c.mu.Lock()
	c.conn, c.server = conn, server
	c.mu.Unlock()
	c.report(clientState{Connected: true, Server: server})
	return nil
}

var errNoClient = errors.New("the second client is not connected")

func (c *secondClient) current() (*cloud.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil {
		return nil, errNoClient
	}
	return c.conn, nil
}

func (c *secondClient) subscribe(topic string) error {
	conn, err := c.current()
	if err != nil {
		return err
	}
	return conn.Subscribe(topic, 1)
}

func (c *secondClient) publish(topic, payload string) error {
	conn, err := c.current()
	if err != nil {
		return err
	}
	return conn.Publish(topic, 1, false, []byte(payload))
}

func (c *secondClient) disconnect() error {
	c.acting.Lock()
	defer c.acting.Unlock()
	c.drop()
	c.report(clientState{})
	return nil
}

// drop ends the connection, if there is one.
func (c *secondClient) drop() {
	c.mu.Lock()
	conn := c.conn
	c.conn = nil
	c.mu.Unlock()
	if conn != nil {
		conn.Close()
	}
}

func (c *secondClient) close() { c.drop() }
