package emulator_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// A device shows its certificate to a server with a key that was stored encrypted: with
// the right password it is let in, with none or a wrong one the handshake fails. The key
// in testdata/encrypted-key is as openssl pkcs8 writes it without options (fact
// cmng/password).
func TestClientAuthenticationWithEncryptedKey(t *testing.T) {
	read := func(name string) string {
		data, err := os.ReadFile("testdata/encrypted-key/" + name)
		require.NoError(t, err)
		return string(data)
	}
	certificate, key := read("client.pem"), read("client.key")
	clients := x509.NewCertPool()
	require.True(t, clients.AppendCertsFromPEM([]byte(certificate)))
	ca := newAuthority(t, "Root")
	config := ca.tls(t, broker)
	config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, clients
	names := make(chan string, 3)
	port := listenTLS(t, config, func(c net.Conn) {
		s := c.(*tls.Conn)
		if s.Handshake() == nil {
			names <- s.ConnectionState().PeerCertificates[0].Subject.CommonName
			io.Copy(c, c)
		}
	})

	h := newRawHost(t, true)
	h.expect(`AT%CMNG=0,24,0,"`+ca.pem+"\"\r", "\r\nOK\r\n")
	h.expect(`AT%CMNG=0,24,1,"`+certificate+"\"\r", "\r\nOK\r\n")
	for _, c := range []struct {
		name, password string
		in             bool
	}{{"none", "", false}, {"wrong", `,"sesame"`, false}, {"right", `,"open sesame"`, true}} {
		h.expect("AT+CFUN=4\r", "\r\nOK\r\n")
		h.expect(`AT%CMNG=0,24,2,"`+key+`"`+c.password+"\r", "\r\nOK\r\n")
		h.expect("AT+CFUN=1\r", "\r\nOK\r\n")
		h.openTLS(24)
		answer := "\r\nERROR\r\n"
		if c.in {
			answer = "\r\n#XCONNECT: 0,1\r\n\r\nOK\r\n"
		}
		h.expect(fmt.Sprintf("AT#XCONNECT=0,%q,%d\r", broker, port), answer)
		if c.in {
			require.Equal(t, "device with an encrypted key", <-names)
			h.exchange("Hi from nRF91")
		}
		h.expect("AT#XCLOSE=0\r", "\r\n#XCLOSE: 0,0\r\n\r\nOK\r\n")
	}
	require.Empty(t, names)
}
