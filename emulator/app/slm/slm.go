package slm

import (
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
	// TimeoutIs14 gives the DTLS handshake time-out the number 14 in #XSSOCKETOPT.
	TimeoutIs14 bool
	// AsyncPolling says that there is #XAPOLL.
	AsyncPolling bool
	// PortInReceiveFrom puts the sender's port into #XRECVFROM.
	PortInReceiveFrom bool
	// SendFlags gives the send commands a parameter for flags.
	SendFlags bool
	// ProxyVerify gives the proxies' clients parameters for peer and host name
	// verification, that for UDP one for the DTLS connection id, and ProxyContext
	// one for the context.
	ProxyVerify, ProxyContext bool
	// TCPClientTest and UDPClientTest are the test forms of the proxies' clients.
	TCPClientTest, UDPClientTest string
	// TellLoss has the device send a terminator when a proxy fails in data mode.
	TellLoss bool
	// EndByHand has the host end a TCP proxy whose connection or server has ended by
	// itself before it can start anew.
	EndByHand bool
	// TextProxyValues passes over texts in the place of the values of a proxy's client
	// between the port and the context.
	TextProxyValues bool
	// Unasked has commands act without asking whether a socket is selected, or what an option
	// is wanted for; after a failed open the one opened last is selected.
	Unasked bool
	// DataUnasked enters data mode of #XTCPSEND and #XUDPSEND, even if there is nobody to
	// send to.
	DataUnasked bool
}

// The releases.
var (
	// NCS24 is that of nRF Connect SDK 2.4.
	NCS24 = New(Facts{
		Options:       []int{2, 20, 21, 30, 31, 32, 40, 50, 51, 52, 53, 54, 55}, // fact sockets/rai-options
		SecureOptions: []int{2, 4, 5, 12, 13, 14},                               // fact serial-modem/versions: what came with 2.5 is missing
		TimeoutIs14:   true,                                                     // facts serial-modem/versions and sockets/old-timeout-option
		// fact serial-modem/versions; the test forms are inferred
		TCPClientTest: "#XTCPCLI: (0,1,2),<url>,<port>,<sec_tag>",
		UDPClientTest: "#XUDPCLI: (0,1,2),<url>,<port>,<sec_tag>",
	})
	// NCS31 is that of nRF Connect SDK 3.1.
	NCS31 = New(Facts{
		Options:           []int{2, 20, 21, 30, 31, 32, 40, 55, 61, 62}, // fact slm/options
		SecureOptions:     []int{2, 4, 5, 12, 13, 14, 15, 18},           // fact slm/options
		AsyncPolling:      true,                                         // fact slm/xapoll: from 3.1
		PortInReceiveFrom: true,                                         // fact slm/receive: from 2.5
		SendFlags:         true,                                         // fact slm/send: from 3.1
		ProxyVerify:       true,                                         // fact serial-modem/versions: from 2.6
		ProxyContext:      true,                                         // fact serial-modem/versions: from 3.1
		TellLoss:          true,                                         // fact serial-modem/versions: from 2.8
		EndByHand:         true,                                         // fact slm/proxy-ended
		TextProxyValues:   true,                                         // fact slm/proxy-text-values
		DataUnasked:       true,                                         // fact slm/proxy-data-unasked
		Unasked:           true,                                         // facts slm/unasked and slm/selection-after-failure
		// fact slm/proxies
		TCPClientTest: "#XTCPCLI: (0,1,2),<url>,<port>,<sec_tag>,<peer_verify>,<hostname_verify>,<cid>",
		UDPClientTest: "#XUDPCLI: (0,1,2),<url>,<port>,<sec_tag>,<use_dtls_cid>,<peer_verify>,<hostname_verify>",
	})
)

// service is what SLM keeps about its sockets beside what all applications do.
type service struct {
	facts *Facts
	host  *app.Host
	table *sock.Table
	// selected is what the socket commands act on, nil for none.
	selected *sock.Socket
	// ranks say in which order sockets were opened.
	ranks    map[*sock.Socket]int
	opened   int
	peers    map[*sock.Socket]*sock.Socket // accepted connections, by their listeners
	polling  polling
	tcp, udp proxy
}

type command = app.Command[*service]

// New returns a release of the service.
func New(facts Facts) *app.Kind {
	commands := append([]command(nil), socketCommands...)
	if facts.AsyncPolling {
		commands = append(commands, pollingCommands...)
	}
	commands = append(append(commands, tcpCommands(facts.TCPClientTest)...), udpCommands(facts.UDPClientTest)...)
	return app.NewKind("socket commands and proxies of SLM", func(h *app.Host) *service {
		s := &service{
			facts: &facts, host: h, table: sock.Of(h),
			ranks: make(map[*sock.Socket]int), peers: make(map[*sock.Socket]*sock.Socket),
		}
		s.tcp = proxy{slm: s, names: &tcpNames}
		s.udp = proxy{slm: s, names: &udpNames}
		return s
	}, commands...)
}

