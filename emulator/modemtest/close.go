package modemtest

import (
	"bytes"
	"errors"
	"fmt"
	"runtime/pprof"
	"strings"
	"time"

	"nrf91emu/emulator"
)

// closeTimeout is how long Close waits for what still runs.
const closeTimeout = 5 * time.Second

// Close ends the modem: it waits for a command in hand, closes all ports, and
// waits until nothing of the modem runs any more. What does not end within five
// seconds fails the test, by name. New and Start see to it that it is called when
// the test ends; calling it twice is harmless.
func (m *Modem) Close() {
	m.t.Helper()
	m.mu.Lock()
	closed := m.closed || m.device == nil
	m.closed = true
	client, host, pty, ports := m.client, m.host, m.pty, m.ports
	m.mu.Unlock()
	if closed {
		return
	}
	timeout := time.NewTimer(closeTimeout)
	defer timeout.Stop()

	m.faults.Close()
	m.awaitCommand(timeout.C)
	m.judgeEnd(func() {
		if err := m.device.Close(); err != nil {
			m.t.Errorf("modemtest: closing the modem: %v", err)
		}
	})
	// The device has closed its ends of all ports; these end the hosts'.
	if client != nil {
		client.Close()
	}
	if host != nil {
		host.Close()
	}
	if pty != nil {
		pty.Close()
	}
	late := time.NewTimer(closeTimeout)
	defer late.Stop()
	for _, p := range ports {
		select {
		case <-p.done:
			// A port that nobody has used may not have been served before the end.
			if p.err != nil && !errors.Is(p.err, emulator.ErrClosed) {
				m.t.Errorf("modemtest: %s: %v", p.name, p.err)
			}
		case <-late.C:
			m.t.Errorf("modemtest: %s is still being served %v after the modem was closed:\n%s", p.name, closeTimeout, m.alive())
			return
		}
	}
	m.awaitGoroutines()
	m.watch.cancel()
	if m.flash != nil {
		if err := m.flash.Close(); err != nil {
			m.t.Errorf("modemtest: closing the flash: %v", err)
		}
	}
}

// unplug closes the hosts' ends of all ports, as when the board is taken off its cable.
// The next Port, Path or Client is a new one.
func (m *Modem) unplug() {
	m.mu.Lock()
	client, host, pty := m.client, m.host, m.pty
	m.client, m.host, m.pty = nil, nil, nil
	m.mu.Unlock()
	if client != nil {
		client.Close()
	}
	if host != nil {
		host.Close()
	}
	if pty != nil {
		pty.Close()
	}
}

// awaitCommand waits until no command is running.
func (m *Modem) awaitCommand(timeout <-chan time.Time) {
	m.t.Helper()
	for m.device.Status().Busy {
		select {
		case <-m.watch.changed:
		case <-timeout:
			m.t.Errorf("modemtest: the modem was closed while %q was still running; wait for its final result", m.watch.command())
			return
		}
	}
}

// awaitGoroutines waits until no goroutine of the modem is left.
func (m *Modem) awaitGoroutines() {
	m.t.Helper()
	end := time.Now().Add(closeTimeout)
	for pause := 10 * time.Microsecond; ; pause *= 2 {
		alive := m.alive()
		if alive == "" {
			return
		}
		if time.Now().After(end) {
			m.t.Errorf("modemtest: goroutines of the modem still run %v after it was closed:\n%s", closeTimeout, alive)
			return
		}
		time.Sleep(pause)
	}
}

// alive returns the stacks of the modem's goroutines. They are known by a label
// for the profiler, which goroutines inherit from the one that starts them.
func (m *Modem) alive() string {
	var all bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&all, 1); err != nil {
		return fmt.Sprintf("(their stacks cannot be had: %v)", err)
	}
	number, _ := m.number()
	mark := fmt.Sprintf("%q:%q", label, number)
	var own []string
	for stack := range strings.SplitSeq(all.String(), "\n\n") {
		if strings.Contains(stack, mark) {
			own = append(own, stack)
		}
	}
	return strings.Join(own, "\n\n")
}
