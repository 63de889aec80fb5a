package emulator_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
)

// An atSocket is a connected socket of the modem as a stream of bytes: what
// firmware does that speaks a protocol of its own over #XSEND and #XRECV.
type atSocket struct {
	s      *station
	handle int
	ready  chan struct{}
	rest   []byte
	close  sync.Once
	closed chan struct{}
}

// dial connects a TLS socket by AT commands.
func (s *station) dial(tag int, host string, port uint16) *atSocket {
	s.t.Helper()
	lines := s.do(fmt.Sprintf("AT#XSSOCKET=1,1,0,%d,2", tag))
	c := &atSocket{s: s, ready: make(chan struct{}, 1), closed: make(chan struct{})}
	_, err := fmt.Sscanf(lines[0], "#XSSOCKET: %d,1,258", &c.handle)
	require.NoError(s.t, err)
	s.do(fmt.Sprintf(`AT#XSSOCKETOPT=%d,1,2,"%s"`, c.handle, host))
	s.do(fmt.Sprintf(`AT#XCONNECT=%d,"%s",%d`, c.handle, host, port))
	s.do(fmt.Sprintf("AT#XAPOLL=%d,1,1", c.handle))
	go func() {
		for {
			select {
			case line := <-s.notes:
				var handle, events int
				if n, _ := fmt.Sscanf(line, "#XAPOLL: %d,%d", &handle, &events); n != 2 || handle != c.handle {
					continue
				}
				if events&(8|32) != 0 {
					c.Close() // broken
				}
				select {
				case c.ready <- struct{}{}:
				default:
				}
			case <-c.closed:
				return
			}
		}
	}()
	return c
}

func (c *atSocket) Write(p []byte) (n int, err error) {
	for n < len(p) {
		part := p[n:min(n+1400, len(p))]
		if _, err := c.s.Do(context.Background(), fmt.Sprintf(`AT#XSEND=%d,1,0,"%x"`, c.handle, part)); err != nil {
			return n, err
		}
		n += len(part)
	}
	return n, nil
}

func (c *atSocket) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		answer, err := c.s.Do(context.Background(), fmt.Sprintf("AT#XRECV=%d,1,64,0", c.handle))
		switch {
		case err == nil && len(answer.Lines) == 0:
			return 0, io.EOF
		case err == nil:
			if c.rest, err = hex.DecodeString(answer.Lines[1]); err != nil {
				return 0, err
			}
		case atcmd.ResultOf(err).Kind != atcmd.ResultError || len(answer.Lines) > 0:
			return 0, err
		default:
			select {
			case <-c.ready:
			case <-c.closed:
				return 0, io.ErrClosedPipe
			}
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *atSocket) Close() error {
	c.close.Do(func() { close(c.closed) })
	return nil
}

// An mqttFirmware is a client that speaks MQTT 3.1.1 over any stream, with QoS 0.
type mqttFirmware struct {
	t testing.TB
	io.ReadWriteCloser
}

func (m *mqttFirmware) packet(first byte, body []byte) {
	m.t.Helper()
	head := []byte{first}
	for n := len(body); ; n >>= 7 {
		if n < 0x80 {
			head = append(head, byte(n))
			break
		}
		head = append(head, byte(n)|0x80)
	}
	_, err := m.Write(append(head, body...))
	require.NoError(m.t, err)
}

func (m *mqttFirmware) next() (first byte, body []byte) {
	m.t.Helper()
	one := make([]byte, 1)
	_, err := io.ReadFull(m, one)
	require.NoError(m.t, err)
	first = one[0]
	n := 0
	for shift := 0; ; shift += 7 {
		_, err := io.ReadFull(m, one)
		require.NoError(m.t, err)
		if n |= int(one[0]&0x7f) << shift; one[0] < 0x80 {
			break
		}
	}
	body = make([]byte, n)
	_, err = io.ReadFull(m, body)
	require.NoError(m.t, err)
	return first, body
}

func text(s string) []byte { return append([]byte{byte(len(s) >> 8), byte(len(s))}, s...) }

func (m *mqttFirmware) connect(id string) {
	m.t.Helper()
	m.packet(0x10, append(append(text("MQTT"), 4, 2, 0, 60), text(id)...))
	first, body := m.next()
	require.Equal(m.t, byte(0x20), first)
	require.Equal(m.t, []byte{0, 0}, body)
}

func (m *mqttFirmware) subscribe(topic string) {
	m.t.Helper()
	m.packet(0x82, append(append([]byte{0, 1}, text(topic)...), 0))
	first, body := m.next()
	require.Equal(m.t, byte(0x90), first)
	require.Equal(m.t, []byte{0, 1, 0}, body)
}

func (m *mqttFirmware) publish(topic, payload string) {
	m.t.Helper()
	m.packet(0x30, append(text(topic), payload...))
}

func (m *mqttFirmware) retain(topic, payload string) {
	m.t.Helper()
	m.packet(0x31, append(text(topic), payload...))
}

func (m *mqttFirmware) message() (topic, payload string) {
	m.t.Helper()
	first, body := m.next()
	require.Equal(m.t, byte(0x30), first&0xf0)
	n := int(body[0])<<8 | int(body[1])
	return string(body[2 : 2+n]), string(body[2+n:])
}
