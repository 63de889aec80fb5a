package emulator

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/gnss"
	"nrf91emu/emulator/libmodem"
	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/modem/keys"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/socket"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// Config is what a device is made of. The zero value is a factory-fresh nRF9151
// with the AT Client sample, whose flash is in memory.
type Config struct {
	// Profile is chip and firmware; nil means profile.Default.
	Profile *profile.Profile
	// Dialect is the application; nil means dialects.Default.
	Dialect *app.Dialect
	// Identity is the modem's numbers; nil means those of the first modem of its
	// profile.
	Identity *profile.Identity
	// Random is where the modem takes the random numbers of its keys and tokens from; nil is
	// the system's. A source that begins with a seed is for tests: who knows the seed knows
	// the keys.
	Random io.Reader
	// Network is what the modem finds on the air, looked at at each power-on; nil means
	// network.Default. Devices may share it.
	Network *network.Network
	// Flash holds the credentials. Nil means a new one in memory. Close leaves a
	// flash that is given here open.
	Flash *flash.Flash
	// Supply is the supply voltage in millivolts; 0 means
	// modem.DefaultSupply.
	Supply int
	// Log is the event record; nil keeps none.
	Log *event.Log

	// Hosts has sockets connect to another address where a program asks for a host
	// name, in lower case, so that certificates still match. See [socket.Config] and
	// [socket.ParseHost].
	Hosts map[string]netip.AddrPort
	// NoExternal refuses sockets all addresses but loopback.
	NoExternal bool
	// ListenExternal lets other machines reach the servers that a program opens, see
	// [socket.Config]. NoExternal goes before it.
	ListenExternal bool
	// RefuseExpired makes TLS refuse certificates outside their validity. Whether
	// the modem does is not settled by any source.
	RefuseExpired bool

	// Track is where the GNSS receiver is; empty means gnss.DefaultTrack. TimeToFix
	// is how long its first fix takes; 0 means gnss.DefaultTimeToFix. Only firmware
	// at the library interface has the receiver.
	Track     gnss.Track
	TimeToFix time.Duration
}

// A Device is one emulated nRF91.
type Device struct {
	cfg   Config
	flash *flash.Flash

	mu     sync.Mutex
	idle   sync.Cond // signalled when a command has ended, or the device
	boot   int
	on     bool
	closed bool
	store  *keystore.Store
	system []keystore.SystemEntry // see openStore
	modem  *modem.Modem
	app    *app.App
	ports  []*outbox
	cost   event.Cost // of the flash so far, kept if there is a record

	library   *libmodem.Library // nil until ServeLibrary, as gnss is
	gnss      *gnss.Receiver
	listeners []net.Listener

	sockets *socket.Engine // nil until the first socket
	network socket.Network
	ending  sync.WaitGroup // engines that are winding up

	described map[keystore.Key]description // of credentials that sockets have used
	cuts      []*func()                    // called when the power went by itself, see OnPowerLoss

	retained modem.Retained // what outlives a loss of power beside the flash
}

// ErrClosed is returned for a device that has been closed.
var ErrClosed = errors.New("the device has been closed")

// New returns a device without power.
func New(cfg Config) (*Device, error) {
	if cfg.Profile == nil {
		p, err := profile.Lookup(profile.Default)
		if err != nil {
			return nil, err
		}
		cfg.Profile = &p
	}
	if cfg.Dialect == nil {
		d, err := dialects.Lookup(dialects.Default)
		if err != nil {
			return nil, err
		}
		cfg.Dialect = d
	}
	if cfg.Identity == nil {
		cfg.Identity = new(profile.NewIdentity(cfg.Profile, 0))
	}
	if cfg.Random != nil {
		own := *cfg.Identity
		own.Random = cfg.Random
		cfg.Identity = &own
	}
	if cfg.Network == nil {
		cfg.Network = new(network.Default())
	}
	if cfg.Supply == 0 {
		cfg.Supply = modem.DefaultSupply
	}
	if err := socket.CheckHosts(cfg.Hosts); err != nil {
		return nil, err
	}
	d := &Device{cfg: cfg, flash: cfg.Flash}
	d.idle.L = &d.mu
	if d.flash == nil {
		var err error
		if d.flash, err = flash.New(flash.Options{}); err != nil {
			return nil, err
		}
	}
	if cfg.Log != nil {
		d.flash.Observer = d.observeFlash
	}
	return d, nil
}

