package slm

import (
	"math"
	"slices"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/sock"
	"nrf91emu/emulator/socket"
)

// The <op> of #XSOCKET, #XSSOCKET and the proxies; 1 and 2 are the families.
const opClose = 0

// opArg reads the operation.
func opArg(args *atcmd.ArgReader) int {
	return args.Int(opClose, 2, "0 to close, 1 or 2 to open for IPv4 or IPv6")
}

// socket is AT#XSOCKET=<op>[,<type>,<role>[,<cid>]].
func (s *service) socket(x *app.Exchange) error {
	return s.open(x, "#XSOCKET", func(args *atcmd.ArgReader, want *sock.Want) {
		want.Type = socket.Type(args.Int(1, 3, "the type"))
		want.Role = sock.RoleArg(args)
		if want.Type == socket.Raw {
			want.Family, want.Role = socket.Packet, sock.Client // fact slm/raw
		}
		want.CID = sock.CIDArg(args)
	})
}

// secureSocket is
// AT#XSSOCKET=<op>[,<type>,<role>,<sec_tag>[,<peer_verify>[,<cid>]]].
func (s *service) secureSocket(x *app.Exchange) error {
	return s.open(x, "#XSSOCKET", func(args *atcmd.ArgReader, want *sock.Want) {
		want.Type = socket.Type(args.Int(1, 2, "the type"))
		want.Role = args.Int(0, 1, "the role")
		want.Secure = &sock.Secure{Tag: sock.TagArg(args), PeerVerify: socket.PeerVerifyRequired}
		if want.Role != sock.Client {
			want.Secure.PeerVerify = socket.PeerVerifyNone
		}
		want.Secure.PeerVerify = args.IntOr(want.Secure.PeerVerify, 0, 2, "the level of peer verification")
		want.CID = sock.CIDArg(args)
	})
}

// open closes the selected socket or opens one and selects it. If there is a place
// for a new one, no socket is selected any more until it is open.
func (s *service) open(x *app.Exchange, name string, read func(*atcmd.ArgReader, *sock.Want)) error {
	args := x.Args()
	op := opArg(&args)
	switch n := s.host.Dialect().Sockets; {
	case args.Err() != nil:
		return args.Err()
	case op == opClose:
		return s.close(x)
	case len(s.table.Open()) >= n:
		s.afterFailure()
		return atcmd.Errorf("all %d sockets are open", n)
	}
	s.selected = nil
	want := sock.Want{Family: socket.Family(op), Context: x.Context()}
	read(&args, &want)
	if err := args.Err(); err != nil {
		s.afterFailure()
		return err
	}
	k, err := s.table.New(want)
	if err != nil {
		s.afterFailure()
		return err
	}
	s.opened++
	s.ranks[k] = s.opened
	s.selected = k
	x.Printf("%s: %d,%d,%d", name, k.Handle(), k.Type(), k.Protocol())
	return nil
}

// close closes the selected socket and selects the one that was opened last
// among the others.
func (s *service) close(x *app.Exchange) error {
	k := s.selected
	if k == nil {
		return nil
	}
	if peer := s.peers[k]; peer != nil {
		peer.Close()
		delete(s.peers, k)
	}
	result, failed := 0, error(nil)
	if err := s.table.Remove(k); err != nil {
		result, failed = -app.Errno(err), app.Refuse(err)
	}
	delete(s.ranks, k)
	s.polling.handles = slices.DeleteFunc(s.polling.handles, func(h int) bool { return h == k.Handle() })
	x.Printf("#XSOCKET: %d,\"closed\"", result)
	s.selectLast()
	return failed
}

// selectLast selects the socket that was opened last.
func (s *service) selectLast() {
	s.selected = nil
	for _, k := range s.table.Open() {
		if s.selected == nil || s.ranks[k] > s.ranks[s.selected] {
			s.selected = k
		}
	}
}

// afterFailure selects what a failed open leaves selected (fact
// slm/selection-after-failure).
func (s *service) afterFailure() {
	if s.facts.Unasked {
		s.selectLast()
	}
}

// neither reports whether an option is wanted for neither get nor set, which some
// releases answer OK (fact slm/unasked).
func (s *service) neither(x *app.Exchange) bool {
	args := x.Args()
	op := args.Int(0, math.MaxUint16, "0 to get or 1 to set")
	args.Int(0, math.MaxUint16, "an option")
	return s.facts.Unasked && op > 1 && args.Err() == nil
}

func (s *service) readSocket(x *app.Exchange) error {
	if k := s.selected; k != nil {
		x.Printf("#XSOCKET: %d,%d,%d,%d,%d", k.Handle(), k.Family(), k.Role, k.Type(), k.CID)
	}
	return nil
}

// testSocket answers a line without its own end (fact slm/xsocket-test).
func (s *service) testSocket(x *app.Exchange) error {
	x.Data([]byte("\r\n#XSOCKET: (0,1,2),(1,2,3),(0,1),<cid>"))
	return nil
}

func (s *service) readSecureSocket(x *app.Exchange) error {
	if k := s.selected; k != nil {
		x.Printf("#XSSOCKET: %d,%d,%d,%d,%d,%d", k.Handle(), k.Family(), k.Role, k.Type(), tagOf(k), k.CID)
	}
	return nil
}

// option is AT#XSOCKETOPT=<op>,<name>[,<value>].
func (s *service) option(x *app.Exchange) error {
	if s.neither(x) {
		return nil
	}
	args := x.Args()
	return s.doOption(x, "#XSOCKETOPT", &args, sock.ReadOption(&args, s.facts.Options))
}

// secureOption is AT#XSSOCKETOPT=<op>,<name>[,<value>].
func (s *service) secureOption(x *app.Exchange) error {
	if s.selected != nil && s.selected.Secure() && s.neither(x) {
		return nil
	}
	args := x.Args()
	request := sock.ReadSecureOption(&args, s.facts.SecureOptions)
	if s.facts.TimeoutIs14 {
		request = request.As(14, 18)
	}
	return s.doOption(x, "#XSSOCKETOPT", &args, request)
}

func (s *service) doOption(x *app.Exchange, name string, args *atcmd.ArgReader, request sock.OptionRequest) error {
	k, err := s.current()
	if err != nil {
		return err
	}
	if err := args.Err(); err != nil {
		return err
	}
	value, err := k.Option(request)
	if err == nil && request.Get {
		x.Printf("%s: %s", name, value)
	}
	return err
}
