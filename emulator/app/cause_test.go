package app_test

import (
	"context"
	"net"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/app/apptest"
	"nrf91emu/emulator/event"
)

// recorded returns an online host of an application whose next connection goes to the
// far end, and its event record so far.
func recorded(t *testing.T, dialect string) (h *apptest.Host, f *apptest.Far, record func() []event.Event) {
	var events []event.Event
	log := new(event.Log)
	log.Subscribe(func(e *event.Event) { events = append(events, *e) })
	d, send := apptest.NewWith(t, "nrf9151-2.0.4", dialect, log)
	near, other := net.Pipe()
	t.Cleanup(func() { other.Close() })
	d.Board.Dial = func(context.Context, string, string) (net.Conn, error) { return near, nil }
	h = apptest.HostOf(t, d, send)
	h.Expect("AT+CFUN=1", apptest.OK)
	f = &apptest.Far{Conn: other}
	go f.Keep()
	return h, f, func() []event.Event {
		synctest.Wait()
		h.Lock()
		defer h.Unlock()
		return events
	}
}

// numberOf returns the number of the last command with that name.
func numberOf(t *testing.T, events []event.Event, name string) (id int) {
	for _, e := range events {
		if e.Command != nil && e.Command.Name == name {
			id = e.Command.ID
		}
	}
	require.NotZero(t, id, name)
	return id
}

// lastOf returns the last event of a kind on a socket.
func lastOf(t *testing.T, events []event.Event, op event.SocketOp) (found *event.Socket) {
	for _, e := range events {
		if e.Socket != nil && e.Socket.Op == op {
			found = e.Socket
		}
	}
	require.NotNil(t, found, op)
	return found
}

// An event on a socket bears the number of the command that has caused it, whatever
// runs when it happens.
func TestEventsBearTheirCommand(t *testing.T) {
	apptest.Bubble(t, "what is sent in data mode is that of the command that entered it", func(t *testing.T) {
		h, f, record := recorded(t, "serial-modem")
		h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 0,1,6"))
		h.Expect(`AT#XCONNECT=0,"127.0.0.1",1`, apptest.Line("#XCONNECT: 0,1"))
		h.Expect("AT#XSEND=0,2,0", apptest.OK)
		h.Quiet("data")
		h.ExpectRaw("+++", apptest.Left)
		require.Equal(t, []string{"data"}, f.Got())
		events := record()
		require.Equal(t, numberOf(t, events, "#XSEND"), lastOf(t, events, event.SocketSend).ID)
		require.Equal(t, numberOf(t, events, "#XCONNECT"), lastOf(t, events, event.SocketConnect).ID)
	})
	apptest.Bubble(t, "what comes by itself is no command's, also while one runs", func(t *testing.T) {
		h, f, record := recorded(t, "slm")
		h.Expect(`AT#XTCPCLI=1,"127.0.0.1",1`, apptest.Line(`#XTCPCLI: 0,"connected"`))
		h.Quiet("AT%COPS=?\r\n") // takes five seconds
		_, err := f.Write([]byte("x"))
		require.NoError(t, err)
		require.Equal(t, "\r\n#XTCPDATA: 1\r\nx", h.Settle())
		require.Zero(t, lastOf(t, record(), event.SocketReceive).ID)
	})
}

// What acts in somebody's name in the middle of another's leaves that as it was.
func TestAs(t *testing.T) {
	h := apptest.NewHost(t, "serial-modem")
	h.Lock()
	defer h.Unlock()
	h.As(5, func() {
		h.As(7, func() { require.Equal(t, 7, h.Cause()) })
		require.Equal(t, 5, h.Cause())
	})
	require.Zero(t, h.Cause())
}
