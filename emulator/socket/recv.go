package socket

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"nrf91emu/emulator/event"
)

// Flags modify a receive or send (numbers of nrf_socket.h, documented).
type Flags int

const (
	Peek     Flags = 2   // leave the data where it is
	DontWait Flags = 64  // EAGAIN at once if there is nothing
	WaitAll  Flags = 256 // wait until as much has come as was asked for
)

const (
	// readAhead is how much of a stream waits in a socket before its peer feels it,
	// queued the same for datagrams (chosen).
	readAhead = 4096
	queued    = 8192
	// chunk is the largest receive (fact sockets/receive); a longer datagram is cut.
	chunk      = 2048
	firstChunk = 512 // of a stream's reader, until more comes at a time
	dtlsChunk  = 8192
)

// receiver holds what has come and who waits for it.
type receiver struct {
	stream    []byte
	datagrams []datagram
	size      int    // bytes in datagrams
	eof       bool   // the peer has closed
	cut       string // what was odd about that, in words
	err       *Error // the stream has broken
	ops       []*recvOp
}

type datagram struct {
	data []byte
	from netip.AddrPort
}

func (r *receiver) drop() { r.stream, r.datagrams, r.size = nil, nil, 0 }

type recvOp struct {
	max   int
	flags Flags
	timer *time.Timer
	done  func([]byte, netip.AddrPort, error)
	cause int
}

// StartRecv receives up to max bytes of the stream, or the next datagram, whose
// rest is lost if it is longer. It waits as long as the option ReceiveTimeout
// says.
//
// Errors: io.EOF when the peer of a stream has closed and all is read, EAGAIN
// when nothing came, EMSGSIZE for a TLS record that is too long for the modem
// (fact tls/keep-open), EPROTO while the DTLS session is saved, ENOTCONN.
func (s *Socket) StartRecv(max int, flags Flags, done func([]byte, netip.AddrPort, error)) {
	s.e.mu.Lock()
	defer s.e.unlock()
	op := &recvOp{max: max, flags: flags, done: done, cause: s.e.cause()}
	if err := s.mayReceive(max); err != nil {
		s.finishReceive(op, nil, netip.AddrPort{}, err)
		return
	}
	s.rx.ops = append(s.rx.ops, op)
	s.serveReceives()
	if d := s.opt.receive; d > 0 && s.waits(op) {
		op.timer = time.AfterFunc(d, func() { s.receiveTimedOut(op) })
	}
}

// TryRecv is a receive with DontWait that answers at once.
func (s *Socket) TryRecv(max int, flags Flags) ([]byte, netip.AddrPort, error) {
	s.e.mu.Lock()
	defer s.e.unlock()
	if err := s.mayReceive(max); err != nil {
		return nil, netip.AddrPort{}, err
	}
	if len(s.rx.ops) == 0 {
		if data, from, err, ok := s.take(max, flags|DontWait); ok {
			s.observeReceive(s.e.cause(), data, from, err)
			s.changed()
			return data, from, err
		}
	}
	return nil, netip.AddrPort{}, s.nothing()
}

// Recv is StartRecv that waits.
func (s *Socket) Recv(max int, flags Flags) ([]byte, netip.AddrPort, error) {
	type result struct {
		data []byte
		from netip.AddrPort
		err  error
	}
	ch := make(chan result, 1)
	s.StartRecv(max, flags, func(data []byte, from netip.AddrPort, err error) { ch <- result{data, from, err} })
	r := <-ch
	return r.data, r.from, r.err
}

func (s *Socket) mayReceive(max int) error {
	if err := s.usable("recv"); err != nil {
		return err
	}
	switch {
	case max <= 0:
		return s.errorf("recv", EINVAL, "%d bytes cannot be received", max)
	case s.typ == Raw:
		return s.errorf("recv", EOPNOTSUPP, "raw sockets are not connected to the host's network")
	case s.state != stateConnected && s.protocol != UDP:
		return s.errorf("recv", ENOTCONN, "the socket is not connected")
	case s.saved:
		return s.errorf("recv", EPROTO, "the DTLS session is saved; load it first")
	}
	return nil
}

func (s *Socket) nothing() *Error {
	return s.errorf("recv", EAGAIN, "no data has come in time")
}

