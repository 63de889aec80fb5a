package modemtest

import (
	"context"
	"maps"
	"net"
	"net/netip"
	"runtime/pprof"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"nrf91emu/atcmd"
	"nrf91emu/emulator"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/cloud"
	"nrf91emu/emulator/devicefile"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/socket"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// A Modem is an emulated nRF91 for the time of a test. Its methods may be called
// by several goroutines at once; those that can fail end the test, so call them
// from its own goroutine.
type Modem struct {
	// The fields up to the blank line may be set before Start.

	// Config is the device. What is left out is as in emulator.Config, but that the
	// network is there at once (see network.Default for one that takes its time), that
	// there is a Log, and that Flash is the one that State and FlashOptions describe;
	// a Flash that is given here is left open by Close. Profile and Application set
	// fields of it by name.
	Config emulator.Config
	// State is the path of a flash image that keeps credentials and wear from one
	// test to the next. Empty means a flash in memory.
	State string
	// FlashOptions is the flash to make: how many pages it has and what they
	// endure.
	FlashOptions flash.Options
	// Stored is what the store holds before the first power-on.
	Stored map[keystore.Key]string
	// Audit says how strictly RequireSound judges.
	Audit audit.Options
	// Faults are what is to go wrong, such as fault.LateOK(2*time.Second). Add more
	// with Fault at any time.
	Faults []fault.Spec
	// Seed decides where chance comes into faults; 0 means a new one, which is
	// logged if Faults are given.
	Seed uint64
	// OnNotification is called for each notification that the client of Client
	// gets, see atcmd.ClientOptions.
	OnNotification func(line string)
	// Servers are those that the option Cloud has started; nil without it.
	Servers *cloud.Cloud

	t      testing.TB
	device *emulator.Device
	faults *fault.Set
	flash  *flash.Flash // to be closed
	watch  watch
	audit  *audit.Audit
	labels context.Context // of the modem's goroutines

	cut *plannedCut // of CutEvery; nil for none

	mu     sync.Mutex
	ports  []*served
	host   *hostEnd
	pty    *link.PTY
	client *atcmd.Client
	closed bool
	judged bool // RequireSound has found it sound

	library string // where the library interface is; empty before the first call of Library
}

// served is a port that the device runs on.
type served struct {
	name string
	port link.Port // nil for the library interface
	done chan struct{}
	err  error // of Serve, valid when done is closed
}

// hostEnd is the host's end of the pipe.
type hostEnd struct {
	net.Conn
	closed atomic.Bool
}

func (h *hostEnd) Close() error {
	h.closed.Store(true)
	return h.Conn.Close()
}

// New returns a modem that is on. Options are functions that set fields. It is
// closed when the test ends.
func New(t testing.TB, options ...func(*Modem)) *Modem {
	t.Helper()
	m := NewUnstarted(t)
	for _, set := range options {
		set(m)
	}
	m.Start()
	return m
}

// Profile returns an option that chooses chip and modem firmware, such as
// "nrf9160-1.3.7"; see profile.All.
func Profile(name string) func(*Modem) {
	return func(m *Modem) {
		m.t.Helper()
		p, err := profile.Lookup(name)
		if err != nil {
			m.t.Fatalf("modemtest: %v", err)
		}
		m.Config.Profile = &p
	}
}

// Application returns an option that chooses what owns the UART: "at-client",
// "serial-modem" or another name in dialects.All.
func Application(name string) func(*Modem) {
	return func(m *Modem) {
		m.t.Helper()
		d, err := dialects.Lookup(name)
		if err != nil {
			m.t.Fatalf("modemtest: %v", err)
		}
		m.Config.Dialect = d
	}
}

// DeviceFile returns an option that makes the modem what a device file says, as nrf91emu
// run --device does; see package devicefile. Options behind it go before it.
func DeviceFile(path string) func(*Modem) {
	return func(m *Modem) {
		m.t.Helper()
		file, err := devicefile.Read(path)
		if err == nil {
			err = file.Configure(&m.Config)
		}
		if err != nil {
			m.t.Fatalf("modemtest: %v", err)
		}
		stored := maps.Clone(m.Stored)
		if stored == nil {
			stored = make(map[keystore.Key]string)
		}
		for _, c := range file.Credentials {
			stored[c.Key] = string(c.Content)
		}
		m.Stored, m.Faults = stored, append(slices.Clone(m.Faults), file.Faults...)
		if file.Seed != nil {
			m.Seed = *file.Seed
		}
	}
}

// Hosts returns an option that has sockets connect to other addresses where a program
// asks for names: NAME=ADDR, NAME=ADDR:PORT or NAME:PORT=ADDR:PORT, which leaves the
// other ports of that name closed. See emulator.Config.Hosts.
func Hosts(mappings ...string) func(*Modem) {
	return func(m *Modem) {
		m.t.Helper()
		for _, text := range mappings {
			name, addr, err := socket.ParseHost(text)
			if err != nil {
				m.t.Fatalf("modemtest: %v", err)
			}
			m.mapHosts(map[string]netip.AddrPort{name: addr})
		}
	}
}

// Cloud returns an option that starts servers at the far end, which end with the test,
// and has their names lead there, and no socket anywhere else than to this machine. See
// Modem.Servers.
func Cloud(cfg cloud.Config) func(*Modem) {
	return func(m *Modem) {
		m.t.Helper()
		servers, err := cloud.Start(cfg)
		if err != nil {
			m.t.Fatalf("modemtest: the servers cannot be started: %v", err)
		}
		m.t.Cleanup(func() {
			if err := servers.Close(); err != nil {
				m.t.Errorf("modemtest: closing the servers: %v", err)
			}
		})
		m.Servers = servers
		m.mapHosts(servers.Hosts())
		m.Config.NoExternal = true
	}
}

// mapHosts adds mappings of host names.
func (m *Modem) mapHosts(more map[string]netip.AddrPort) {
	hosts := maps.Clone(m.Config.Hosts)
	if hosts == nil {
		hosts = make(map[string]netip.AddrPort)
	}
	maps.Copy(hosts, more)
	m.Config.Hosts = hosts
}

// NewUnstarted returns a modem whose fields may be set before Start.
func NewUnstarted(t testing.TB) *Modem { return &Modem{t: t} }

// modems numbers modems, so that each one's goroutines can be told apart.
var modems atomic.Int64

const label = "modemtest"

// Start makes the modem and switches it on.
func (m *Modem) Start() {
	m.t.Helper()
	m.t.Cleanup(m.logFailure)
	m.t.Cleanup(m.Close)
	m.start()
}

func (m *Modem) start() {
	m.t.Helper()
	if m.device != nil {
		m.t.Fatal("modemtest: the modem has been started already")
	}
	if err := m.complete(); err != nil {
		m.t.Fatalf("modemtest: %v", err)
	}
	if err := m.Audit.Check(); err != nil {
		m.t.Fatalf("modemtest: %v", err)
	}
	m.labels = pprof.WithLabels(context.Background(), pprof.Labels(label, strconv.FormatInt(modems.Add(1), 10)))
	m.audit = audit.New(m.Audit)
	m.watch.start(m.Config.Log, m.audit.Add)
	var err error
	m.device, err = emulator.New(m.Config)
	if err != nil {
		m.t.Fatalf("modemtest: %v", err)
	}
	m.startFaults()
	for k, content := range m.Stored {
		if _, err := m.device.Bench().PutCredential(k, []byte(content)); err != nil {
			m.t.Fatalf("modemtest: cannot store tag %d, %v beforehand: %v", k.SecTag, k.Type, err)
		}
	}
	m.PowerOn()
}

// complete sets what Config leaves out.
func (m *Modem) complete() (err error) {
	cfg := &m.Config
	if cfg.Network == nil {
		cfg.Network = new(network.Default())
		cfg.Network.AttachDelay = 0
	}
	if cfg.Log == nil {
		cfg.Log = new(event.Log)
	}
	if cfg.Flash == nil {
		if m.State != "" {
			m.flash, err = flash.Open(m.State, m.FlashOptions)
		} else {
			m.flash, err = flash.New(m.FlashOptions)
		}
		cfg.Flash = m.flash
	}
	return err
}

// started ends the test if the modem has not been started.
func (m *Modem) started() {
	m.t.Helper()
	if m.device == nil {
		m.t.Fatal("modemtest: the modem has not been started: call Start first, or make it with New")
	}
}

// Device returns the device itself, for what has no method here.
func (m *Modem) Device() *emulator.Device {
	m.t.Helper()
	m.started()
	return m.device
}

// Port returns the host's end of a pipe to the modem's UART, the same one at
// each call until it is closed. Reads have deadlines, as with any net.Conn.
func (m *Modem) Port() net.Conn {
	m.t.Helper()
	m.started()
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.port()
}

func (m *Modem) port() net.Conn {
	if m.host == nil || m.host.closed.Load() {
		port, host := link.Pipe()
		m.host = &hostEnd{Conn: host}
		m.serve(port)
	}
	return m.host
}

// Path returns the path of a pty that leads to the modem's UART, as one would
// give it to a program that opens a serial port. The pty is made at the first
// call. It does not work inside a bubble of testing/synctest.
func (m *Modem) Path() string {
	m.t.Helper()
	m.started()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.pty == nil {
		pty, err := link.OpenPTY(link.PTYOptions{})
		if err != nil {
			m.t.Fatalf("modemtest: %v", err)
		}
		m.pty = pty
		m.serve(pty)
	}
	return m.pty.Name()
}

// Client returns an AT client on the pipe of Port, which must then be left to
// it. It is the same one at each call and is closed with the modem.
func (m *Modem) Client() *atcmd.Client {
	m.t.Helper()
	m.started()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.client == nil {
		m.labelled(func() {
			m.client = atcmd.NewClient(m.port(), atcmd.ClientOptions{
				Terminator: m.device.Dialect().Framing.Terminator, OnNotification: m.OnNotification,
			})
		})
	}
	return m.client
}

// Do sends a command by the client of Client and returns the information lines of its
// answer. A final result other than OK ends the test, with the reason.
func (m *Modem) Do(command string) []string {
	m.t.Helper()
	client := m.Client()
	answer, err := client.Do(context.Background(), command)
	if err == nil {
		return answer.Lines
	}
	if f := m.watch.lastFailure(); f != nil && f.Kind == "command" && f.Reason != "" {
		m.t.Fatalf("modemtest: %v\n  why: %s", err, f.Reason)
	}
	m.t.Fatalf("modemtest: %v", err)
	return nil
}

// serve runs the device on a port. The caller holds the lock.
func (m *Modem) serve(port link.Port) {
	m.run("port "+port.Name(), port, func() error { return m.device.Serve(fault.Wrap(port, m.faults)) })
}

// run has fn serve until the modem is closed. The caller holds the lock.
func (m *Modem) run(name string, port link.Port, fn func() error) {
	s := &served{name: name, port: port, done: make(chan struct{})}
	m.ports = append(m.ports, s)
	m.labelled(func() {
		go func() {
			defer close(s.done)
			s.err = fn()
		}()
	})
}

// number returns the number that the modem's goroutines are known by.
func (m *Modem) number() (string, bool) { return pprof.Label(m.labels, label) }

// labelled calls fn on a goroutine that carries the modem's label, as do all that
// are started from there. The label of the caller's own goroutine, which may be of
// use to the test, stays as it is.
func (m *Modem) labelled(fn func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		pprof.SetGoroutineLabels(m.labels)
		fn()
	}()
	<-done
}

