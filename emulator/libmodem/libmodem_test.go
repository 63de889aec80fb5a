package libmodem_test

import (
	"fmt"
	"math"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/host"
	"nrf91emu/emulator/network"
)

// online is a network on which a modem is registered at once.
func online() emulator.Config {
	n := network.Default()
	n.AttachDelay = 0
	return emulator.Config{Network: &n, NoExternal: true, TimeToFix: time.Second}
}

func TestCommands(t *testing.T) {
	p := newPlace(t, emulator.Config{})
	prog := p.begin(t)
	require.Zero(t, prog.call(modemInit, []byte{0}).result())
	require.Equal(t, "OK\r\n", prog.at("AT"))
	require.Equal(t, "+CFUN: 0\r\nOK\r\n", prog.at("AT+CFUN?"))
	require.Equal(t, "ERROR\r\n", prog.at("AT+NOSUCH"))
	require.Equal(t, "OK\r\n", prog.at("AT+CMEE=1"))
	require.Equal(t, "+CME ERROR: 513\r\n", prog.at("AT%CMNG=2,7,0"))
	require.Equal(t, "OK\r\n", prog.at(`AT%CMNG=0,7,3,"61626364"`))

	commands := find(p, func(e *event.Event) *event.Command { return e.Command })
	last := commands[len(commands)-1]
	require.Equal(t, len(commands), last.ID)
	require.Equal(t, "%CMNG", last.Name)
	require.NotContains(t, last.Text, "61626364", "a key is masked")
	responses := find(p, func(e *event.Event) *event.Response { return e.Response })
	require.Equal(t, 513, responses[len(responses)-2].CME)
	require.Equal(t, last.ID, responses[len(responses)-1].ID)
	require.Equal(t, event.Program{Action: event.ProgramStart, Name: "app", PID: 4711, SDK: "3.3.0"}, p.programs()[0])
}

func TestNotifications(t *testing.T) {
	p := newPlace(t, online())
	prog := p.begin(t)
	require.Equal(t, "OK\r\n", prog.at("AT+CEREG=1"))
	require.Equal(t, "OK\r\n", prog.at("AT+CFUN=1"))
	f := prog.event(notification)
	require.Zero(t, f.id)
	require.Regexp(t, `^\+CEREG: \d\r\n$`, string(f.data))
}

func TestCommandThatTakesTime(t *testing.T) {
	cfg := online()
	cfg.Network.AttachDelay = time.Hour
	p := newPlace(t, cfg)
	prog := p.begin(t)
	prog.at("AT+CFUN=1")
	first := prog.start(at, []byte("AT+COPS=?"))
	require.Equal(t, -119, prog.call(at, []byte("AT")).result(), "EINPROGRESS")
	_, busy := p.device.Program()
	require.True(t, busy)
	require.NoError(t, p.device.Bench().CrashModem(4, "a test"))
	f := prog.answer(first)
	require.Equal(t, -110, f.result(), "ESHUTDOWN")
}

func TestCrash(t *testing.T) {
	p := newPlace(t, online())
	prog := p.begin(t)
	require.NoError(t, p.device.Bench().CrashModem(0x11, "a test"))
	f := prog.event(fault)
	require.Equal(t, u32(0x11), f.data[:4])
	require.Equal(t, -110, prog.call(at, []byte("AT")).result())
	require.Equal(t, -110, prog.call(sockOpen, []byte{1, 1}, u16(6)).result())
	require.Zero(t, prog.call(modemInit, []byte{0}).result(), "the modem starts anew")
	require.Equal(t, "OK\r\n", prog.at("AT"))
}

func TestShutdown(t *testing.T) {
	p := newPlace(t, online())
	prog := p.begin(t)
	require.Zero(t, prog.call(modemShutdown).result())
	require.Equal(t, -1, prog.call(at, []byte("AT")).result(), "EPERM")
	require.Zero(t, prog.call(modemInit, []byte{0}).result())
	require.Equal(t, "OK\r\n", prog.at("AT"))
}

