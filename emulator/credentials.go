package emulator

import (
	"bytes"
	"errors"
	"fmt"

	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// Credentials returns what the store holds, in the order of the modem's list.
// Without power it mounts the flash for a moment, which counts as a start.
func (b Bench) Credentials() ([]keystore.Entry, error) {
	d := b.d
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
func (b Bench) EachCredential(fn func(e keystore.Entry, content []byte)) error {
	return b.d.withStore(func(s *keystore.Store) error {
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
func (b Bench) Credential(k keystore.Key) (e keystore.Entry, content []byte, err error) {
	d := b.d
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
func (b Bench) PutCredential(k keystore.Key, content []byte) (changed bool, err error) {
	d := b.d
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
func (b Bench) DeleteCredential(k keystore.Key) error {
	d := b.d
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
		Op: event.CredentialDelete, SecTag: new(uint32(k.SecTag)), Type: new(event.CredentialType(k.Type)),
		Before: before, After: digestOf(s, k), Cost: d.cost.Since(cost),
	}
	if content != nil {
		e.Op = event.CredentialWrite
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
