package control

import (
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// Times that a client of an HTTP server may take. There is none for an answer as a
// whole, as events stream and builds take their time, but for each piece of it.
const (
	headerTimeout = 5 * time.Second
	bodyTimeout   = 30 * time.Second // headers and body
	writeTimeout  = 30 * time.Second // until a piece of an answer is taken
	idleTimeout   = 2 * time.Minute  // between two requests
	maxHeader     = 16 << 10         // bytes
	writePiece    = 64 << 10         // bytes
)

// NewHTTP returns an HTTP server for handlers that may stream, on which a client that
// sends slowly, or does not take what it has asked for, is hung up on: it has 5 seconds
// for its headers, 30 for headers and body, and 30 for each piece of the answer. Serve it
// on a listener of [HangUp].
func NewHTTP(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: bodyTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader, ErrorLog: log.New(io.Discard, "", 0),
	}
}

// HangUp returns a listener whose connections end when the other side takes nothing
// for 30 seconds. A connection that an HTTP handler has hijacked keeps that.
func HangUp(l net.Listener) net.Listener { return hangUp{l} }

type hangUp struct{ net.Listener }

func (l hangUp) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &slowConn{c}, nil
}

// A slowConn gives the other side time for each piece that is written.
type slowConn struct{ net.Conn }

func (c *slowConn) Write(p []byte) (n int, err error) {
	for first := true; first || n < len(p); first = false {
		if err := c.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			return n, err
		}
		m, err := c.Conn.Write(p[n:min(n+writePiece, len(p))])
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
