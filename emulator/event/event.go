package event

import (
	"sync"
	"sync/atomic"
	"time"
)

// An Event is one entry of the record. Exactly one of the payloads is set.
type Event struct {
	Seq  uint64    `json:"seq"`  // from 1, without gaps
	Time time.Time `json:"time"` // of the emulated modem, which runs in real time outside tests
	Boot int       `json:"boot"` // from 1, counts power-ons of the device; 0 before the first
	// Run and Device tell apart what a trace holds of several runs and devices, each of
	// which has numbers of its own; from 1, and absent where there is one.
	Run    int `json:"run,omitempty"`
	Device int `json:"device,omitempty"`

	Power        *Power        `json:"power,omitempty"`
	Link         *Link         `json:"link,omitempty"`
	Input        *Input        `json:"input,omitempty"`
	Command      *Command      `json:"command,omitempty"`
	Response     *Response     `json:"response,omitempty"`
	Notification *Notification `json:"notification,omitempty"`
	Mode         *Mode         `json:"mode,omitempty"`
	Registration *Registration `json:"registration,omitempty"`
	Credential   *Credential   `json:"credential,omitempty"`
	NVM          *NVM          `json:"nvm,omitempty"`
	Flash        *Flash        `json:"flash,omitempty"`
	Socket       *Socket       `json:"socket,omitempty"`
	Handshake    *Handshake    `json:"handshake,omitempty"`
	Fault        *Fault        `json:"fault,omitempty"`
	Program      *Program      `json:"program,omitempty"`
	Console      *Console      `json:"console,omitempty"`
	Board        *Board        `json:"board,omitempty"`
	GNSS         *GNSS         `json:"gnss,omitempty"`
}

// Power is a change of the supply or of the modem's life.
type Power struct {
	Action PowerAction `json:"action"`
	Reason string      `json:"reason,omitempty"`
	// Device, Firmware and Application say what was switched on.
	Device      string `json:"device,omitempty"`
	Firmware    string `json:"firmware,omitempty"`
	Application string `json:"application,omitempty"`
	// Step is the flash step at which a planned cut happened, from 1.
	Step int `json:"step,omitempty"`
}

// Link is a host that opened or closed the port, as far as that can be seen.
type Link struct {
	Action LinkAction `json:"action"`
	Name   string     `json:"name"` // what a person opens, such as "/dev/pts/5"
}

// Input is something odd about what the host sent: a line that never became a
// command.
type Input struct {
	Problem InputProblem `json:"problem"`
	Bytes   int          `json:"bytes"` // how many bytes it is about
	// ID is the number of the command that it has happened to, or that what was sent
	// would have got had it become a command.
	ID int `json:"id,omitempty"`
	// Text is the beginning of what stands in the input buffer, secrets masked.
	Text   string `json:"text,omitempty"`
	Reason string `json:"reason"`
}

// Command is a command line as the application got it.
type Command struct {
	ID   int    `json:"id"`   // exchange number in this boot, from 1
	Text string `json:"text"` // the line; secrets masked
	Name string `json:"name,omitempty"`
	Form string `json:"form,omitempty"` // "bare", "set", "read" or "test"
}

// Response is the end of an exchange.
type Response struct {
	ID     int           `json:"id"`               // the exchange's number
	Lines  []string      `json:"lines,omitempty"`  // information lines, without line ends
	Result string        `json:"result"`           // "OK", "ERROR", "+CME ERROR: 513" as sent
	CME    int           `json:"cme,omitempty"`    // the code, also where +CMEE=0 hid it; see Error
	Error  bool          `json:"error,omitempty"`  // the command failed
	Reason string        `json:"reason,omitempty"` // why it failed, in words
	Took   time.Duration `json:"took_ns"`
}

// Notification is an unsolicited result code that was handed to the host.
type Notification struct {
	Text string `json:"text"` // without line ends
	From Origin `json:"from"`
	// Lost says why it did not reach the host, if it did not.
	Lost string `json:"lost,omitempty"`
}

// Mode is a change of the functional mode.
type Mode struct {
	Requested int  `json:"requested"`      // the <fun> of +CFUN
	State     int  `json:"state"`          // what AT+CFUN? reads from now on
	LTE       bool `json:"lte"`            // LTE radio on
	GNSS      bool `json:"gnss,omitempty"` // GNSS receiver on
	Active    bool `json:"active"`         // credentials cannot be written (518)
}

// Registration is a change of the network registration status.
type Registration struct {
	Status int    `json:"status"` // <stat> of +CEREG
	Reason string `json:"reason,omitempty"`
}

