package emulator_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"nrf91emu/atcmd"
	"nrf91emu/emulator"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/network"
)

const broker = "broker.example"

// A station is a device with Serial Modem and a host that speaks AT to it, in
// real time: its sockets reach servers of the test under the name broker.
type station struct {
	*atcmd.Client
	t      testing.TB
	device *emulator.Device
	notes  chan string // notifications, as many as fit
	done   chan error

	mu     sync.Mutex
	events []event.Event
}

// noLeak has the test fail if goroutines are left when all its cleanups are done.
func noLeak(t testing.TB) {
	current := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, current) })
}

func newStation(t testing.TB, app string) *station {
	s := &station{t: t, notes: make(chan string, 1000), done: make(chan error, 1)}
	log := new(event.Log)
	log.Subscribe(func(e *event.Event) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.events = append(s.events, *e)
	})
	air := network.Default()
	air.AttachDelay = 0
	d, err := emulator.New(emulator.Config{
		Dialect: dialect(t, app), Network: &air, Log: log, NoExternal: true,
		Hosts: map[string]netip.AddrPort{broker: netip.MustParseAddrPort("127.0.0.1:0")},
	})
	require.NoError(t, err)
	s.device = d
	port, host := link.Pipe()
	go func() { s.done <- d.Serve(port) }()
	s.Client = atcmd.NewClient(host, atcmd.ClientOptions{OnNotification: func(line string) {
		select {
		case s.notes <- line:
		default:
		}
	}})
	require.NoError(t, d.PowerOn())
	t.Cleanup(s.close)
	return s
}

func (s *station) close() {
	require.NoError(s.t, s.device.Close())
	s.Client.Close()
	require.NoError(s.t, <-s.done)
}

// do sends a command that must succeed and returns its lines.
func (s *station) do(command string) []string {
	s.t.Helper()
	answer, err := s.Do(context.Background(), command)
	require.NoError(s.t, err, command)
	return answer.Lines
}

// fail sends a command that must be refused.
func (s *station) fail(command string) {
	s.t.Helper()
	_, err := s.Do(context.Background(), command)
	require.Equal(s.t, atcmd.Result{Kind: atcmd.ResultError}, atcmd.ResultOf(err), command)
	require.Error(s.t, err, command)
}

// find returns the events that match.
func (s *station) find(match func(e *event.Event) bool) (found []event.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.events {
		if match(&s.events[i]) {
			found = append(found, s.events[i])
		}
	}
	return found
}

// listenTLS runs fn on each connection of a TLS server.
func listenTLS(t testing.TB, cfg *tls.Config, fn func(net.Conn)) (port uint16) {
	ln, err := tls.Listen("tcp4", "127.0.0.1:0", cfg)
	require.NoError(t, err)
	return serve(t, ln, fn)
}

// serve runs fn on each connection until the test ends.
func serve(t testing.TB, ln net.Listener, fn func(net.Conn)) (port uint16) {
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				fn(c)
			})
		}
	})
	t.Cleanup(func() {
		ln.Close()
		wg.Wait()
	})
	return portOf(ln)
}

func echo(c net.Conn) { io.Copy(c, c) }

