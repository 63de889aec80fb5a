package emulator

import (
	"context"
	"errors"
	"net"
	"sync"

	"nrf91emu/emulator/app"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/gnss"
	"nrf91emu/emulator/libmodem"
	"nrf91emu/emulator/socket"
	"nrf91emu/emulator/timer"
)

// libraryDevice is the device as its library interface sees it. All methods run
// with the device's lock held.
type libraryDevice struct{ *Device }

func (d libraryDevice) Sockets() *socket.Engine { return board(d).Sockets() }
func (d libraryDevice) GNSS() *gnss.Receiver    { return d.gnss }
func (d libraryDevice) EndSockets()             { board(d).EndSockets() }
func (d libraryDevice) Boot() int               { return d.boot }
func (d libraryDevice) Exchange() int           { return d.app.NextNumber() }

func (d libraryDevice) Reboot(reason string) {
	_ = d.restart(event.Power{Action: event.PowerReset, Reason: reason}) // what is wrong is in the record, and the power is off
}

func (d libraryDevice) StopModem() {
	d.cfg.Log.Add(event.Event{Power: &event.Power{Action: event.PowerModemOff, Reason: "the program has shut the modem down"}})
	d.modemOff()
}

func (d libraryDevice) StartModem() {
	d.cfg.Log.Add(event.Event{Power: &event.Power{Action: event.PowerModemOn, Reason: "the program has started the modem anew"}})
	d.modemOff()
	d.modem.PowerOn()
}

// newLibrary makes what firmware in C needs. The caller holds the lock.
func (d *Device) newLibrary() {
	timers := timer.NewGroup(d.run)
	d.gnss = gnss.New(gnss.Config{
		Track: d.cfg.Track, TimeToFix: d.cfg.TimeToFix, Timers: timers, Log: d.cfg.Log,
		Enabled:  func() bool { return d.on && d.modem.GNSS() },
		Occupied: func() bool { return d.on && d.modem.RadioConnected() },
		Tell:     func(ev gnss.Event) { d.library.TellGNSS(ev) },
	})
	d.library = libmodem.New(libmodem.Config{
		Log: d.cfg.Log, Run: d.runLibrary, Timers: timers, Device: libraryDevice{d},
		MaxMessage: app.SocketPolicy(d.cfg.Profile, d.cfg.Dialect).MaxMessage,
	})
	if d.on {
		d.library.Start(d.modem)
	}
}

// ServeLibrary lets firmware in C reach the device, see the package libmodem, until
// the listener or the device is closed, and closes the listener. It returns nil
// then.
func (d *Device) ServeLibrary(l net.Listener) error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		l.Close()
		return ErrClosed
	}
	if d.library == nil {
		d.newLibrary()
	}
	library := d.library
	d.listeners = append(d.listeners, l)
	d.mu.Unlock()
	defer l.Close()
	var serving sync.WaitGroup
	defer serving.Wait()
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			d.run(func() { library.Close() })
			return nil
		}
		if err != nil {
			return err
		}
		serving.Go(func() { library.Serve(conn) })
	}
}

// ErrNoProgram is returned for what needs a program at the library interface.
var ErrNoProgram = errors.New("no program is at the library interface")

// LEDs returns the LEDs that are on, bit 0 being LED 1, and the buttons that are
// pressed. The error says that no program can have done that.
func (d *Device) LEDs() (leds, buttons uint32, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.library == nil || !d.library.Attached() {
		return 0, 0, ErrNoProgram
	}
	return d.library.LEDs(), d.library.Buttons(), nil
}

// PressButton presses or releases a button, numbered from 1.
func (d *Device) PressButton(button int, down bool) error {
	err := ErrNoProgram
	d.run(func() {
		if d.library != nil && d.library.Attached() {
			err = d.library.Press(button, down)
		}
	})
	return err
}

// Program reports whether a program is at the library interface, and whether
// something that it has asked for is under way.
func (d *Device) Program() (attached, busy bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.library == nil {
		return false, false
	}
	return d.library.Attached(), d.library.Busy()
}

// IsProgram reports whether a process of the host says that it is the program at the library
// interface.
func (d *Device) IsProgram(pid int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.library != nil && pid > 0 && d.library.ProcessID() == pid
}

// WaitForPrograms waits until no program is connected to the library interface: what programs
// that have ended had asked for has been done then. The error says that the context has ended
// first.
func (d *Device) WaitForPrograms(ctx context.Context) error {
	d.mu.Lock()
	if d.library == nil {
		d.mu.Unlock()
		return nil
	}
	empty := d.library.Empty()
	d.mu.Unlock()
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ExpectEnd says that the program at the library interface, if there is one, is
// about to be ended from outside, and why.
func (d *Device) ExpectEnd(reason string) {
	d.run(func() {
		if d.library != nil {
			d.library.ExpectEnd(reason)
		}
	})
}
