package cloud

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"

	mqtt "github.com/mochi-mqtt/server/v2"
)

// Config is what a Cloud is made of. The zero Config is all servers on free ports
// of 127.0.0.1, with certificates that nobody keeps.
type Config struct {
	// Dir is where ca.pem and the other files are written; "" writes none. A root
	// that an earlier start has left there is used again, so that a device which has
	// it stored goes on trusting.
	Dir string
	// Names are further names of all servers, beside DefaultName and those that
	// Nordic's course connects to.
	Names []string
	// Listen is the address to listen on; the zero Addr is 127.0.0.1.
	Listen netip.Addr
	// UsualPorts has servers listen on the ports that programs ask for, where they
	// are free and above 1023.
	UsualPorts bool
	// Broker is an MQTT broker to use in place of the own ones: connections to port
	// 1883, 8883 and so on are mapped to its address. The zero AddrPort is none.
	Broker netip.AddrPort
	// PSK are the pre-shared keys of coaps-psk by identity; nil means those of
	// DefaultPSK.
	PSK map[string][]byte
}

// DefaultPSK returns the identity and the key that the CoAP exercise of Nordic's
// course uses; they are public.
func DefaultPSK() map[string][]byte {
	return map[string][]byte{"cali.test.nrf91": []byte(".fornium")}
}

// A Cloud is servers at the far end. It may be used by several goroutines.
type Cloud struct {
	cfg     Config
	names   []string
	certs   *authorities
	servers []Server
	broker  *mqtt.Server
	devices devices
	feed    feed

	life  context.Context // of everything that runs
	end   context.CancelFunc
	wg    sync.WaitGroup
	close []func() error // in the order of starting
}

// Start starts all servers. The error says which one could not be started and why.
func Start(cfg Config) (*Cloud, error) {
	if !cfg.Listen.IsValid() {
		cfg.Listen = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	if cfg.PSK == nil {
		cfg.PSK = DefaultPSK()
	}
	c := &Cloud{cfg: cfg}
	c.life, c.end = context.WithCancel(context.Background())
	for _, name := range slices.Concat([]string{DefaultName}, courseNames, cfg.Names) {
		if !slices.Contains(c.names, name) {
			c.names = append(c.names, name)
		}
	}
	var err error
	if c.certs, err = newAuthorities(cfg.Dir, c.names); err != nil {
		return nil, err
	}
	if err := c.start(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Cloud) start() error {
	if err := c.startBroker(); err != nil {
		return err
	}
	for _, s := range specs() {
		s.Host = DefaultName
		if c.cfg.Broker.IsValid() && s.Fault == "" && (s.Protocol == "mqtt" || s.Protocol == "mqtts") {
			s.Addr = c.cfg.Broker
			s.What = "your own broker"
		} else if err := s.start(c, &s.Server); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		s.Try = c.try(&s.Server)
		c.servers = append(c.servers, s.Server)
	}
	return nil
}

// Close ends all servers and waits until nothing of them runs.
func (c *Cloud) Close() error {
	c.end()
	var errs []error
	for _, fn := range slices.Backward(c.close) {
		errs = append(errs, fn())
	}
	c.close = nil
	c.wg.Wait()
	return errors.Join(errs...)
}

// Servers returns all servers, good ones first.
func (c *Cloud) Servers() []Server { return slices.Clone(c.servers) }

// Server returns the server of a name, and whether there is one.
func (c *Cloud) Server(name string) (Server, bool) {
	i := slices.IndexFunc(c.servers, func(s Server) bool { return s.Name == name })
	if i < 0 {
		return Server{}, false
	}
	return c.servers[i], true
}

// Names returns the host names of the servers.
func (c *Cloud) Names() []string { return slices.Clone(c.names) }

// Hosts maps each name with each port that a program asks for to the address where
// the server listens: keys are NAME:PORT.
func (c *Cloud) Hosts() map[string]netip.AddrPort {
	hosts := make(map[string]netip.AddrPort, len(c.names)*len(c.servers))
	for _, name := range c.names {
		for _, s := range c.servers {
			hosts[fmt.Sprintf("%s:%d", name, s.Port)] = s.Addr
		}
	}
	return hosts
}

// CA returns the root certificate that a device must trust, in PEM.
func (c *Cloud) CA() []byte { return c.certs.ca.PEM() }

// OtherCA returns a root certificate with which no good server verifies, in PEM.
func (c *Cloud) OtherCA() []byte { return c.certs.other.PEM() }

// ClientCertificate returns a certificate and its private key, in PEM, with which a
// device can show who it is.
func (c *Cloud) ClientCertificate() (cert, key []byte, err error) {
	key, err = c.certs.client.KeyPEM()
	return c.certs.client.PEM(), key, err
}

// Pool returns a pool with the root certificate.
func (c *Cloud) Pool() *x509.CertPool { return c.certs.ca.Pool() }

// Subscribe calls fn for each event from now on, one at a time, until stop is
// called. It must not block, and must not call Subscribe or stop.
func (c *Cloud) Subscribe(fn func(Event)) (stop func()) { return c.feed.Subscribe(fn) }

// tlsConfig returns the configuration of a good server with TLS.
func (c *Cloud) tlsConfig() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{c.certs.server.TLS()}, MinVersion: tls.VersionTLS12}
}

// try returns a command line that reaches a server from this machine.
func (c *Cloud) try(s *Server) string {
	ip, port := s.Addr.Addr(), s.Addr.Port()
	switch s.Protocol {
	case "mqtt":
		return fmt.Sprintf("mosquitto_sub -h %s -p %d -t '#' -v", ip, port)
	case "mqtts":
		line := fmt.Sprintf("mosquitto_sub -h %s -p %d --cafile %s -t '#' -v", ip, port, FileCA)
		if s.Name == "mqtt-client-certificate" {
			line += fmt.Sprintf(" --cert %s --key %s", FileClient, FileClientKey)
		}
		return line
	case "https":
		return fmt.Sprintf("curl --cacert %s --resolve %s:%d:%s https://%s:%d/", FileCA, s.Host, port, ip, s.Host, port)
	case "coap":
		return fmt.Sprintf("coap-client -m get coap://%s/validate", s.Addr)
	case "coaps":
		if s.Name == "coaps-psk" {
			return fmt.Sprintf("coap-client-openssl -m get -u IDENTITY -k KEY coaps://%s/validate", s.Addr)
		}
		return fmt.Sprintf("coap-client-openssl -m get -R %s coaps://%s/validate", FileCA, s.Addr)
	case "udp":
		return fmt.Sprintf("socat - udp:%s", s.Addr)
	case "tcp":
		return fmt.Sprintf("socat - tcp:%s", s.Addr)
	}
	return fmt.Sprintf("openssl s_client -connect %s -CAfile %s -servername %s", s.Addr, FileCA, s.Host)
}
