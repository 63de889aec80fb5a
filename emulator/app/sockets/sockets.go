package sockets

import (
	"math"
	"slices"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/sock"
	"nrf91emu/emulator/socket"
)

// Facts are what differs between releases.
type Facts struct {
	// Options and SecureOptions are the option numbers of #XSOCKETOPT and
	// #XSSOCKETOPT.
	Options, SecureOptions []int
	// StrictRoles says that raw and connecting sockets are clients, that secure ones have one
	// of two roles, and that secure servers verify no peer unless it is said (fact
	// sockets/roles).
	StrictRoles bool
	// Listen says that there are #XLISTEN and #XACCEPT.
	Listen bool
}

// The releases.
var (
	// SM10 is that of Serial Modem v1.0.x.
	SM10 = New(Facts{
		Options:       []int{2, 20, 21, 30, 31, 32, 40, 61, 62}, // fact sockets/options
		SecureOptions: []int{2, 4, 5, 12, 13, 14, 15, 18, 22},   // fact sockets/secure-options
		StrictRoles:   true,
	})
	// SMMain is that of Serial Modem's main branch of 2026-06.
	SMMain = New(Facts{
		Options:       []int{2, 20, 21, 30, 31, 32, 34, 40, 55, 61, 62}, // fact sockets/options
		SecureOptions: []int{2, 4, 5, 12, 13, 14, 15, 18, 19, 20, 22},   // fact sockets/secure-options
		Listen:        true,                                             // fact sockets/listen
	})
)

type service struct {
	facts *Facts
	host  *app.Host
	table *sock.Table
}

func (*service) Stop()           {}
func (*service) ModemGone(error) {}

// New returns a release of the service.
func New(facts Facts) *app.Kind {
	commands := socketCommands
	if facts.Listen {
		commands = append(slices.Clip(commands), listenCommands...)
	}
	return app.NewKind("socket commands", func(h *app.Host) *service {
		return &service{facts: &facts, host: h, table: sock.Of(h)}
	}, commands...)
}

type command = app.Command[*service]

// socketCommands are the socket commands that v1.0.x
// and main have. Those without a form that is named answer ERROR to it.
var socketCommands = []command{
	{
		Name: "#XSOCKET", Shows: app.Numbers, Set: (*service).open, Read: (*service).readSockets,
		Test: app.Text[*service]("#XSOCKET: <handle>,(1,2,3),(1,2,3),(0,1),<cid>"),
	},
	{
		Name: "#XSSOCKET", Shows: app.Numbers, Set: (*service).openSecure, Read: (*service).readSecureSockets,
		Test: app.Text[*service]("#XSSOCKET: <handle>,(1,2),(1,2),(0,1),<sec_tag>,<peer_verify>,<cid>"),
	},
	{Name: "#XCLOSE", Shows: app.Numbers, Bare: (*service).close, Set: (*service).close},
	{
		Name: "#XSOCKETOPT", Shows: app.Values, Set: (*service).option,
		Test: app.Text[*service]("#XSOCKETOPT: <handle>,(0,1),<name>,<value>"),
	},
	{
		Name: "#XSSOCKETOPT", Shows: app.Values, Set: (*service).secureOption,
		Test: app.Text[*service]("#XSSOCKETOPT: <handle>,(0,1),<name>,<value>"),
	},
	{Name: "#XBIND", Shows: app.Numbers, Set: (*service).bind},
	{Name: "#XCONNECT", Shows: app.Values, Set: (*service).connect},
	{Name: "#XSEND", Shows: app.Values, Set: (*service).send},
	{Name: "#XSENDTO", Shows: app.Values, Set: (*service).sendTo},
	{Name: "#XRECV", Shows: app.Numbers, Set: (*service).receive},
	{Name: "#XRECVFROM", Shows: app.Numbers, Set: (*service).receive},
	{
		Name: "#XAPOLL", Shows: app.Numbers, Set: (*service).setPolling, Read: (*service).readPolling,
		Test: app.Text[*service]("#XAPOLL: <handle>,(0,1),(0,1,4,5)"),
	},
	{
		Name: "#XRECVCFG", Shows: app.Numbers, Set: (*service).setReception, Read: (*service).readReception,
		Test: app.Text[*service]("#XRECVCFG: <handle>,(0,1,2,3),(0,1)"),
	},
	{Name: "#XGETADDRINFO", Shows: app.Values, Set: (*service).resolve},
}

