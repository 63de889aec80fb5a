package emulator_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/link"
)

// The applications that have the MQTT commands.
var mqttApplications = []string{"serial-modem", "serial-modem-main", "slm", "slm-2.4"}

// wireOK and wireERROR are final results as these applications send them.
const (
	wireOK    = "\r\nOK\r\n"
	wireERROR = "\r\nERROR\r\n"
)

// A wire is a device and the host's end of its UART, where every byte counts.
type wire struct {
	t *testing.T
	*emulator.Device
	host net.Conn
	app  string
	end  string // of a command
	log  *event.Log

	mu     sync.Mutex
	events []event.Event
}

// newWire starts a device that finds its broker, by either name, at a mapped
// port.
func newWire(t *testing.T, app string, mapped uint16) *wire {
	w := &wire{t: t, app: app, log: new(event.Log)}
	w.log.Subscribe(func(e *event.Event) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.events = append(w.events, *e)
	})
	d := dialect(t, app)
	at := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), mapped)
	w.end = d.Framing.Terminator.Bytes()
	var err error
	w.Device, err = emulator.New(emulator.Config{
		Dialect: d, Network: atOnce(), Log: w.log, NoExternal: true,
		Hosts: map[string]netip.AddrPort{"mqtt.course.test": at, broker: at},
	})
	require.NoError(t, err)
	port, host := link.Pipe()
	w.host = host
	done := make(chan error, 1)
	go func() { done <- w.Serve(port) }()
	t.Cleanup(func() {
		require.NoError(t, w.Close())
		require.NoError(t, <-done)
	})
	require.NoError(t, w.PowerOn())
	w.unasked("Ready\r\n")
	return w
}

// do sends a command and requires exactly these bytes.
func (w *wire) do(command, want string) {
	w.t.Helper()
	_, err := io.WriteString(w.host, command+w.end)
	require.NoError(w.t, err)
	w.unasked(want)
}

// unasked requires exactly these bytes next.
func (w *wire) unasked(want string) {
	w.t.Helper()
	require.NoError(w.t, w.host.SetReadDeadline(time.Now().Add(10*time.Second)))
	got := make([]byte, len(want))
	n, err := io.ReadFull(w.host, got)
	require.NoError(w.t, err, "got %q, want %q", got[:n], want)
	require.Equal(w.t, want, string(got))
}

func wireLine(format string, args ...any) string {
	return "\r\n" + fmt.Sprintf(format, args...) + "\r\n"
}

func (w *wire) provision(entries ...string) {
	w.t.Helper()
	for _, e := range entries {
		w.do("AT%CMNG=0,"+e, wireOK)
	}
}

// connect configures the client id and connects to the broker's real name.
func (w *wire) connect(id, user string, tag string, want string) {
	w.t.Helper()
	if w.app == "slm-2.4" {
		w.do(fmt.Sprintf(`AT#XMQTTCON=1,"%s",%s,"mqtt.course.test",8883%s`, id, user, tag), want)
		return
	}
	w.do(fmt.Sprintf(`AT#XMQTTCFG="%s",60,1`, id), wireOK)
	w.do(fmt.Sprintf(`AT#XMQTTCON=1,%s,"mqtt.course.test",8883%s`, user, tag), want)
}

func (w *wire) disconnect() {
	w.t.Helper()
	want := wireLine("#XMQTTEVT: 1,0") + wireOK
	if w.app == "serial-modem-main" {
		want = wireOK + wireLine("#XMQTTEVT: 1,0")
	}
	w.do("AT#XMQTTCON=0", want)
}

// lastHandshake returns what the record says of the last one.
func (w *wire) lastHandshake() event.Handshake {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.events) - 1; i >= 0; i-- {
		if h := w.events[i].Handshake; h != nil {
			return *h
		}
	}
	return event.Handshake{}
}

// startBroker starts a broker in the test, with TLS if there is a configuration.
func startBroker(t *testing.T, cfg *tls.Config, hook mqtt.Hook, hookConfig any) (server *mqtt.Server, port uint16, stop func()) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	port = netip.MustParseAddrPort(ln.Addr().String()).Port()
	if cfg != nil {
		ln = tls.NewListener(ln, cfg)
	}
	server = mqtt.New(&mqtt.Options{InlineClient: true, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, server.AddHook(hook, hookConfig))
	require.NoError(t, server.AddListener(listeners.NewNet("test", ln)))
	require.NoError(t, server.Serve())
	stop = sync.OnceFunc(func() { server.Close() })
	t.Cleanup(stop)
	return server, port, stop
}