// A cut of the power ends the connection; the program that begins again waits for
// power.
func TestPower(t *testing.T) {
	p := newPlace(t, emulator.Config{})
	prog := p.begin(t)
	p.device.PowerCut()
	require.Equal(t, u32(0), prog.event(power).data)
	prog.ended()

	again := p.dial(t)
	id := again.start(hello, u16(1), u16(0), u32(0), u32(1), []byte("app"))
	require.NoError(t, p.device.PowerOn())
	f := again.answer(id)
	require.Zero(t, f.result())
	require.Equal(t, u32(2), f.data[8:12], "the second boot")

	require.NoError(t, p.device.Bench().Reboot("a test"))
	require.Equal(t, u32(1), again.event(power).data, "a reset")
	again.ended()
}

func TestReset(t *testing.T) {
	p := newPlace(t, emulator.Config{})
	prog := p.begin(t)
	prog.send(reset, 0)
	require.Equal(t, u32(1), prog.event(power).data)
	prog.ended()
	p.begin(t)
	require.Equal(t, 2, p.device.Boot())
}

// A program that begins while the last one's boot goes on resets the device, as
// the chip is reset when its firmware starts.
func TestSecondProgram(t *testing.T) {
	p := newPlace(t, emulator.Config{})
	first := p.begin(t)
	require.NoError(t, first.conn.Close())
	p.begin(t)
	require.Equal(t, 2, p.device.Boot())
	require.Equal(t, event.ProgramLost, p.programs()[1].Action)
}

func TestTwoPrograms(t *testing.T) {
	p := newPlace(t, emulator.Config{})
	first := p.begin(t)
	f := p.dial(t).hello()
	require.Equal(t, -16, f.result(), "EBUSY")
	require.Contains(t, string(f.data[4:]), "app (process 4711)")
	require.Equal(t, "OK\r\n", first.at("AT"))
}

func TestWrongVersion(t *testing.T) {
	p := newPlace(t, emulator.Config{})
	f := p.dial(t).call(hello, u16(2), u16(0), u32(0), u32(1))
	require.Equal(t, -123, f.result(), "EPROTONOSUPPORT")
	require.Contains(t, string(f.data[4:]), "version")
	require.Equal(t, event.ProgramRefused, p.programs()[0].Action)
}

func TestRubbish(t *testing.T) {
	for _, tt := range []struct{ name, bytes, reason string }{
		{"no Hello", "\x00\x00\x00\x00\x04\x00\x01\x00", "in place of Hello"},
		{"too long", "\xff\xff\xff\xff\x01\x00\x01\x00", "too long"},
		{"short Hello", "\x02\x00\x00\x00\x01\x00\x01\x00\x01\x00", "Hello"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPlace(t, emulator.Config{})
			prog := p.dial(t)
			_, err := prog.conn.Write([]byte(tt.bytes))
			require.NoError(t, err)
			prog.ended()
			require.Eventually(t, func() bool { return len(p.programs()) > 0 }, 10*time.Second, time.Millisecond)
			require.Equal(t, event.ProgramDropped, p.programs()[0].Action)
			require.Contains(t, p.programs()[0].Reason, tt.reason)
			require.Equal(t, "OK\r\n", p.begin(t).at("AT"), "the modem stands")
		})
	}
}

func TestUnknownRequest(t *testing.T) {
	p := newPlace(t, emulator.Config{})
	require.Equal(t, -88, p.begin(t).call(99).result(), "ENOSYS")
}

// Requests that are too short or name what is not there are answered.
func TestShortRequests(t *testing.T) {
	p := newPlace(t, online())
	prog := p.begin(t)
	for typ := byte(sockOpen); typ <= gnssRead; typ++ {
		if typ == waitAll || typ > waitAll && typ < gnssSet || typ == gnssStart || typ == gnssStop {
			continue
		}
		require.Negative(t, prog.call(typ).result(), "request %d", typ)
	}
	for _, typ := range []byte{sockClose, sockConnect, sockBind, sockListen, sockAccept, sockRecv, sockSet, sockGet, sockName} {
		require.Equal(t, -9, prog.call(typ, u32(3), make([]byte, 40)).result(), "EBADF from request %d", typ)
	}
}

