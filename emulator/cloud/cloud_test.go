package cloud_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/pion/dtls/v3"
	coapdtls "github.com/plgd-dev/go-coap/v3/dtls"
	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/udp"
	udpclient "github.com/plgd-dev/go-coap/v3/udp/client"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nrf91emu/emulator/cloud"
)

// TestMain sees that nothing outlives a cloud. go-coap's client leaves a goroutine
// that sleeps.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// net/http waits half a second, whatever happens, after it has refused a request.
		goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"),
		goleak.IgnoreAnyFunction("github.com/plgd-dev/go-coap/v3/udp/client.init.init.func1.NewCommon[...].func6.1"),
	)
}

func start(t testing.TB, cfg cloud.Config) *cloud.Cloud {
	t.Helper()
	c, err := cloud.Start(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

func server(t testing.TB, c *cloud.Cloud, name string) cloud.Server {
	t.Helper()
	s, ok := c.Server(name)
	require.True(t, ok, name)
	return s
}

// events collects what happens to one server.
func events(t testing.TB, c *cloud.Cloud, name string) <-chan cloud.Event {
	ch := make(chan cloud.Event, 100)
	t.Cleanup(c.Subscribe(func(ev cloud.Event) {
		if ev.Server == name {
			select {
			case ch <- ev:
			default:
			}
		}
	}))
	return ch
}

func next(t testing.TB, ch <-chan cloud.Event) cloud.Event {
	t.Helper()
	select {
	case ev := <-ch:
		return ev
	case <-time.After(30 * time.Second):
		t.Fatal("no event")
		return cloud.Event{}
	}
}

// Every server listens on loopback, has words and a command line, and is mapped
// from each name.
func TestList(t *testing.T) {
	c := start(t, cloud.Config{Names: []string{"my.broker", cloud.DefaultName}})
	hosts, ports := c.Hosts(), map[uint16]string{}
	for _, s := range c.Servers() {
		require.True(t, s.Addr.Addr().IsLoopback(), s.Name)
		require.NotEmpty(t, s.What, s.Name)
		require.NotEmpty(t, s.Try, s.Name)
		require.Empty(t, ports[s.Port], "port %d twice", s.Port)
		ports[s.Port] = s.Name
		for _, name := range []string{"broker.lab", "my.broker", "mqtt.nordicsemi.academy", "test.mosquitto.org"} {
			require.Equal(t, s.Addr, hosts[fmt.Sprintf("%s:%d", name, s.Port)])
		}
	}
	require.Len(t, hosts, len(c.Servers())*len(c.Names()))
	_, ok := c.Server("none")
	require.False(t, ok)
}

// Each server with TLS does to a careful client of TLS 1.2 just what it says.
func TestTLS(t *testing.T) {
	c := start(t, cloud.Config{})
	for _, tt := range []struct {
		server string
		client string // part of the client's error; "" connects
		far    string // part of what the server tells; "" is no failure
	}{
		{"mqtt-tls", "", ""},
		{"https", "", ""},
		{"mqtt-client-certificate", "handshake failure", "client didn't provide a certificate"},
		{"mqtt-expired", "expired", "bad certificate"},
		{"wrong-host", "is valid for other.lab, not broker.lab", "bad certificate"},
		{"unknown-ca", "unknown authority", "bad certificate"},
		{"self-signed", "unknown authority", "bad certificate"},
		{"common-name-only", "legacy Common Name", "bad certificate"},
		{"not-yet-valid", "not yet valid", "bad certificate"},
		{"chain-too-long", "", ""},
		{"tls13-only", "protocol version", "unsupported versions"},
		{"tls11-only", "protocol version", "unsupported versions"},
		{"no-common-suite", "handshake failure", "no cipher suite supported"},
		{"reset", "reset", ""},
	} {
		t.Run(tt.server, func(t *testing.T) {
			heard := events(t, c, tt.server)
			conn, err := tls.Dial("tcp", server(t, c, tt.server).Addr.String(), &tls.Config{
				RootCAs: c.Pool(), ServerName: "broker.lab", MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12,
				CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256},
			})
			if tt.client != "" {
				require.ErrorContains(t, err, tt.client)
			} else {
				require.NoError(t, err)
				defer conn.Close()
				if tt.server == "chain-too-long" {
					size := 0
					for _, cert := range conn.ConnectionState().PeerCertificates {
						size += len(cert.Raw)
					}
					require.Greater(t, size, 4096)
				}
			}
			h := next(t, heard).Handshake
			require.NotNil(t, h)
			if tt.far == "" {
				require.Empty(t, h.Error)
			} else {
				require.ErrorContains(t, fmt.Errorf("%s", h.Error), tt.far)
			}
			if tt.client == "" {
				require.Equal(t, "broker.lab", map[bool]string{true: h.ServerName, false: "broker.lab"}[h.Error == ""])
			}
		})
	}
}

// A record above the modem's limit is one record.
func TestLongRecord(t *testing.T) {
	c := start(t, cloud.Config{})
	raw, err := net.Dial("tcp", server(t, c, "record-too-long").Addr.String())
	require.NoError(t, err)
	defer raw.Close()
	conn := tls.Client(raw, &tls.Config{RootCAs: c.Pool(), ServerName: "broker.lab"})
	require.NoError(t, conn.Handshake())
	n, err := conn.Read(make([]byte, 16<<10))
	require.NoError(t, err)
	require.Equal(t, 4096, n, "crypto/tls reads one record at a time")
}

// Silence answers nothing, and ends with the cloud.
func TestSilence(t *testing.T) {
	c, err := cloud.Start(cloud.Config{})
	require.NoError(t, err)
	s, _ := c.Server("silence")
	conn, err := net.Dial("tcp", s.Addr.String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.Write([]byte("hello?"))
	require.NoError(t, err)
	require.NoError(t, c.Close())
	n, _ := conn.Read(make([]byte, 1))
	require.Zero(t, n)
}

func client(t testing.TB, c *cloud.Cloud, name, id string, config *tls.Config) (paho.Client, error) {
	s := server(t, c, name)
	scheme := map[string]string{"mqtt": "tcp", "mqtts": "ssl"}[s.Protocol]
	cl := paho.NewClient(paho.NewClientOptions().AddBroker(scheme + "://" + s.Addr.String()).
		SetClientID(id).SetTLSConfig(config).SetAutoReconnect(false).SetConnectTimeout(20 * time.Second))
	token := cl.Connect()
	token.Wait()
	if token.Error() == nil {
		t.Cleanup(func() { cl.Disconnect(0) })
	}
	return cl, token.Error()
}

// A message goes from one port of the broker to another, and the events tell it.
func TestBroker(t *testing.T) {
	c := start(t, cloud.Config{})
	plain, secure := events(t, c, "mqtt"), events(t, c, "mqtt-client-certificate")
	listener, err := client(t, c, "mqtt", "listener", nil)
	require.NoError(t, err)
	require.Equal(t, "connect listener", sessionOf(next(t, plain)))
	got := make(chan string, 1)
	token := listener.Subscribe("devacademy/#", 1, func(_ paho.Client, m paho.Message) { got <- m.Topic() + " " + string(m.Payload()) })
	require.True(t, token.WaitTimeout(20*time.Second))
	require.Equal(t, "subscribe listener devacademy/#", sessionOf(next(t, plain)))

	cert, key, err := c.ClientCertificate()
	require.NoError(t, err)
	pair, err := tls.X509KeyPair(cert, key)
	require.NoError(t, err)
	device, err := client(t, c, "mqtt-client-certificate", "device", &tls.Config{
		RootCAs: c.Pool(), ServerName: "test.mosquitto.org", Certificates: []tls.Certificate{pair}})
	require.NoError(t, err)
	h := next(t, secure).Handshake
	require.Equal(t, "nrf91-lab", h.Client)
	require.Equal(t, "test.mosquitto.org", h.ServerName)
	require.Equal(t, "connect device", sessionOf(next(t, secure)))

	payload := strings.Repeat("x", 5000)
	require.True(t, device.Publish("devacademy/publish/topic", 1, false, payload).WaitTimeout(20*time.Second))
	require.Equal(t, "devacademy/publish/topic "+payload, <-got)
	m := next(t, secure).Message
	require.Equal(t, "device", m.ClientID)
	require.Equal(t, 5000, m.Size)
	require.Len(t, m.Payload, cloud.MessageLimit)
	require.Equal(t, byte(1), m.QoS)

	_, err = client(t, c, "mqtt-tls", "careless", &tls.Config{ServerName: "broker.lab"})
	require.Error(t, err, "without the CA nobody gets in")
}

func sessionOf(ev cloud.Event) string {
	if ev.Session == nil {
		return fmt.Sprintf("%+v", ev)
	}
	return strings.TrimSpace(ev.Session.Op + " " + ev.Session.ClientID + " " + strings.Join(ev.Session.Topics, " "))
}

func TestCoAP(t *testing.T) {
	c := start(t, cloud.Config{})
	ctx := t.Context()
	ask := func(conn *udpclient.Conn) (string, error) {
		answer, err := conn.Get(ctx, "/validate")
		if err != nil {
			return "", err
		}
		body, err := answer.ReadBody()
		return string(body), err
	}
	get := func(conn *udpclient.Conn) string {
		text, err := ask(conn)
		require.NoError(t, err)
		return text
	}
	plain, err := udp.Dial(server(t, c, "coap").Addr.String())
	require.NoError(t, err)
	defer plain.Close()
	require.Equal(t, "nrf91emu lab", get(plain))
	_, err = plain.Put(ctx, "/large-update", message.TextPlain, bytes.NewReader([]byte("temperature 21")))
	require.NoError(t, err)
	require.Equal(t, "temperature 21", get(plain))

	heard := events(t, c, "coaps-psk")
	psk := func(key string) error {
		conn, err := coapdtls.Dial(server(t, c, "coaps-psk").Addr.String(), coapdtls.NewDTLSClientOptions(
			dtls.WithPSK(func([]byte) ([]byte, error) { return []byte(".fornium"), nil }), dtls.WithPSKIdentityHint([]byte(key)),
			dtls.WithCipherSuites(dtls.TLS_PSK_WITH_AES_128_CCM_8)))
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = ask(conn) // the handshake comes with the first request
		return err
	}
	require.NoError(t, psk("cali.test.nrf91"))
	h := next(t, heard).Handshake
	require.Empty(t, h.Error)
	require.Equal(t, "cali.test.nrf91", h.Client)
	ev := next(t, heard)
	require.NotNil(t, ev.Request, "%+v", ev.Handshake)
	require.Equal(t, "GET", ev.Request.Method)
	require.Error(t, psk("somebody"))
	require.Contains(t, next(t, heard).Handshake.Error, "unknown identity of a pre-shared key: somebody")

	conn, err := coapdtls.Dial(server(t, c, "coaps-certificate").Addr.String(), coapdtls.NewDTLSClientOptions(
		dtls.WithRootCAs(c.Pool()), dtls.WithServerName("californium.eclipseprojects.io")))
	require.NoError(t, err)
	defer conn.Close()
	require.Equal(t, "nrf91emu lab", get(conn))
}

func TestEcho(t *testing.T) {
	c := start(t, cloud.Config{})
	for _, name := range []string{"udp-echo", "tcp-echo"} {
		s := server(t, c, name)
		heard := events(t, c, name)
		conn, err := net.Dial(s.Protocol, s.Addr.String())
		require.NoError(t, err)
		_, err = conn.Write([]byte("hello"))
		require.NoError(t, err)
		got := make([]byte, 5)
		_, err = io.ReadFull(conn, got)
		require.NoError(t, err)
		require.Equal(t, "hello", string(got))
		conn.Close()
		require.Equal(t, 5, next(t, heard).Request.Size)
	}
}

// A device makes a key, has its request signed, connects, and is claimed.
func TestOnboarding(t *testing.T) {
	c := start(t, cloud.Config{})
	s := server(t, c, "https")
	web := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: c.Pool(), ServerName: s.Host}, DisableKeepAlives: true}}
	call := func(method, path string, body []byte) (int, string) {
		r, err := http.NewRequest(method, "https://"+s.Addr.String()+path, bytes.NewReader(body))
		require.NoError(t, err)
		answer, err := web.Do(r)
		require.NoError(t, err)
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return answer.StatusCode, string(text)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "nrf-352656100367872"}}, key)
	require.NoError(t, err)
	keygen := `%KEYGEN: "` + base64.RawURLEncoding.EncodeToString(csr) + `.0oRDoQEmoQRBIVhL"` + "\r\n"

	status, text := call("POST", "/claim?id=nrf-352656100367872", nil)
	require.Equal(t, 404, status, text)
	var cert string
	for _, form := range [][]byte{[]byte(keygen), csr, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: csr})} {
		status, cert = call("POST", "/sign", form)
		require.Equal(t, 200, status, cert)
	}
	status, text = call("POST", "/claim?id=nrf-352656100367872", nil)
	require.Equal(t, 409, status)
	require.Contains(t, text, "not connected")

	block, _ := pem.Decode([]byte(cert))
	pair := tls.Certificate{Certificate: [][]byte{block.Bytes}, PrivateKey: key}
	_, err = client(t, c, "mqtt-client-certificate", "device", &tls.Config{RootCAs: c.Pool(), ServerName: "broker.lab", Certificates: []tls.Certificate{pair}})
	require.NoError(t, err)
	status, text = call("POST", "/claim?id=nrf-352656100367872", nil)
	require.Equal(t, 200, status)
	require.Contains(t, text, `"claimed": true`)
	status, text = call("GET", "/devices", nil)
	require.Equal(t, 200, status)
	require.Contains(t, text, "nrf-352656100367872")

	for _, bad := range []string{"", "rubbish", cert, `%KEYGEN: "AAAA"`} {
		status, text = call("POST", "/sign", []byte(bad))
		require.Equal(t, 400, status, text)
	}
	status, _ = call("POST", "/echo", make([]byte, 100_000))
	require.Equal(t, 413, status)
	status, text = call("GET", "/ca.pem", nil)
	require.Equal(t, 200, status)
	require.Equal(t, string(c.CA()), text)
}

// The next start in the same folder has the same root; damaged files are told.
func TestDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lab")
	first, err := cloud.Start(cloud.Config{Dir: dir})
	require.NoError(t, err)
	require.NoError(t, first.Close())
	// A key that others could read is for the owner only after the next start at the latest.
	for name, mode := range map[string]os.FileMode{cloud.FileCA: 0o644, cloud.FileCAKey: 0o600, cloud.FileClient: 0o644, cloud.FileClientKey: 0o600, cloud.FileOtherCA: 0o644} {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm(), name)
	}
	second, err := cloud.Start(cloud.Config{Dir: dir})
	require.NoError(t, err)
	require.NoError(t, second.Close())
	require.Equal(t, string(first.CA()), string(second.CA()))

	for _, damage := range []func(){
		func() { os.WriteFile(filepath.Join(dir, cloud.FileCA), []byte("x"), 0o644) },
		func() { os.WriteFile(filepath.Join(dir, cloud.FileCA), first.OtherCA(), 0o644) },
		func() { os.Remove(filepath.Join(dir, cloud.FileCA)) },
	} {
		damage()
		_, err = cloud.Start(cloud.Config{Dir: dir})
		require.ErrorContains(t, err, cloud.FileCA)
	}
}
