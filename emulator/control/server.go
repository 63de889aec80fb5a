package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/link"
)

// A Server is the control interface of one device.
type Server struct {
	device   *emulator.Device
	port     string
	listener net.Listener
	handler  func() http.Handler        // made at the first request
	ring     *event.Ring                // nil if the device keeps no record
	faults   atomic.Pointer[fault.Set]  // nil until OfferFaults
	measured atomic.Pointer[[]Measured] // nil until Measure
	judge    func() *audit.Report       // nil unless Judge
	follower follower

	once   sync.Once
	closed chan struct{}      // closed by Close, which ends streams
	stop   context.CancelFunc // ends streams of a listener of its own
	http   *http.Server
	served chan struct{} // closed when nothing is accepted any more
}

// ErrInUse is returned when another process that is alive has the socket.
var ErrInUse = link.ErrInUse

// Listen serves the control interface of a device on the unix socket that
// belongs to the path of its port, see [SocketPath]. A socket that a dead
// process has left behind is replaced.
func Listen(d *emulator.Device, portPath string) (*Server, error) {
	path, err := SocketPath(portPath)
	if err != nil {
		return nil, err
	}
	l, err := link.ListenUnix(path)
	if err != nil {
		return nil, err
	}
	return serve(d, portPath, l, false), nil
}

// ListenTCP serves the control interface of a device at a TCP address such as
// "127.0.0.1:9191", where port 0 is any free one. There is no password: an
// address that others can reach is refused unless anyone is set, and then
// everybody there may control the device.
func ListenTCP(d *emulator.Device, portPath, addr string, anyone bool) (*Server, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("%q is not an address for the control interface: write it as 127.0.0.1:9191: %w", addr, err)
	}
	if ip := net.ParseIP(host); !anyone && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("the control interface has no password and %q can be reached by others: use 127.0.0.1, or say that everybody may", addr)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot serve the control interface: %w", err)
	}
	return serve(d, portPath, l, !anyone), nil
}

// closeTimeout is how long Close waits for requests that are served.
const closeTimeout = 2 * time.Second

// New makes the interface of a device without a listener: Handler serves it within
// a server of the caller's own, who guards it. What happens to the device from now on
// is kept, bounded, for /v1/events; see [event.Log.Keep], which the caller may have
// called when the device was made.
func New(d *emulator.Device, portPath string) *Server {
	return &Server{device: d, port: portPath, ring: d.Log().Keep(), closed: make(chan struct{})}
}

// Handler returns the routes alone: whoever serves them sees to it that only those
// reach them who may.
func (s *Server) Handler() http.Handler { return s.routes() }

func serve(d *emulator.Device, port string, l net.Listener, checkHost bool) *Server {
	s := New(d, port)
	s.listener, s.served = l, make(chan struct{})
	s.handler = sync.OnceValue(func() http.Handler { return s.guard(checkHost, s.routes()) })
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.http = NewHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.handler().ServeHTTP(w, r) }))
	s.http.BaseContext = func(net.Listener) context.Context { return ctx }
	go func() {
		defer close(s.served)
		s.http.Serve(HangUp(l)) // returns when the listener is closed, by Close
	}()
	return s
}

// Addr returns where the server listens: the path of a unix socket, or a TCP
// address.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// URL returns where the server is for a person: http://HOST:PORT, or the path of a
// unix socket.
func (s *Server) URL() string {
	if s.listener.Addr().Network() == "unix" {
		return s.Addr()
	}
	return "http://" + s.Addr()
}

// Close ends the server and its streams, removes the socket and waits until no
// request is served any more, for two seconds at most.
func (s *Server) Close() error {
	s.once.Do(func() { close(s.closed) })
	if s.http == nil {
		return nil
	}
	s.stop()
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	<-s.served
	return err
}