func TestBoard(t *testing.T) {
	p := newPlace(t, emulator.Config{})
	_, _, err := p.device.LEDs()
	require.Error(t, err)
	require.Error(t, p.device.PressButton(1, true))
	prog := p.begin(t)
	require.Zero(t, prog.call(leds, u32(5)).result())
	on, pressed, err := p.device.LEDs()
	require.NoError(t, err)
	require.Equal(t, []uint32{5, 0}, []uint32{on, pressed})
	require.NoError(t, p.device.PressButton(2, true))
	require.Equal(t, append(u32(2), u32(2)...), prog.event(button).data)
	require.Equal(t, 2, prog.call(buttons).result())
	require.NoError(t, p.device.PressButton(2, false))
	require.Equal(t, append(u32(0), u32(2)...), prog.event(button).data)
	require.Error(t, p.device.PressButton(5, true))
	var changed []string
	for _, b := range find(p, func(e *event.Event) *event.Board { return e.Board }) {
		changed = append(changed, b.Changed)
	}
	require.Equal(t, []string{"LED 1", "LED 3", "button 2", "button 2"}, changed)
}

func TestConsole(t *testing.T) {
	p := newPlace(t, emulator.Config{})
	prog := p.begin(t)
	require.Zero(t, prog.call(console, []byte{2}, []byte("low on sleep\r\n")).result())
	lines := find(p, func(e *event.Event) *event.Console { return e.Console })
	require.Equal(t, []event.Console{{Level: "wrn", Text: "low on sleep"}}, lines)
}

func TestExit(t *testing.T) {
	p := newPlace(t, emulator.Config{})
	prog := p.begin(t)
	prog.call(exit, u32(139), []byte("a crash"))
	require.NoError(t, prog.conn.Close())
	require.Eventually(t, func() bool { attached, _ := p.device.Program(); return !attached }, 10*time.Second, time.Millisecond)
	list := p.programs()
	require.Len(t, list, 2)
	require.Equal(t, event.Program{Action: event.ProgramCrash, Name: "app", PID: 4711, Status: 139, Reason: "a crash"}, list[1])
}

// A program that does not read what it is sent loses its connection; the modem goes
// on.
func TestProgramThatHangs(t *testing.T) {
	p := newPlace(t, emulator.Config{})
	prog := p.begin(t)
	dropped := func() bool {
		list := p.programs()
		return list[len(list)-1].Action == event.ProgramDropped
	}
	for i := 0; i < 50_000 && !dropped(); i++ {
		b := append(u32(len("AT%CMNG=1")), at, 0)
		b = append(append(b, u16(i%60000+2)...), "AT%CMNG=1"...)
		if err := prog.conn.SetWriteDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
			break
		}
		if _, err := prog.conn.Write(b); err != nil {
			break // the emulator does not read on while nobody reads: that is as good
		}
	}
	require.NoError(t, prog.conn.Close())
	require.Equal(t, "OK\r\n", p.begin(t).at("AT"))
}

func TestGNSS(t *testing.T) {
	p := newPlace(t, online())
	prog := p.begin(t)
	require.Equal(t, -13, prog.call(gnssStart).result(), "EACCES")
	prog.at("AT+CFUN=31")
	require.Zero(t, prog.call(gnssSet, u32(4), u32(0)).result())
	require.Equal(t, -22, prog.call(gnssSet, u32(4), u32(5)).result(), "an interval between 1 and 10")
	require.Equal(t, -35, prog.call(gnssRead, u32(1)).result(), "ENOMSG")
	require.Zero(t, prog.call(gnssSet, u32(6), u32(1)).result())
	require.Zero(t, prog.call(gnssStart).result())
	require.Equal(t, -22, prog.call(gnssStart).result(), "it runs already")
	var seen []int
	for len(seen) < 4 {
		f := prog.event(gnssEvent)
		seen = append(seen, int(f.data[0]))
	}
	require.Equal(t, []int{4, 1, 2, 3}, seen, "assistance, PVT, fix, NMEA")
	f := prog.call(gnssRead, u32(1))
	latitude := math.Float64frombits(uint64(f.data[4]) | uint64(f.data[5])<<8 | uint64(f.data[6])<<16 | uint64(f.data[7])<<24 |
		uint64(f.data[8])<<32 | uint64(f.data[9])<<40 | uint64(f.data[10])<<48 | uint64(f.data[11])<<56)
	require.InDelta(t, 63.42, latitude, 0.01)
	require.Contains(t, string(prog.call(gnssRead, u32(2)).data[4:]), "$GPGGA,")
	require.Zero(t, prog.call(gnssStop).result())
}

