package cloud

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
)

// startBroker starts the MQTT broker that is behind all MQTT ports.
func (c *Cloud) startBroker() error {
	c.broker = mqtt.New(&mqtt.Options{InlineClient: true, Logger: slog.New(slog.DiscardHandler)})
	if err := errors.Join(c.broker.AddHook(new(auth.AllowHook), nil), c.broker.AddHook(&hook{cloud: c}, nil)); err != nil {
		return err
	}
	if err := c.broker.Serve(); err != nil {
		return err
	}
	c.close = append(c.close, c.broker.Close)
	return nil
}

// startMQTT opens a port of the broker.
func startMQTT(c *Cloud, s *Server) error {
	ln, err := c.listen(s)
	if err != nil {
		return err
	}
	if s.Protocol == "mqtts" {
		config := c.tlsConfig()
		if s.Name == "mqtt-client-certificate" {
			config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, c.Pool()
		}
		if f := lookupFault(s.Name); f != nil {
			if err := c.spoil(config, f); err != nil {
				return errors.Join(err, ln.Close())
			}
		}
		ln = c.secure(s.Name, ln, config)
	}
	// The listener's Init and Serve are called by AddListener once the broker runs.
	l := listeners.NewNet(s.Name, ln)
	if err := c.broker.AddListener(l); err != nil {
		return errors.Join(err, ln.Close())
	}
	c.broker.Listeners.Serve(l.ID(), c.broker.EstablishConnection)
	return nil
}

// secure puts TLS in front of a listener and tells of each handshake.
func (c *Cloud) secure(server string, ln net.Listener, config *tls.Config) net.Listener {
	return newTLSListener(ln, config, func(peer string, h *Handshake) {
		if h.Error == "" {
			c.devices.connected(h.Client)
		}
		c.feed.tell(Event{Server: server, Peer: peer, Handshake: h})
	})
}

// spoil gives a configuration the fault.
func (c *Cloud) spoil(config *tls.Config, f *serverFault) error {
	if f.identity != nil {
		identity, err := f.identity(c.certs)
		if err != nil {
			return err
		}
		config.Certificates = []tls.Certificate{identity.TLS()}
	}
	if f.edit != nil {
		f.edit(config)
	}
	return nil
}

// startRaw starts a server that speaks no MQTT.
func startRaw(c *Cloud, s *Server) error {
	ln, err := c.listen(s)
	if err != nil {
		return err
	}
	f, config := lookupFault(s.Name), c.tlsConfig()
	if err := c.spoil(config, f); err != nil {
		return errors.Join(err, ln.Close())
	}
	c.serveConns(ln, func(conn net.Conn) {
		h := &Handshake{}
		if err := f.raw(c.life, conn, config); err != nil {
			h.Error = err.Error()
		}
		c.feed.tell(Event{Server: s.Name, Peer: conn.RemoteAddr().String(), Handshake: h})
	})
	return nil
}

// maxConns is how many connections a server that is not the broker serves at once.
const maxConns = 256

// serveConns serves each connection in a goroutine and ends them with the cloud.
func (c *Cloud) serveConns(ln net.Listener, serve func(net.Conn)) {
	c.close = append(c.close, ln.Close)
	slots := make(chan struct{}, maxConns)
	c.wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			} else if err != nil {
				continue
			}
			select {
			case slots <- struct{}{}:
			default:
				conn.Close()
				continue
			}
			c.wg.Go(func() {
				defer func() { <-slots }()
				defer conn.Close()
				defer c.onEnd(func() { conn.Close() })()
				serve(conn)
			})
		}
	})
}

// A hook tells what happens in the broker.
type hook struct {
	mqtt.HookBase
	cloud *Cloud
}

// ID names the hook.
func (h *hook) ID() string { return "events" }

// Provides says which calls the hook wants.
func (h *hook) Provides(b byte) bool {
	return bytes.IndexByte([]byte{mqtt.OnSessionEstablished, mqtt.OnDisconnect, mqtt.OnSubscribed, mqtt.OnUnsubscribed, mqtt.OnPublished}, b) >= 0
}

func (h *hook) tell(cl *mqtt.Client, ev Event) {
	if cl.Net.Inline {
		ev.Server = "mqtt"
	} else {
		ev.Server, ev.Peer = cl.Net.Listener, cl.Net.Remote
	}
	h.cloud.feed.tell(ev)
}

// OnSessionEstablished is called when a client has got its CONNACK.
func (h *hook) OnSessionEstablished(cl *mqtt.Client, _ packets.Packet) {
	h.tell(cl, Event{Session: &Session{Op: "connect", ClientID: cl.ID}})
}

// OnDisconnect is called when a client has gone.
func (h *hook) OnDisconnect(cl *mqtt.Client, err error, _ bool) {
	s := &Session{Op: "disconnect", ClientID: cl.ID}
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, packets.CodeDisconnect) {
		s.Reason = err.Error()
	}
	h.tell(cl, Event{Session: s})
}

// OnSubscribed is called after a SUBACK.
func (h *hook) OnSubscribed(cl *mqtt.Client, pk packets.Packet, codes []byte) {
	s := &Session{Op: "subscribe", ClientID: cl.ID, QoS: codes}
	for _, f := range pk.Filters {
		s.Topics = append(s.Topics, f.Filter)
	}
	h.tell(cl, Event{Session: s})
}

// OnUnsubscribed is called after an UNSUBACK.
func (h *hook) OnUnsubscribed(cl *mqtt.Client, pk packets.Packet) {
	s := &Session{Op: "unsubscribe", ClientID: cl.ID}
	for _, f := range pk.Filters {
		s.Topics = append(s.Topics, f.Filter)
	}
	h.tell(cl, Event{Session: s})
}

// OnPublished is called when a message has been given to those who listen.
func (h *hook) OnPublished(cl *mqtt.Client, pk packets.Packet) {
	h.tell(cl, Event{Message: &Message{
		ClientID: cl.ID, Topic: pk.TopicName, QoS: pk.FixedHeader.Qos, Retain: pk.FixedHeader.Retain,
		Payload: bytes.Clone(pk.Payload[:min(len(pk.Payload), MessageLimit)]), Size: len(pk.Payload),
	}})
}
