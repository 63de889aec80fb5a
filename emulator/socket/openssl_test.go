package socket_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/socket"
)

// openssl runs an openssl s_server on a free loopback port until the test ends
// and returns the port and its standard output, which is what it received.
func openssl(t *testing.T, args ...string) (port uint16, received *bufio.Reader) {
	t.Helper()
	binary, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed: install it to test against openssl s_server")
	}
	cmd := exec.Command(binary, append([]string{"s_server", "-accept", "127.0.0.1:0", "-naccept", "1"}, args...)...)
	in, err := cmd.StdinPipe() // s_server ends when it closes
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = cmd.Stdout
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		in.Close()
		io.Copy(io.Discard, out)
		cmd.Wait()
	})
	received = bufio.NewReader(out)
	var said strings.Builder
	for {
		line, err := received.ReadString('\n')
		said.WriteString(line)
		if err != nil {
			t.Fatalf("openssl s_server %v did not start: %s", args, said.String())
		}
		if at, ok := strings.CutPrefix(strings.TrimSpace(line), "ACCEPT 127.0.0.1:"); ok {
			n, err := strconv.ParseUint(at, 10, 16)
			require.NoError(t, err)
			return uint16(n), received
		}
	}
}

// TestOpenSSL shows handshakes with another implementation.
func TestOpenSSL(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		return path
	}
	ca, other := newCA(t, "Test CA"), newCA(t, "Other CA")
	leaf := issue(t, ca, p256(t), forHosts(broker))
	client := issue(t, ca, p256(t), commonName("device-1"))
	cert := []string{"-cert", file("cert.pem", leaf.pem()), "-key", file("key.pem", leaf.keyPEM())}
	caFile := file("ca.pem", ca.pem())
	with := func(args ...string) []string { return append(append([]string{}, cert...), args...) }
	for _, tt := range []struct {
		name   string
		proto  socket.Protocol
		args   []string
		store  store
		suites []uint16
		suite  uint16
		errno  socket.Errno
		reason string
	}{
		{name: "good", proto: socket.TLS12, args: with(), store: tag24(ca.pem())},
		{name: "CBC with SHA-256", proto: socket.TLS12, args: with("-cipher", "ECDHE-ECDSA-AES128-SHA256"), store: tag24(ca.pem()), suite: 0xC023},
		{name: "wrong CA", proto: socket.TLS12, args: with(), store: tag24(other.pem()), errno: socket.ECONNREFUSED, reason: "unknown CA"},
		{name: "TLS 1.3 only", proto: socket.TLS12, args: with("-tls1_3"), store: tag24(ca.pem()), errno: socket.ECONNREFUSED, reason: "it does not speak version 1.2"},
		{name: "no common suite", proto: socket.TLS12, args: with("-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305", "-tls1_2"), store: tag24(ca.pem()),
			errno: socket.ECONNREFUSED, reason: "no cipher suite, curve or signature in common"},
		{name: "client certificate given", proto: socket.TLS12, args: with("-Verify", "1", "-CAfile", caFile, "-verify_return_error"),
			store: tag24(ca.pem(), client.pem(), client.keyPEM())},
		{name: "client certificate missing", proto: socket.TLS12, args: with("-Verify", "1", "-CAfile", caFile, "-verify_return_error"),
			store: tag24(ca.pem()), errno: socket.ECONNREFUSED, reason: "it asked for a client certificate"},
		{name: "DTLS with certificate", proto: socket.DTLS12, args: with("-dtls1_2"), store: tag24(ca.pem())},
		{name: "DTLS, wrong CA", proto: socket.DTLS12, args: with("-dtls1_2"), store: tag24(other.pem()), errno: socket.ECONNREFUSED, reason: "unknown CA"},
		{name: "DTLS with PSK", proto: socket.DTLS12, args: []string{"-dtls1_2", "-nocert", "-psk", "0a0b0c0d", "-cipher", "PSK-AES128-CBC-SHA256"},
			store: pskStore("me", "0a0b0c0d"), suite: 0x00AE},
		{name: "DTLS with PSK and CCM", proto: socket.DTLS12, args: []string{"-dtls1_2", "-nocert", "-psk", "0a0b0c0d", "-cipher", "PSK-AES128-CCM8:@SECLEVEL=0"},
			store: pskStore("me", "0a0b0c0d"), suite: 0xC0A8},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			port, received := openssl(t, tt.args...)
			e, rec := start(t, socket.Config{Credentials: tt.store})
			s := open(t, e, tt.proto)
			require.NoError(t, s.SetHostName(broker))
			err := s.Connect(broker, port)
			if tt.errno != 0 {
				requireErrno(t, err, tt.errno, tt.reason)
				return
			}
			require.NoError(t, err)
			if tt.suite != 0 {
				require.Equal(t, tt.suite, rec.handshake(t).Suite)
			}
			_, err = s.Send([]byte("Hi from nRF91\n"))
			require.NoError(t, err)
			for line := ""; !strings.Contains(line, "Hi from nRF91"); {
				line, err = received.ReadString('\n')
				require.NoError(t, err)
			}
		})
	}
}