// assistanceRequest is what a receiver tells first that knows of no satellites.
var assistanceRequest = frame{typ: gnssEvent, data: u32(4)}

// However the modem is started anew, the receiver is as after power-on.
func TestGNSSEndsWithTheModem(t *testing.T) {
	for _, command := range []string{"AT#XMODEMRESET", "AT#XRESET"} {
		cfg := online()
		var err error
		cfg.Dialect, err = dialects.Lookup("serial-modem")
		require.NoError(t, err)
		p := newPlace(t, cfg)
		uart := host.Attach(p.device)
		defer uart.Detach()
		prog := p.begin(t)
		prog.at("AT+CFUN=31")
		require.Zero(t, prog.call(gnssSet, u32(4), u32(0)).result())
		require.Zero(t, prog.call(gnssSet, u32(15), u32(1)).result())
		require.Zero(t, prog.call(gnssStart).result())
		require.NotContains(t, prog.events, assistanceRequest, "it has been assisted")
		_, err = uart.Do(command)
		require.NoError(t, err)
		require.Eventually(t, func() bool { return strings.Contains(prog.at("AT+CFUN?"), "+CFUN: 0") }, 10*time.Second, time.Millisecond)
		prog.at("AT+CFUN=31")
		prog.events = nil
		require.Zero(t, prog.call(gnssStart).result(), "it does not run already")
		require.Contains(t, prog.events, assistanceRequest, "it has forgotten what it was given")
	}
}

func listenTCP(t *testing.T) *net.TCPListener {
	t.Helper()
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	return l
}

func begun(t *testing.T, cfg emulator.Config) (*place, *program) {
	t.Helper()
	p := newPlace(t, cfg)
	prog := p.begin(t)
	prog.at("AT+CEREG=1")
	prog.at("AT+CFUN=1")
	for !strings.Contains(string(prog.event(notification).data), "1") {
	}
	return p, prog
}

func (p *program) open(family, typ byte, protocol int) int {
	p.t.Helper()
	f := p.call(sockOpen, []byte{family, typ}, u16(protocol))
	require.GreaterOrEqual(p.t, f.result(), 0, "%s", f.data[4:])
	return f.result()
}

func TestStream(t *testing.T) {
	l := listenTCP(t)
	_, prog := begun(t, online())
	h := prog.open(1, 1, 6)
	require.Equal(t, -128, prog.call(sockSend, u32(h), u32(0), noAddr, []byte("x")).result(), "ENOTCONN")
	require.Zero(t, prog.call(sockConnect, u32(h), addr(l.Addr())).result())
	peer, err := l.Accept()
	require.NoError(t, err)
	defer peer.Close()

	require.Equal(t, 5, prog.call(sockSend, u32(h), u32(0), noAddr, []byte("hello")).result())
	buf := make([]byte, 5)
	_, err = peer.Read(buf)
	require.NoError(t, err)
	require.Equal(t, "hello", string(buf))

	require.Equal(t, -11, prog.call(sockRecv, u32(h), u32(64), u32(100)).result(), "EAGAIN")
	require.Zero(t, prog.call(poll, u32(0), u32(h), u16(1), u16(0)).result())
	waiting := prog.start(poll, u32(-1), u32(h), u16(1), u16(0))
	_, err = peer.Write([]byte("world"))
	require.NoError(t, err)
	f := prog.answer(waiting)
	require.Equal(t, 1, f.result())
	require.Equal(t, u16(1), f.data[4:])
	f = prog.call(sockRecv, u32(h), u32(0), u32(100))
	require.Equal(t, 5, f.result())
	require.Equal(t, "world", string(f.data[24:]))

	waiting = prog.start(sockRecv, u32(h), u32(0), u32(100))
	require.NoError(t, peer.Close())
	require.Zero(t, prog.answer(waiting).result(), "the end of the stream")
	require.Zero(t, prog.call(sockClose, u32(h)).result())
	require.Equal(t, u16(32), prog.call(poll, u32(0), u32(h), u16(1), u16(0)).data[4:], "POLLNVAL")
}