// A secondClient is a client of another library at the same broker.
type secondClient struct {
	paho.Client
	t   *testing.T
	got chan string
}

// newSecondClient connects; it trusts the CA, or nobody if ca is nil.
func newSecondClient(t *testing.T, port uint16, ca *authority, edit func(*paho.ClientOptions)) (*secondClient, error) {
	roots := x509.NewCertPool()
	if ca != nil {
		roots.AddCert(ca.cert)
	}
	c := &secondClient{t: t, got: make(chan string, 20)}
	opts := paho.NewClientOptions().AddBroker(fmt.Sprintf("ssl://127.0.0.1:%d", port)).
		SetClientID("second").SetProtocolVersion(4).SetAutoReconnect(false).SetConnectTimeout(10 * time.Second).
		SetTLSConfig(&tls.Config{RootCAs: roots, ServerName: "mqtt.course.test"}).
		SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) {
			c.got <- fmt.Sprintf("%s %d %t %s", m.Topic(), m.Qos(), m.Retained(), m.Payload())
		})
	if edit != nil {
		edit(opts)
	}
	c.Client = paho.NewClient(opts)
	if err := c.wait(c.Connect()); err != nil {
		return nil, err
	}
	t.Cleanup(func() { c.Disconnect(0) })
	return c, nil
}

func (c *secondClient) wait(token paho.Token) error {
	require.True(c.t, token.WaitTimeout(20*time.Second))
	return token.Error()
}

func (c *secondClient) publish(topic string, qos byte, retain bool, message string) {
	c.t.Helper()
	require.NoError(c.t, c.wait(c.Publish(topic, qos, retain, message)))
}

func (c *secondClient) subscribe(filter string, qos byte) {
	c.t.Helper()
	require.NoError(c.t, c.wait(c.Subscribe(filter, qos, nil)))
}

func (c *secondClient) heard(want string) {
	c.t.Helper()
	select {
	case got := <-c.got:
		require.Equal(c.t, want, got)
	case <-time.After(20 * time.Second):
		require.Fail(c.t, "the second client has heard nothing", "want %q", want)
	}
}

// The whole course exercise by AT commands: the CA goes into security tag 24 while
// the modem is offline, a TLS connection to port 8883 of the broker's real name,
// and messages both ways with a second client that trusts the same CA. After a
// reboot nothing is written again.
func TestCourseExerciseByMQTTCommands(t *testing.T) {
	ca := newAuthority(t, "Course CA")
	for _, app := range mqttApplications {
		t.Run(app, func(t *testing.T) {
			// A broker of its own: it ends what is left of a client of the same id.
			_, port, _ := startBroker(t, ca.tls(t, "mqtt.course.test"), new(auth.AllowHook), nil)
			w := newWire(t, app, port)
			digest := fmt.Sprintf("%X", sha256.Sum256([]byte(ca.pem)))
			entry := wireLine(`%%CMNG: 24,0,"%s"`, digest) + wireOK
			id := "nrf-" + w.Identity().IMEI

			w.do("AT%CMNG=1,24,0", wireOK) // nothing there
			w.provision(`24,0,"` + ca.pem + `"`)
			w.do("AT%CMNG=1,24,0", entry)
			w.do("AT+CFUN=1", wireOK)
			w.do("AT+CEREG?", wireLine("+CEREG: 0,1")+wireOK)
			w.connect(id, `"",""`, ",24", wireOK)
			w.unasked(wireLine("#XMQTTEVT: 0,0"))
			w.do("AT#XMQTTCON?", wireLine(`#XMQTTCON: 1,"%s","mqtt.course.test",8883,24`, id)+wireOK)
			h := w.lastHandshake()
			require.True(t, h.OK)
			require.Equal(t, []any{[]uint32{24}, 2, "mqtt.course.test", "TLS 1.2"}, []any{h.SecTags, h.Verify, h.HostName, h.Version})

			w.do(`AT#XMQTTSUB="devacademy/subscribe/topic",1`, wireOK)
			w.unasked(wireLine("#XMQTTEVT: 7,0"))
			second, err := newSecondClient(t, port, ca, nil)
			require.NoError(t, err)
			second.subscribe("devacademy/publish/topic", 1)
			w.do(`AT#XMQTTPUB="devacademy/publish/topic","Hi from nRF9151 SiP",1,0`, wireOK)
			w.unasked(wireLine("#XMQTTEVT: 3,0"))
			second.heard("devacademy/publish/topic 1 false Hi from nRF9151 SiP")
			for _, command := range []string{"LED1ON", "LED1OFF"} {
				second.publish("devacademy/subscribe/topic", 1, false, command)
				w.unasked(wireLine("#XMQTTMSG: 26,%d", len(command)) + "devacademy/subscribe/topic\r\n" + command + "\r\n" + wireLine("#XMQTTEVT: 2,0"))
			}
			w.disconnect()

			_, err = newSecondClient(t, port, nil, nil)
			require.ErrorContains(t, err, "certificate") // without the CA it must fail

			before := w.Wear().Flash.Pages
			require.NoError(t, w.PowerCycle())
			w.unasked("Ready\r\n")
			w.do("AT%CMNG=1,24,0", entry) // a match: nothing to write
			w.do("AT+CFUN=1", wireOK)
			w.connect(id, `"",""`, ",24", wireOK)
			w.unasked(wireLine("#XMQTTEVT: 0,0"))
			w.disconnect()
			require.Equal(t, before, w.Wear().Flash.Pages)
		})
	}
}