// The course exercise by AT commands: provision the CA offline, go online, open a
// TLS socket with security tag 24, connect by name and exchange data.
func TestCourseExercise(t *testing.T) {
	noLeak(t)
	ca := newAuthority(t, "Course Root")
	for _, app := range []string{"serial-modem", "serial-modem-main"} {
		t.Run(app, func(t *testing.T) {
			port := listenTLS(t, ca.tls(t, broker), echo)
			s := newStation(t, app)
			s.do("AT+CFUN=4")
			require.Empty(t, s.do("AT%CMNG=1,24,0"))
			s.do(`AT%CMNG=0,24,0,"` + ca.pem + `"`)
			s.do("AT+CEREG=1")
			s.do("AT+CFUN=1")
			require.Equal(t, []string{"#XSSOCKET: 0,1,258"}, s.do("AT#XSSOCKET=1,1,0,24,2"))
			s.do(`AT#XSSOCKETOPT=0,1,2,"` + broker + `"`)
			require.Equal(t, []string{"#XCONNECT: 0,1"}, s.do(fmt.Sprintf(`AT#XCONNECT=0,"%s",%d`, broker, port)))
			require.Equal(t, []string{"#XSSOCKETOPT: 0,0xc02b"}, s.do("AT#XSSOCKETOPT=0,0,4"))
			require.Equal(t, []string{"#XSEND: 0,0,8"}, s.do(`AT#XSEND=0,0,0,"Test TLS"`))
			require.Equal(t, []string{"#XRECV: 0,0,8", "Test TLS"}, s.do("AT#XRECV=0,0,0,5"))
			require.Equal(t, []string{"#XSSOCKET: 0,1,0,1,24,0"}, s.do("AT#XSSOCKET?"))
			require.Equal(t, []string{"#XCLOSE: 0,0"}, s.do("AT#XCLOSE=0"))

			uses := s.find(func(e *event.Event) bool { return e.Credential != nil && e.Credential.Op == "use" })
			require.Len(t, uses, 1)
			use := uses[0].Credential
			require.Equal(t, []any{uint32(24), event.RootCA, 1, ca.pem}, []any{*use.SecTag, *use.Type, use.Found, use.Content.Text})
			shakes := s.find(func(e *event.Event) bool { return e.Handshake != nil })
			require.Len(t, shakes, 1)
			require.True(t, shakes[0].Handshake.OK && shakes[0].Handshake.Verified)
			command := s.find(func(e *event.Event) bool { return e.Command != nil && e.Command.Name == "#XCONNECT" })
			require.Len(t, command, 1)
			connect := s.find(func(e *event.Event) bool { return e.Socket != nil && e.Socket.Op == "connect" })
			require.Len(t, connect, 1)
			require.Equal(t, command[0].Command.ID, connect[0].Socket.ID)
			require.Equal(t, command[0].Command.ID, use.ID)
		})
	}
}

// What goes wrong in the exercise is a bare ERROR; the record says why.
func TestCourseExerciseGoesWrong(t *testing.T) {
	noLeak(t)
	ca, other := newAuthority(t, "Course Root"), newAuthority(t, "Another Root")
	good := listenTLS(t, ca.tls(t, broker), echo)
	wrongName := listenTLS(t, ca.tls(t, "other.example"), echo)
	for _, c := range []struct {
		what, stored string
		tag          int
		port         uint16
		reason       string
	}{
		{"wrong CA", other.pem, 24, good, "ECONNREFUSED (111)"},
		{"wrong host", ca.pem, 24, wrongName, broker},
		{"empty tag", ca.pem, 42, good, "42"},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := newStation(t, "serial-modem")
			s.do(`AT%CMNG=0,24,0,"` + c.stored + `"`)
			s.do("AT+CFUN=1")
			s.do(fmt.Sprintf("AT#XSSOCKET=1,1,0,%d,2", c.tag))
			s.do(`AT#XSSOCKETOPT=0,1,2,"` + broker + `"`)
			s.fail(fmt.Sprintf(`AT#XCONNECT=0,"%s",%d`, broker, c.port))
			responses := s.find(func(e *event.Event) bool { return e.Response != nil && e.Response.Error })
			require.Len(t, responses, 1)
			require.Contains(t, responses[0].Response.Reason, c.reason)
			empty := s.find(func(e *event.Event) bool {
				return e.Credential != nil && e.Credential.Op == "use" && e.Credential.Found == 0
			})
			require.Equal(t, c.tag == 42, len(empty) == 1)
		})
	}
}

// The record tells of the credentials and certificates of each connect, whatever
// those of the one before it were.
func TestRecordFollowsCredentials(t *testing.T) {
	noLeak(t)
	one, two := newAuthority(t, "One"), newAuthority(t, "Two")
	first, second := listenTLS(t, one.tls(t, "first.example"), echo), listenTLS(t, one.tls(t, "second.example"), echo)
	s := newStation(t, "serial-modem")
	var texts, subjects []string
	for _, c := range []struct {
		stored *authority
		port   uint16
	}{{one, first}, {one, first}, {one, second}, {two, second}, {one, first}} {
		s.do("AT+CFUN=4")
		s.do(`AT%CMNG=0,24,0,"` + c.stored.pem + `"`)
		s.do("AT+CFUN=1")
		s.do("AT#XSSOCKET=1,1,0,24,0")
		s.do(fmt.Sprintf(`AT#XCONNECT=0,"%s",%d`, broker, c.port))
		s.do("AT#XCLOSE=0")
		texts = append(texts, c.stored.pem)
		subjects = append(subjects, map[uint16]string{first: "CN=first.example", second: "CN=second.example"}[c.port])
	}
	var used, seen []string
	for _, e := range s.find(func(e *event.Event) bool { return e.Credential != nil && e.Credential.Op == "use" }) {
		used = append(used, e.Credential.Content.Text)
	}
	for _, e := range s.find(func(e *event.Event) bool { return e.Handshake != nil }) {
		require.Len(t, e.Handshake.Chain, 1)
		seen = append(seen, e.Handshake.Chain[0].Subject)
	}
	require.Equal(t, texts, used)
	require.Equal(t, subjects, seen)
}

