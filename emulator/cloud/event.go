package cloud

import (
	"crypto/tls"
	"sync"
	"time"
)

// An Event is something that happened to a server. Which of the pointers is set
// says what.
type Event struct {
	Time   time.Time `json:"time"`
	Server string    `json:"server"` // Server.Name
	// Peer is the address of the other side.
	Peer string `json:"peer,omitempty"`

	Handshake *Handshake `json:"handshake,omitempty"`
	Session   *Session   `json:"session,omitempty"`
	Message   *Message   `json:"message,omitempty"`
	Request   *Request   `json:"request,omitempty"`
}

// A Handshake of TLS or DTLS has ended.
type Handshake struct {
	Version    string `json:"version,omitempty"`
	Suite      string `json:"suite,omitempty"`
	ServerName string `json:"server_name,omitempty"` // that the client asked for (SNI)
	// Client is the common name in the client's certificate, or the identity of its
	// pre-shared key.
	Client string `json:"client,omitempty"`
	// Error says why it failed, as the server saw it; "" if it did not.
	Error string `json:"error,omitempty"`
}

// A Session of MQTT has begun or ended, or has changed what it listens to.
type Session struct {
	Op       string   `json:"op"` // connect, subscribe, unsubscribe, disconnect
	ClientID string   `json:"client_id"`
	Topics   []string `json:"topics,omitempty"`
	QoS      []byte   `json:"qos,omitempty"`
	// Reason says why a session ended, where it was not asked for.
	Reason string `json:"reason,omitempty"`
}

// MessageLimit is how many bytes of a payload an event holds.
const MessageLimit = 4096

// A Message was published.
type Message struct {
	ClientID string `json:"client_id"`
	Topic    string `json:"topic"`
	// Payload is the first MessageLimit bytes, Size the number of all.
	Payload []byte `json:"payload"`
	Size    int    `json:"size"`
	QoS     byte   `json:"qos"`
	Retain  bool   `json:"retain,omitempty"`
}

// A Request of HTTP or CoAP, or a datagram or connection of an echo server, was
// answered.
type Request struct {
	Method string `json:"method"`
	Path   string `json:"path,omitempty"`
	Size   int    `json:"size"` // of what came, in bytes
	Status string `json:"status,omitempty"`
}

// feed hands events to all who listen.
type feed struct {
	mu        sync.Mutex
	listeners map[int]func(Event)
	next      int
}

// Subscribe calls fn for each event from now on, one at a time, until stop is
// called. It must not block and must not call Subscribe or stop.
func (f *feed) Subscribe(fn func(Event)) (stop func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.listeners == nil {
		f.listeners = make(map[int]func(Event))
	}
	n := f.next
	f.next++
	f.listeners[n] = fn
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.listeners, n)
	}
}

func (f *feed) tell(ev Event) {
	ev.Time = time.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fn := range f.listeners {
		fn(ev)
	}
}

// handshakeOf describes how a handshake ended.
func handshakeOf(state tls.ConnectionState, serverName string, err error) *Handshake {
	h := &Handshake{ServerName: serverName}
	if err != nil {
		h.Error = err.Error()
		return h
	}
	h.Version, h.Suite, h.ServerName = tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite), state.ServerName
	if len(state.PeerCertificates) > 0 {
		h.Client = state.PeerCertificates[0].Subject.CommonName
	}
	return h
}