// PowerOn switches the modem on, if it is off.
func (m *Modem) PowerOn() {
	m.t.Helper()
	m.started()
	var err error
	m.labelled(func() { err = m.powerOn() })
	if err != nil {
		m.t.Fatalf("modemtest: %v", err)
	}
}

// PowerOff switches the modem off in good order, as an application does with
// AT+CFUN=0: settings are stored.
func (m *Modem) PowerOff() {
	m.t.Helper()
	m.started()
	m.labelled(m.device.PowerOff)
}

// PowerCut takes the power away at once: settings that were not stored are lost.
func (m *Modem) PowerCut() {
	m.t.Helper()
	m.started()
	m.labelled(m.device.PowerCut)
}

// PowerCycle cuts the power and gives it back: the next boot begins.
func (m *Modem) PowerCycle() {
	m.t.Helper()
	m.PowerCut()
	m.PowerOn()
}

// Off returns a channel that is closed when the modem has no power any more, in
// particular when a planned cut has happened.
func (m *Modem) Off() <-chan struct{} {
	m.t.Helper()
	m.started()
	return m.watch.noPower()
}

// CutAt plans a power cut inside the n-th flash step (a word programmed, a page
// erased) from now, where 0 is the next one; how says how far that step gets. The
// modem then stays off until PowerOn, see Off. A negative n takes the plan back, and so does
// the next power-on.
func (m *Modem) CutAt(n int, how flash.Tear) {
	m.t.Helper()
	m.started()
	if err := m.device.Bench().PlanCut(n, how); err != nil {
		m.t.Fatalf("modemtest: %v", err)
	}
}

// Store puts a credential into the modem behind the firmware's back, with power
// or without.
func (m *Modem) Store(k keystore.Key, content string) {
	m.t.Helper()
	m.started()
	if _, err := m.device.Bench().PutCredential(k, []byte(content)); err != nil {
		m.t.Fatalf("modemtest: cannot store tag %d, %v: %v", k.SecTag, k.Type, err)
	}
}

// Wear returns what the flash has been through and who caused it.
func (m *Modem) Wear() keystore.Wear {
	m.t.Helper()
	m.started()
	return m.device.Wear()
}

// Events returns what has happened so far. The oldest events are dropped when
// there are more than 65,536.
func (m *Modem) Events() []event.Event { return m.watch.all() }