// A credential that the modem refuses to hand out is told once, and a tag without
// a root CA is no empty tag.
func TestUseOfATagWithoutCA(t *testing.T) {
	s := newStation(t, "serial-modem")
	s.do(`AT%CMNG=0,7,4,"identity"`)
	s.do("AT+CFUN=1")
	s.do("AT#XSSOCKET=1,1,0,7")
	s.fail(`AT#XCONNECT=0,"127.0.0.1",1`)
	require.Empty(t, s.find(func(e *event.Event) bool {
		return e.Credential != nil && e.Credential.Op == "use" && e.Credential.Found == 0
	}))
}

// Sockets end with the power, with a reset, and with the modem; nothing is left.
func TestSocketsEnd(t *testing.T) {
	noLeak(t)
	ca := newAuthority(t, "Root")
	port := listenTLS(t, ca.tls(t, broker), echo)
	s := newStation(t, "serial-modem")
	s.do(`AT%CMNG=0,24,0,"` + ca.pem + `"`)
	for _, end := range []func(){
		func() { require.NoError(t, s.device.PowerCycle()) },
		func() { s.do("AT#XMODEMRESET") },
		func() {
			s.do("AT#XRESET")
			s.await("Ready")
		},
		func() {
			s.do("AT#XSHUTDOWN")
			require.Eventually(t, func() bool { return !s.device.On() }, 5*time.Second, time.Millisecond)
			require.NoError(t, s.device.PowerOn())
		},
	} {
		s.do("AT+CFUN=1")
		require.Equal(t, []string{"#XSSOCKET: 0,1,258"}, s.do("AT#XSSOCKET=1,1,0,24"))
		require.Equal(t, []string{"#XCONNECT: 0,1"}, s.do(fmt.Sprintf(`AT#XCONNECT=0,"%s",%d`, broker, port)))
		s.drain()
		end()
		require.Empty(t, s.do("AT#XSSOCKET?"))
		require.Equal(t, []string{"+CFUN: 0"}, s.do("AT+CFUN?"))
		s.do("AT#XSOCKET=1,1,0")
		s.fail(fmt.Sprintf(`AT#XCONNECT=0,"127.0.0.1",%d`, port)) // offline
		s.do("AT#XCLOSE")
	}
}

// await waits for a notification.
func (s *station) await(want string) {
	s.t.Helper()
	timeout := time.After(10 * time.Second)
	for {
		select {
		case line := <-s.notes:
			if line == want {
				return
			}
		case <-timeout:
			s.t.Fatalf("%s has not come", want)
		}
	}
}

// drain forgets the notifications so far.
func (s *station) drain() {
	for {
		select {
		case <-s.notes:
		default:
			return
		}
	}
}

// A host that does not read holds back the server, and nothing is lost.
func TestSlowHost(t *testing.T) {
	noLeak(t)
	const size = 300_000
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	sent := make(chan error, 1)
	go func() {
		c, err := ln.Accept()
		if err == nil {
			defer c.Close()
			_, err = io.WriteString(c, strings.Repeat("0123456789", size/10))
		}
		sent <- err
	}()
	air := network.Default()
	air.AttachDelay = 0
	d, err := emulator.New(emulator.Config{Dialect: dialect(t, "serial-modem"), Network: &air})
	require.NoError(t, err)
	port, host := link.Pipe()
	served := make(chan error, 1)
	go func() { served <- d.Serve(port) }()
	require.NoError(t, d.PowerOn())
	addr := netip.MustParseAddrPort(ln.Addr().String())
	_, err = fmt.Fprintf(host, "AT+CFUN=1\rAT#XSOCKET=1,1,0\rAT#XRECVCFG=0,2\rAT#XCONNECT=0,\"127.0.0.1\",%d\rAT#XSEND=0,2,0\r", addr.Port())
	require.NoError(t, err)
	var got strings.Builder
	buf := make([]byte, 1000)
	require.NoError(t, host.SetReadDeadline(time.Now().Add(20*time.Second)))
	for !strings.Contains(got.String(), "+++") {
		n, err := host.Read(buf)
		require.NoError(t, err)
		got.Write(buf[:n])
	}
	require.NoError(t, <-sent)
	require.Equal(t, size, strings.Count(got.String(), "0123456789")*10)
	require.NoError(t, d.Close())
	require.NoError(t, <-served)
	host.Close()
}