// The faulty labs: each failure is a bare ERROR, and the record says why.
func TestCourseExerciseByMQTTCommandsFails(t *testing.T) {
	ca, other := newAuthority(t, "Course CA"), newAuthority(t, "Another CA")
	_, port, _ := startBroker(t, ca.tls(t, "mqtt.course.test"), new(auth.AllowHook), nil)
	_, wrongHost, _ := startBroker(t, ca.tls(t, "other.course.test"), new(auth.AllowHook), nil)
	for _, c := range []struct {
		name   string
		port   uint16
		ca     *authority
		reason string
	}{
		{"wrong CA", port, other, "CA"},
		{"no CA", port, nil, "CA"},
		{"wrong host", wrongHost, ca, "mqtt.course.test"},
	} {
		for _, app := range mqttApplications {
			t.Run(c.name+"/"+app, func(t *testing.T) {
				w := newWire(t, app, c.port)
				if c.ca != nil {
					w.provision(`24,0,"` + c.ca.pem + `"`)
				}
				w.do("AT+CFUN=1", wireOK)
				w.connect("nrf", `"",""`, ",24", wireERROR)
				w.do("AT#XMQTTCON?", wireLine("#XMQTTCON: 0")+wireOK)
				w.mu.Lock()
				defer w.mu.Unlock()
				var reasons []string
				for _, e := range w.events {
					if e.Handshake != nil && !e.Handshake.OK {
						reasons = append(reasons, e.Handshake.Reason)
					}
				}
				require.NotEmpty(t, reasons)
				require.Contains(t, strings.Join(reasons, "; "), c.reason)
			})
		}
	}
}