// Credential is an operation on the credential store, refused ones included.
type Credential struct {
	ID     int             `json:"id,omitempty"` // the exchange's number, 0 outside one
	Op     CredentialOp    `json:"op"`
	SecTag *uint32         `json:"sec_tag,omitempty"` // absent: all tags
	Type   *CredentialType `json:"type,omitempty"`    // absent: all types
	CME    int             `json:"cme,omitempty"`     // code of the refusal
	Error  bool            `json:"error,omitempty"`
	Reason string          `json:"reason,omitempty"`
	// Found is the number of entries that a list gave, or 1 where a read, write,
	// delete or use met an existing one.
	Found int `json:"found"`
	// Before is the digest of what was stored until now, After of what is stored
	// from now on; upper-case hexadecimal SHA-256, empty where nothing was.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Content describes what a write brought, a refused one too, and what a use
	// found, so that credentials stored before the record began can be judged.
	Content *Content `json:"content,omitempty"`
	// Held is the types that the tag holds once a write, delete or generate is
	// done, in ascending order; absent where nobody looked.
	Held []int `json:"held,omitempty"`
	Cost Cost  `json:"cost,omitzero"`
}

// Cost is what an operation did to the flash.
type Cost struct {
	Programmed int `json:"programmed"` // bytes
	Erases     int `json:"erases"`     // pages
}

// Since returns the cost that has come since an earlier total.
func (c Cost) Since(earlier Cost) Cost {
	return Cost{c.Programmed - earlier.Programmed, c.Erases - earlier.Erases}
}

// NVM is something other than a credential that wrote the modem's flash.
type NVM struct {
	ID     int      `json:"id,omitempty"`
	Cause  NVMCause `json:"cause"`
	Error  bool     `json:"error,omitempty"`
	Reason string   `json:"reason,omitempty"`
	Cost   Cost     `json:"cost,omitzero"`
}

// Flash is one step on the flash. Programs of neighbouring words in one
// operation are one event.
type Flash struct {
	Op    FlashOp `json:"op"`
	Page  int     `json:"page"`
	Bytes int     `json:"bytes,omitempty"`
	Wear  uint32  `json:"wear,omitempty"` // erases of the page so far
	Error string  `json:"error,omitempty"`
}

// Socket is an operation on one of the modem's sockets.
type Socket struct {
	ID       int      `json:"id,omitempty"`
	Op       SocketOp `json:"op"`
	Handle   int      `json:"handle"`
	Protocol string   `json:"protocol,omitempty"` // "tcp", "udp", "tls", "dtls"
	Peer     string   `json:"peer,omitempty"`     // host name or address, and port
	// Local is this host's end of a connection, which the other side sees.
	Local    string   `json:"local,omitempty"`
	SecTags  []uint32 `json:"sec_tags,omitempty"`
	Verify   *int     `json:"verify,omitempty"`   // peer verification level, 0 to 2
	HostName string   `json:"hostname,omitempty"` // the name checked and sent as SNI
	Bytes    int      `json:"bytes,omitempty"`
	Errno    int      `json:"errno,omitempty"`      // of the application's C library
	Name     string   `json:"errno_name,omitempty"` // such as ECONNREFUSED
	Reason   string   `json:"reason,omitempty"`
}

// Handshake is the outcome of a TLS or DTLS handshake.
type Handshake struct {
	ID       int      `json:"id,omitempty"` // the exchange's number, 0 outside one
	Handle   int      `json:"handle"`
	Protocol string   `json:"protocol"`
	Peer     string   `json:"peer"`
	SecTags  []uint32 `json:"sec_tags"`
	Verify   int      `json:"verify"`
	HostName string   `json:"hostname,omitempty"`
	OK       bool     `json:"ok"`
	Version  string   `json:"version,omitempty"` // such as "TLS 1.2"
	Suite    uint16   `json:"suite,omitempty"`   // IANA number
	Cached   bool     `json:"cached,omitempty"`  // session resumed
	Verified bool     `json:"verified,omitempty"`
	// Chain describes the certificates that the peer sent, leaf first.
	Chain []Certificate `json:"chain,omitempty"`
	Errno int           `json:"errno,omitempty"`
	Name  string        `json:"errno_name,omitempty"`
	// Fault is what it has failed for, Reason the same in words.
	Fault  HandshakeFault `json:"fault,omitempty"`
	Reason string         `json:"reason,omitempty"`
	Took   time.Duration  `json:"took_ns"`
}

