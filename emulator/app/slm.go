package app

import (
	"slices"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/socket"
)

// Serial LTE Modem (SLM) is the application before Serial Modem. It has the same
// core; its socket commands act on one selected socket, and it has TCP and UDP
// proxies that bring received data by themselves (serial-modem-at 3).

// slmFacts are what differs between releases of SLM.
type slmFacts struct {
	// PortInReceiveFrom puts the sender's port into #XRECVFROM.
	PortInReceiveFrom bool
	// TimeoutIs14 gives the DTLS handshake time-out the number 14 in #XSSOCKETOPT.
	TimeoutIs14 bool
	// ProxyVerify gives the proxies' clients parameters for peer and host name
	// verification, that for UDP one for the DTLS connection id, and ProxyContext
	// one for the context.
	ProxyVerify, ProxyContext bool
	// SendFlags gives the send commands a parameter for flags.
	SendFlags bool
	// TellLoss has the device send a terminator when a proxy's connection dies in
	// data mode.
	TellLoss bool
}

// slmGenericCommands are those of section 1.11 of serial-modem-at.md.
var slmGenericCommands = []command{
	{"#XSLMVER", &forms{Bare: (*App).slmVersion}},
	{"#XSLEEP", &forms{Set: (*App).sleep, Test: atcmd.Text[*App]("#XSLEEP: (1,2)")}},
	{"#XSHUTDOWN", &forms{Bare: (*App).shutdown}},
	{"#XRESET", &forms{Bare: (*App).reset}},
	{"#XUUID", &forms{Bare: (*App).uuid}},
	{"#XCLAC", &forms{Bare: (*App).listCommands}},
	{"#XDATACTRL", &forms{
		Set: (*App).setDataControl, Read: (*App).readDataControl,
		Test: atcmd.Text[*App]("#XDATACTRL=<time_limit>"),
	}},
}

// slmCommandsFrom25 came with NCS 2.5.
var slmCommandsFrom25 = []command{
	{"#XMODEMRESET", &forms{Bare: (*App).resetModem}},
}

// slmSocketCommands are those of sections 3.1 to 3.5 and 3.7. Some of them have
// no test form, and #XSOCKET has one whose line lacks its end (section 8, seen in
// source).
var slmSocketCommands = []command{
	{"#XSOCKET", &forms{Set: (*App).slmSocket, Read: (*App).slmReadSocket, Test: (*App).slmTestSocket}},
	{"#XSSOCKET", &forms{
		Set: (*App).slmSecureSocket, Read: (*App).slmReadSecureSocket,
		Test: atcmd.Text[*App]("#XSSOCKET: (0,1,2),(1,2),(0,1),<sec_tag>,<peer_verify>,<cid>"),
	}},
	{"#XSOCKETSELECT", &forms{Set: (*App).slmSelect, Read: (*App).slmReadSelect}},
	{"#XSOCKETOPT", &forms{Set: (*App).slmSocketOption, Test: atcmd.Text[*App]("#XSOCKETOPT: (0,1),<name>,<value>")}},
	{"#XSSOCKETOPT", &forms{Set: (*App).slmSecureOption, Test: atcmd.Text[*App]("#XSSOCKETOPT: (0,1),<name>,<value>")}},
	{"#XBIND", &forms{Set: (*App).slmBind}},
	{"#XCONNECT", &forms{Set: (*App).slmConnect}},
	{"#XLISTEN", &forms{Bare: (*App).slmListen}},
	{"#XACCEPT", &forms{Set: (*App).slmAccept, Read: (*App).slmReadAccept}},
	{"#XSEND", &forms{Bare: (*App).slmSend, Set: (*App).slmSend}},
	{"#XSENDTO", &forms{Set: (*App).slmSendTo}},
	{"#XRECV", &forms{Set: (*App).slmReceive}},
	{"#XRECVFROM", &forms{Set: (*App).slmReceive}},
	{"#XPOLL", &forms{Set: (*App).slmPoll}},
	{"#XGETADDRINFO", &forms{Set: (*App).resolve}},
}

// slmPollingCommands came with NCS 3.1.
var slmPollingCommands = []command{
	{"#XAPOLL", &forms{
		Set: (*App).slmSetPolling, Read: (*App).slmReadPolling,
		Test: atcmd.Text[*App]("#XAPOLL: (0,1),<0,1,4,5>,<handle1>,<handle2>,..."),
	}},
}

// slmState is what SLM keeps about its sockets beside what all applications do.
type slmState struct {
	app *App
	// selected is what the socket commands act on, nil for none.
	selected *sock
	// ranks say in which order sockets were opened.
	ranks   map[*sock]int
	opened  int
	peers   map[*sock]*sock // accepted connections, by their listeners
	polling slmPolling
	tcp     tcpProxy
	udp     udpProxy
}

