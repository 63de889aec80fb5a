package fault_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
)

// bench is a device with faults, and a host that listens. It lives in a bubble of
// testing/synctest.
type bench struct {
	t      *testing.T
	device *emulator.Device
	set    *fault.Set
	host   net.Conn
	told   []event.Fault
	record []event.Event

	mu   sync.Mutex
	sent time.Time
	got  strings.Builder
	at   time.Duration // when the last bytes came, since sent
}

// newBench returns a bench whose device is off.
func newBench(t *testing.T, profile, application string, faults ...string) *bench {
	return benchOf(t, 1, profile, application, faults...)
}

func benchOf(t *testing.T, seed uint64, modem, application string, faults ...string) *bench {
	b := &bench{t: t}
	p, err := profile.Lookup(modem)
	require.NoError(t, err)
	d, err := dialects.Lookup(application)
	require.NoError(t, err)
	log := new(event.Log)
	log.Subscribe(func(e *event.Event) {
		b.record = append(b.record, *e)
		if e.Fault != nil {
			b.told = append(b.told, *e.Fault)
		}
	})
	air := network.Default()
	air.AttachDelay = 0
	b.device, err = emulator.New(emulator.Config{Profile: &p, Dialect: d, Network: &air, Log: log})
	require.NoError(t, err)
	b.set = fault.NewSet(b.device, seed)
	for _, text := range faults {
		b.add(text)
	}
	var port link.Port
	port, b.host = link.Pipe()
	var wg sync.WaitGroup
	wg.Go(func() { b.device.Serve(fault.Wrap(port, b.set)) })
	wg.Go(b.listen)
	t.Cleanup(func() {
		b.set.Close()
		b.device.Close()
		b.host.Close()
		wg.Wait()
	})
	synctest.Wait()
	return b
}

func (b *bench) add(text string) int {
	spec, err := fault.Parse(text)
	require.NoError(b.t, err)
	id, err := b.set.Add(spec)
	require.NoError(b.t, err)
	return id
}

// listen takes down what the host gets. What comes later than it was asked for has
// the time in front.
func (b *bench) listen() {
	buf := make([]byte, 4096)
	for {
		n, err := b.host.Read(buf)
		b.mu.Lock()
		if at := time.Since(b.sent); at != b.at && n > 0 {
			b.at = at
			fmt.Fprintf(&b.got, "[%v]", at)
		}
		b.got.Write(buf[:n])
		b.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// say does something, and returns what the host gets within patience.
func (b *bench) say(do func(), patience time.Duration) string {
	b.mu.Lock()
	b.sent, b.at = time.Now(), 0
	b.got.Reset()
	b.mu.Unlock()
	do()
	time.Sleep(patience)
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.got.String()
}

const patience = time.Minute

// on switches the device on and returns what it says.
func (b *bench) on() string {
	return b.say(func() { require.NoError(b.t, b.device.PowerOn()) }, time.Second)
}

// send sends text and returns what comes back.
func (b *bench) send(text string) string {
	return b.say(func() { io.WriteString(b.host, text) }, patience)
}