// socketCommands are those of facts slm/selection, slm/xsocket, slm/roles,
// slm/send, slm/receive and slm/xpoll. Some of them have no test form, and #XSOCKET
// has one whose line lacks its end (fact slm/xsocket-test).
var socketCommands = []command{
	{Name: "#XSOCKET", Shows: app.Numbers, Set: (*service).socket, Read: (*service).readSocket, Test: (*service).testSocket},
	{
		Name: "#XSSOCKET", Shows: app.Numbers, Set: (*service).secureSocket, Read: (*service).readSecureSocket,
		Test: app.Text[*service]("#XSSOCKET: (0,1,2),(1,2),(0,1),<sec_tag>,<peer_verify>,<cid>"),
	},
	{Name: "#XSOCKETSELECT", Shows: app.Numbers, Set: (*service).selectSocket, Read: (*service).readSelect},
	{Name: "#XSOCKETOPT", Shows: app.Values, Set: (*service).option, Test: app.Text[*service]("#XSOCKETOPT: (0,1),<name>,<value>")},
	{Name: "#XSSOCKETOPT", Shows: app.Values, Set: (*service).secureOption, Test: app.Text[*service]("#XSSOCKETOPT: (0,1),<name>,<value>")},
	{Name: "#XBIND", Shows: app.Numbers, Set: (*service).bind},
	{Name: "#XCONNECT", Shows: app.Values, Set: (*service).connect},
	{Name: "#XLISTEN", Shows: app.Numbers, Bare: (*service).listen},
	{Name: "#XACCEPT", Shows: app.Numbers, Set: (*service).accept, Read: (*service).readAccept},
	{Name: "#XSEND", Shows: app.Values, Bare: (*service).send, Set: (*service).send},
	{Name: "#XSENDTO", Shows: app.Values, Set: (*service).sendTo},
	{Name: "#XRECV", Shows: app.Numbers, Set: (*service).receive},
	{Name: "#XRECVFROM", Shows: app.Numbers, Set: (*service).receive},
	{Name: "#XPOLL", Shows: app.Numbers, Set: (*service).poll},
	{Name: "#XGETADDRINFO", Shows: app.Values, Set: func(s *service, x *app.Exchange) error { return sock.Resolve(s.host, x) }},
}

// pollingCommands came with NCS 3.1.
var pollingCommands = []command{{
	Name: "#XAPOLL", Shows: app.Numbers, Set: (*service).setPolling, Read: (*service).readPolling,
	Test: app.Text[*service]("#XAPOLL: (0,1),<0,1,4,5>,<handle1>,<handle2>,..."),
}}

// Stop ends the proxies without a word.
func (s *service) Stop() {
	s.tcp.stop()
	s.udp.stop()
}

// ModemGone ends everything, as the modem has ended the sockets.
func (s *service) ModemGone(why error) {
	s.selected = nil
	clear(s.ranks)
	clear(s.peers)
	s.polling = polling{}
	lost := &socket.Error{Op: "recv", Errno: socket.ENETDOWN, Reason: why.Error(), Err: why}
	s.tcp.close(lost)
	s.udp.close(lost)
}

// Resume has the proxies read on.
func (s *service) Resume() {
	s.tcp.resume()
	s.udp.resume()
}

// ContextClosed has another context hear of the proxies.
func (s *service) ContextClosed(c, heir *app.Context) {
	for _, p := range []*proxy{&s.tcp, &s.udp} {
		if p.context == c {
			p.context = heir
		}
	}
}

// current returns the selected socket.
func (s *service) current() (*sock.Socket, error) {
	if s.selected != nil {
		return s.selected, nil
	}
	return nil, atcmd.Errorf("no socket is selected; AT#XSOCKET=1,1,0 opens one and selects it")
}

// traffic returns the socket that data goes over: of a TCP server, the connection
// that it has accepted.
func (s *service) traffic() (*sock.Socket, error) {
	k, err := s.current()
	if err != nil || k.Role != sock.Server || k.Type() != socket.Stream {
		return k, err
	}
	if peer := s.peers[k]; peer != nil {
		return peer, nil
	}
	return nil, atcmd.Errorf("the server socket has accepted no connection")
}

// server returns the selected socket, which must be a server.
func (s *service) server() (*sock.Socket, error) {
	k, err := s.current()
	if err == nil && k.Role != sock.Server {
		return nil, atcmd.Errorf("socket %d is no server; open it with role 1", k.Handle())
	}
	return k, err
}

// selectSocket is AT#XSOCKETSELECT=<handle>.
func (s *service) selectSocket(x *app.Exchange) error {
	args := x.Args()
	k := s.table.Arg(&args)
	if err := args.Err(); err != nil {
		return err
	}
	s.selected = k
	x.Printf("#XSOCKETSELECT: %d", k.Handle())
	return nil
}

func (s *service) readSelect(x *app.Exchange) error {
	for _, k := range s.table.Open() {
		x.Printf("#XSOCKETSELECT: %d,%d,%d,%d,%d,%d,%d", k.Handle(), k.Family(), k.Role, k.Type(), tagOf(k), s.ranks[k], k.CID)
	}
	if s.selected != nil {
		x.Printf("#XSOCKETSELECT: %d", s.selected.Handle())
	}
	return nil
}

// tagOf is the security tag as SLM prints it: -1 for none.
func tagOf(k *sock.Socket) int {
	if !k.Secure() {
		return -1
	}
	return int(k.SecTag)
}
