package socket

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// readerConn is a connection that reads from a reader.
type readerConn struct {
	net.Conn
	r io.Reader
}

func (c readerConn) Read(b []byte) (int, error) { return c.r.Read(b) }

// The limit is for application data alone: a certificate chain may come in a longer
// record. What is before a record that is too long is delivered.
func TestRecordLimitIsForData(t *testing.T) {
	record := func(kind byte, size int) []byte {
		head := binary.BigEndian.AppendUint16([]byte{kind, 3, 3}, uint16(size))
		return append(head, make([]byte, size)...)
	}
	const handshake, limit = 22, 2303
	before := append(record(handshake, 4000), record(applicationData, limit)...)
	for name, whole := range map[string]bool{"at once": true, "byte by byte": false} {
		t.Run(name, func(t *testing.T) {
			var r io.Reader = bytes.NewReader(append(bytes.Clone(before), record(applicationData, limit+1)...))
			if !whole {
				r = iotest.OneByteReader(r)
			}
			c := newRecordConn(readerConn{r: r})
			c.limit.Store(limit)
			got, err := io.ReadAll(c)
			var long *recordTooLong
			require.ErrorAs(t, err, &long)
			require.Equal(t, limit+1, long.size)
			require.Equal(t, before, got[:len(before)])
			require.Less(t, len(got)-len(before), recordHeader)
		})
	}
}
