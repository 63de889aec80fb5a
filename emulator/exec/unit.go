package exec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync/atomic"

	"nrf91emu/emulator"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/control"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/link"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// A unit is one of the devices that the command has at the same time.
type unit struct {
	number  int // from 1
	device  *emulator.Device
	flash   *flash.Flash
	faults  *fault.Set
	audit   *audit.Audit
	seen    *observer
	outside *outside

	library string     // where the library interface is; empty if there is none
	serving chan error // gets the end of it

	// What follows lasts for a boot.

	port    *hostPort
	faulty  link.Port // the same as the device has it: what a fault holds back ends with it
	control *control.Server
	served  chan error // gets the end of the port
}

// newUnit makes a device that is judged.
func (s *session) newUnit(number int, cfg emulator.Config) (u *unit, err error) {
	if cfg.Flash == nil {
		if cfg.Flash, err = flash.New(flash.Options{}); err != nil {
			return nil, err
		}
	}
	u = &unit{number: number, flash: cfg.Flash, audit: audit.New(s.cfg.Audit), seen: &observer{beside: s.cfg.Real != nil}, outside: newOutside(s.cfg.Changes)}
	log := &event.Log{ShowSecrets: s.cfg.ShowSecrets}
	log.Subscribe(u.audit.Add)
	log.Subscribe(u.seen.add)
	log.Subscribe(func(e *event.Event) { s.watch.add(number, e) })
	if len(s.cfg.Changes) > 0 {
		log.Subscribe(u.outside.add)
	}
	if s.cfg.Record != nil {
		log.Subscribe(s.recorder(number))
	}
	if s.cut.story != nil {
		log.Subscribe(s.cut.story.add)
	}
	cfg.Log = log
	if s.cfg.Seeded {
		cfg.Random = seeded(s.cfg.Seed, number)
	}
	if u.device, err = emulator.New(cfg); err != nil {
		return nil, err
	}
	u.seen.framing, u.seen.app = u.device.Dialect().Framing, u.device.Dialect().Name
	u.faults = fault.NewSet(u.device, s.cfg.Seed+uint64(number-1))
	if s.cfg.Real == nil {
		u.offerLibrary()
	}
	for _, spec := range s.cfg.Faults {
		if _, err := u.faults.Add(spec); err != nil {
			u.close()
			return nil, err
		}
	}
	return u, nil
}

// seeded returns the random numbers of a device.
func seeded(seed uint64, number int) io.Reader {
	var b [32]byte
	binary.LittleEndian.PutUint64(b[:], seed)
	binary.LittleEndian.PutUint64(b[8:], uint64(number))
	return rand.NewChaCha8(b)
}

// recorder returns what gets the events of a device for Config.Record.
func (s *session) recorder(number int) func(*event.Event) {
	if len(s.cfg.More) == 0 {
		return s.cfg.Record
	}
	return func(e *event.Event) {
		kept := *e
		kept.Device = number
		s.records.Lock()
		defer s.records.Unlock()
		s.cfg.Record(&kept)
	}
}

// libraries counts library interfaces: sessions may run side by side.
var libraries atomic.Int64

// offerLibrary makes the library interface. Commands that use the port can do without.
func (u *unit) offerLibrary() {
	l, err := control.ListenLibrary(fmt.Sprintf("exec-%d-%d", os.Getpid(), libraries.Add(1)))
	if err != nil {
		return
	}
	u.library, u.serving = control.LibraryPlace(l), make(chan error, 1)
	go func() { u.serving <- u.device.ServeLibrary(fault.WrapLibrary(l, u.faults)) }()
}

// close ends the device for good.
func (u *unit) close() {
	u.faults.Close()
	u.device.Close()
	if u.serving != nil {
		<-u.serving
	}
}

// start begins a boot: it makes the port and gives the device power.
func (u *unit) start(cfg *Config) (err error) {
	if cfg.Real != nil {
		u.port, err = openReal(cfg, u.device, u.seen)
	} else {
		u.port, err = openPort(cfg, u.number)
	}
	if err != nil {
		return err
	}
	if cfg.Real == nil { // of whom nobody but the modem itself knows anything
		if ctl, err := control.Listen(u.device, u.port.Name()); err == nil {
			ctl.OfferFaults(u.faults)
			u.control = ctl
		}
	}
	attached := u.seen.begin()
	if err := u.device.PowerOn(); err != nil {
		return err
	}
	u.served, u.faulty = make(chan error, 1), fault.Wrap(u.port.watched(u.seen), u.faults)
	go func() { u.served <- u.device.Serve(u.faulty) }()
	// The command finds the port served, so that the record begins in the same order each time.
	select {
	case <-attached:
	case err := <-u.served:
		u.served <- err
	}
	return nil
}

// stop ends a boot: the power goes, and the port with it. opened is whether a host had it
// open.
func (u *unit) stop() (opened bool, err error) {
	if u.port == nil {
		return false, nil
	}
	opened = u.port.opened()
	u.device.PowerCut()
	if u.served != nil {
		u.faulty.Close()
		err = <-u.served
	}
	u.port.Close()
	if u.port.lost != nil {
		err = errors.Join(err, u.port.lost())
	}
	if u.control != nil {
		u.control.Close()
	}
	u.port, u.faulty, u.served, u.control = nil, nil, nil, nil
	return opened, err
}

// change makes the changes that are due before a boot.
func (u *unit) change(due []Change) error {
	u.flash.PowerOn()
	defer u.flash.PowerOff()
	rules := u.device.Profile().Store
	rules.RefuseOverwrite = false // somebody who is in the way of nothing
	store, err := keystore.Open(u.flash, rules, nil)
	if err != nil {
		return err
	}
	for _, c := range due {
		before, err := store.Secret(c.Key)
		if err != nil && !errors.Is(err, keystore.ErrNotFound) {
			return err
		}
		if c.Content == nil {
			err = store.Delete(c.Key)
		} else {
			err = store.Write(c.Key, c.Content)
		}
		if err != nil {
			return fmt.Errorf("before boot %d: %w", c.Boot, err)
		}
		u.outside.changed(c, before)
	}
	return nil
}
