package sock

import (
	"errors"
	"fmt"
	"io"
	"net/netip"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/socket"
)

// MaxReceive is the largest chunk that is received, in bytes (fact sockets/receive).
const MaxReceive = 2048

const receiveFlags = socket.Peek | socket.DontWait | socket.WaitAll

// The <flags> of #XSEND and #XSENDTO (fact sockets/send).
const (
	FlagWaitAck   = 512  // the emulated network always acknowledges
	FlagNotifyAck = 8192 // #XSENDNTF comes when it has (fact sockets/send-ack)
)

// A Sending is what a send command asks for.
type Sending struct {
	Flags int
	// To and Port are the target of a #XSENDTO.
	To   string
	Port uint16
}

// Receive receives once, waiting at most timeout seconds, 0 for ever. done gets
// no data and no error at the end of a stream; it may be called before Receive
// returns. An error is a final result.
func (k *Socket) Receive(length int, flags socket.Flags, timeout int, done func([]byte, netip.AddrPort, error)) {
	end := func(data []byte, peer netip.AddrPort, err error) {
		switch {
		case k.table.stopped:
			return
		case errors.Is(err, io.EOF):
			err = nil
		}
		if err == nil {
			k.rearm(socket.PollIn)
		}
		done(data, peer, app.Refuse(err))
	}
	if flags&^receiveFlags != 0 {
		done(nil, netip.AddrPort{}, atcmd.Errorf("the flags of a receive are the sum of 0, 2, 64 and 256"))
		return
	}
	if err := k.SetOption(socket.ReceiveTimeout, timeout*1000); err != nil {
		done(nil, netip.AddrPort{}, app.Refuse(err))
		return
	}
	if flags&socket.WaitAll == 0 || flags&socket.DontWait != 0 {
		data, peer, err := k.TryRecv(length, flags)
		if !errors.Is(err, socket.EAGAIN) || flags&socket.DontWait != 0 {
			end(data, peer, err)
			return
		}
	}
	k.StartRecv(length, flags, end)
}

// Accept takes a connection if one waits.
func (k *Socket) Accept() (*Socket, error) {
	s, err := k.TryAccept()
	if err != nil {
		return nil, app.Refuse(err)
	}
	k.rearm(socket.PollIn)
	return k.Accepted(s), nil
}

// Transmit sends all of p as the command asks for, notes the acknowledgement and
// arms the poll for room to send. done may be called before it returns, and p
// must stay as it is until then.
func (k *Socket) Transmit(p []byte, how Sending, done func(sent int, err error)) {
	k.sendAll(p, how, func(sent int, err error) {
		if k.table.stopped {
			return
		}
		if how.Flags&FlagNotifyAck != 0 {
			result := 0
			if err != nil {
				result = -1
			}
			k.Context.Notify(fmt.Appendf(nil, "#XSENDNTF: %d,%d,%d", k.Handle(), result, sent))
		}
		k.rearm(socket.PollOut)
		done(sent, err)
	})
}

func (k *Socket) sendAll(p []byte, how Sending, done func(int, error)) {
	switch {
	case len(p) == 0:
		done(0, nil) // nothing is sent (fact sockets/send)
	case k.Type() == socket.Stream:
		SendStream(k.Socket, p, done)
	case how.To != "":
		k.StartSendTo(p, how.To, how.Port, done)
	default:
		k.StartSend(p, done)
	}
}

// SendStream sends all of p over a stream. What the connection takes at once goes
// out without a detour; only when it is full does the engine call back. done may be
// called before it returns, and p must stay as it is until then.
func SendStream(s *socket.Socket, p []byte, done func(int, error)) { sendStream(s, p, 0, done) }

func sendStream(s *socket.Socket, p []byte, sent int, done func(int, error)) {
	for sent < len(p) {
		if s.Poll()&socket.PollOut == 0 {
			s.StartSend(p[sent:], func(n int, err error) {
				if sent += n; err != nil {
					done(sent, err)
					return
				}
				sendStream(s, p, sent, done)
			})
			return
		}
		n, err := s.TrySend(p[sent:])
		if sent += n; err != nil {
			done(sent, err)
			return
		}
	}
	done(sent, nil)
}
