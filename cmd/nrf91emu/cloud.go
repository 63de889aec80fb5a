package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"

	"nrf91emu/emulator/cloud"
	"nrf91emu/emulator/link"
)

// cloudDir is where certificates and the list of servers lie, if no flag says
// otherwise.
const cloudDir = "nrf91emu-cloud"

// cloudList is the file in that folder that tells other commands where the servers
// listen.
const cloudList = "servers.json"

// farEnd is the flags that say which servers there are.
type farEnd struct {
	CloudDir  string   `help:"Folder for ca.pem and the other certificates of the servers; the same CA is used again at the next start." default:"${cloud_dir}" placeholder:"DIR" type:"path"`
	CloudName []string `help:"A further host name of the servers, beside broker.lab and those of Nordic's course; may be repeated." placeholder:"NAME" sep:"none"`
	Broker    string   `help:"Use the MQTT broker at HOST:PORT, such as your own mosquitto, in place of the good ones of the servers." placeholder:"HOST:PORT"`
}

// start starts the servers.
func (f *farEnd) start(listen netip.Addr) (*cloud.Cloud, error) {
	cfg := cloud.Config{Dir: f.CloudDir, Names: f.CloudName, UsualPorts: true, Listen: listen}
	for _, name := range f.CloudName {
		if name == "" || strings.ContainsAny(name, ":/ ") {
			return nil, usagef("--cloud-name %q: write a host name without scheme and port", name)
		}
	}
	if f.Broker != "" {
		addr, err := net.ResolveTCPAddr("tcp", f.Broker)
		if err != nil || addr.Port == 0 {
			return nil, usagef("--broker %q: write HOST:PORT, such as 127.0.0.1:8883", f.Broker)
		}
		ap := addr.AddrPort()
		if cfg.Broker = netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()); !cfg.Broker.Addr().IsValid() || cfg.Broker.Addr().IsUnspecified() {
			cfg.Broker = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), ap.Port())
		}
	}
	c, err := cloud.Start(cfg)
	if err != nil {
		return nil, fmt.Errorf("the servers cannot be started: %w", err)
	}
	list, err := json.MarshalIndent(c.Servers(), "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(f.CloudDir, cloudList), append(list, '\n'), 0o644)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// withCloud is the flags of commands that can start the servers beside a modem.
type withCloud struct {
	Cloud bool `help:"Start the servers of nrf91emu cloud too, and have their names lead there: the program under test needs no internet."`
	farEnd
}

// begin starts the servers if they are asked for, and has the modem find them.
// It returns what ends them.
func (w *withCloud) begin(d *device) (end func() error, err error) {
	if !w.Cloud {
		if w.Broker != "" || len(w.CloudName) > 0 {
			return nil, usagef("--broker and --cloud-name are for --cloud, which starts the servers")
		}
		return func() error { return nil }, nil
	}
	far, err := w.farEnd.start(netip.Addr{})
	if err != nil {
		return nil, err
	}
	d.farEnd = far.Hosts()
	return far.Close, nil
}

// cloudCmd is nrf91emu cloud: the servers at the far end, without a modem.
type cloudCmd struct {
	Start cloudStart `cmd:"" default:"withargs" help:"Start the servers (this is what nrf91emu cloud does without a further word)."`
	Sub   cloudSub   `cmd:"" help:"Print the messages of a topic, as a second client of the broker."`
	Pub   cloudPub   `cmd:"" help:"Publish a message, as a second client of the broker."`
	Sign  cloudSign  `cmd:"" help:"Have a signing request of a device signed by the lab's CA."`
}

type cloudStart struct {
	farEnd
	Listen      string `help:"Listen on this address." default:"127.0.0.1" placeholder:"IP"`
	AllowRemote bool   `help:"Let --listen be an address that others can reach."`
	JSON        bool   `help:"Print the servers as JSON."`
	Quiet       bool   `help:"Do not print what happens to the servers." short:"q"`
}

// Run starts the servers and tells what happens to them until a signal.
func (c *cloudStart) Run(std stdio) error {
	ip, err := netip.ParseAddr(c.Listen)
	if err != nil {
		return usagef("--listen %q: write an IP address; the ports are those of the list", c.Listen)
	}
	if _, err := link.ListenAddress(netip.AddrPortFrom(ip, 0).String(), c.AllowRemote); err != nil {
		return usagef("--listen: %w", err)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	far, err := c.farEnd.start(ip)
	if err != nil {
		return err
	}
	if !c.Quiet {
		defer far.Subscribe(func(ev cloud.Event) { fmt.Fprintln(std.err, cloudEventText(ev)) })()
	}
	if c.JSON {
		enc := json.NewEncoder(std.out)
		enc.SetIndent("", "  ")
		err = enc.Encode(far.Servers())
	} else {
		err = printServers(std.out, far)
		fmt.Fprintf(std.err, "\nCertificates are in %s; the root for the modem is %s.\nA modem that reaches the servers by these names:    nrf91emu run --cloud\nCtrl-C ends them.\n\n", c.CloudDir, filepath.Join(c.CloudDir, cloud.FileCA))
	}
	if err == nil {
		<-signals
	}
	return errors.Join(err, far.Close())
}

// printServers prints one line per server.
func printServers(out io.Writer, far *cloud.Cloud) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "SERVER\tNAME AND PORT\tLISTENS ON\tWHAT IT IS\tTRY")
	for _, s := range far.Servers() {
		fmt.Fprintf(w, "%s\t%s:%d\t%s\t%s\t%s\n", s.Name, s.Host, s.Port, s.Addr, s.What, s.Try)
	}
	return w.Flush()
}

