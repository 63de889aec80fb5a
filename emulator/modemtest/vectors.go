package modemtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
	"nrf91emu/testvectors"
)

// NewTarget returns a fresh modem of a profile and an application as a target
// for one vector, made as the vector needs it. What an emulated modem cannot be
// is left out of the target's Provides, so that such a vector is skipped.
func NewTarget(t testing.TB, s *testvectors.Script, profile string, dialect *app.Dialect) testvectors.Target {
	t.Helper()
	m := NewUnstarted(t)
	m.Profile, m.Dialect = profile, dialect
	m.Network = new(modem.DefaultNetwork())
	provides := map[string]string{}
	full := false
	for need, value := range s.Device.Needs {
		ok := true
		switch need {
		case "fresh", "writes":
		case "attach-delay":
			delay, err := time.ParseDuration(value)
			if ok = err == nil || value == "0"; ok {
				m.Network.AttachDelay = delay
			}
		case "network":
			m.Network.Roaming = value == "roaming"
			if value == "none" {
				m.Network.AttachDelay = never
			}
			ok = value == "home" || value == "roaming" || value == "none"
		case "sim":
			if value == "none" {
				m.Network.SIM = modem.SIMAbsent
			}
			ok = value == "ready" || value == "none"
		case "store":
			full = value == "full"
			ok = full
		default:
			ok = false
		}
		if ok {
			provides[need] = value
		}
	}
	if full {
		m.FlashOptions.Pages = 4
	}
	m.Start()
	if full {
		if err := m.fill(); err != nil {
			t.Fatalf("modemtest: cannot fill the store: %v", err)
		}
	}
	port := testvectors.NewPort(m.Port())
	t.Cleanup(func() { port.Close() })
	return testvectors.Target{
		Port: port, Layout: LayoutOf(m.device.Dialect()), Profile: profile,
		Provides: provides, Control: NewControl(m.device),
	}
}

// never is longer than any vector takes.
const never = 1000 * time.Hour

// fill stores keys in high tags until not even a short one fits.
func (m *Modem) fill() error {
	tag := keystore.MaxUserTag
	for _, size := range []int{4000, 1000, 250, 60, 1} {
		for {
			_, err := m.device.PutCredential(keystore.Key{SecTag: tag, Type: keystore.PSKIdentity}, make([]byte, size))
			if errors.Is(err, keystore.ErrFull) {
				break
			}
			if err != nil {
				return err
			}
			tag--
		}
	}
	return nil
}

// LayoutOf returns how an application lays the modem's lines on the wire.
func LayoutOf(d *app.Dialect) testvectors.Layout {
	l := testvectors.Layout{Name: d.Name, Terminator: "\r", Banner: d.Banner}
	switch d.Framing.Terminator {
	case atcmd.TerminatorLF:
		l.Terminator = "\n"
	case atcmd.TerminatorCRLF:
		l.Terminator = "\r\n"
	}
	if d.Framed {
		l.Lead = "\r\n"
	}
	return l
}

// control is a device as the vectors handle it.
type control struct {
	device *emulator.Device
	mu     sync.Mutex
	wear   testvectors.Wear
}

// NewControl returns what a host cannot do over the port, for a device with an
// event record. Wear counts from now on.
func NewControl(d *emulator.Device) testvectors.Control {
	c := &control{device: d}
	d.Log().Subscribe(c.add)
	return c
}

// lowSupply is below every level that %XPOFWARN takes, in millivolts.
const lowSupply = 2900

func (c *control) PowerCycle(context.Context) error {
	c.device.PowerOff()
	return c.device.PowerOn()
}

func (c *control) PowerCut(context.Context) error { return c.device.PowerCycle() }

func (c *control) Do(_ context.Context, words []string) error {
	if strings.Join(words, " ") == "power-off-warning" {
		return c.device.ChangeSupply(lowSupply)
	}
	return fmt.Errorf("%w: %s", testvectors.ErrUnsupported, strings.Join(words, " "))
}

func (c *control) Wear(context.Context) (testvectors.Wear, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wear, nil
}

// add counts what an event says was done to the flash.
func (c *control) add(e *event.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case e.Credential != nil && !e.Credential.Error:
		switch e.Credential.Op {
		case "write", "generate":
			c.wear.Writes++
		case "delete":
			c.wear.Deletes++
		}
	case e.NVM != nil && !e.NVM.Error:
		c.wear.Flushes++
	case e.Flash != nil && e.Flash.Op == "erase":
		c.wear.Erases++
	case e.Flash != nil:
		c.wear.Programs += int64(e.Flash.Bytes / flash.WordSize)
	}
}