// PowerOn gives the device power: the modem mounts its flash and the application
// starts. It does nothing if the power is on. The error is that of a flash which
// cannot be mounted.
func (d *Device) PowerOn() error {
	var err error
	d.run(func() { err = d.powerOn() })
	return err
}

func (d *Device) powerOn() error {
	switch {
	case d.closed:
		return ErrClosed
	case d.on:
		return nil
	}
	d.boot++
	d.cfg.Log.SetBoot(d.boot)
	d.cfg.Log.Add(event.Event{Power: &event.Power{
		Action: event.PowerOn, Device: d.cfg.Profile.Chip.Name, Firmware: d.cfg.Profile.Revision, Application: d.cfg.Dialect.Name,
	}})
	d.flash.PowerOn()
	store, err := d.openStore()
	if err != nil {
		d.cfg.Log.Add(event.Event{Power: &event.Power{Action: event.PowerOff, Reason: err.Error(), Step: int(d.flash.Steps())}})
		return fmt.Errorf("the modem cannot read its flash: %w", err)
	}
	d.store = store
	d.modem = modem.New(modem.Config{
		Profile: d.cfg.Profile, Identity: d.cfg.Identity, Network: new(*d.cfg.Network), // the modem completes it
		Store: store, Log: d.cfg.Log, Run: d.run, Retained: &d.retained,
		FlashCost: func() event.Cost { return d.cost },
		Notify: func(line []byte) {
			d.app.Notify(line)
			if d.library != nil {
				d.library.Notify(line)
			}
		},
		Crashed: func(reason uint32) {
			if d.library != nil && d.library.Attached() {
				d.library.ModemCrashed(reason) // it is the program that starts the modem again
			} else {
				d.app.ModemCrashed(reason)
			}
			board{d}.EndSockets()
		},
		OnNetwork: d.networkChanged,
	})
	d.app = app.New(app.Config{Dialect: d.cfg.Dialect, Modem: d.modem, Log: d.cfg.Log, Run: d.run, Board: board{d}})
	d.on = true
	d.network = socket.Offline
	d.app.Start()
	d.modem.SetSupply(d.cfg.Supply)
	d.modem.PowerOn()
	if d.library != nil {
		d.library.Start(d.modem)
	}
	return nil
}

// openStore mounts the flash. The modem's own credentials are derived from its
// identity once: that takes longer than a whole start.
func (d *Device) openStore() (*keystore.Store, error) {
	if d.system == nil {
		d.system = keys.System(d.cfg.Profile, d.cfg.Identity)
	}
	return keystore.Open(d.flash, d.cfg.Profile.Store, d.system)
}

// PowerCut takes the power away at once. What was not stored is lost.
func (d *Device) PowerCut() {
	d.run(func() { d.powerLost(event.Power{Action: event.PowerCut}) })
}

// PowerOff switches the device off in good order: the application sends
// AT+CFUN=0, which stores the settings, before the power goes.
func (d *Device) PowerOff() {
	d.run(func() {
		if d.on {
			d.modem.Shutdown()
		}
		d.powerLost(event.Power{Action: event.PowerOff})
	})
}

// PowerCycle cuts the power and gives it back.
func (d *Device) PowerCycle() error {
	var err error
	d.run(func() { err = d.restart(event.Power{Action: event.PowerCut}) })
	return err
}

// restart takes the power away, as e says, and gives it back.
func (d *Device) restart(e event.Power) error {
	d.powerLost(e)
	return d.powerOn()
}

// modemOff takes the power from the modem, with all that stands on it. All ways in
// which a modem ends lead here.
func (d *Device) modemOff() {
	board{d}.EndSockets()
	if d.gnss != nil {
		d.gnss.Reset()
	}
	d.modem.PowerOff()
}

// powerLost stops everything. What is on its way to a port has left the device
// already and still arrives.
func (d *Device) powerLost(e event.Power) {
	if !d.on {
		return
	}
	d.on = false
	if d.library != nil {
		d.gnss.Reset()
		d.library.Stop(e.Action == event.PowerReset)
	}
	d.app.Stop()
	d.modemOff()
	if d.flash.Powered() {
		d.flash.PowerOff()
	}
	d.cfg.Log.Add(event.Event{Power: &e})
	d.idle.Broadcast()
}

