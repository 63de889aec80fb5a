package apptest

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/socket"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// A Device is an application and a modem under one lock.
type Device struct {
	sync.Mutex
	*app.App
	Modem *modem.Modem
	Board *Board
}

// A Board is the device around the application. Its fields are changed with the
// device's lock held, or before anything runs.
type Board struct {
	// Engine is that of the sockets, nil before the first socket.
	Engine *socket.Engine
	// Dial makes the connections of sockets; nil is the host's network, loopback only.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Slow says that the host does not read what is sent.
	Slow bool
	// Off is why the application has switched the device off.
	Off string

	d       *Device
	log     *event.Log
	policy  *socket.Policy
	network socket.Network
	changed chan struct{} // something may be in the output
}

// Sockets makes the engine when it is asked for.
func (b *Board) Sockets() *socket.Engine {
	if b.Engine == nil {
		b.Engine = socket.New(socket.Config{
			Policy: b.policy, Causes: b.d.App, NoExternal: true, Dial: b.Dial, Credentials: b.d.Modem.Store(),
			Hosts: map[string]netip.AddrPort{"server.example": netip.MustParseAddrPort("127.0.0.1:0")},
			Post: func(fn func()) {
				b.d.Lock()
				defer b.d.Unlock()
				fn()
				select {
				case b.changed <- struct{}{}:
				default:
				}
			},
			Observe: func(e event.Event) {
				if b.log.Enabled() {
					b.log.Add(e)
				}
			},
		})
		b.Engine.SetNetwork(b.network)
	}
	return b.Engine
}

// EndSockets ends the engine.
func (b *Board) EndSockets() {
	b.network = socket.Offline
	if e := b.Engine; e != nil {
		b.Engine = nil
		e.Shutdown()
	}
}

// ResetModem starts the modem anew.
func (b *Board) ResetModem() {
	b.EndSockets()
	b.d.Modem.PowerOff()
	b.d.Modem.PowerOn()
}

// Reset starts modem and application anew.
func (b *Board) Reset() {
	b.ResetModem()
	b.d.Start()
}

// UUID is the same for all.
func (b *Board) UUID() string { return "50503041-3633-4261-803d-1e2b8f70111a" }

// Shutdown says why in Off.
func (b *Board) Shutdown(reason string) { b.Off = reason }

// Congested is Slow, or much that waits.
func (b *Board) Congested(n int) bool { return b.Slow || n > 1<<16 }

// Sent returns what the application wants sent, and takes it.
func (d *Device) Sent() string {
	d.Lock()
	defer d.Unlock()
	return string(d.Output())
}

// Await returns what is sent once it has come to be as long as want, or what there
// is after some seconds.
func (d *Device) Await(want string) string {
	timeout := time.NewTimer(10 * time.Second)
	defer timeout.Stop()
	got := d.Sent()
	for len(got) < len(want) {
		select {
		case <-d.Board.changed:
		case <-timeout.C:
			return got
		}
		got += d.Sent()
	}
	return got
}

// Unsolicited has the modem send a notification.
func (d *Device) Unsolicited(line string) {
	d.Lock()
	defer d.Unlock()
	d.Notify([]byte(line))
}

// New returns a started application in front of a modem that registers at
// once, and a function that sends it bytes and returns what it sends back.
func New(t *testing.T, dialect string, log *event.Log) (*Device, func(string) string) {
	t.Helper()
	return NewWith(t, "nrf9160-1.3.7", dialect, log) // its store takes any content
}

// NewWith is New with another modem.
func NewWith(t *testing.T, modemName, dialect string, log *event.Log) (*Device, func(string) string) {
	t.Helper()
	return NewOf(t, modemName, Dialect(t, dialect), log)
}

// Dialect returns an application by its name.
func Dialect(t *testing.T, name string) *app.Dialect {
	t.Helper()
	d, err := dialects.Lookup(name)
	require.NoError(t, err)
	return d
}

// NewOf is New with another modem and an application of its own.
func NewOf(t *testing.T, modemName string, d *app.Dialect, log *event.Log) (*Device, func(string) string) {
	t.Helper()
	p, err := profile.Lookup(modemName)
	require.NoError(t, err)
	f, err := flash.New(flash.Options{})
	require.NoError(t, err)
	store, err := keystore.Open(f, p.Store, nil)
	require.NoError(t, err)
	air := network.Default()
	air.AttachDelay = 0
	a := new(Device)
	run := func(fn func()) {
		a.Lock()
		defer a.Unlock()
		fn()
	}
	a.Modem = modem.New(modem.Config{
		Profile: &p, Identity: new(profile.NewIdentity(&p, 0)), Network: &air, Store: store, Log: log,
		Run: run, Notify: func(line []byte) { a.Notify(line) },
		Crashed: func(reason uint32) { a.ModemCrashed(reason) },
		OnNetwork: func(online bool, mode modem.FunctionalMode) {
			a.Board.network = socket.Offline
			switch {
			case online:
				a.Board.network = socket.Online
			case mode == modem.ModePowerOff:
				a.Board.network = socket.PowerOff
			}
			if a.Board.Engine != nil {
				a.Board.Engine.SetNetwork(a.Board.network)
			}
		},
	})
	a.Board = &Board{d: a, log: log, changed: make(chan struct{}, 1), policy: app.SocketPolicy(&p, d)}
	a.App = app.New(app.Config{Dialect: d, Modem: a.Modem, Log: log, Run: run, Board: a.Board})
	run(func() {
		a.Start()
		a.Modem.PowerOn()
	})
	require.Equal(t, d.Banner, a.Sent())
	t.Cleanup(func() {
		run(func() {
			a.Stop()
			a.Board.EndSockets()
			a.Modem.PowerOff()
		})
	})
	return a, func(text string) string {
		run(func() { a.Receive([]byte(text)) })
		return a.Sent()
	}
}

// Hold makes the host slow, or not any more.
func (d *Device) Hold(slow bool) {
	d.Lock()
	defer d.Unlock()
	if d.Board.Slow = slow; !slow {
		d.Resume()
	}
}

// WaitingTimers returns how many timers the application has waiting.
func (d *Device) WaitingTimers() int {
	d.Lock()
	defer d.Unlock()
	return d.RunningTimers()
}