func TestMQTTWithABroker(t *testing.T) {
	ca := newAuthority(t, "Root")
	users := &auth.Ledger{
		Auth: auth.AuthRules{{Username: "user", Password: "right", Allow: true}, {Username: "second", Password: "second", Allow: true}},
	}
	for _, app := range mqttApplications {
		t.Run(app, func(t *testing.T) {
			_, port, stop := startBroker(t, ca.tls(t, "mqtt.course.test"), new(auth.Hook), &auth.Options{Ledger: users})
			w := newWire(t, app, port)
			w.provision(`24,0,"` + ca.pem + `"`)
			w.do("AT+CFUN=1", wireOK)
			w.connect("modem", `"user","wrong"`, ",24", wireOK)
			w.unasked(wireLine("#XMQTTEVT: 0,5") + wireLine("#XMQTTEVT: 1,-111"))
			w.connect("modem", `"user","right"`, ",24", wireOK)
			w.unasked(wireLine("#XMQTTEVT: 0,0"))

			login := func(o *paho.ClientOptions) { o.SetUsername("second").SetPassword("second") }
			second, err := newSecondClient(t, port, ca, login)
			require.NoError(t, err)
			second.subscribe("up/#", 2)
			for qos, events := range []string{"", wireLine("#XMQTTEVT: 3,0"), wireLine("#XMQTTEVT: 4,0") + wireLine("#XMQTTEVT: 6,0")} {
				w.do(fmt.Sprintf(`AT#XMQTTPUB="up/%d","a, b",%d`, qos, qos), wireOK)
				w.unasked(events)
				second.heard(fmt.Sprintf("up/%d %d false a, b", qos, qos))
				w.do(fmt.Sprintf(`AT#XMQTTPUB="up/%d","",%d`, qos, qos), wireOK)
				payload := "\"quoted\"\r\n\x00++\xff"
				_, err := io.WriteString(w.host, payload+"+++")
				require.NoError(t, err)
				w.unasked("\r\n#XDATAMODE: 0\r\n" + events)
				second.heard(fmt.Sprintf("up/%d %d false %s", qos, qos, payload))
			}

			// Retained messages come back to who subscribes later.
			w.do(`AT#XMQTTPUB="kept","still here",1,1`, wireOK)
			w.unasked(wireLine("#XMQTTEVT: 3,0"))
			second.subscribe("kept", 1)
			second.heard("kept 1 true still here")

			w.do(`AT#XMQTTSUB="down/#",2`, wireOK)
			w.unasked(wireLine("#XMQTTEVT: 7,0"))
			for qos, end := range []string{"", "", wireLine("#XMQTTEVT: 5,0")} {
				second.publish("down/x", byte(qos), false, "payload")
				w.unasked(wireLine("#XMQTTMSG: 6,7") + "down/x\r\npayload\r\n" + wireLine("#XMQTTEVT: 2,0") + end)
			}
			big := strings.Repeat("0123456789abcde\n", 125) // as much as fits one record of the modem
			second.publish("down/big", 1, false, big)
			w.unasked(wireLine("#XMQTTMSG: 8,%d", len(big)) + "down/big\r\n" + big + "\r\n" + wireLine("#XMQTTEVT: 2,0"))

			// The will of a client that is cut off.
			var cut net.Conn
			_, err = newSecondClient(t, port, ca, func(o *paho.ClientOptions) {
				login(o)
				o.SetClientID("dying").SetWill("down/will", "gone", 1, false)
				o.SetCustomOpenConnectionFn(func(uri *url.URL, o paho.ClientOptions) (net.Conn, error) {
					c, err := tls.Dial("tcp4", uri.Host, o.TLSConfig)
					cut = c
					return c, err
				})
			})
			require.NoError(t, err)
			cut.Close()
			w.unasked(wireLine("#XMQTTMSG: 9,4") + "down/will\r\ngone\r\n" + wireLine("#XMQTTEVT: 2,0"))

			w.do(`AT#XMQTTUNSUB="down/#"`, wireOK)
			w.unasked(wireLine("#XMQTTEVT: 8,0"))
			second.publish("down/x", 1, false, "not heard")
			w.do("AT", wireOK)

			stop()
			w.unasked(wireLine("#XMQTTEVT: 1,-128"))
			w.do("AT#XMQTTCON?", wireLine("#XMQTTCON: 0")+wireOK)
			w.connect("modem", `"user","right"`, ",24", wireERROR)
		})
	}
}

