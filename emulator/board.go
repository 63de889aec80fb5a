package emulator

import (
	"crypto/sha256"
	"slices"

	"nrf91emu/emulator/app"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/socket"
	"nrf91emu/keystore"
)

// board is the device as its application sees it. All methods run with the
// device's lock held.
type board struct{ *Device }

// Sockets makes the socket engine when the first socket is opened: a modem
// without sockets costs nothing.
func (d board) Sockets() *socket.Engine {
	if d.sockets == nil {
		policy := app.SocketPolicy(d.cfg.Profile, d.cfg.Dialect)
		policy.AcceptExpired = !d.cfg.RefuseExpired
		d.sockets = socket.New(socket.Config{
			Policy: policy, Credentials: credentials(d),
			Hosts: d.cfg.Hosts, NoExternal: d.cfg.NoExternal, ListenExternal: d.cfg.ListenExternal,
			Post: d.post, Causes: d, Observe: d.observeSocket,
		})
		d.sockets.SetNetwork(d.network)
	}
	return d.sockets
}

func (d board) UUID() string { return d.cfg.Identity.DeviceUUID }

// Cause and As say in the name of which command sockets act.
func (d board) Cause() int              { return d.app.Cause() }
func (d board) As(cause int, fn func()) { d.app.As(cause, fn) }

// Reset starts modem and application anew, as a reset of the chip does after
// AT+CFUN=0.
func (d board) Reset() {
	d.cfg.Log.Add(event.Event{Power: &event.Power{Action: event.PowerReset, Reason: "the application has reset the device"}})
	d.modem.Shutdown()
	d.app.Stop()
	d.modemOff()
	d.app.Start()
	d.modem.PowerOn()
}

func (d board) ResetModem() {
	d.cfg.Log.Add(event.Event{Power: &event.Power{Action: event.PowerReset, Reason: "the application has started the modem anew"}})
	d.modem.Shutdown()
	d.modemOff()
	d.modem.PowerOn()
}

// EndSockets ends the engine; Close waits for what is left of it. The modem tells
// when it is online again.
func (d board) EndSockets() {
	d.network = socket.Offline
	if e := d.sockets; e != nil {
		d.sockets = nil
		e.Shutdown()
		if d.library != nil {
			d.library.SocketsEnded()
		}
		d.ending.Go(e.Wait)
	}
}

func (d board) Shutdown(reason string) {
	d.modem.Shutdown()
	d.powerLost(event.Power{Action: event.PowerOff, Reason: reason})
}

// congestion is how much may wait for a slow host before the device stops adding
// received data, in bytes.
const congestion = 8 << 10

// Congested asks the ports. One that says yes wakes the application when it has
// sent everything.
func (d board) Congested(n int) bool {
	slow := false
	for _, p := range d.ports {
		slow = p.congested(n) || slow
	}
	return slow
}

// post runs what a socket has to say. The goroutine is the engine's, which has
// other sockets to tell about and must not wait for the host to read.
func (d *Device) post(fn func()) {
	d.runLibrary(func() {
		fn()
		d.flushLibrary()
	})
}

// runLibrary is run for the goroutine of a program's connection, which sends the
// program's answers itself and must not wait for ports.
func (d *Device) runLibrary(fn func()) {
	d.mu.Lock()
	fn()
	d.collect()
	ports := d.ports
	for _, p := range ports {
		if p.pending() {
			go d.flush(p)
		}
	}
	d.mu.Unlock()
}

// networkChanged follows the modem: sockets close at +CFUN=0 and 4 and when the
// network is gone.
func (d *Device) networkChanged(online bool, mode modem.FunctionalMode) {
	switch {
	case online:
		d.network = socket.Online
	case mode == modem.ModePowerOff:
		d.network = socket.PowerOff
	default:
		d.network = socket.Offline
	}
	if d.sockets != nil {
		d.sockets.SetNetwork(d.network)
	}
	if d.gnss != nil {
		d.gnss.ModeChanged()
	}
}

// observeSocket records what happened on a socket, and tells the modem of the
// traffic.
func (d *Device) observeSocket(e event.Event) {
	if d.cfg.Log.Enabled() {
		d.cfg.Log.Add(e)
	}
	if s := e.Socket; s != nil && s.Errno == 0 {
		switch s.Op {
		case event.SocketSend:
			d.modem.Traffic(s.Bytes, 0)
		case event.SocketReceive:
			d.modem.Traffic(0, s.Bytes)
		case event.SocketConnect, event.SocketAccept, event.SocketResolve:
			d.modem.Traffic(0, 0)
		}
	}
}

// credentials is the modem's store as its sockets see it. What they use goes into
// the record.
type credentials struct{ *Device }

func (d credentials) Password(k keystore.Key) []byte { return d.store.Password(k) }

func (d credentials) Secret(k keystore.Key) ([]byte, error) {
	content, err := d.store.Secret(k)
	if !d.cfg.Log.Enabled() {
		return content, err
	}
	use := event.Credential{ID: d.app.Cause(), Op: event.CredentialUse, SecTag: new(uint32(k.SecTag)), Type: new(event.CredentialType(k.Type))}
	switch {
	case err == nil:
		use.Found = 1
		use.Content = d.describe(k, content)
	case k.Type != keystore.RootCA || d.holdsAny(k.SecTag):
		return content, err // a tag need not hold every type
	default:
		use.Type, use.Reason = nil, "the security tag holds nothing"
	}
	d.cfg.Log.Add(event.Event{Credential: &use})
	return content, err
}

// A description is what the record says of a credential that was used.
type description struct {
	sum     [sha256.Size]byte
	content *event.Content
}

// describe returns what the record says of a credential. It remembers that, as
// long as the credential stays the same: a host that connects again and again uses
// the same ones, and reading a certificate costs some 4 % of a handshake.
func (d credentials) describe(k keystore.Key, content []byte) *event.Content {
	password := d.store.Password(k)
	sum := sha256.Sum256(slices.Concat(content, password))
	known, ok := d.described[k]
	if !ok || known.sum != sum {
		known = description{sum, d.cfg.Log.Content(uint8(k.Type), content)}
		known.content.Unlock(content, password)
		if d.described == nil {
			d.described = make(map[keystore.Key]description)
		}
		d.described[k] = known
	}
	return known.content
}

func (d credentials) holdsAny(tag keystore.SecTag) bool {
	for range d.store.Tag(tag) {
		return true
	}
	return false
}
