package emulator

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem"
	"nrf91emu/keystore"
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
	// ResetLoop is how much longer the reset loop restriction keeps the modem from
	// attaching, in running time; zero if it does not.
	ResetLoop time.Duration
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
	s.ResetLoop = d.modem.Restriction()
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

// Busy reports whether a command runs whose final result comes later.
func (d *Device) Busy() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.on && d.app.Busy()
}

// WaitIdle waits until no command is in hand: what has been handed to the device has been
// answered, or will not be. The error says that the context has ended first.
func (d *Device) WaitIdle(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() {
		d.mu.Lock() // so that it is not missed
		defer d.mu.Unlock()
		d.idle.Broadcast()
	})()
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.on && d.app.Busy() {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		d.idle.Wait()
	}
	return nil
}

// Alive reports whether the device has power and its modem answers.
func (d *Device) Alive() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.on && d.modem.Alive()
}