// On reports whether the device has power.
func (d *Device) On() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.on
}

// Boot returns how often the device has been switched on.
func (d *Device) Boot() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.boot
}

// OnPowerLoss has a function called, on a goroutine of its own, each time the power
// goes by itself: at a flash step where [Bench.PlanCut] had planned it. All who have
// asked for it are told. remove takes it back.
func (d *Device) OnPowerLoss(fn func()) (remove func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	entry := &fn
	d.cuts = append(d.cuts, entry)
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.cuts = slices.DeleteFunc(d.cuts, func(e *func()) bool { return e == entry })
	}
}

// Profile returns chip and firmware.
func (d *Device) Profile() *profile.Profile { return d.cfg.Profile }

// Dialect returns the application.
func (d *Device) Dialect() *app.Dialect { return d.cfg.Dialect }

// Identity returns the modem's numbers.
func (d *Device) Identity() *profile.Identity { return d.cfg.Identity }

// Close cuts the power and closes all ports. A flash in memory that the device
// made itself is gone with it.
func (d *Device) Close() error {
	d.mu.Lock()
	d.powerLost(event.Power{Action: event.PowerCut, Reason: "the device was closed"})
	d.closed = true
	ports := d.ports
	d.ports = nil
	d.idle.Broadcast()
	for _, l := range d.listeners {
		l.Close()
	}
	d.mu.Unlock()
	var errs []error
	for _, p := range ports {
		errs = append(errs, p.port.Close())
	}
	d.ending.Wait()
	return errors.Join(errs...)
}

// keptWithoutPort bounds the output that waits for a first port, in bytes.
const keptWithoutPort = 4096

// run calls fn with the lock held and sends what the application has to say.
func (d *Device) run(fn func()) {
	d.mu.Lock()
	fn()
	d.collect()
	var one [1]*outbox
	ports := append(one[:0], d.ports...)
	d.flushLibrary()
	d.mu.Unlock()
	for _, p := range ports {
		d.flush(p)
	}
}

// flush writes what waits for a port. If the application has held something back
// meanwhile because the host was slow, it goes on.
func (d *Device) flush(p *outbox) {
	for p.flush() {
		d.mu.Lock()
		if d.on {
			d.app.Resume()
		}
		d.collect()
		d.mu.Unlock()
	}
}

// flushLibrary has sent what a program is to hear and has not asked for. The caller
// holds the lock.
func (d *Device) flushLibrary() {
	if d.library != nil {
		d.library.Flush()
	}
}

// collect takes the application's output to the ports, and notices a power cut
// that the flash had planned. The caller holds the lock.
func (d *Device) collect() {
	if d.app == nil {
		return
	}
	d.hand()
	if d.on && !d.flash.Powered() {
		d.powerLost(event.Power{Action: event.PowerCut, Reason: "planned", Step: int(d.flash.Steps())})
		for _, fn := range d.cuts {
			go (*fn)()
		}
	}
	if d.on && !d.app.Blocked() {
		d.idle.Broadcast()
	}
}

// hand gives the application's output to the ports. The caller holds the lock.
func (d *Device) hand() {
	// What is said before there is a port, such as the banner, waits for the first
	// one, as long as it is not much.
	if len(d.ports) == 0 && d.app.Unsent() < keptWithoutPort {
		return
	}
	if out := d.app.Output(); len(out) > 0 {
		for _, p := range d.ports {
			if lost := p.add(out); lost > 0 && d.cfg.Log.Enabled() {
				d.cfg.Log.Add(event.Event{Link: &event.Link{Action: event.LinkOverrun, Name: p.port.Name()}})
			}
		}
	}
}

// observeFlash keeps count of what the flash goes through, and records it.
func (d *Device) observeFlash(op flash.Op) {
	d.cost.Programmed += op.Words * flash.WordSize
	if op.Kind == flash.OpErase {
		d.cost.Erases++
	}
	if !d.cfg.Log.Enabled() {
		return
	}
	e := event.Flash{Op: event.FlashOp(op.Kind.String()), Page: op.Page, Bytes: op.Words * flash.WordSize, Wear: op.Erases}
	if op.Err != nil {
		e.Error = op.Err.Error()
	}
	d.cfg.Log.Add(event.Event{Flash: &e})
}