// listenCommands are those of fact sockets/listen, which main has added.
var listenCommands = []command{
	{
		Name: "#XLISTEN", Shows: app.Numbers, Set: (*service).listen, Read: (*service).readListeners,
		Test: app.Text[*service]("#XLISTEN: <handle>"),
	},
	{Name: "#XACCEPT", Shows: app.Numbers, Set: (*service).accept, Test: app.Text[*service]("#XACCEPT: <handle>")},
}

// open is AT#XSOCKET=<family>,<type>,<role>[,<cid>].
func (s *service) open(x *app.Exchange) error {
	args := x.Args()
	want := sock.Want{
		Family: socket.Family(args.Int(1, 3, "the family")),
		Type:   socket.Type(args.Int(1, 3, "the type")),
		Role:   sock.RoleArg(&args),
		CID:    sock.CIDArg(&args), Context: x.Context(),
	}
	if want.Type == socket.Raw && want.Role != sock.Client && s.facts.StrictRoles {
		args.Fail("a raw socket takes role 0")
	}
	return s.opened(x, &args, want, "#XSOCKET")
}

// openSecure is
// AT#XSSOCKET=<family>,<type>,<role>,<sec_tag>[,<peer_verify>[,<cid>]].
func (s *service) openSecure(x *app.Exchange) error {
	args := x.Args()
	want := sock.Want{
		Family: socket.Family(args.Int(1, 2, "the family")),
		Type:   socket.Type(args.Int(1, 2, "the type")),
		Role:   sock.RoleArg(&args),
		Secure: &sock.Secure{Tag: sock.TagArg(&args)}, Context: x.Context(),
	}
	verify := socket.PeerVerifyRequired
	if s.facts.StrictRoles && want.Role != sock.Client {
		verify = socket.PeerVerifyNone
		if want.Role != sock.Server {
			args.Fail("a secure socket takes role 0 or 1")
		}
	}
	want.Secure.PeerVerify = args.IntOr(verify, 0, 2, "the level of peer verification")
	want.CID = sock.CIDArg(&args)
	return s.opened(x, &args, want, "#XSSOCKET")
}

func (s *service) opened(x *app.Exchange, args *atcmd.ArgReader, want sock.Want, name string) error {
	if err := args.Err(); err != nil {
		return err
	}
	k, err := s.table.New(want)
	if err != nil {
		return err
	}
	x.Printf("%s: %d,%d,%d", name, k.Handle(), k.Type(), k.Protocol())
	return nil
}

func (s *service) readSockets(x *app.Exchange) error {
	for _, k := range s.table.Open() {
		if !k.Secure() {
			x.Printf("#XSOCKET: %d,%d,%d,%d,%d", k.Handle(), k.Family(), k.Role, k.Type(), k.CID)
		}
	}
	return nil
}

func (s *service) readSecureSockets(x *app.Exchange) error {
	for _, k := range s.table.Open() {
		if k.Secure() {
			x.Printf("#XSSOCKET: %d,%d,%d,%d,%d,%d", k.Handle(), k.Family(), k.Role, k.Type(), k.SecTag, k.CID)
		}
	}
	return nil
}

// close is AT#XCLOSE[=<handle>]; without a handle it closes all.
func (s *service) close(x *app.Exchange) error {
	targets := slices.Clone(s.table.Open())
	if args := x.Args(); args.Has() || args.Len() > 1 {
		k := s.table.Arg(&args)
		if err := args.Err(); err != nil {
			return err
		}
		targets = []*sock.Socket{k}
	}
	var failed error
	for _, k := range targets {
		result := 0
		if err := s.table.Remove(k); err != nil {
			result, failed = -app.Errno(err), app.Refuse(err)
		}
		x.Printf("#XCLOSE: %d,%d", k.Handle(), result)
	}
	return failed
}