// Certificate is what the record keeps of an X.509 certificate.
type Certificate struct {
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	CA        bool      `json:"ca"`
	Bytes     int       `json:"bytes"` // DER
	// SHA256 is that of the DER, in upper-case hexadecimal.
	SHA256 string `json:"sha256,omitempty"`
	// PublicKey is the SHA-256 of the public key's SubjectPublicKeyInfo, in
	// upper-case hexadecimal: equal for a certificate and its private key.
	PublicKey string `json:"public_key,omitempty"`
}

// Fault is something that a test asked for and that has now happened.
type Fault struct {
	Name   string `json:"name"`
	Detail string `json:"detail"`
}

// A Log numbers events and hands them to its subscribers. The zero Log is ready
// for use; a nil Log drops everything. It is safe for concurrent use.
//
// With no subscriber an event costs next to nothing, as long as its maker asks
// Enabled first.
type Log struct {
	// ShowSecrets lets private keys and pre-shared keys into the record. Set it
	// before use.
	ShowSecrets bool

	active atomic.Int32
	unmade atomic.Bool // there is something in late
	mu     sync.Mutex
	seq    uint64
	boot   int
	subs   []*subscription
	ring   *Ring  // nil until Keep
	late   []late // in order

	shown sync.Mutex      // guards lines, and may be taken with mu held
	lines map[string]Line // command lines without secrets, see Command
}

type subscription struct{ fn func(*Event) }

// A Maker makes an event that was put off, see [Log.AddLater].
type Maker interface {
	// Event returns the event, without number, boot and time. It is called once, on any
	// goroutine, and must call neither the device nor what adds to the Log.
	Event() Event
}

// late is an event that is still to be made.
type late struct {
	maker Maker
	seq   uint64
	boot  int
	time  time.Time
}

// Enabled reports whether anybody listens.
func (l *Log) Enabled() bool { return l != nil && l.active.Load() > 0 }

// Subscribe calls fn for every event from now on, in order, on the goroutine
// that reports it, which holds the device's lock: fn must be quick, must not
// change the event and must call neither the device nor the Log. cancel ends the
// subscription. A nil Log has nothing to tell.
func (l *Log) Subscribe(fn func(*Event)) (cancel func()) {
	if l == nil {
		return func() {}
	}
	s := &subscription{fn}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settle()
	l.subs = append(l.subs, s)
	l.active.Add(1)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		for i := range l.subs {
			if l.subs[i] == s {
				l.subs = append(l.subs[:i:i], l.subs[i+1:]...)
				l.active.Add(-1)
				return
			}
		}
	}
}

// SetBoot says which boot the events from now on belong to.
func (l *Log) SetBoot(n int) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.boot = n
}

// Add numbers, dates and hands out an event. A maker that has asked for the time
// already may give it.
func (l *Log) Add(e Event) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settle()
	l.seq++
	if l.ring == nil && len(l.subs) == 0 {
		return
	}
	if e.Seq, e.Boot = l.seq, l.boot; e.Time.IsZero() {
		e.Time = time.Now()
	}
	l.give(e)
}

// AddLater is Add for an event that nobody waits for: it has its number and boot from
// now, and what it holds is made by Settle, or before that when the next event is added or
// somebody looks at what was kept. Until Settle the maker must not change. With
// subscribers it is made at once.
func (l *Log) AddLater(at time.Time, m Maker) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq++
	if l.ring == nil && len(l.subs) == 0 {
		return
	}
	l.late = append(l.late, late{m, l.seq, l.boot, at})
	l.unmade.Store(true)
	if len(l.subs) > 0 {
		l.settle()
	}
}

// Settle makes the events that were put off. It costs next to nothing if there are none.
func (l *Log) Settle() {
	if l == nil || !l.unmade.Load() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settle()
}

// settle is Settle with the lock held.
func (l *Log) settle() {
	if len(l.late) == 0 {
		return
	}
	for i := range l.late {
		p := &l.late[i]
		e := p.maker.Event()
		e.Seq, e.Boot, e.Time = p.seq, p.boot, p.time
		p.maker = nil
		l.give(e)
	}
	l.late = l.late[:0]
	l.unmade.Store(false)
}

// give hands an event to the ring and the subscribers. The caller holds the lock.
func (l *Log) give(e Event) {
	if l.ring != nil {
		l.ring.add(e)
	}
	if len(l.subs) > 0 {
		l.hand(e)
	}
}

// hand gives an event to the subscribers. It is a function of its own so that an
// event which nobody but the ring hears of stays on the stack.
func (l *Log) hand(e Event) {
	for _, s := range l.subs {
		s.fn(&e)
	}
}
