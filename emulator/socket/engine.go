package socket

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"sync"

	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
)

// Credentials is the content of the modem's credential store, without the
// access rules that hold at the AT interface; *keystore.Store is one.
type Credentials interface {
	// Secret returns the content of a credential, keystore.ErrNotFound if there is
	// none.
	Secret(keystore.Key) ([]byte, error)
	// Password returns the password that was stored with an encrypted private key, nil
	// if there is none.
	Password(keystore.Key) []byte
}

// A Resolver finds the addresses of a host name; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Config says what an [Engine] works with. The zero Config is a modem of the
// newest firmware without credentials.
type Config struct {
	Policy      *Policy     // nil means DefaultPolicy()
	Credentials Credentials // nil means an empty store; asked only inside StartConnect and Connect

	// Hosts maps lower-case host names to other addresses, so that a program can
	// use a broker's real name, with certificates that match, without internet. A
	// port of the address other than 0 replaces the port as well. A name with a port,
	// "broker.lab:8883", is mapped for that port; other ports of that name lead where
	// the name alone is mapped, and are closed if it is not. See [ParseHost].
	Hosts map[string]netip.AddrPort
	// NoExternal refuses every address that is not a loopback address, and asks no
	// name server.
	NoExternal bool
	// ListenExternal lets other machines reach the sockets that a program opens as a
	// server: without it TCP listens on loopback, and UDP hears only this machine and
	// addresses to which the socket has sent.
	ListenExternal bool

	// The ways to the network; nil means the host's.
	Resolver     Resolver
	Dial         func(ctx context.Context, network, address string) (net.Conn, error)
	ListenPacket func(ctx context.Context, network, address string) (net.PacketConn, error)

	// Post runs a function under the lock of the device. The engine calls it from
	// goroutines of its own only, holding no lock. nil runs the function at once;
	// callbacks are then still run one after the other.
	Post func(func())
	// Causes says in whose name something is done; nil means nobody's.
	Causes Causes
	// Observe gets what happened, as event.Socket or event.Handshake: inside the
	// call that did it, or through Post. nil drops it. It must not call the engine.
	Observe func(event.Event)
}

// Causes keeps in whose name something is done, such as the number of an AT command.
// An operation that takes time bears the cause that it was started with: in its
// events, as their ID, and in its callback. Both methods are called as Config.Post
// calls its function, or by who calls the engine.
type Causes interface {
	// Cause returns in whose name is acted now, 0 for nobody's.
	Cause() int
	// As calls fn in the name of a cause.
	As(cause int, fn func())
}

// A Network is what the modem's functional mode leaves of the network.
type Network uint8

const (
	// Offline closes every socket that does not have KeepOpen (+CFUN=4). It is
	// what a new engine starts with.
	Offline Network = iota
	// Online lets sockets connect.
	Online
	// PowerOff closes every socket (+CFUN=0, fact cfun/sockets).
	PowerOff
)

// An Engine is the socket layer of one modem.
type Engine struct {
	cfg    Config
	policy *Policy
	hosts  mappedHosts

	mu      sync.Mutex
	sockets []*Socket // by handle; nil is free
	network Network
	down    bool // Shutdown was called

	handshaking *Socket // the one that may
	tlsSessions tls.ClientSessionCache
	dtlsCache   *dtlsSessions
	saved       int // DTLS sessions saved
	described   describedChain

	queue    []posted // what happened and is not yet told
	draining bool

	life    context.Context // of lookups, made with the first; Shutdown ends it
	endLife context.CancelCauseFunc
	wg      sync.WaitGroup
}

// posted is either a callback, with what its operation was started for, or an
// event.
type posted struct {
	fn    func()
	cause int
	ev    event.Event
}

// New makes an engine without sockets, offline.
func New(cfg Config) *Engine {
	e := &Engine{cfg: cfg, policy: cfg.Policy, hosts: newMappedHosts(cfg.Hosts)}
	if e.policy == nil {
		e.policy = DefaultPolicy()
	}
	return e
}

