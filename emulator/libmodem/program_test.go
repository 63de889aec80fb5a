package libmodem_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/event"
)

// The numbers of the protocol stand here a second time on purpose: a program that
// was built yesterday must go on to work.
const (
	hello, modemInit, modemShutdown, at = 1, 2, 3, 4

	sockOpen, sockClose, sockConnect, sockBind, sockListen, sockAccept, sockSend, sockRecv,
	sockSet, sockGet, sockName, lookup, poll, waitAll = 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29

	gnssSet, gnssStart, gnssStop, gnssRead = 32, 33, 34, 35
	leds, buttons, console, reset, exit    = 48, 49, 50, 51, 52

	notification, fault, power, button, sockEvent, gnssEvent, taken = 128, 129, 130, 131, 132, 133, 134
)

// A frame is one that has come.
type frame struct {
	typ  byte
	id   uint16
	data []byte
}

func (f frame) result() int { return int(int32(binary.LittleEndian.Uint32(f.data))) }

// A program is firmware at the library interface.
type program struct {
	t    *testing.T
	conn net.Conn
	id   uint16

	events []frame // that have come and were not asked for
}

// A place is a device with a library interface.
type place struct {
	device *emulator.Device
	path   string

	mu     sync.Mutex
	events []event.Event
}

// newPlace makes a device that is on.
func newPlace(t *testing.T, cfg emulator.Config) *place {
	t.Helper()
	p := &place{path: filepath.Join(t.TempDir(), "library")}
	cfg.Log = new(event.Log)
	cfg.Log.Subscribe(func(e *event.Event) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.events = append(p.events, *e)
	})
	var err error
	p.device, err = emulator.New(cfg)
	require.NoError(t, err)
	l, err := net.Listen("unix", p.path)
	require.NoError(t, err)
	served := make(chan error)
	go func() { served <- p.device.ServeLibrary(l) }()
	t.Cleanup(func() {
		require.NoError(t, p.device.Close())
		require.NoError(t, <-served)
	})
	require.NoError(t, p.device.PowerOn())
	return p
}

// find returns what fn returns for the first event that it knows.
func find[T any](p *place, fn func(e *event.Event) *T) []T {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []T
	for i := range p.events {
		if v := fn(&p.events[i]); v != nil {
			list = append(list, *v)
		}
	}
	return list
}

func (p *place) programs() []event.Program {
	return find(p, func(e *event.Event) *event.Program { return e.Program })
}

func (p *place) dial(t *testing.T) *program {
	t.Helper()
	conn, err := net.Dial("unix", p.path)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	return &program{t: t, conn: conn}
}

// begin connects a program and says Hello.
func (p *place) begin(t *testing.T) *program {
	t.Helper()
	prog := p.dial(t)
	require.Zero(t, prog.hello().result())
	return prog
}

func (p *program) hello() frame {
	return p.call(hello, u16(1), u16(0), u32(0x030300), u32(4711), []byte("app"))
}

func u16(v int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(v)) }
func u32(v int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }

// addr is an IPv4 address on the wire.
func addr(a net.Addr) []byte {
	host, port := "", 0
	switch a := a.(type) {
	case *net.TCPAddr:
		host, port = a.IP.String(), a.Port
	case *net.UDPAddr:
		host, port = a.IP.String(), a.Port
	}
	b := append([]byte{1, 0}, u16(port)...)
	return append(append(b, net.ParseIP(host).To4()...), make([]byte, 12)...)
}

var noAddr = make([]byte, 20)

func (p *program) send(typ byte, id uint16, parts ...[]byte) {
	p.t.Helper()
	payload := bytes.Join(parts, nil)
	b := append(u32(len(payload)), typ, 0)
	b = append(append(b, u16(int(id))...), payload...)
	_, err := p.conn.Write(b)
	require.NoError(p.t, err)
}

func (p *program) read() (frame, error) {
	head := make([]byte, 8)
	if err := p.conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return frame{}, err
	}
	if _, err := io.ReadFull(p.conn, head); err != nil {
		return frame{}, err
	}
	f := frame{typ: head[4], id: binary.LittleEndian.Uint16(head[6:]), data: make([]byte, binary.LittleEndian.Uint32(head))}
	_, err := io.ReadFull(p.conn, f.data)
	return f, err
}

// start sends a request whose answer is waited for later.
func (p *program) start(typ byte, parts ...[]byte) uint16 {
	p.t.Helper()
	p.id++
	p.send(typ, p.id, parts...)
	return p.id
}

// answer waits for the answer to a request.
func (p *program) answer(id uint16) frame {
	p.t.Helper()
	for {
		f, err := p.read()
		require.NoError(p.t, err)
		if f.id == id {
			return f
		}
		p.events = append(p.events, f)
	}
}

// call sends a request and waits for the answer.
func (p *program) call(typ byte, parts ...[]byte) frame {
	p.t.Helper()
	return p.answer(p.start(typ, parts...))
}

// at sends a command and returns the response.
func (p *program) at(command string) string {
	p.t.Helper()
	f := p.call(at, []byte(command))
	require.Zero(p.t, f.result(), "%s: %s", command, f.data[4:])
	return string(f.data[4:])
}

// event waits for an event.
func (p *program) event(typ byte) frame {
	p.t.Helper()
	for {
		for i, f := range p.events {
			if f.typ == typ {
				p.events = append(p.events[:i:i], p.events[i+1:]...)
				return f
			}
		}
		f, err := p.read()
		require.NoError(p.t, err)
		p.events = append(p.events, f)
	}
}

// ended waits until the connection has ended.
func (p *program) ended() {
	p.t.Helper()
	for {
		if _, err := p.read(); err != nil {
			require.ErrorIs(p.t, err, io.EOF)
			return
		}
	}
}