// option is AT#XSOCKETOPT=<handle>,<op>,<name>[,<value>].
func (s *service) option(x *app.Exchange) error {
	return s.doOption(x, "#XSOCKETOPT", func(args *atcmd.ArgReader) sock.OptionRequest {
		return sock.ReadOption(args, s.facts.Options)
	})
}

// secureOption is AT#XSSOCKETOPT=<handle>,<op>,<name>[,<value>]. Of a socket without TLS it
// is answered OK, whatever follows (fact sockets/secure-options-plain).
func (s *service) secureOption(x *app.Exchange) error {
	args := x.Args()
	if k := s.table.Arg(&args); args.Err() == nil && !k.Secure() {
		return nil
	}
	return s.doOption(x, "#XSSOCKETOPT", func(args *atcmd.ArgReader) sock.OptionRequest {
		return sock.ReadSecureOption(args, s.facts.SecureOptions)
	})
}

func (s *service) doOption(x *app.Exchange, name string, read func(*atcmd.ArgReader) sock.OptionRequest) error {
	args := x.Args()
	k := s.table.Arg(&args)
	request := read(&args)
	if err := args.Err(); err != nil {
		return err
	}
	value, err := k.Option(request)
	if err == nil && request.Get {
		x.Printf("%s: %d,%s", name, k.Handle(), value)
	}
	return err
}

// bind is AT#XBIND=<handle>,<port>.
func (s *service) bind(x *app.Exchange) error {
	args := x.Args()
	k, port := s.table.Arg(&args), args.Int(0, math.MaxUint16, "a port")
	if err := args.Err(); err != nil {
		return err
	}
	if err := k.Bind(uint16(port)); err != nil {
		return err
	}
	k.Port = uint16(port)
	return nil
}

// connect is AT#XCONNECT=<handle>,"<url>",<port>.
func (s *service) connect(x *app.Exchange) error {
	args := x.Args()
	k, to, port := s.table.Arg(&args), app.HostArg(&args), app.PortArg(&args)
	if err := args.Err(); err != nil {
		return err
	}
	if s.facts.StrictRoles && k.Role != sock.Client {
		return atcmd.Errorf("socket %d was not opened as a client", k.Handle())
	}
	x.Wait(func(done func(error)) {
		k.StartConnect(to, port, func(err error) {
			if err == nil {
				x.Printf("#XCONNECT: %d,1", k.Handle())
			}
			done(err)
		})
	})
	return nil
}

// backlog is how many connections wait to be accepted (fact sockets/listen).
const backlog = 2

// listen is AT#XLISTEN=<handle>. A port that the system has chosen is not enough (fact
// sockets/listen).
func (s *service) listen(x *app.Exchange) error {
	args := x.Args()
	k := s.table.Arg(&args)
	if err := args.Err(); err != nil {
		return err
	}
	if k.Port == 0 {
		return atcmd.Errorf("socket %d has no port: AT#XBIND gives it one that is not 0", k.Handle())
	}
	return k.Listen(backlog)
}

func (s *service) readListeners(x *app.Exchange) error {
	for _, k := range s.table.Open() {
		if k.Listening() {
			x.Printf("#XLISTEN: %d,%d,%d", k.Handle(), k.CID, k.LocalAddr().Port())
		}
	}
	return nil
}

// accept is AT#XACCEPT=<handle>. It never waits.
func (s *service) accept(x *app.Exchange) error {
	args := x.Args()
	k := s.table.Arg(&args)
	if err := args.Err(); err != nil {
		return err
	}
	peer, err := k.Accept()
	if err != nil {
		return err
	}
	s.table.Add(peer)
	from := peer.PeerAddr()
	x.Printf("#XACCEPT: %d,%d,\"%s\",%d", peer.Handle(), k.CID, app.AddressText(from.Addr()), from.Port())
	return nil
}

func (s *service) resolve(x *app.Exchange) error { return sock.Resolve(s.host, x) }
