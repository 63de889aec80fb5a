package socket

import (
	"encoding/binary"
	"fmt"
	"net"
	"sync/atomic"
)

// recordConn watches the TLS records that come in on a connection and fails on
// one that carries more application data than the modem takes: known from its
// header, before it is read. What came before it is still delivered.
type recordConn struct {
	net.Conn
	limit atomic.Int64 // bytes of a record's body; 0 is no limit

	head [recordHeader]byte // of the current record
	have int                // bytes of head that have come
	rest int                // bytes of the body still to come
	err  error
	kind byte // of the last record, from its header
}

const (
	recordHeader    = 5
	alertRecord     = 21
	applicationData = 23
)

func newRecordConn(c net.Conn) *recordConn { return &recordConn{Conn: c} }

// A recordTooLong is the error for a record above the limit.
type recordTooLong struct{ size, limit int }

func (r *recordTooLong) Error() string {
	return fmt.Sprintf("the peer sent a TLS record of %d bytes on the wire, the modem takes %d; have it send smaller records", r.size, r.limit)
}

func (c *recordConn) Read(b []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.Conn.Read(b)
	if ok := c.scan(b[:n]); ok < n {
		if ok == 0 {
			return 0, c.err
		}
		return ok, nil
	}
	return n, err
}

// scan follows the records in b and returns how many bytes may be passed on.
func (c *recordConn) scan(b []byte) int {
	pos := 0
	for pos < len(b) {
		if c.rest > 0 {
			skip := min(c.rest, len(b)-pos)
			c.rest -= skip
			pos += skip
			continue
		}
		n := copy(c.head[c.have:], b[pos:])
		c.have += n
		if c.have < recordHeader {
			return len(b)
		}
		c.have = 0
		c.kind = c.head[0]
		size := int(binary.BigEndian.Uint16(c.head[3:]))
		if limit := int(c.limit.Load()); limit > 0 && c.head[0] == applicationData && size > limit {
			c.err = &recordTooLong{size, limit}
			return pos
		}
		c.rest = size
		pos += n
	}
	return pos
}

// unannounced says in words that the stream has ended without the alert close_notify,
// if it has. Only the goroutine that reads may call it.
func (c *recordConn) unannounced() string {
	switch {
	case c.have > 0 || c.rest > 0:
		return "the server closed the connection in the middle of a TLS record: what it was sending is lost"
	case c.kind != alertRecord:
		return "the server closed the connection without the TLS alert close_notify: what has come may not be all that it wanted to send"
	}
	return ""
}

// recordOverhead is what a cipher suite of the modem adds to the plain text of a
// TLS 1.2 record at most: nonce and tag of AES-GCM (RFC 5288), or the
// initialisation vector, the MAC and the padding of AES-CBC (RFC 5246 6.2.3.2).
func recordOverhead(suite uint16) int {
	switch suite {
	case 0xC02B, 0xC02F, 0xC030:
		return 8 + 16
	case 0xC023, 0xC027:
		return 16 + 32 + 16
	default:
		return 16 + 20 + 16
	}
}