// take gets data for one receive; ok is false if it must wait.
func (s *Socket) take(max int, flags Flags) (data []byte, from netip.AddrPort, err error, ok bool) {
	if s.e.network != Online || s.saved {
		return nil, from, nil, false // input blocks until the network is back (fact tls/keep-open)
	}
	rx := &s.rx
	if s.typ == Datagram {
		if len(rx.datagrams) == 0 {
			return nil, from, s.ended(), rx.eof || rx.err != nil
		}
		d := rx.datagrams[0]
		if flags&Peek == 0 {
			rx.datagrams = rx.datagrams[1:]
			rx.size -= len(d.data)
			s.madeRoom()
		}
		return d.data[:min(max, len(d.data))], d.from, nil, true
	}
	over := rx.eof || rx.err != nil
	switch n := len(rx.stream); {
	case n == 0:
		return nil, s.asked, s.ended(), over
	case n < max && n < readAhead && flags&WaitAll != 0 && flags&DontWait == 0 && !over:
		return nil, from, nil, false
	default:
		n = min(n, max)
		data = append([]byte(nil), rx.stream[:n]...)
		if flags&Peek == 0 {
			if rx.stream = rx.stream[n:]; len(rx.stream) == 0 {
				rx.stream = nil
			}
			s.madeRoom()
		}
		return data, s.asked, nil, true
	}
}

// ended is what a receive reports after the last data.
func (s *Socket) ended() error {
	if s.rx.err != nil {
		return s.rx.err
	}
	return io.EOF
}

func (s *Socket) madeRoom() {
	if s.room != nil {
		s.room.Broadcast()
	}
}

// serveReceives completes the waiting receives that can be.
func (s *Socket) serveReceives() {
	for len(s.rx.ops) > 0 {
		op := s.rx.ops[0]
		data, from, err, ok := s.take(op.max, op.flags)
		if !ok && op.flags&DontWait == 0 {
			break
		}
		if !ok {
			err = s.nothing()
		}
		s.rx.ops = s.rx.ops[1:]
		s.finishReceive(op, data, from, err)
	}
	s.changed()
}

func (s *Socket) finishReceive(op *recvOp, data []byte, from netip.AddrPort, err error) {
	if op.timer != nil {
		op.timer.Stop()
	}
	s.observeReceive(op.cause, data, from, err)
	s.e.post(op.cause, func() { op.done(data, from, err) })
}

// observeReceive records a receive; the end of a stream is one of no bytes.
func (s *Socket) observeReceive(cause int, data []byte, from netip.AddrPort, err error) {
	peer := s.to
	if peer == "" && from.IsValid() {
		peer = from.String()
	}
	s.observeFor(cause, event.SocketReceive, peer, len(data), err)
}

func (s *Socket) waits(op *recvOp) bool {
	for _, o := range s.rx.ops {
		if o == op {
			return true
		}
	}
	return false
}

// receiveTimedOut ends a receive; one that waits for all gets what there is.
func (s *Socket) receiveTimedOut(op *recvOp) {
	s.e.mu.Lock()
	defer s.e.unlockOwn()
	for i, o := range s.rx.ops {
		if o != op {
			continue
		}
		s.rx.ops = append(s.rx.ops[:i:i], s.rx.ops[i+1:]...)
		data, from, err, ok := s.take(op.max, op.flags&^WaitAll)
		if !ok {
			err = s.nothing()
		}
		s.finishReceive(op, data, from, err)
		s.changed()
		return
	}
}

func (s *Socket) stopReceives(err *Error) {
	for _, op := range s.rx.ops {
		s.finishReceive(op, nil, netip.AddrPort{}, &Error{Op: "recv", Errno: err.Errno, Reason: err.Reason})
	}
	s.rx.ops = nil
}

// startReader starts the one goroutine of a connected socket.
func (s *Socket) startReader() {
	if s.room == nil {
		s.room = sync.NewCond(&s.e.mu)
	}
	conn, packet := s.conn, s.packet
	switch {
	case s.protocol == UDP:
		s.e.wg.Go(func() {
			s.readDatagrams(make([]byte, chunk), func(b []byte) (int, netip.AddrPort, error) {
				n, from, err := packet.ReadFrom(b)
				return n, addrPort(from), err
			})
		})
	case s.protocol == DTLS12:
		peer := s.peer
		s.e.wg.Go(func() {
			s.readDatagrams(make([]byte, dtlsChunk), func(b []byte) (int, netip.AddrPort, error) {
				n, err := conn.Read(b)
				return n, peer, err
			})
		})
	default:
		s.e.wg.Go(func() { s.readStream(conn) })
	}
}