// Without TLS, and with the modem going offline under the connection.
func TestMQTTPlain(t *testing.T) {
	for _, app := range mqttApplications {
		t.Run(app, func(t *testing.T) {
			server, port, _ := startBroker(t, nil, new(auth.AllowHook), nil)
			w := newWire(t, app, port)
			w.do("AT+CFUN=1", wireOK)
			w.connect("modem", `"",""`, "", wireOK)
			w.unasked(wireLine("#XMQTTEVT: 0,0"))
			cl, found := server.Clients.Get("modem")
			require.True(t, found)
			require.True(t, cl.Properties.Clean)
			require.EqualValues(t, 60, cl.State.Keepalive)
			require.EqualValues(t, 4, cl.Properties.ProtocolVersion)
			w.do(`AT#XMQTTSUB="nrf91/slm/mqtt/topic0",0`, wireOK)
			w.unasked(wireLine("#XMQTTEVT: 7,0"))
			w.do(`AT#XMQTTPUB="nrf91/slm/mqtt/topic0","Test message with QoS 0",0,0`, wireOK)
			w.unasked(wireLine("#XMQTTMSG: 21,23") + "nrf91/slm/mqtt/topic0\r\nTest message with QoS 0\r\n" + wireLine("#XMQTTEVT: 2,0"))
			_, err := io.WriteString(w.host, "AT+CFUN=4"+w.end)
			require.NoError(t, err)
			gone := wireLine("#XMQTTEVT: 1,-113")
			got := make([]byte, len(wireOK+gone)) // the order is that of two goroutines
			require.NoError(t, w.host.SetReadDeadline(time.Now().Add(10*time.Second)))
			_, err = io.ReadFull(w.host, got)
			require.NoError(t, err)
			require.True(t, bytes.Contains(got, []byte(gone)) && bytes.Contains(got, []byte(wireOK)), "%q", got)
		})
	}
}

// The same against mosquitto, with its own programs as the second client.
func TestMQTTCommandsAgainstMosquitto(t *testing.T) {
	for _, program := range []string{"mosquitto", "mosquitto_pub", "mosquitto_sub"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed, so what it would show is left out: apt-get install mosquitto mosquitto-clients", program)
		}
	}
	for _, app := range []string{"serial-modem", "slm"} {
		t.Run(app, func(t *testing.T) {
			ca := newAuthority(t, "Root")
			dir := t.TempDir()
			port := startMosquitto(t, dir, ca)
			second := func(program string, args ...string) *exec.Cmd {
				// The broker's certificate is for its name, which mosquitto's clients cannot map.
				args = append([]string{"-h", "127.0.0.1", "-p", fmt.Sprint(port), "--cafile", filepath.Join(dir, "ca.pem"), "--insecure"}, args...)
				return exec.CommandContext(t.Context(), program, args...)
			}
			w := newWire(t, app, port)
			w.provision(`24,0,"` + ca.pem + `"`)
			w.do("AT+CFUN=1", wireOK)
			w.do(`AT#XMQTTCFG="modem"`, wireOK)
			w.do(`AT#XMQTTCON=1,"","","mqtt.course.test",8883,24`, wireERROR) // its certificate has another name
			w.do(fmt.Sprintf(`AT#XMQTTCON=1,"","","%s",8883,24`, broker), wireOK)
			w.unasked(wireLine("#XMQTTEVT: 0,0"))
			w.do(`AT#XMQTTSUB="course/down",2`, wireOK)
			w.unasked(wireLine("#XMQTTEVT: 7,0"))
			for qos, end := range []string{"", "", wireLine("#XMQTTEVT: 5,0")} {
				out, err := second("mosquitto_pub", "-q", fmt.Sprint(qos), "-t", "course/down", "-m", "from the second client").CombinedOutput()
				require.NoError(t, err, "%s", out)
				w.unasked(wireLine("#XMQTTMSG: 11,22") + "course/down\r\nfrom the second client\r\n" + wireLine("#XMQTTEVT: 2,0") + end)
			}
			// Retained, so that it does not matter who is first.
			for qos, end := range []string{"", wireLine("#XMQTTEVT: 3,0"), wireLine("#XMQTTEVT: 4,0") + wireLine("#XMQTTEVT: 6,0")} {
				w.do(fmt.Sprintf(`AT#XMQTTPUB="course/up/%d","from the modem",%d,1`, qos, qos), wireOK)
				w.unasked(end)
			}
			out, err := second("mosquitto_sub", "-v", "-C", "3", "-W", "20", "-q", "2", "-t", "course/up/#").CombinedOutput()
			require.NoError(t, err, "%s", out)
			require.ElementsMatch(t, []string{"course/up/0 from the modem", "course/up/1 from the modem", "course/up/2 from the modem"},
				strings.Split(strings.TrimSpace(string(out)), "\n"))
			w.do(`AT#XMQTTUNSUB="course/down"`, wireOK)
			w.unasked(wireLine("#XMQTTEVT: 8,0"))
			w.disconnect()
		})
	}
}
