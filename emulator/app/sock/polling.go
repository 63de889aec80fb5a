package sock

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"

	"nrf91emu/emulator/app"
	"nrf91emu/emulator/socket"
)

// Polling is the setting of #XAPOLL.
type Polling struct {
	On   bool
	Want socket.Events // PollIn and PollOut; errors are always reported
}

// Troubles are the events that are reported once and end the polling.
const Troubles = socket.PollError | socket.PollHangup | socket.PollInvalid

// Reception is the setting of #XRECVCFG.
type Reception struct {
	Flags uint8
	Hex   bool
}

// The flags of #XRECVCFG.
const (
	ReceiveInATMode   = 1
	ReceiveInDataMode = 2
)

const crlf = "\r\n"

// Settings returns how the socket tells what happens on it.
func (k *Socket) Settings() Settings { return k.settings }

// SetPolling sets which events are told, all of them anew.
func (k *Socket) SetPolling(p Polling) {
	k.settings.Polling, k.told = p, 0
	k.watch()
}

// SetReception sets automatic reception.
func (k *Socket) SetReception(r Reception) {
	k.settings.Reception = r
	k.watch()
}

// SetToCome makes settings for the sockets that a context will open: change gets
// those that are there and changes them.
func (t *Table) SetToCome(c *app.Context, change func(*Settings)) {
	s := t.toCome[c]
	change(&s)
	if t.toCome == nil {
		t.toCome = make(map[*app.Context]Settings)
	}
	t.toCome[c] = s
}

// watch has the socket's events reported, if anything depends on them.
func (k *Socket) watch() {
	t := k.table
	if !k.settings.Polling.On && k.settings.Reception.Flags == 0 && !k.inData {
		k.SetNotify(nil)
		return
	}
	k.SetNotify(func(socket.Events) {
		if !t.stopped {
			t.ready = true
			k.Context.Deliver()
		}
	})
	t.ready = true // for what is there already
}

// Waiting is for app.Notifier.
func (t *Table) Waiting(*app.Context) bool { return t.ready }

// Notify tells what has happened on sockets: events first, then received data
// (fact serial-modem/notifications).
func (t *Table) Notify(c *app.Context) {
	t.ready = false
	for _, k := range t.open {
		if k.Context != c {
			// That context asks when it is idle.
			t.ready = true
			continue
		}
		k.tellEvents()
		k.autoReceive()
	}
}

// DataEnded looks at events anew (fact sockets/xapoll).
func (t *Table) DataEnded(*app.Context) {
	for _, k := range t.open {
		k.watch()
		k.rearm(socket.PollIn)
	}
}

// rearm makes an event that was reported one to report again.
func (k *Socket) rearm(ev socket.Events) {
	k.told &^= ev
	k.table.ready = k.table.ready || k.settings.Polling.On
}

// tellEvents reports what has happened on a polled socket and was not reported
// yet (fact sockets/xapoll).
func (k *Socket) tellEvents() {
	p := &k.settings.Polling
	if !p.On || k.told&Troubles != 0 {
		return
	}
	if ev := k.Poll() & (p.Want | Troubles) &^ k.told; ev != 0 {
		k.told |= ev
		k.Context.URC(fmt.Appendf(nil, "#XAPOLL: %d,%d", k.Handle(), ev))
	}
}

// autoReceive sends the host what has come on a socket with automatic reception
// in AT mode (fact sockets/xrecvcfg).
func (k *Socket) autoReceive() {
	r := k.settings.Reception
	if r.Flags&ReceiveInATMode == 0 || k.listening {
		return
	}
	connected := k.PeerAddr().IsValid() || k.Type() != socket.Datagram
	for {
		data, from, err := k.nextReceived()
		switch {
		case errors.Is(err, io.EOF):
			k.Context.Write([]byte(crlf)) // a lone CR LF (fact sockets/xrecvcfg)
			return
		case err != nil:
			return
		case len(data) == 0:
			continue
		case connected:
			k.Context.URC(fmt.Appendf(nil, "#XRECV: %d,%d,%d", k.Handle(), app.Digit(r.Hex), len(data)))
		default:
			k.Context.URC(fmt.Appendf(nil, "#XRECVFROM: %d,%d,%d,\"%s\",%d",
				k.Handle(), app.Digit(r.Hex), len(data), app.AddressText(from.Addr()), from.Port()))
		}
		if r.Hex {
			data = hex.AppendEncode(nil, data)
		}
		k.Context.Write(append(data, crlf...))
	}
}

// nextReceived takes what has come, for automatic reception: io.EOF once at the
// end of a stream, another error if nothing is there. While the host is slow to
// take what it gets, it says that nothing is there: TCP holds back the peer then.
func (k *Socket) nextReceived() ([]byte, netip.AddrPort, error) {
	if k.ended {
		return nil, netip.AddrPort{}, socket.EAGAIN
	}
	if k.Context.Congested() {
		k.table.ready = true
		return nil, netip.AddrPort{}, socket.EAGAIN
	}
	data, from, err := k.TryRecv(MaxReceive, 0)
	if err == nil {
		k.rearm(socket.PollIn)
	}
	k.ended = errors.Is(err, io.EOF)
	return data, from, err
}

// EnterData has data mode send over the socket as how says; length is Data.Length.
func (k *Socket) EnterData(x *app.Exchange, how Sending, length int) {
	x.EnterData(app.Data{
		Whole: k.Type() == socket.Datagram, Length: length,
		Send: func(p []byte, done func(error)) {
			k.Transmit(p, how, func(_ int, err error) { done(err) })
		},
		Check: k.checkData,
		Left:  func() { k.inData = false },
		Told:  true,
	})
	k.inData = true
	k.watch()
}

// checkData passes on what has come in data mode, if automatic reception is on, and
// ends the sending when the connection has died.
func (k *Socket) checkData() {
	if k.settings.Reception.Flags&ReceiveInDataMode != 0 {
		data, _, err := k.nextReceived()
		for ; err == nil; data, _, err = k.nextReceived() {
			k.Context.Write(data)
		}
		if !k.ended && k.Poll()&socket.PollIn != 0 {
			return // the host is slow, or more has just come: this is called again
		}
	}
	if ev := k.Poll() & Troubles; ev != 0 {
		k.Context.FailData(fmt.Errorf("the connection has ended (poll events %d)", ev))
	}
}
