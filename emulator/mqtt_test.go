package emulator_test

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
	"github.com/stretchr/testify/require"
)

// online returns a station that trusts the CA under tag 24 and is registered.
func online(t testing.TB, ca *authority) *station {
	s := newStation(t, "serial-modem")
	s.do(`AT%CMNG=0,24,0,"` + ca.pem + `"`)
	s.do("AT+CFUN=1")
	return s
}

// Firmware that brings its own MQTT talks to a broker over #XSEND and #XRECV.
func TestFirmwareWithItsOwnMQTT(t *testing.T) {
	ca := newAuthority(t, "Root")
	ln, err := tls.Listen("tcp4", "127.0.0.1:0", ca.tls(t, broker))
	require.NoError(t, err)
	server := mqtt.New(&mqtt.Options{InlineClient: true, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, server.AddHook(new(auth.AllowHook), nil))
	require.NoError(t, server.AddListener(listeners.NewNet("test", ln)))
	require.NoError(t, server.Serve())
	defer server.Close()
	heard := make(chan string, 10)
	require.NoError(t, server.Subscribe("up/#", 1, func(_ *mqtt.Client, _ packets.Subscription, pk packets.Packet) {
		heard <- pk.TopicName + " " + string(pk.Payload)
	}))

	s := online(t, ca)
	c := &mqttFirmware{t, s.dial(24, broker, netip.MustParseAddrPort(ln.Addr().String()).Port())}
	defer c.Close()
	c.connect("firmware")
	c.subscribe("down/#")
	c.publish("up/1", "Hello, \"world\",\r\n\x00+++")
	require.Equal(t, "up/1 Hello, \"world\",\r\n\x00+++", <-heard)
	for _, size := range []int{0, 1, 2000, 20_000} {
		payload := make([]byte, size)
		rand.Read(payload)
		if size < 2048 { // the modem takes no longer records, and the broker makes no shorter ones
			require.NoError(t, server.Publish("down/2", payload, false, 0))
			topic, got := c.message()
			require.Equal(t, "down/2", topic)
			require.Equal(t, hex.EncodeToString(payload), hex.EncodeToString([]byte(got)))
		}
		c.publish("up/2", string(payload))
		require.Equal(t, "up/2 "+string(payload), <-heard)
	}
}

// The same against mosquitto, with mosquitto_pub and mosquitto_sub as the second
// client that trusts the same CA.
func TestFirmwareAgainstMosquitto(t *testing.T) {
	for _, program := range []string{"mosquitto", "mosquitto_pub", "mosquitto_sub"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed, so what it would show is left out: apt-get install mosquitto mosquitto-clients", program)
		}
	}
	ca := newAuthority(t, "Root")
	dir := t.TempDir()
	port := startMosquitto(t, dir, ca)
	second := func(program string, args ...string) *exec.Cmd {
		// mosquitto's clients have no way to map a name, and its certificate has none for
		// the address: --insecure leaves out the name alone.
		args = append([]string{"-h", "127.0.0.1", "-p", fmt.Sprint(port), "--cafile", filepath.Join(dir, "ca.pem"), "--insecure"}, args...)
		return exec.CommandContext(t.Context(), program, args...)
	}

	s := online(t, ca)
	c := &mqttFirmware{t, s.dial(24, broker, port)}
	defer c.Close()
	c.connect("firmware")
	c.subscribe("course/down")

	out, err := second("mosquitto_pub", "-t", "course/down", "-m", "from the second client").CombinedOutput()
	require.NoError(t, err, "%s", out)
	topic, payload := c.message()
	require.Equal(t, "course/down", topic)
	require.Equal(t, "from the second client", payload)

	c.retain("course/up", "from the firmware") // so that it does not matter who is first
	out, err = second("mosquitto_sub", "-v", "-C", "1", "-W", "20", "-t", "course/up").CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, "course/up from the firmware\n", string(out))
}

// startMosquitto starts a broker with TLS on a free loopback port.
func startMosquitto(t *testing.T, dir string, ca *authority) (port uint16) {
	cert, key := ca.server(t, broker)
	for name, content := range map[string]string{"ca.pem": ca.pem, "cert.pem": cert, "key.pem": key} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	// Another program can take the port before mosquitto does: then once more.
	for range 5 {
		free, err := net.Listen("tcp4", "127.0.0.1:0")
		require.NoError(t, err)
		port = netip.MustParseAddrPort(free.Addr().String()).Port()
		free.Close()
		conf := fmt.Sprintf("listener %d 127.0.0.1\nallow_anonymous true\ncertfile %[2]s/cert.pem\nkeyfile %[2]s/key.pem\nuser root\n", port, dir)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "mosquitto.conf"), []byte(conf), 0o600))
		cmd := exec.Command("mosquitto", "-c", filepath.Join(dir, "mosquitto.conf"))
		require.NoError(t, cmd.Start())
		exited := make(chan struct{})
		go func() {
			cmd.Wait()
			close(exited)
		}()
		t.Cleanup(func() {
			cmd.Process.Kill()
			<-exited
		})
		if reachable(port, exited) {
			return port
		}
	}
	t.Fatal("mosquitto does not start")
	return 0
}

// reachable waits until something listens, or the program has ended.
func reachable(port uint16, exited <-chan struct{}) bool {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 2000 {
		select {
		case <-exited:
			return false
		case <-tick.C:
			if c, err := net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
				c.Close()
				return true
			}
		}
	}
	return false
}
