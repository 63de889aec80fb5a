package emulator

import (
	"errors"
	"fmt"

	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// A Bench is what a person has around a device on the table, and firmware has not:
// the supply, a look into the flash, credentials put there behind the firmware's
// back, and what goes wrong. It is the device from another side and may be copied.
type Bench struct{ d *Device }

// Bench returns the bench of the device.
func (d *Device) Bench() Bench { return Bench{d} }

// Supply returns the supply voltage, in millivolts.
func (b Bench) Supply() int {
	d := b.d
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cfg.Supply
}

// SetSupply changes the supply voltage, in millivolts, now or, without power, for
// when there is some. It stays so over resets and power cycles. Below the level of
// %XPOFWARN the power-off warning fires.
func (b Bench) SetSupply(millivolts int) {
	d := b.d
	d.run(func() {
		d.cfg.Supply = millivolts
		if d.on {
			d.modem.SetSupply(millivolts)
		}
	})
}

// PlanCut plans a power cut inside the n-th flash step from now, where 0 is the
// next one; how says how far that step gets. A new plan replaces the old one, a
// negative n takes it back, and so does the next power-on. The error is
// ErrNoPower, as a power-on would take the plan back.
func (b Bench) PlanCut(n int, how flash.Tear) error {
	d := b.d
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.on {
		return ErrNoPower
	}
	d.flash.CutAt(n, how)
	return nil
}

// Inspect calls fn with the device's lock held. The store is that of the last
// power-on, nil before the first; the flash may be looked at with or without
// power. fn must not call the device and not keep what it is given.
func (b Bench) Inspect(fn func(*keystore.Store, *flash.Flash)) {
	d := b.d
	d.mu.Lock()
	defer d.mu.Unlock()
	fn(d.store, d.flash)
}

// withModem calls fn with the lock held if the modem answers. The error is
// ErrNoPower, or says that the modem has crashed.
func (d *Device) withModem(fn func() error) error {
	var err error
	d.run(func() {
		switch {
		case !d.on:
			err = ErrNoPower
		case !d.modem.Alive():
			err = errors.New("the modem has crashed; switch the power off and on first")
		default:
			err = fn()
		}
	})
	return err
}

// CrashModem makes the modem stop answering, as after a fault of its own: it loses
// its sockets, its state and all settings that were not stored. Reason is what
// Nordic's modem library would report; why goes to the record. Some applications
// start the modem again by themselves; Reboot or the next power-on helps with all.
func (b Bench) CrashModem(reason uint32, why string) error {
	d := b.d
	return d.withModem(func() error {
		d.modem.Crash(reason, why)
		return nil
	})
}

// Reboot starts modem and application anew without anything being stored, as a
// watchdog does. It does nothing without power. The error is that of PowerOn.
func (b Bench) Reboot(reason string) error {
	d := b.d
	var err error
	d.run(func() {
		if d.on {
			err = d.restart(event.Power{Action: event.PowerReset, Reason: reason})
		}
	})
	return err
}

// LoseNetwork takes the network away until RestoreNetwork or the next power-on.
func (b Bench) LoseNetwork() error {
	d := b.d
	return d.withModem(func() error {
		d.modem.LoseNetwork()
		return nil
	})
}

// RestoreNetwork brings the network back that LoseNetwork took away.
func (b Bench) RestoreNetwork() {
	d := b.d
	d.run(func() {
		if d.on {
			d.modem.RestoreNetwork()
		}
	})
}

// LockResetLoop brings about the reset loop restriction, as if the modem had been
// reset too often without AT+CFUN=0: it does not attach for 30 minutes of running
// time. It restarts the modem and is meant for the beginning of a boot, when nobody
// has spoken to the modem yet. The error says that the firmware has no such
// restriction, or why the modem does not answer.
func (b Bench) LockResetLoop() error {
	d := b.d
	return d.withModem(func() error {
		if !d.modem.LockResetLoop() {
			return fmt.Errorf("modem firmware %s does not count resets", d.cfg.Profile.Revision)
		}
		return nil
	})
}

// FillerTag is the first tag of the credentials with which FillStore fills the
// store; few programs use tags as high as that.
const FillerTag keystore.SecTag = 2147400000

// FillStore fills the credential store, so that nothing more can be written, and
// returns how many credentials that took. Neither record nor cost tell of it, as
// the firmware has nothing to do with it. EmptyStore makes room again.
func (b Bench) FillStore() (n int, err error) {
	d := b.d
	err = d.unobserved(func(s *keystore.Store) error {
		content := make([]byte, keystore.MaxContent)
		for i := range content {
			content[i] = 'x'
		}
		for size := len(content); size > 0; {
			k := keystore.Key{SecTag: FillerTag + keystore.SecTag(n), Type: keystore.PSKIdentity}
			switch err := s.Write(k, content[:size]); {
			case errors.Is(err, keystore.ErrFull):
				size /= 2
			case err != nil:
				return err
			default:
				n++
			}
		}
		return nil
	})
	return n, err
}

// EmptyStore deletes the credentials of FillStore.
func (b Bench) EmptyStore() error {
	d := b.d
	return d.unobserved(func(s *keystore.Store) error {
		var fillers []keystore.Key
		for e := range s.All() {
			if e.SecTag >= FillerTag && e.SecTag <= keystore.MaxUserTag && e.Type == keystore.PSKIdentity {
				fillers = append(fillers, e.Key)
			}
		}
		for _, k := range fillers {
			if err := s.Delete(k); err != nil {
				return err
			}
		}
		return nil
	})
}

// unobserved is withStore for what is neither recorded nor counted as cost.
func (d *Device) unobserved(fn func(*keystore.Store) error) error {
	return d.withStore(func(s *keystore.Store) error {
		observer := d.flash.Observer
		d.flash.Observer = nil
		defer func() { d.flash.Observer = observer }()
		return fn(s)
	})
}

// WearOut wears out free pages of the flash, n of them or as many as there are, and
// returns how many. Neither record nor cost tell of it; the wear of the flash does,
// and so does the number of its steps, by one for each page. The error is that of
// the flash, or says that pages were missing.
func (b Bench) WearOut(n int) (worn int, err error) {
	d := b.d
	err = d.unobserved(func(*keystore.Store) error {
		for page := 0; page < d.flash.Pages() && worn < n; page++ {
			if !d.free(page) {
				continue
			}
			if err := d.flash.WearOut(page); err != nil {
				return err
			}
			// It fails here and now, unheard, and the statistics show the page.
			if err := d.flash.Erase(page); !errors.Is(err, flash.ErrWornOut) {
				return err
			}
			worn++
		}
		if worn < n {
			return fmt.Errorf("the flash has only %d free pages", worn)
		}
		return nil
	})
	return worn, err
}

// free reports whether a page holds nothing of the store: it is blank, or the store
// has taken it out of use by programming its first word to zero.
func (d *Device) free(page int) bool {
	if d.flash.WornOut(page) {
		return false
	}
	if d.flash.Page(page).State == flash.Erased {
		return true
	}
	first := make([]byte, flash.WordSize)
	err := d.flash.Read(page, 0, first)
	return err == nil && string(first) == "\x00\x00\x00\x00"
}
