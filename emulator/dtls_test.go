package emulator_test

import (
	"fmt"
	"net"
	"testing"

	"github.com/pion/dtls/v3"
	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/event"
)

// DTLS with a pre-shared key, by the exchange that the guides print.
func TestDTLSWithPSK(t *testing.T) {
	noLeak(t)
	ln, err := dtls.ListenWithOptions("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)},
		dtls.WithPSK(func([]byte) ([]byte, error) { return []byte("nrf91test"), nil }),
		dtls.WithCipherSuites(dtls.TLS_PSK_WITH_AES_128_CCM_8))
	require.NoError(t, err)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		buf := make([]byte, 2048)
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			c.Write(buf[:n])
		}
	}()
	t.Cleanup(func() {
		ln.Close()
		<-ended
	})

	s := newStation(t, "serial-modem")
	s.do("AT+CFUN=0")
	s.do(`AT%CMNG=0,1001,3,"6e7266393174657374"`)
	s.do(`AT%CMNG=0,1001,4,"nrf91test"`)
	s.do("AT+CFUN=1")
	require.Equal(t, []string{"#XSSOCKET: 0,2,273"}, s.do("AT#XSSOCKET=1,2,0,1001"))
	require.Equal(t, []string{"#XCONNECT: 0,1"}, s.do(fmt.Sprintf(`AT#XCONNECT=0,"%s",%d`, broker, ln.Addr().(*net.UDPAddr).Port)))
	require.Equal(t, []string{"#XSSOCKETOPT: 0,0xc0a8"}, s.do("AT#XSSOCKETOPT=0,0,4"))
	require.Equal(t, []string{"#XSEND: 0,0,9"}, s.do(`AT#XSEND=0,0,0,"Test DTLS"`))
	require.Equal(t, []string{"#XRECV: 0,0,9", "Test DTLS"}, s.do("AT#XRECV=0,0,0,5"))
	require.Equal(t, []string{"#XCLOSE: 0,0"}, s.do("AT#XCLOSE=0"))

	for _, e := range s.find(func(e *event.Event) bool { return e.Credential != nil && e.Credential.Op == "use" }) {
		require.Equal(t, 1, e.Credential.Found)
		if *e.Credential.Type == 3 {
			require.Empty(t, e.Credential.Content.Text, "a key does not stand in the record")
		}
	}
}