func (s *Socket) readStream(conn net.Conn) {
	buf := make([]byte, firstChunk)
	for {
		n, err := conn.Read(buf)
		s.e.mu.Lock()
		if s.gone != nil {
			s.e.unlockOwn()
			return
		}
		s.rx.stream = append(s.rx.stream, buf[:n]...)
		if err != nil {
			s.readEnded(err)
		}
		s.serveReceives()
		s.e.unlockOwn()
		if err != nil || !s.waitForRoom(func() bool { return len(s.rx.stream) < readAhead }) {
			return
		}
		if n == len(buf) && len(buf) < chunk {
			buf = make([]byte, chunk)
		}
	}
}

func (s *Socket) readDatagrams(buf []byte, read func([]byte) (int, netip.AddrPort, error)) {
	for {
		n, from, err := read(buf)
		s.e.mu.Lock()
		// An answer may be here before the send that it answers has returned. The
		// program hears of them in their order, as it does where there is an air between.
		for s.writing && s.gone == nil {
			s.room.Wait()
		}
		if s.gone != nil {
			s.e.unlockOwn()
			return
		}
		switch {
		case err != nil:
			s.readEnded(err)
		case s.protocol == UDP && s.peer.IsValid() && from != s.peer:
			// A connected socket hears its peer only.
		case s.protocol == UDP && !s.hears(from.Addr()):
			// Nobody outside may speak to it unasked.
		default:
			data := append([]byte(nil), buf[:min(n, chunk)]...)
			s.rx.datagrams = append(s.rx.datagrams, datagram{data, s.shown(from)})
			s.rx.size += len(data)
		}
		s.serveReceives()
		s.e.unlockOwn()
		if err != nil || !s.waitForRoom(func() bool { return s.rx.size < queued && len(s.rx.datagrams) < queued/64 }) {
			return
		}
	}
}

// maxSentTo bounds what a UDP socket remembers of those it has sent to.
const maxSentTo = 64

// hears reports whether a UDP socket takes datagrams from an address.
func (s *Socket) hears(a netip.Addr) bool {
	a = a.Unmap()
	return s.e.cfg.ListenExternal || a.IsLoopback() || slices.Contains(s.sentTo, a)
}

// spokeTo has a UDP socket hear the address that it sends to.
func (s *Socket) spokeTo(a netip.Addr) {
	if a = a.Unmap(); s.hears(a) {
		return
	}
	if len(s.sentTo) == maxSentTo {
		s.sentTo = s.sentTo[1:]
	}
	s.sentTo = append(s.sentTo, a)
}

// shown returns a datagram's sender as the program knows it.
func (s *Socket) shown(from netip.AddrPort) netip.AddrPort {
	if from == s.peer {
		return s.asked
	}
	return s.e.hosts.showAs(from)
}

// waitForRoom waits until the socket can take more; false if it is gone.
func (s *Socket) waitForRoom(room func() bool) bool {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	for s.gone == nil && !room() {
		s.room.Wait()
	}
	return s.gone == nil
}

// readEnded notes why nothing more will come.
func (s *Socket) readEnded(err error) {
	var long *recordTooLong
	cut := s.unannounced()
	switch {
	case errors.Is(err, io.EOF):
		s.rx.eof, s.rx.cut = true, cut
		return
	case errors.Is(err, io.ErrUnexpectedEOF) && cut != "":
		s.rx.err = s.errorf("recv", ECONNABORTED, "%s", cut)
	case errors.As(err, &long):
		s.rx.err = s.errorf("recv", EMSGSIZE, "%s", long.Error())
	default:
		s.rx.err = s.hostError("recv", err)
		if s.rx.err.Errno == EIO {
			s.rx.err.Errno = ECONNABORTED
		}
	}
	s.rx.err.Err = err
	s.pending = s.rx.err.Errno
}

// unannounced says in words that a TLS stream has ended without close_notify, if it
// has (fact tls/close-notify).
func (s *Socket) unannounced() string {
	if conn, ok := s.conn.(*tls.Conn); ok {
		if wire, ok := conn.NetConn().(*recordConn); ok {
			return wire.unannounced()
		}
	}
	return ""
}
