package control

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// pipes is a listener on connections in memory.
type pipes struct {
	accept chan net.Conn
	closed chan struct{}
}

func (l pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.accept:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l pipes) Close() error   { close(l.closed); return nil }
func (l pipes) Addr() net.Addr { return &net.UnixAddr{} }

// Who sends slowly, or does not take what he has asked for, is hung up on; a stream in
// which nothing happens is not.
func TestSlowClients(t *testing.T) {
	handler := http.NewServeMux()
	handler.HandleFunc("PUT /body", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			fail(w, http.StatusBadRequest, "%v", err)
		}
	})
	handler.HandleFunc("PUT /unread", func(http.ResponseWriter, *http.Request) {})
	handler.HandleFunc("GET /flood", func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				return
			}
		}
	})
	handler.HandleFunc("POST /stream", func(w http.ResponseWriter, r *http.Request) {
		out := http.NewResponseController(w)
		for range 3 {
			io.WriteString(w, "more\n")
			out.Flush()
			select {
			case <-time.After(time.Hour):
			case <-r.Context().Done():
				return
			}
		}
		io.WriteString(w, "end\n")
	})
	const header = "Host: localhost\r\n"
	for _, tt := range []struct {
		name, request, drip string // drip is sent byte by byte, one a second
		read                bool   // the answer is taken
		until               time.Duration
		answer              string
	}{
		{"headers", "GET /x HTTP/1.1\r\n", strings.Repeat("X: y\r\n", 100), true, headerTimeout, ""},
		{"nothing at all", "", "", true, headerTimeout, ""},
		{"body", "PUT /body HTTP/1.1\r\n" + header + "Content-Length: 1000\r\n\r\n", strings.Repeat("x", 1000), true, bodyTimeout, "i/o timeout"},
		{"body that nobody reads", "PUT /unread HTTP/1.1\r\n" + header + "Content-Length: 1000\r\n\r\n", strings.Repeat("x", 1000), true, bodyTimeout, "200 OK"},
		{"answer that nobody takes", "GET /flood HTTP/1.1\r\n" + header + "\r\n", "", false, writeTimeout, ""},
		{"no further request", "GET /x HTTP/1.1\r\n" + header + "\r\n", "", true, idleTimeout, "404 page not found"},
		{"stream", "POST /stream HTTP/1.1\r\n" + header + "Connection: close\r\n\r\n", "", true, 3 * time.Hour, "end"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := pipes{make(chan net.Conn), make(chan struct{})}
				server := NewHTTP(handler)
				served := make(chan error)
				go func() { served <- server.Serve(HangUp(l)) }()
				here, there := net.Pipe()
				l.accept <- there
				start := time.Now()
				dripped := make(chan struct{})
				go func() {
					defer close(dripped)
					io.WriteString(here, tt.request)
					for i := range len(tt.drip) {
						time.Sleep(time.Second)
						if _, err := io.WriteString(here, tt.drip[i:i+1]); err != nil {
							return
						}
					}
				}()
				var answer []byte
				if tt.read {
					answer, _ = io.ReadAll(bufio.NewReader(here))
				} else {
					for !gone(here) {
						time.Sleep(time.Second)
					}
				}
				require.InDelta(t, tt.until.Seconds(), time.Since(start).Seconds(), 2)
				require.Contains(t, string(answer), tt.answer)
				here.Close()
				<-dripped
				server.Close()
				require.ErrorIs(t, <-served, http.ErrServerClosed)
			})
		})
	}
}

// gone reports whether the other end of a pipe is closed.
func gone(c net.Conn) bool {
	c.SetWriteDeadline(time.Now().Add(time.Millisecond))
	_, err := c.Write([]byte("x"))
	return err == io.ErrClosedPipe
}
