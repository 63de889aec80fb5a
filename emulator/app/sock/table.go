package sock

import (
	"math"
	"slices"
	"strconv"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/socket"
)

var kind = app.NewKind("sockets", func(h *app.Host) *Table { return &Table{host: h} })

// A Table is what an application keeps about its sockets.
type Table struct {
	host *app.Host
	open []*Socket // by rising handle
	// toCome are the settings for sockets still to come, those of an empty handle,
	// of each context that has made some.
	toCome  map[*app.Context]Settings
	ready   bool // a socket may have something to tell
	stopped bool
}

// The roles of sockets. Others are kept as they are (fact sockets/roles).
const (
	Client = 0
	Server = 1
)

// RoleArg reads the role of a plain socket.
func RoleArg(args *atcmd.ArgReader) int { return args.Int(0, math.MaxUint16, "the role") }

// Settings are how a socket tells what happens on it.
type Settings struct {
	Polling   Polling
	Reception Reception
}

// A Socket is a socket of the modem and what the application remembers of it.
type Socket struct {
	*socket.Socket
	// Context is where it was opened and its notifications go.
	Context *app.Context
	// Role is Client, Server or another number.
	Role int
	// Port is what #XBIND has given the socket, 0 for none.
	Port uint16
	// CID is the context of the modem, SecTag the tag of a secure socket.
	CID    int
	SecTag uint32

	table     *Table
	listening bool
	inData    bool // data mode sends over it
	settings  Settings
	told      socket.Events // reported and not armed again
	ended     bool          // automatic reception has told the end of the stream
}

// Of returns the application's table.
func Of(h *app.Host) *Table { return h.Service(kind).(*Table) }

// Open returns the open sockets by rising handle. The slice changes with the next
// socket that is opened or closed.
func (t *Table) Open() []*Socket { return t.open }

// Lookup returns the socket with a handle, nil if there is none.
func (t *Table) Lookup(handle int) *Socket {
	for _, k := range t.open {
		if k.Handle() == handle {
			return k
		}
	}
	return nil
}

// Arg reads the handle of an open socket.
func (t *Table) Arg(args *atcmd.ArgReader) *Socket {
	handle := args.Int(0, 1<<15, "the handle of a socket")
	if args.Err() != nil {
		return nil
	}
	k := t.Lookup(handle)
	if k == nil {
		args.Fail("there is no socket %d; AT#XSOCKET and AT#XSSOCKET open one and answer its handle", handle)
	}
	return k
}

// Add takes in a new socket and gives it the settings that were made for all
// sockets to come.
func (t *Table) Add(k *Socket) {
	k.table = t
	k.settings = t.toCome[k.Context]
	i := 0
	for i < len(t.open) && t.open[i].Handle() < k.Handle() {
		i++
	}
	t.open = slices.Insert(t.open, i, k)
	k.watch()
}

// Remove closes a socket and forgets it.
func (t *Table) Remove(k *Socket) error {
	k.SetNotify(nil)
	t.open = slices.DeleteFunc(t.open, func(other *Socket) bool { return other == k })
	return k.Close()
}

// Stop ends the table.
func (t *Table) Stop() { t.stopped = true }

// ModemGone forgets all sockets: they are closed.
func (t *Table) ModemGone(error) { t.open = nil }

// ContextClosed has another context hear of the sockets.
func (t *Table) ContextClosed(c, heir *app.Context) {
	delete(t.toCome, c)
	for _, k := range t.open {
		if k.Context == c {
			k.Context = heir
		}
	}
}

// A Want is what a socket is opened with.
type Want struct {
	Family  socket.Family
	Type    socket.Type
	Role    int
	CID     int     // of the modem's context, 0 for the first
	Secure  *Secure // nil for a plain socket
	Context *app.Context
}

// Secure is how a socket is to use TLS or DTLS.
type Secure struct {
	Tag          uint32
	PeerVerify   int
	HostName     string // "" checks none
	ConnectionID int    // the mode of DTLS, 0 for none
}

// sendTimeout is in every new socket of the table, in ms (fact sockets/handles).
const sendTimeout = 30_000

