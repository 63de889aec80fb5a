package socket

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"nrf91emu/keystore"
)

// reader is a net.Conn that can only be read.
type reader struct {
	net.Conn
	io.Reader
}

func (r reader) Read(b []byte) (int, error) { return r.Reader.Read(b) }

func tlsRecord(typ byte, size int) []byte {
	b := binary.BigEndian.AppendUint16([]byte{typ, 3, 3}, uint16(size))
	return append(b, bytes.Repeat([]byte{'x'}, size)...)
}

// FuzzRecordConn checks that the scanner of record headers delivers what comes,
// up to the first record that is too long, however it is cut into reads.
func FuzzRecordConn(f *testing.F) {
	f.Add(tlsRecord(22, 5000), 100)
	f.Add(append(tlsRecord(23, 100), tlsRecord(23, 101)...), 100)
	f.Add([]byte{23, 3, 3}, 0)
	f.Fuzz(func(t *testing.T, stream []byte, limit int) {
		read := func(r io.Reader) ([]byte, error) {
			c := &recordConn{Conn: reader{Reader: r}}
			c.limit.Store(int64(limit))
			return io.ReadAll(c)
		}
		whole, err := read(bytes.NewReader(stream))
		single, errSingle := read(iotest.OneByteReader(bytes.NewReader(stream)))
		require.Equal(t, err, errSingle)
		require.True(t, bytes.HasPrefix(stream, whole))
		if err == nil {
			require.Equal(t, len(stream), len(whole))
			require.Equal(t, len(stream), len(single))
			return
		}
		var long *recordTooLong
		require.ErrorAs(t, err, &long)
		require.Greater(t, long.size, limit)
		// A header that comes in pieces may be delivered before its length is known.
		require.GreaterOrEqual(t, len(single), len(whole))
		require.Less(t, len(single), len(whole)+recordHeader)
	})
}

// FuzzCredentials checks that any content of the store is read or refused with
// a reason.
func FuzzCredentials(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"))
	f.Add([]byte("-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: x\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"))
	f.Add([]byte("0a0b"))
	f.Add([]byte(" 0A "))
	f.Fuzz(func(t *testing.T, content []byte) {
		certs, problem := parseCertificates(content)
		require.True(t, len(certs) > 0 || problem != "")
		key, problem := parseKey(content, []byte("secret"))
		require.Equal(t, key == nil, problem != "")
		var creds []credential
		for typ := range keystore.CredentialType(5) {
			creds = append(creds, credential{tag: 24, typ: typ, content: content, password: []byte("secret")})
		}
		psk, problem := parsePSK(creds)
		require.Equal(t, psk == nil, problem != "")
		pair, problem := clientCertificate(creds)
		require.Equal(t, pair == nil, problem != "")
	})
}

func FuzzParseHost(f *testing.F) {
	f.Add("broker.example=127.0.0.1:18883")
	f.Add("b=[::1]")
	f.Fuzz(func(t *testing.T, text string) {
		name, addr, err := ParseHost(text)
		if err != nil {
			require.False(t, addr.IsValid())
			return
		}
		again, addrAgain, err := ParseHost(name + "=" + addr.String())
		require.NoError(t, err)
		require.Equal(t, name, again)
		require.Equal(t, addr, addrAgain)
	})
}

func FuzzHasConnectionID(f *testing.F) {
	plain := append([]byte{22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3}, "abc"...)
	withID := []byte{25, 254, 253, 0, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0}
	require.False(f, hasConnectionID(plain))
	require.True(f, hasConnectionID(append(plain, withID...)))
	f.Add(plain)
	f.Add(withID)
	f.Fuzz(func(t *testing.T, b []byte) { hasConnectionID(b) })
}
