package emulator

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// Status is what a device is doing.
type Status struct {
	On   bool
	Boot int // from 1, counts power-ons; 0 before the first
	// Busy is set while a command runs whose final result comes later.
	Busy bool
	// Crashed is set once the modem has stopped answering, until the next
	// power-on.
	Crashed bool
	// Mode is what AT+CFUN? reads and Registration the <stat> of AT+CEREG?. They
	// are known only while Known is set: the device is on, has not crashed and is
	// not busy.
	Known        bool
	Mode         modem.FunctionalMode
	Registration int
}

// Status returns what the device is doing. The host at the port does not see
// that somebody asked, and neither does the record.
func (d *Device) Status() Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := Status{On: d.on, Boot: d.boot}
	if !d.on {
		return s
	}
	s.Busy, s.Crashed = d.app.Busy(), !d.modem.Alive()
	if s.Busy || s.Crashed {
		return s
	}
	// The modem's own reading commands, so that there is one place that knows what
	// is read in which state.
	mode, ok := d.ask("+CFUN", 0)
	registration, known := d.ask("+CEREG", 1)
	s.Known = ok && known
	s.Mode, s.Registration = modem.FunctionalMode(mode), registration
	return s
}

// ask returns a number from the answer to a reading command. The caller holds
// the lock, and no command is running.
func (d *Device) ask(name string, field int) (int, bool) {
	var w atcmd.Response
	w.Reset(nil)
	if err := d.modem.Execute(&w, []byte("AT"+name+"?"), 0); err != nil {
		return 0, false
	}
	for line := range w.Parts() {
		if rest, ok := bytes.CutPrefix(line, []byte(name+": ")); ok {
			if fields := bytes.Split(rest, []byte(",")); field < len(fields) {
				n, err := strconv.Atoi(string(fields[field]))
				return n, err == nil
			}
		}
	}
	return 0, false
}

// Log returns the event record, nil if none is kept.
func (d *Device) Log() *event.Log { return d.cfg.Log }

// Wear returns what the flash has been through and who caused it, with or
// without power. Before the first power-on only the flash itself is known.
func (d *Device) Wear() keystore.Wear {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.store == nil {
		return keystore.Wear{Flash: d.flash.Stats()}
	}
	return d.store.Wear()
}

// ErrNoPower is returned for what needs power while there is none.
var ErrNoPower = errors.New("the device has no power; switch it on first")

// PlanCut plans a power cut inside the n-th flash step from now, where 0 is the
// next one; how says how far that step gets. A new plan replaces the old one, a
// negative n takes it back, and so does the next power-on. The error is
// ErrNoPower, as a power-on would take the plan back.
func (d *Device) PlanCut(n int, how flash.Tear) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.on {
		return ErrNoPower
	}
	d.flash.CutAt(n, how)
	return nil
}

// ChangeSupply is SetSupply for those who want to know when it is in vain: the
// error is ErrNoPower.
func (d *Device) ChangeSupply(millivolts int) error {
	err := ErrNoPower
	d.run(func() {
		if d.on {
			d.modem.SetSupply(millivolts)
			err = nil
		}
	})
	return err
}

// Credentials returns what the store holds, in the order of the modem's list.
// Without power it mounts the flash for a moment, which counts as a start.
func (d *Device) Credentials() ([]keystore.Entry, error) {
	var entries []keystore.Entry
	err := d.withStore(func(s *keystore.Store) error {
		for e := range s.All() {
			entries = append(entries, e)
		}
		return nil
	})
	return entries, err
}

// EachCredential calls fn for each credential in the order of the modem's list, with
// its content, whatever the rules of %CMNG say about reading it; the modem's own
// entries have none. fn must not call the device. Without power it mounts the flash
// for a moment, which counts as a start.
func (d *Device) EachCredential(fn func(e keystore.Entry, content []byte)) error {
	return d.withStore(func(s *keystore.Store) error {
		for e := range s.All() {
			var content []byte
			if !e.System {
				var err error
				if content, err = s.Secret(e.Key); err != nil {
					return err
				}
			}
			fn(e, content)
		}
		return nil
	})
}

