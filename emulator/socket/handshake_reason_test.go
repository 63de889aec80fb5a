package socket

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/event"
)

func TestAlertWords(t *testing.T) {
	for _, tt := range []struct {
		name  string
		h     handshake
		alert string
		want  string
		fault event.HandshakeFault
	}{
		{"TLS version", handshake{}, "tls: protocol version not supported", "it does not speak version 1.2", event.FaultVersion},
		{"DTLS version", handshake{}, "Alert LevelFatal: ProtocolVersion", "it does not speak version 1.2", event.FaultVersion},
		{"suites", handshake{}, "tls: handshake failure", "no cipher suite, curve or signature", event.FaultSuites},
		{"suites over DTLS", handshake{}, "Alert LevelFatal: InsufficientSecurity", "no cipher suite, curve or signature", event.FaultSuites},
		{"certificate missing", handshake{asked: true, client: "there is none"}, "tls: handshake failure", "it asked for a client certificate, and there is none", event.FaultClientCertificate},
		{"certificate refused", handshake{asked: true}, "tls: bad certificate", "it did not accept the client certificate", event.FaultClientCertificate},
		{"name", handshake{}, "tls: unrecognized name", "it does not serve the host name", event.FaultServerName},
		{"PSK", handshake{psk: &preShared{}}, "Alert LevelFatal: DecryptError", "did not accept the pre-shared key or its identity", event.FaultPSK},
		{"PSK unknown", handshake{psk: &preShared{}}, "Alert LevelFatal: UnknownPSKIdentity", "did not accept the pre-shared key or its identity", event.FaultPSK},
		{"no suite for a PSK", handshake{psk: &preShared{}}, "Alert LevelFatal: InsufficientSecurity", "no cipher suite, curve or signature", event.FaultSuites},
		{"any other", handshake{}, "tls: internal error", "the server ended the handshake with the alert \"internal error\"", event.FaultProtocol},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Contains(t, tt.h.alert(tt.alert), tt.want)
			require.Equal(t, tt.fault, tt.h.fault)
		})
	}
	h := handshake{policy: DefaultPolicy()}
	n, reason := h.reason(errors.New("handshake error: alert: Alert LevelFatal: HandshakeFailure"), 0)
	require.Equal(t, ECONNREFUSED, n)
	require.Contains(t, reason, "no cipher suite")
}

func TestHostErrors(t *testing.T) {
	s := &Socket{e: New(Config{})}
	for _, tt := range []struct {
		err    error
		want   Errno
		reason string
	}{
		{syscall.ECONNREFUSED, ECONNREFUSED, "refused"},
		{syscall.ETIMEDOUT, ETIMEDOUT, "no answer"}, // 110 on Linux, 116 here
		{syscall.EPIPE, ECONNRESET, "reset"},
		{syscall.ENETUNREACH, ENETUNREACH, "no route"},
		{syscall.EMFILE, ENOMEM, "too many open files"},
		{syscall.ENOTDIR, EIO, "not a directory"},
		{os.ErrDeadlineExceeded, ETIMEDOUT, "no answer"},
		{errors.New("odd"), EIO, "odd"},
		{s.errorf("send", EBUSY, "own"), EBUSY, "own"},
	} {
		t.Run(fmt.Sprint(tt.err), func(t *testing.T) {
			got := s.hostError("connect", &net.OpError{Op: "dial", Err: tt.err})
			require.Equal(t, tt.want, got.Errno)
			require.Contains(t, got.Reason, tt.reason)
		})
	}
}
