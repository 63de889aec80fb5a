package socket

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"nrf91emu/emulator/event"
)

// reason finds number and words for a failed handshake. Only what happens below
// TLS has a number of its own (fact tls/handshake-errno).
func (h *handshake) reason(err error, timeout time.Duration) (Errno, string) {
	failed := h.policy.Errnos.handshakeFailure()
	var (
		refused refusal
		plain   tls.RecordHeaderError
		remote  *net.OpError
		own     *Error
	)
	switch {
	case errors.As(err, &own):
		return own.Errno, own.Reason
	case errors.As(err, &refused):
		h.fault = refused.fault
		return failed, refused.reason
	case errors.As(err, &plain):
		h.fault = event.FaultProtocol
		return failed, "the server does not speak TLS on this port; its answer begins with " + fmt.Sprintf("%q", plain.RecordHeader[:])
	case errors.As(err, &remote) && remote.Op == "remote error":
		return failed, h.alert(remote.Err.Error())
	case strings.HasPrefix(dtlsAlert(err), "Alert "):
		return failed, h.alert(dtlsAlert(err))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return failed, "the server closed the connection during the handshake" + h.missingCertificate()
	}
	switch n, _ := hostErrno(err); n {
	case ETIMEDOUT:
		return ETIMEDOUT, fmt.Sprintf("the handshake did not end within %v", timeout)
	case ECONNRESET:
		return ECONNRESET, "the server reset the connection during the handshake" + h.missingCertificate()
	}
	if strings.Contains(err.Error(), "unsupported protocol version") {
		h.fault = event.FaultVersion
		return failed, "the server does not speak TLS 1.2, which is all that the modem has: " + trimPrefix(err)
	}
	h.fault = event.FaultProtocol
	return failed, "the handshake failed: " + trimPrefix(err)
}

func trimPrefix(err error) string { return strings.TrimPrefix(err.Error(), "tls: ") }

// dtlsAlert returns pion's text for an alert of the peer, which has no type of
// its own outside that package, or "".
func dtlsAlert(err error) string {
	_, text, _ := strings.Cut(err.Error(), "alert: ")
	return text
}

// alert puts an alert of the server into words. The texts are those of
// crypto/tls and of pion/dtls.
func (h *handshake) alert(text string) string {
	said := "the server ended the handshake with the alert \"" + strings.TrimPrefix(text, "tls: ") + "\""
	low := strings.ToLower(strings.ReplaceAll(text, " ", ""))
	h.fault = event.FaultProtocol
	switch {
	case strings.Contains(low, "protocolversion"):
		h.fault = event.FaultVersion
		return said + ": it does not speak version 1.2, which is all that the modem has"
	case h.asked && h.client != "":
		return said + h.missingCertificate()
	case h.asked:
		h.fault = event.FaultClientCertificate
		return said + ": it did not accept the client certificate"
	case h.psk != nil && !strings.Contains(low, "insufficientsecurity"):
		h.fault = event.FaultPSK
		return said + ": it did not accept the pre-shared key or its identity"
	case strings.Contains(low, "handshakefailure"), strings.Contains(low, "insufficientsecurity"):
		h.fault = event.FaultSuites
		return said + ": it has no cipher suite, curve or signature in common with the modem"
	case strings.Contains(low, "unrecognizedname"):
		h.fault = event.FaultServerName
		return said + ": it does not serve the host name that was sent"
	}
	return said
}

// missingCertificate explains a refusal by a server that asked for a client
// certificate and got none.
func (h *handshake) missingCertificate() string {
	if !h.asked || h.client == "" {
		return ""
	}
	h.fault = event.FaultClientCertificate
	return "; it asked for a client certificate, and " + h.client
}