// Data that is sent without waiting arrives in order and whole, and what was taken
// is told.
func TestSendNow(t *testing.T) {
	l := listenTCP(t)
	_, prog := begun(t, online())
	h := prog.open(1, 1, 6)
	require.Zero(t, prog.call(sockConnect, u32(h), addr(l.Addr())).result())
	peer, err := l.Accept()
	require.NoError(t, err)
	defer peer.Close()
	const window, piece, pieces = 64 << 10, 2048, 512
	want := make([]byte, piece*pieces)
	for i := range want {
		want[i] = byte(i >> 3)
	}
	got := make(chan []byte)
	go func() {
		buf := make([]byte, 0, len(want))
		for len(buf) < len(want) {
			n, err := peer.Read(buf[len(buf):cap(buf)])
			if buf = buf[:len(buf)+n]; err != nil {
				break
			}
		}
		got <- buf
	}()
	onWay := 0
	for i := range pieces {
		for onWay+piece > window {
			f := prog.event(taken)
			onWay -= int(f.data[4]) | int(f.data[5])<<8 | int(f.data[6])<<16
		}
		prog.send(sockSend, 0, u32(h), u32(math.MinInt32), noAddr, want[i*piece:(i+1)*piece])
		onWay += piece
	}
	require.Zero(t, prog.call(waitAll, u32(0)).result())
	require.Equal(t, want, <-got)

	require.NoError(t, peer.Close())
	prog.call(sockClose, u32(h))
	prog.send(sockSend, 0, u32(h), u32(math.MinInt32), noAddr, []byte("nobody"))
	for {
		f := prog.event(taken)
		if f.data[8] == 6 {
			require.Equal(t, u32(-9), f.data[12:16], "EBADF")
			break
		}
	}
}