// cloudEventText puts an event into words.
func cloudEventText(ev cloud.Event) string {
	head := ev.Time.Format("15:04:05.000") + " " + ev.Server
	if ev.Peer != "" {
		head += " " + ev.Peer
	}
	switch {
	case ev.Handshake != nil && ev.Handshake.Error != "":
		return fmt.Sprintf("%s: the handshake failed: %s", head, ev.Handshake.Error)
	case ev.Handshake != nil:
		text := fmt.Sprintf("%s: handshake, %s %s", head, ev.Handshake.Version, ev.Handshake.Suite)
		if ev.Handshake.ServerName != "" {
			text += ", asked for " + ev.Handshake.ServerName
		}
		if ev.Handshake.Client != "" {
			text += ", is " + ev.Handshake.Client
		}
		return text
	case ev.Session != nil:
		text := fmt.Sprintf("%s: %q %s", head, ev.Session.ClientID, ev.Session.Op)
		if len(ev.Session.Topics) > 0 {
			text += fmt.Sprintf(" %q", ev.Session.Topics)
		}
		if ev.Session.Reason != "" {
			text += ": " + ev.Session.Reason
		}
		return text
	case ev.Message != nil:
		return fmt.Sprintf("%s: %q published on %q: %q, QoS %d", head, ev.Message.ClientID, ev.Message.Topic, ev.Message.Payload, ev.Message.QoS)
	case ev.Request != nil:
		return fmt.Sprintf("%s: %s %s, %d bytes: %s", head, ev.Request.Method, ev.Request.Path, ev.Request.Size, ev.Request.Status)
	}
	return head
}

// mqttPeer is the flags of a second client of the broker.
type mqttPeer struct {
	CloudDir string `help:"Folder of the running servers." default:"${cloud_dir}" placeholder:"DIR" type:"path"`
	Server   string `help:"Which of the servers: mqtt, mqtt-tls, mqtt-client-certificate, or one with a fault." default:"mqtt-tls" placeholder:"NAME"`
	CA       string `help:"Trust the CA in FILE in place of the servers' own; \"none\" trusts none." placeholder:"FILE" name:"ca"`
	QoS      byte   `help:"Quality of service: 0, 1 or 2." name:"qos" default:"1" placeholder:"N"`
}

// dial connects to the broker.
func (p *mqttPeer) dial(edit func(*cloud.ClientOptions)) (*cloud.Client, error) {
	if p.QoS > 2 {
		return nil, usagef("--qos must be 0, 1 or 2")
	}
	path := filepath.Join(p.CloudDir, cloudList)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not there: start the servers first, with nrf91emu cloud or nrf91emu run --cloud, or name their folder with --cloud-dir", path)
	} else if err != nil {
		return nil, err
	}
	var servers []cloud.Server
	if err := json.Unmarshal(text, &servers); err != nil {
		return nil, fmt.Errorf("%s is no list of servers: %w", path, err)
	}
	i := slices.IndexFunc(servers, func(s cloud.Server) bool { return s.Name == p.Server })
	if i < 0 || !strings.HasPrefix(servers[i].Protocol, "mqtt") {
		var names []string
		for _, s := range servers {
			if strings.HasPrefix(s.Protocol, "mqtt") {
				names = append(names, s.Name)
			}
		}
		return nil, usagef("--server %q is no MQTT broker: %s", p.Server, strings.Join(names, ", "))
	}
	s := servers[i]
	opt := cloud.ClientOptions{Server: s}
	if s.Protocol == "mqtts" {
		if err := p.trust(&opt); err != nil {
			return nil, err
		}
	}
	edit(&opt)
	return cloud.Dial(opt)
}