// New opens a socket as the application does: it sets the time limit for sending
// and binds it to its context. What a security tag holds is not looked at before
// connect.
func (t *Table) New(w Want) (*Socket, error) {
	s, err := Open(t.host, w, func(s *socket.Socket) error { return s.SetOption(socket.SendTimeout, sendTimeout) })
	if err != nil {
		return nil, app.Refuse(err)
	}
	k := &Socket{Socket: s, Context: w.Context, Role: w.Role, CID: w.CID}
	if w.Secure != nil {
		k.SecTag = w.Secure.Tag
	}
	t.Add(k)
	return k, nil
}

// Open opens a socket that is in no table, for a service. prepare, if it is not
// nil, comes before all other settings.
func Open(h *app.Host, w Want, prepare func(*socket.Socket) error) (*socket.Socket, error) {
	if !h.Modem().Alive() {
		return nil, &socket.Error{Op: "socket", Errno: socket.ENETDOWN, Reason: "the modem has crashed"}
	}
	s, err := h.Board().Sockets().Open(w.Family, w.Type, w.protocol())
	if err != nil {
		return nil, err
	}
	if prepare != nil {
		err = prepare(s)
	}
	if err == nil && w.CID > 0 {
		err = bindToContext(h, s, w.CID)
	}
	if err == nil && w.Secure != nil {
		err = w.Secure.apply(s)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (w *Want) protocol() socket.Protocol {
	switch {
	case w.Type == socket.Raw:
		return socket.IP
	case w.Type == socket.Datagram && w.Secure != nil:
		return socket.DTLS12
	case w.Type == socket.Datagram:
		return socket.UDP
	case w.Secure != nil:
		return socket.TLS12
	}
	return socket.TCP
}

func (c *Secure) apply(s *socket.Socket) error {
	err := s.SetSecTags([]uint32{c.Tag})
	if err == nil {
		err = s.SetOption(socket.PeerVerify, c.PeerVerify)
	}
	if err == nil && c.HostName != "" {
		err = s.SetHostName(c.HostName)
	}
	if err == nil && c.ConnectionID != 0 {
		err = s.SetOption(socket.DTLSConnectionID, c.ConnectionID)
	}
	return err
}

// bindToContext asks the modem for the PDN of a context (fact sockets/xsocket).
func bindToContext(h *app.Host, s *socket.Socket, cid int) error {
	line, err := h.Ask("%XGETPDNID", "AT%XGETPDNID="+strconv.Itoa(cid))
	if err != nil {
		return err
	}
	pdn, err := strconv.Atoi(line)
	if err != nil {
		return atcmd.Errorf("the modem's answer %q is no PDN", line)
	}
	return s.SetOption(socket.BindToPDN, pdn)
}

// Bind binds a socket to a port, at the address that the modem has in the
// context: without one it fails (fact sockets/bind). The host's network knows
// another address.
func Bind(h *app.Host, s *socket.Socket, cid int, port uint16) error {
	if _, err := h.Ask("+CGPADDR", "AT+CGPADDR="+strconv.Itoa(cid)); err != nil {
		return atcmd.Errorf("the modem has no address in context %d: %v", cid, err)
	}
	return app.Refuse(s.Bind(port))
}

// Bind is the function Bind for a socket of the table.
func (k *Socket) Bind(port uint16) error { return Bind(k.table.host, k.Socket, k.CID, port) }

// Listen has a bound socket wait for connections.
func (k *Socket) Listen(backlog int) error {
	if err := k.Socket.Listen(backlog); err != nil {
		return app.Refuse(err)
	}
	k.listening = true
	return nil
}

// Listening reports whether Listen has succeeded.
func (k *Socket) Listening() bool { return k.listening }

// Accepted returns a socket of the table's kind for a connection that k has
// accepted, which is a client. It is not in the table.
func (k *Socket) Accepted(s *socket.Socket) *Socket {
	return &Socket{Socket: s, Context: k.Context, Role: Client, CID: k.CID, table: k.table} // fact sockets/listen
}

// Secure reports whether it is a TLS or DTLS socket.
func (k *Socket) Secure() bool {
	return k.Protocol() == socket.TLS12 || k.Protocol() == socket.DTLS12
}