func TestDatagrams(t *testing.T) {
	server, err := net.ListenPacket("udp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer server.Close()
	_, prog := begun(t, online())
	h := prog.open(1, 2, 17)
	require.Equal(t, 4, prog.call(sockSend, u32(h), u32(0), addr(server.LocalAddr()), []byte("ping")).result())
	buf := make([]byte, 10)
	n, from, err := server.ReadFrom(buf)
	require.NoError(t, err)
	require.Equal(t, "ping", string(buf[:n]))
	_, err = server.WriteTo([]byte("pong"), from)
	require.NoError(t, err)
	f := prog.call(sockRecv, u32(h), u32(0), u32(100))
	require.Equal(t, 4, f.result())
	require.Equal(t, addr(server.LocalAddr()), f.data[4:24])
	require.Equal(t, "pong", string(f.data[24:]))
}

func TestServer(t *testing.T) {
	_, prog := begun(t, online())
	h := prog.open(1, 1, 6)
	require.Zero(t, prog.call(sockBind, u32(h), noAddr).result())
	require.Zero(t, prog.call(sockListen, u32(h), u32(1)).result())
	require.Equal(t, -11, prog.call(sockAccept, u32(h), u32(64)).result(), "EAGAIN")
	own := prog.call(sockName, u32(h), u32(0))
	port := int(own.data[6]) | int(own.data[7])<<8
	waiting := prog.start(sockAccept, u32(h), u32(0))
	c, err := net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	require.NoError(t, err)
	defer c.Close()
	f := prog.answer(waiting)
	require.Positive(t, f.result())
	require.Equal(t, addr(c.LocalAddr()), f.data[4:24])
	require.Equal(t, 2, prog.call(sockSend, u32(f.result()), u32(0), noAddr, []byte("hi")).result())
}

func TestOptions(t *testing.T) {
	_, prog := begun(t, online())
	h := prog.open(1, 1, 258)
	set := func(level, name int, value ...[]byte) int {
		return prog.call(sockSet, append([][]byte{u32(h), u32(level), u32(name)}, value...)...).result()
	}
	get := func(level, name int) frame {
		return prog.call(sockGet, u32(h), u32(level), u32(name), u32(64))
	}
	require.Zero(t, set(282, 1, u32(7), u32(8)))
	require.Equal(t, -22, set(282, 1, []byte{1, 2}))
	require.Zero(t, set(282, 2, []byte("broker.lab\x00")))
	require.Equal(t, "broker.lab\x00", string(get(282, 2).data[4:]))
	require.Zero(t, set(282, 3, u32(0xC02B)))
	require.Zero(t, set(282, 5, u32(2)))
	require.Equal(t, u32(2), get(282, 5).data[4:])
	seconds := append(append(u32(3), u32(0)...), append(u32(500_000), u32(0)...)...)
	require.Zero(t, set(1, 20, seconds))
	require.Equal(t, seconds, get(1, 20).data[4:])
	require.Equal(t, -109, set(1, 77, u32(0)), "ENOPROTOOPT")
	require.Equal(t, -22, set(1, 34, []byte{1}))
	require.Zero(t, set(1, 34, u32(1)))
	require.Zero(t, get(1, 4).data[4], "SO_ERROR")
}

func TestLookup(t *testing.T) {
	_, prog := begun(t, online())
	f := prog.call(lookup, u32(0), []byte("localhost"))
	require.Equal(t, 1, f.result())
	require.Equal(t, addr(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}), f.data[4:])
	require.Equal(t, -2, prog.call(lookup, u32(0), []byte("nowhere.lab")).result(), "EAI_NONAME")
	require.Equal(t, -2, prog.call(lookup, u32(0)).result())
}

func TestPollCallback(t *testing.T) {
	l := listenTCP(t)
	_, prog := begun(t, online())
	h := prog.open(1, 1, 6)
	require.Zero(t, prog.call(sockConnect, u32(h), addr(l.Addr())).result())
	peer, err := l.Accept()
	require.NoError(t, err)
	defer peer.Close()
	require.Zero(t, prog.call(sockSet, u32(h), u32(1), u32(60), u32(1), u32(0)).result())
	_, err = peer.Write([]byte("x"))
	require.NoError(t, err)
	require.Equal(t, append(u32(h), u32(1)...), prog.event(sockEvent).data)
}

// Time-outs of poll are kept, and what has been closed ends one.
func TestPollTimeout(t *testing.T) {
	_, prog := begun(t, online())
	h := prog.open(1, 2, 17)
	require.Zero(t, prog.call(poll, u32(10), u32(h), u16(1), u16(0)).result())
	waiting := prog.start(poll, u32(-1), u32(h), u16(1), u16(0))
	prog.call(sockClose, u32(h))
	// It has come before the answer to Close.
	require.Len(t, prog.events, 1)
	require.Equal(t, waiting, prog.events[0].id)
	require.Equal(t, u16(32), prog.events[0].data[4:])
}

// The device goes offline: waiting receives end, and so do sockets.
func TestOffline(t *testing.T) {
	_, prog := begun(t, online())
	h := prog.open(1, 2, 17)
	waiting := prog.start(sockRecv, u32(h), u32(0), u32(100))
	done := prog.start(at, []byte("AT+CFUN=4"))
	require.Equal(t, -115, prog.answer(waiting).result(), "ENETDOWN")
	_ = done
}