func (a *App) slmState() *slmState {
	if a.slm == nil {
		a.slm = &slmState{app: a, ranks: make(map[*sock]int), peers: make(map[*sock]*sock)}
		a.slm.tcp.app, a.slm.udp.app = a, a
	}
	return a.slm
}

// end ends everything, as the modem has ended the sockets.
func (s *slmState) end() {
	if s == nil {
		return
	}
	s.selected = nil
	clear(s.ranks)
	clear(s.peers)
	s.polling = slmPolling{}
	lost := &socket.Error{Op: "recv", Errno: socket.ENETDOWN, Reason: errModemGone.Error(), Err: errModemGone}
	s.tcp.close(lost)
	s.udp.close(lost)
}

// stop is end without a word.
func (s *slmState) stop() {
	if s != nil {
		s.tcp.stop()
		s.udp.stop()
	}
}

func (s *slmState) resume() {
	if s != nil {
		s.tcp.resume()
		s.udp.resume()
	}
}

func (a *App) slmVersion(w *atcmd.Response, _ *atcmd.Command) error {
	w.Printf("#XSLMVER: %q,%q", a.cfg.Dialect.Version, a.cfg.Dialect.SDK)
	return nil
}

// seekAT returns the line from its first AT on, as SLM executes it
// (serial-modem-at 1.3, seen in source); the whole line if there is none.
func seekAT(line []byte) []byte {
	for i := 1; i < len(line); i++ {
		if line[i-1]|0x20 == 'a' && line[i]|0x20 == 't' {
			return line[i-1:]
		}
	}
	return line
}

// slmSelected returns the selected socket.
func (a *App) slmSelected() (*sock, error) {
	if k := a.slmState().selected; k != nil {
		return k, nil
	}
	return nil, atcmd.Errorf("no socket is selected; AT#XSOCKET=1,1,0 opens one and selects it")
}

// slmTraffic returns the socket that data goes over: of a TCP server, the
// connection that it has accepted.
func (a *App) slmTraffic() (*sock, error) {
	k, err := a.slmSelected()
	if err != nil || k.role == roleClient || k.Type() != socket.Stream {
		return k, err
	}
	if peer := a.slm.peers[k]; peer != nil {
		return peer, nil
	}
	return nil, atcmd.Errorf("the server socket has accepted no connection")
}

// slmSelect is AT#XSOCKETSELECT=<handle>.
func (a *App) slmSelect(w *atcmd.Response, cmd *atcmd.Command) error {
	k, err := a.find(cmd)
	if err != nil {
		return err
	}
	a.slmState().selected = k
	w.Printf("#XSOCKETSELECT: %d", k.Handle())
	return nil
}

func (a *App) slmReadSelect(w *atcmd.Response, _ *atcmd.Command) error {
	s := a.slmState()
	for _, k := range a.sockets().open {
		w.Printf("#XSOCKETSELECT: %d,%d,%d,%d,%d,%d,%d", k.Handle(), k.Family(), k.role, k.Type(), k.slmTag(), s.ranks[k], k.cid)
	}
	if s.selected != nil {
		w.Printf("#XSOCKETSELECT: %d", s.selected.Handle())
	}
	return nil
}

// slmTag is the security tag as SLM prints it: -1 for none.
func (k *sock) slmTag() int {
	if !k.secure() {
		return -1
	}
	return int(k.secTag)
}

// slmAdd selects a socket that was opened.
func (s *slmState) slmAdd(k *sock) {
	s.opened++
	s.ranks[k] = s.opened
	s.selected = k
}

// slmClose closes the selected socket and selects the one that was opened last
// among the others.
func (a *App) slmClose(w *atcmd.Response) error {
	s := a.slmState()
	k := s.selected
	if k == nil {
		return nil
	}
	if peer := s.peers[k]; peer != nil {
		peer.Close()
		delete(s.peers, k)
	}
	result, failed := 0, error(nil)
	if err := a.net.remove(k); err != nil {
		result, failed = -errno(err), refuse(err)
	}
	delete(s.ranks, k)
	s.polling.handles = slices.DeleteFunc(s.polling.handles, func(h int) bool { return h == k.Handle() })
	w.Printf("#XSOCKET: %d,\"closed\"", result)
	s.selected = nil
	for _, other := range a.net.open {
		if s.selected == nil || s.ranks[other] > s.ranks[s.selected] {
			s.selected = other
		}
	}
	return failed
}