// Credential returns a credential and its content, whatever the rules of %CMNG
// say about reading it; the modem's own entries have no content. Without power
// it mounts the flash for a moment, which counts as a start. The error is
// keystore.ErrNotFound or that of the flash.
func (d *Device) Credential(k keystore.Key) (e keystore.Entry, content []byte, err error) {
	err = d.withStore(func(s *keystore.Store) error {
		if e, err = s.Entry(k); err != nil || e.System {
			return err
		}
		content, err = s.Secret(k)
		return err
	})
	return e, content, err
}

// PutCredential stores a credential behind the firmware's back, as a test does
// that prepares a boot, and reports whether that changed anything: a content
// that is there already is not written again. What may be written is up to the
// rules of the profile's store, in any functional mode. Without power it mounts
// the flash for a moment, which counts as a start.
func (d *Device) PutCredential(k keystore.Key, content []byte) (changed bool, err error) {
	err = d.withStore(func(s *keystore.Store) error {
		if e, err := s.Entry(k); err == nil && !e.System && e.Size == len(content) {
			if old, err := s.Secret(k); err == nil && bytes.Equal(old, content) {
				return nil
			}
		}
		changed = true
		return d.outside(s, k, content, func() error { return s.Write(k, content) })
	})
	return changed && err == nil, err
}

// DeleteCredential removes a credential behind the firmware's back. Without
// power it mounts the flash for a moment, which counts as a start. The error is
// keystore.ErrNotFound, keystore.ErrNoAccess or that of the flash.
func (d *Device) DeleteCredential(k keystore.Key) error {
	return d.withStore(func(s *keystore.Store) error {
		return d.outside(s, k, nil, func() error { return s.Delete(k) })
	})
}

// withStore calls fn with a store that has power.
func (d *Device) withStore(fn func(*keystore.Store) error) error {
	var err error
	d.run(func() {
		switch {
		case d.closed:
			err = ErrClosed
		case d.on:
			err = fn(d.store)
		default:
			err = d.mounted(fn)
		}
	})
	if errors.Is(err, flash.ErrPowerCut) {
		return fmt.Errorf("the power failed in the middle, as planned; switch it on again: %w", err)
	}
	return err
}

// mounted calls fn with the store of a device without power.
func (d *Device) mounted(fn func(*keystore.Store) error) error {
	if !d.flash.Powered() {
		d.flash.PowerOn()
		defer d.flash.PowerOff()
	}
	s, err := d.openStore()
	if err != nil {
		return err
	}
	d.store = s
	return fn(s)
}

// outside changes a credential and records that it was not the host that did it.
func (d *Device) outside(s *keystore.Store, k keystore.Key, content []byte, change func() error) error {
	before, cost := digestOf(s, k), d.cost
	err := change()
	if !d.cfg.Log.Enabled() {
		return err
	}
	e := event.Credential{
		Op: "delete", SecTag: new(uint32(k.SecTag)), Type: new(uint8(k.Type)),
		Before: before, After: digestOf(s, k), Cost: d.cost.Since(cost),
	}
	if content != nil {
		e.Op = "write"
		e.Content = d.cfg.Log.Content(uint8(k.Type), content)
	}
	if before != "" {
		e.Found = 1
	}
	if err != nil {
		e.Error, e.Reason = true, err.Error()
	}
	for held := range s.Tag(k.SecTag) {
		e.Held = append(e.Held, int(held.Type))
	}
	d.cfg.Log.Add(event.Event{Credential: &e})
	return err
}

// digestOf returns the digest of what is stored under a key, empty if nothing
// is.
func digestOf(s *keystore.Store, k keystore.Key) string {
	e, err := s.Entry(k)
	if err != nil {
		return ""
	}
	return e.Digest.String()
}