// unlock ends what a caller does: events are told before the call returns,
// callbacks by a goroutine. unlockOwn ends what a goroutine of the engine does.
func (e *Engine) unlock() {
	var events []event.Event
	callbacks := e.queue[:0]
	for _, p := range e.queue {
		if p.fn == nil {
			events = append(events, p.ev)
		} else {
			callbacks = append(callbacks, p)
		}
	}
	e.queue = callbacks
	start := e.startDrain()
	e.mu.Unlock()
	for _, ev := range events {
		e.cfg.Observe(ev)
	}
	if start {
		e.wg.Go(e.drain)
	}
}

func (e *Engine) unlockOwn() {
	start := e.startDrain()
	e.mu.Unlock()
	if start {
		e.drain()
	}
}

func (e *Engine) startDrain() bool {
	if e.draining || len(e.queue) == 0 {
		return false
	}
	e.draining = true
	return true
}

// drain hands the queue to Post until it is empty. One goroutine at a time does.
func (e *Engine) drain() {
	for {
		e.mu.Lock()
		batch := e.queue
		e.queue = nil
		if len(batch) == 0 {
			e.draining = false
			e.mu.Unlock()
			return
		}
		e.mu.Unlock()
		run := func() {
			for _, p := range batch {
				switch {
				case p.fn == nil:
					e.cfg.Observe(p.ev)
				case e.cfg.Causes == nil:
					p.fn()
				default:
					e.cfg.Causes.As(p.cause, p.fn)
				}
			}
		}
		if e.cfg.Post != nil {
			e.cfg.Post(run)
		} else {
			run()
		}
	}
}

// cause returns in whose name the caller acts.
func (e *Engine) cause() int {
	if e.cfg.Causes == nil {
		return 0
	}
	return e.cfg.Causes.Cause()
}

// post queues the callback of an operation, observe an event. Both need e.mu.
func (e *Engine) post(cause int, fn func()) {
	e.queue = append(e.queue, posted{fn: fn, cause: cause})
}

func (e *Engine) observe(ev event.Event) {
	if e.cfg.Observe != nil {
		e.queue = append(e.queue, posted{ev: ev})
	}
}

// SetNetwork follows the functional mode and the registration of the modem.
func (e *Engine) SetNetwork(n Network) {
	e.mu.Lock()
	defer e.unlock()
	before := e.network
	if n == before || e.down {
		return
	}
	e.network = n
	for _, s := range e.sockets {
		if s != nil {
			s.networkChanged(before, n)
		}
	}
}

// Network returns what SetNetwork set.
func (e *Engine) Network() Network {
	e.mu.Lock()
	defer e.unlock()
	return e.network
}

// Shutdown ends the engine as a modem that is switched off or has crashed does:
// every socket is closed, what is in progress ends with ESHUTDOWN, and so does
// every later call. It does not wait, see [Engine.Wait].
func (e *Engine) Shutdown() {
	e.mu.Lock()
	defer e.unlock()
	if e.down {
		return
	}
	e.down = true
	down := &Error{Op: "socket", Errno: ESHUTDOWN, Reason: "the modem was shut down"}
	for _, s := range e.sockets {
		if s != nil {
			s.fail(down, false)
			s.closed = true
		}
	}
	e.sockets = nil
	e.purgeSessions()
	if e.endLife != nil {
		e.endLife(down)
	}
}

// Wait waits after [Engine.Shutdown] until every goroutine of the engine has
// ended. It must not be called under the lock that Post takes.
func (e *Engine) Wait() { e.wg.Wait() }

// Socket returns the open socket with the given handle.
func (e *Engine) Socket(handle int) (*Socket, bool) {
	e.mu.Lock()
	defer e.unlock()
	if handle < 0 || handle >= len(e.sockets) || e.sockets[handle] == nil {
		return nil, false
	}
	return e.sockets[handle], true
}

// Sockets returns the open sockets by rising handle.
func (e *Engine) Sockets() []*Socket {
	e.mu.Lock()
	defer e.unlock()
	var open []*Socket
	for _, s := range e.sockets {
		if s != nil {
			open = append(open, s)
		}
	}
	return open
}

func (e *Engine) purgeSessions() { e.tlsSessions, e.dtlsCache = nil, nil }

// forbidden reports why an address must not be used.
func (e *Engine) forbidden(a netip.Addr) (string, bool) {
	if e.cfg.NoExternal && !a.Unmap().IsLoopback() {
		return "the address " + a.String() + " is outside this host, which the no-external setting forbids; map the name to a loopback address", true
	}
	return "", false
}
