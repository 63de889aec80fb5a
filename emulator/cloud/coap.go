package cloud

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	coapdtls "github.com/plgd-dev/go-coap/v3/dtls"
	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/mux"
	coapnet "github.com/plgd-dev/go-coap/v3/net"
	"github.com/plgd-dev/go-coap/v3/options"
	"github.com/plgd-dev/go-coap/v3/udp"
)

// startCoAP starts a CoAP server, plain or behind DTLS. Its resources are those of
// the public server that Nordic's course uses.
func startCoAP(c *Cloud, s *Server) error {
	router := c.coapRouter(s.Name)
	if s.Protocol == "coap" {
		conn, err := c.listenPacket(s)
		if err != nil {
			return err
		}
		wrapped := coapnet.NewUDPConn("udp", conn)
		server := udp.NewServer(options.WithMux(router), options.WithContext(c.life), options.WithErrors(quiet), options.WithPeriodicRunner(c.periodically))
		c.close = append(c.close, func() error {
			server.Stop()
			return ignoreClosed(wrapped.Close())
		})
		c.wg.Go(func() { server.Serve(wrapped) })
		return nil
	}
	ln, err := c.listenDTLS(s)
	if err != nil {
		return err
	}
	server := coapdtls.NewServer(options.WithMux(router), options.WithContext(c.life), options.WithErrors(quiet), options.WithPeriodicRunner(c.periodically))
	c.close = append(c.close, func() error {
		server.Stop()
		return ignoreClosed(ln.Close())
	})
	c.wg.Go(func() { server.Serve(ln) })
	return nil
}

// periodically runs what go-coap does now and then, until the cloud ends; its own
// way of doing that would outlive it.
func (c *Cloud) periodically(fn func(time.Time) bool) {
	c.wg.Go(func() {
		tick := time.NewTicker(4 * time.Second)
		defer tick.Stop()
		for {
			select {
			case now := <-tick.C:
				if !fn(now) {
					return
				}
			case <-c.life.Done():
				return
			}
		}
	})
}

// quiet takes errors of single clients: the events tell of them.
func quiet(error) {}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// coapRouter makes the resources of one server.
func (c *Cloud) coapRouter(server string) *mux.Router {
	var mu sync.Mutex
	stored := []byte("nrf91emu lab") // what /validate answers and /large-update changes
	router := mux.NewRouter()
	handle := func(path string, fn func(r *mux.Message, body []byte) (codes.Code, []byte)) {
		router.HandleFunc(path, func(w mux.ResponseWriter, r *mux.Message) {
			body, err := r.ReadBody()
			code, answer := codes.BadRequest, []byte(nil)
			if err == nil && len(body) <= maxBody {
				mu.Lock()
				code, answer = fn(r, body)
				mu.Unlock()
			}
			w.SetResponse(code, message.TextPlain, bytes.NewReader(answer))
			c.feed.tell(Event{Server: server, Peer: w.Conn().RemoteAddr().String(), Request: &Request{
				Method: r.Code().String(), Path: path, Size: len(body), Status: code.String(),
			}})
		})
	}
	handle("/validate", func(r *mux.Message, _ []byte) (codes.Code, []byte) {
		if r.Code() != codes.GET {
			return codes.MethodNotAllowed, nil
		}
		return codes.Content, bytes.Clone(stored)
	})
	handle("/large-update", func(r *mux.Message, body []byte) (codes.Code, []byte) {
		switch r.Code() {
		case codes.GET:
			return codes.Content, bytes.Clone(stored)
		case codes.PUT, codes.POST:
			stored = bytes.Clone(body)
			return codes.Changed, nil
		}
		return codes.MethodNotAllowed, nil
	})
	handle("/echo", func(r *mux.Message, body []byte) (codes.Code, []byte) {
		if r.Code() != codes.POST && r.Code() != codes.PUT {
			return codes.MethodNotAllowed, nil
		}
		return codes.Changed, bytes.Clone(body)
	})
	return router
}

// A dtlsListener tells of each handshake.
type dtlsListener struct {
	net.Listener
	tell func(peer string, h *Handshake)
}

func (c *Cloud) listenDTLS(s *Server) (*dtlsListener, error) {
	server := s.Name
	l := &dtlsListener{tell: func(peer string, h *Handshake) {
		c.feed.tell(Event{Server: server, Peer: peer, Handshake: h})
	}}
	opts := []dtls.ServerOption{dtls.WithExtendedMasterSecret(dtls.RequestExtendedMasterSecret)}
	if server == "coaps-psk" {
		opts = append(opts,
			dtls.WithPSK(func(identity []byte) ([]byte, error) {
				if key, ok := c.cfg.PSK[string(identity)]; ok {
					return key, nil
				}
				return nil, errors.New("unknown identity of a pre-shared key: " + string(identity))
			}),
			dtls.WithCipherSuites(dtls.TLS_PSK_WITH_AES_128_CBC_SHA256, dtls.TLS_PSK_WITH_AES_128_CCM, dtls.TLS_PSK_WITH_AES_128_CCM_8, dtls.TLS_PSK_WITH_AES_128_GCM_SHA256),
		)
	} else {
		opts = append(opts, dtls.WithCertificates(c.certs.server.TLS()))
	}
	open := func(port uint16) (net.Listener, error) {
		return dtls.ListenWithOptions("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(c.cfg.Listen, port)), opts...)
	}
	ln, err := open(c.wanted(s))
	if err != nil && c.wanted(s) != 0 {
		ln, err = open(0)
	}
	if err != nil {
		return nil, err
	}
	s.Addr = netip.MustParseAddrPort(ln.Addr().String())
	l.Listener = ln
	return l, nil
}

// AcceptWithContext returns the next client, whose handshake is still to come.
func (l *dtlsListener) AcceptWithContext(ctx context.Context) (net.Conn, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	conn, err := l.Accept()
	if errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe) || err != nil && ctx.Err() != nil {
		return nil, coapnet.ErrListenerIsClosed
	}
	if err != nil {
		return nil, err
	}
	if secure, ok := conn.(*dtls.Conn); ok {
		return &dtlsConn{Conn: secure, l: l}, nil
	}
	return conn, nil
}

// A dtlsConn tells how its handshake ended, once: go-coap asks for it twice.
type dtlsConn struct {
	*dtls.Conn
	l    *dtlsListener
	once sync.Once
	err  error
}

// HandshakeContext makes the handshake.
func (c *dtlsConn) HandshakeContext(ctx context.Context) error {
	c.once.Do(func() { c.err = c.handshake(ctx) })
	return c.err
}

func (c *dtlsConn) handshake(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	err := c.Conn.HandshakeContext(ctx)
	h := &Handshake{}
	if err != nil {
		h.Error = err.Error()
	} else if state, ok := c.ConnectionState(); ok {
		h.Version, h.Suite, h.Client = "DTLS 1.2", state.CipherSuiteID.String(), string(state.IdentityHint)
	}
	c.l.tell(c.RemoteAddr().String(), h)
	return err
}
