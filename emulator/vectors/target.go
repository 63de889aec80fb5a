package vectors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
	"nrf91emu/keystore/flash"
	"nrf91emu/testvectors"
)

// A Target is a fresh device in this process that a vector can be played
// against.
type Target struct {
	testvectors.Target
	device *emulator.Device
	served chan error
}

// NewTarget makes a device of a profile and an application as a vector needs
// it. What an emulated device cannot be is left out of the target's Provides, so
// that such a vector is skipped.
func NewTarget(s *testvectors.Script, p profile.Profile, dialect *app.Dialect) (*Target, error) {
	air := network.Default()
	identity := profile.NewIdentity(&p, 0)
	provides, full := provide(s, &air, &identity)
	var options flash.Options
	if full {
		options.Pages = 4
	}
	f, err := flash.New(options)
	if err != nil {
		return nil, err
	}
	device, err := emulator.New(emulator.Config{
		Profile: &p, Dialect: dialect, Identity: &identity, Network: &air, Flash: f, Log: new(event.Log),
	})
	if err != nil {
		return nil, err
	}
	if full {
		if _, err := device.Bench().FillStore(); err != nil {
			return nil, errors.Join(err, device.Close())
		}
	}
	t := &Target{device: device, served: make(chan error, 1)}
	port, host := link.Pipe()
	go func() { t.served <- device.Serve(port) }()
	err = device.PowerOn()
	var line *bannerFirst
	if err == nil {
		line, err = readBanner(host, dialect.Banner)
	}
	if err != nil {
		host.Close()
		err = errors.Join(err, device.Close())
		<-t.served
		return nil, err
	}
	t.Target = testvectors.Target{
		Port: testvectors.NewPort(line), Layout: LayoutOf(dialect), Profile: p.Name,
		Provides: provides, Control: newDeviceControl(device),
		CommandSecrets: CommandSecrets, AnswerSecrets: AnswerSecrets,
	}
	<-line.heard
	return t, nil
}

// bannerFirst is a line whose first bytes have been read already. A player that
// begins when they have been heard does not take a busy machine for a silent
// modem.
type bannerFirst struct {
	net.Conn
	banner []byte
	once   sync.Once
	heard  chan struct{} // closed when the banner has been taken
}

// bannerTimeout is ample for a device that sends its banner at once.
const bannerTimeout = 10 * time.Second

func readBanner(host net.Conn, banner string) (*bannerFirst, error) {
	b := &bannerFirst{Conn: host, banner: make([]byte, len(banner)), heard: make(chan struct{})}
	host.SetReadDeadline(time.Now().Add(bannerTimeout))
	if _, err := io.ReadFull(host, b.banner); err != nil {
		return nil, fmt.Errorf("the application's banner does not come: %w", err)
	}
	return b, host.SetReadDeadline(time.Time{})
}

// Read returns the banner first.
func (b *bannerFirst) Read(p []byte) (int, error) {
	if len(b.banner) > 0 {
		n := copy(p, b.banner)
		b.banner = b.banner[n:]
		return n, nil
	}
	b.once.Do(func() { close(b.heard) })
	return b.Conn.Read(p)
}

// Close ends the device and returns when nothing of it runs any more.
func (t *Target) Close() error {
	err := t.device.Close()
	serveErr := <-t.served
	if errors.Is(serveErr, emulator.ErrClosed) {
		serveErr = nil // it was closed before it was used
	}
	return errors.Join(err, serveErr, t.Port.Close())
}

// vectorPIN is the PIN of a vector's SIM that asks for one.
const vectorPIN = "1234"

// plmnNotAllowed is the EMM cause of a network that denies a vector's modem
// (3GPP TS 24.301).
const plmnNotAllowed = 11

// The addresses of a vector's network that has IPv6.
var vectorIPv4, vectorIPv6 = netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("2001:db8::2")