// trust sets what the client trusts, and its certificate where one is wanted.
func (p *mqttPeer) trust(opt *cloud.ClientOptions) error {
	opt.Roots = x509.NewCertPool()
	ca := p.CA
	if ca == "" {
		ca = filepath.Join(p.CloudDir, cloud.FileCA)
	}
	if ca != "none" {
		text, err := os.ReadFile(ca)
		if err != nil {
			return usagef("--ca: %w", err)
		}
		if !opt.Roots.AppendCertsFromPEM(text) {
			return usagef("--ca: %s holds no certificate in PEM", ca)
		}
	}
	if opt.Server.Name == "mqtt-client-certificate" {
		pair, err := tls.LoadX509KeyPair(filepath.Join(p.CloudDir, cloud.FileClient), filepath.Join(p.CloudDir, cloud.FileClientKey))
		if err != nil {
			return err
		}
		opt.Certificates = []tls.Certificate{pair}
	}
	return nil
}

type cloudSub struct {
	mqttPeer
	Topic string `arg:"" help:"Topic to listen to, such as devacademy/publish/topic, or # for all."`
	Count *int   `help:"End after N messages; without it, at Ctrl-C." placeholder:"N"`
}

// Run prints messages, topic and payload, one a line.
func (c *cloudSub) Run(std stdio) error {
	if c.Count != nil {
		if err := atLeast("--count", *c.Count, 1); err != nil {
			return err
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	lost, got := make(chan error, 1), make(chan [2]string, 100)
	client, err := c.dial(func(o *cloud.ClientOptions) {
		o.OnLost = func(err error) { lost <- err }
		o.OnMessage = func(topic string, payload []byte) {
			select {
			case got <- [2]string{topic, string(payload)}:
			case <-ctx.Done():
			}
		}
	})
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.Subscribe(c.Topic, c.QoS); err != nil {
		return err
	}
	fmt.Fprintf(std.err, "Listening to %s; Ctrl-C ends it.\n", c.Topic)
	for n := 0; c.Count == nil || n < *c.Count; n++ {
		select {
		case m := <-got:
			fmt.Fprintf(std.out, "%s %s\n", m[0], m[1])
		case err := <-lost:
			return fmt.Errorf("the connection to the broker is gone: %w", err)
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

type cloudPub struct {
	mqttPeer
	Topic   string `arg:"" help:"Topic to publish on, such as devacademy/subscribe/topic."`
	Message string `arg:"" help:"The message, such as LED1ON."`
	Retain  bool   `help:"Have the broker keep it for those who subscribe later."`
}

// Run publishes a message and waits until the broker has it.
func (c *cloudPub) Run() error {
	client, err := c.dial(func(*cloud.ClientOptions) {})
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Publish(c.Topic, c.QoS, c.Retain, []byte(c.Message))
}

type cloudSign struct {
	CloudDir string `help:"Folder with the lab's CA." default:"${cloud_dir}" placeholder:"DIR" type:"path"`
	Request  string `arg:"" help:"File with the signing request: PEM, DER, or the line that AT%KEYGEN has answered; - reads standard input."`
}

// Run prints the certificate.
func (c *cloudSign) Run(std stdio) error {
	var request []byte
	var err error
	if c.Request == "-" {
		request, err = io.ReadAll(io.LimitReader(std.in, 64<<10))
	} else {
		request, err = os.ReadFile(c.Request)
	}
	if err != nil {
		return usagef("the signing request cannot be read: %w", err)
	}
	cert, err := cloud.Sign(c.CloudDir, request)
	if err != nil {
		return err
	}
	_, err = io.Copy(std.out, bytes.NewReader(cert))
	return err
}
