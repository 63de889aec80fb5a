package cloud

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"time"

	"nrf91emu/emulator/cloud/pki"
)

// A serverFault is one kind of mistake at the far end.
type serverFault struct {
	name, what, fault string
	port              uint16
	// identity makes the certificate; nil means the good one.
	identity func(*authorities) (*pki.Identity, error)
	// edit changes the configuration of TLS; it may be nil.
	edit func(*tls.Config)
	// raw serves one connection in place of a broker behind TLS; it may be nil.
	raw func(context.Context, net.Conn, *tls.Config) error
}

// faults are all of them, in the order of the list. The limits are those of the
// modem (fact tls/limits, fact tls/record-limit).
var faults = []serverFault{
	{
		name: "mqtt-expired", port: 8887, what: "its certificate has expired",
		fault:    "the certificate's time is over; whether the modem minds is not known",
		identity: valid(-2*24*time.Hour, -24*time.Hour),
	},
	{
		name: "wrong-host", port: 8901, what: "its certificate is for other.lab",
		fault:    "the host name that is checked is not in the certificate",
		identity: func(a *authorities) (*pki.Identity, error) { return a.ca.Issue(pki.Hosts("other.lab")) },
	},
	{
		name: "unknown-ca", port: 8902, what: "its certificate is of a CA that ca.pem does not hold",
		fault:    "the root in the modem did not sign the certificate",
		identity: func(a *authorities) (*pki.Identity, error) { return a.other.Issue(pki.Hosts(a.names...)) },
	},
	{
		name: "self-signed", port: 8903, what: "its certificate is signed with its own key",
		fault:    "no CA vouches for the certificate",
		identity: func(a *authorities) (*pki.Identity, error) { return pki.NewSelfSigned(pki.Hosts(a.names...)) },
	},
	{
		name: "common-name-only", port: 8904, what: "its name stands only in the common name",
		fault:    "the certificate is of the old kind without subject alternative names",
		identity: func(a *authorities) (*pki.Identity, error) { return a.ca.Issue(pki.CommonName(a.names[0])) },
	},
	{
		name: "not-yet-valid", port: 8905, what: "its certificate is valid from tomorrow on",
		fault:    "the certificate's time has not come, as with a device whose clock is wrong",
		identity: valid(24*time.Hour, 48*time.Hour),
	},
	{
		name: "chain-too-long", port: 8906, what: "its chain is larger than 4 kB",
		fault: "the modem takes no chain of certificates above 4 kB",
		identity: func(a *authorities) (*pki.Identity, error) {
			middle, err := a.ca.IssueCA("Large intermediate CA", pki.Padded(2500))
			if err != nil {
				return nil, err
			}
			return middle.Issue(pki.Hosts(a.names...), pki.Padded(2000))
		},
	},
	{
		name: "tls13-only", port: 8907, what: "it speaks TLS 1.3 only",
		fault: "the modem speaks TLS 1.2",
		edit:  func(c *tls.Config) { c.MinVersion = tls.VersionTLS13 },
	},
	{
		name: "tls11-only", port: 8908, what: "it speaks TLS 1.1 only",
		fault: "the modem speaks TLS 1.2",
		edit:  func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS11, tls.VersionTLS11 },
	},
	{
		name: "no-common-suite", port: 8909, what: "it knows no cipher suite that the modem has",
		fault: "the two have no cipher suite in common",
		edit: func(c *tls.Config) {
			c.MaxVersion = tls.VersionTLS12
			c.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384}
		},
	},
	{
		name: "record-too-long", port: 8910, what: "it greets with one TLS record of 4,096 bytes",
		fault: "the modem receives no TLS record above about 2,300 bytes",
		edit:  func(c *tls.Config) { c.DynamicRecordSizingDisabled = true },
		raw:   serveLongRecord,
	},
	{
		name: "silence", port: 8911, what: "it accepts a connection and says nothing",
		fault: "the handshake runs into its time-out",
		raw: func(_ context.Context, conn net.Conn, _ *tls.Config) error {
			_, err := io.Copy(io.Discard, conn)
			return err
		},
	},
	{
		name: "reset", port: 8912, what: "it resets the connection in the handshake",
		fault: "the peer ends the connection in the middle of the handshake",
		raw:   serveReset,
	},
}

// valid makes a good certificate with another time.
func valid(from, to time.Duration) func(*authorities) (*pki.Identity, error) {
	return func(a *authorities) (*pki.Identity, error) {
		now := time.Now()
		return a.ca.Issue(pki.Hosts(a.names...), pki.Valid(now.Add(from), now.Add(to)))
	}
}

func lookupFault(name string) *serverFault {
	for i := range faults {
		if faults[i].name == name {
			return &faults[i]
		}
	}
	return nil
}

func serveLongRecord(ctx context.Context, conn net.Conn, config *tls.Config) error {
	secure := tls.Server(conn, config)
	if err := handshake(ctx, secure); err != nil {
		return err
	}
	if _, err := secure.Write(append(bytes.Repeat([]byte("x"), 4094), "\r\n"...)); err != nil {
		return err
	}
	_, err := io.Copy(secure, secure)
	return err
}

// serveReset waits for the beginning of the ClientHello, so that the connection is
// made before it is reset.
func serveReset(_ context.Context, conn net.Conn, _ *tls.Config) error {
	conn.SetReadDeadline(time.Now().Add(handshakeTimeout))
	_, err := conn.Read(make([]byte, 1))
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	return err
}