// provide sets up network and identity as a vector needs them, and returns which of
// its needs are met and whether the store is to be full.
func provide(s *testvectors.Script, air *network.Network, identity *profile.Identity) (provides map[string]string, full bool) {
	provides = map[string]string{}
	for need, value := range s.Device.Needs {
		ok := true
		switch need {
		case "fresh", "writes":
		case "attach-delay":
			delay, err := time.ParseDuration(value)
			if ok = err == nil; ok {
				air.AttachDelay = delay
			}
		case "network":
			air.Roaming = value == "roaming"
			switch value {
			case "none":
				air.Absent = true
			case "denied":
				air.RejectCause = plmnNotAllowed
			}
			ok = value == "home" || value == "roaming" || value == "none" || value == "denied"
		case "reject-cause":
			cause, err := strconv.ParseUint(value, 10, 8)
			if ok = err == nil; ok {
				air.RejectCause = uint8(cause)
			}
		case "reject-status":
			air.Denied = true
			ok = value == "3"
		case "reject-type":
			air.RejectType = 1
			ok = value == "1"
		case "address":
			ok = value == "ipv6" || value == "ipv4v6"
			if ok {
				air.IPv6 = vectorIPv6
				if value == "ipv4v6" {
					air.IPv4 = vectorIPv4
				}
			}
		case "edrx":
			air.NoEDRX = true
			ok = value == "none"
		case "router":
			air.IPv6Fails = true
			ok = value == "silent"
		case "search-time":
			search, err := time.ParseDuration(value)
			if ok = err == nil; ok {
				air.SearchTime = search
			}
		case "sim":
			switch value {
			case "none":
				air.SIM = network.SIMAbsent
			case "pin":
				air.PIN = vectorPIN
			}
			ok = value == "ready" || value == "none" || value == "pin"
		case "store":
			full = value == "full"
			ok = full
		case "keygen":
			if value == "fails" {
				identity.DeviceUUID = "none" // which no key can be vouched for with
			}
			ok = value == "" || value == "fails"
		default:
			ok = false
		}
		if ok {
			provides[need] = value
		}
	}
	return provides, full
}

// LayoutOf returns how an application lays the modem's lines on the wire.
func LayoutOf(d *app.Dialect) testvectors.Layout {
	l := testvectors.Layout{Name: d.Name, Terminator: "\r", Banner: d.Banner, Takes: d.Takes()}
	switch d.Framing.Terminator {
	case atcmd.TerminatorLF, atcmd.TerminatorCRLF:
		l.Terminator = d.Framing.Terminator.Bytes()
	}
	if d.Framed {
		l.Lead = "\r\n"
	}
	return l
}

// CountWear adds to w what an event says was done to the flash.
func CountWear(w *testvectors.Wear, e *event.Event) {
	switch {
	case e.Credential != nil && !e.Credential.Error:
		switch e.Credential.Op {
		case event.CredentialWrite, event.CredentialGenerate:
			w.Writes++
		case event.CredentialDelete:
			w.Deletes++
		}
	case e.NVM != nil && !e.NVM.Error:
		w.Flushes++
	case e.Flash != nil && e.Flash.Op == event.FlashErase:
		w.Erases++
	case e.Flash != nil:
		w.Programs += int64(e.Flash.Bytes / flash.WordSize)
	}
}

// deviceControl is what a host cannot do over the port, for a device in this
// process.
type deviceControl struct {
	device *emulator.Device
	mu     sync.Mutex
	wear   testvectors.Wear
}

func newDeviceControl(d *emulator.Device) *deviceControl {
	c := &deviceControl{device: d}
	d.Log().Subscribe(func(e *event.Event) {
		c.mu.Lock()
		defer c.mu.Unlock()
		CountWear(&c.wear, e)
	})
	return c
}

// LowSupply is below every level that %XPOFWARN takes, in millivolts: the supply
// for a vector's power-off warning.
const LowSupply = 2900

func (c *deviceControl) PowerCycle(context.Context) error {
	c.device.PowerOff()
	return c.device.PowerOn()
}

func (c *deviceControl) PowerCut(context.Context) error { return c.device.PowerCycle() }

func (c *deviceControl) Do(_ context.Context, words []string) error {
	if strings.Join(words, " ") == "power-off-warning" {
		c.device.Bench().SetSupply(LowSupply)
		return nil
	}
	if from, text, ok := ShortMessageWords(words); ok {
		return c.device.Bench().SendShortMessage(from, text)
	}
	return fmt.Errorf("%w: %s", testvectors.ErrUnsupported, strings.Join(words, " "))
}

// ShortMessageWords returns what the words of a vector's control step say that is sent to the
// modem; ok is false if they are about something else.
func ShortMessageWords(words []string) (from, text string, ok bool) {
	if len(words) < 3 || words[0] != "sms" {
		return "", "", false
	}
	return words[1], strings.Join(words[2:], " "), true
}

func (c *deviceControl) Wear(context.Context) (testvectors.Wear, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wear, nil
}
