package emulator_test

import (
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/network"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// bench is a device and the host's end of its UART.
type bench struct {
	t *testing.T
	*emulator.Device
	host net.Conn
}

// start makes a device with a pipe and switches it on. It is meant for synctest
// bubbles, in which waiting takes no time.
func start(t *testing.T, cfg emulator.Config) *bench {
	t.Helper()
	d, err := emulator.New(cfg)
	require.NoError(t, err)
	port, host := link.Pipe()
	done := make(chan error, 1)
	go func() { done <- d.Serve(port) }()
	t.Cleanup(func() {
		require.NoError(t, d.Close())
		require.NoError(t, <-done)
	})
	synctest.Wait()
	require.NoError(t, d.PowerOn())
	b := &bench{t: t, Device: d, host: host}
	b.read() // the banner
	return b
}

// read returns what the device has sent and is not waiting to send.
func (b *bench) read() string {
	b.t.Helper()
	synctest.Wait()
	var out strings.Builder
	buf := make([]byte, 4096)
	for {
		require.NoError(b.t, b.host.SetReadDeadline(time.Now()))
		require.NoError(b.t, b.host.SetReadDeadline(time.Now().Add(time.Nanosecond)))
		n, err := b.host.Read(buf)
		out.Write(buf[:n])
		if err != nil {
			require.ErrorIs(b.t, err, os.ErrDeadlineExceeded)
			return out.String()
		}
	}
}

// send sends bytes and returns what comes at once.
func (b *bench) send(text string) string {
	b.t.Helper()
	_, err := io.WriteString(b.host, text)
	require.NoError(b.t, err)
	return b.read()
}

// exchange sends each command and requires its answer.
func (b *bench) exchange(pairs ...string) {
	b.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		require.Equal(b.t, pairs[i+1], b.send(pairs[i]+"\r"), "answer to %s", pairs[i])
	}
}

func dialect(t testing.TB, name string) *app.Dialect {
	t.Helper()
	d, err := dialects.Lookup(name)
	require.NoError(t, err)
	return d
}

func atOnce() *network.Network {
	n := network.Default()
	n.AttachDelay = 0
	return &n
}

func TestBannerWaitsForTheFirstPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, err := emulator.New(emulator.Config{Dialect: dialect(t, "serial-modem")})
		require.NoError(t, err)
		require.NoError(t, d.PowerOn())
		port, host := link.Pipe()
		go d.Serve(port)
		defer d.Close()
		b := &bench{t: t, Device: d, host: host}
		require.Equal(t, "Ready\r\n", b.read())
	})
}

func TestRegistrationTakesItsStepsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, emulator.Config{})
		b.exchange(
			"AT+CEREG?", "+CEREG: 0,4\r\nOK\r\n",
			"AT+CEREG=5", "OK\r\n",
			"AT%XSIM=1", "OK\r\n",
			"AT+CFUN=1", "OK\r\n",
			"AT+CPIN?", "ERROR\r\n",
		)
		time.Sleep(500 * time.Millisecond)
		require.Equal(t, "+CEREG: 2,\"B4DC\",\"000AE520\",7\r\n", b.read())
		b.exchange("AT+CEREG?", "+CEREG: 5,2,\"B4DC\",\"000AE520\",7\r\nOK\r\n")
		time.Sleep(500 * time.Millisecond)
		require.Equal(t, "%XSIM: 1\r\n", b.read())
		b.exchange("AT+CPIN?", "+CPIN: READY\r\nOK\r\n")
		time.Sleep(time.Second)
		require.Equal(t, "+CEREG: 1,\"B4DC\",\"000AE520\",7,,,\"11100000\",\"11100000\"\r\n", b.read())
		b.exchange("AT+CFUN=4", "OK\r\n+CEREG: 0\r\n%XSIM: 0\r\n")
	})
}

func TestGoingOfflineEndsASearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, emulator.Config{})
		b.exchange("AT+CEREG=1", "OK\r\n", "AT+CFUN=1", "OK\r\n")
		time.Sleep(time.Second)
		require.Equal(t, "+CEREG: 2\r\n", b.read())
		b.exchange("AT+CFUN=4", "OK\r\n+CEREG: 0\r\n")
		time.Sleep(time.Minute)
		require.Empty(t, b.read())
		b.exchange("AT+CFUN=1", "OK\r\n")
		time.Sleep(time.Minute)
		require.Equal(t, "+CEREG: 2\r\n+CEREG: 1\r\n", b.read())
	})
}

func TestNoTimerOfAnEarlierBoot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, emulator.Config{})
		b.exchange("AT+CFUN=1", "OK\r\n")
		require.NoError(t, b.PowerCycle())
		b.read()
		b.exchange("AT+CEREG=1", "OK\r\n")
		time.Sleep(time.Minute)
		require.Empty(t, b.read())
		b.exchange("AT+CEREG?", "+CEREG: 1,4\r\nOK\r\n")
	})
}

func TestSettingsAreStoredAtPowerOffOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, emulator.Config{})
		b.exchange("AT%XSYSTEMMODE=0,1,0,0", "OK\r\n")
		require.NoError(t, b.PowerCycle())
		b.read()
		b.exchange(
			"AT%XSYSTEMMODE?", "%XSYSTEMMODE: 1,0,0,0\r\nOK\r\n",
			"AT%XSYSTEMMODE=0,1,0,0", "OK\r\n",
			"AT+CFUN=0", "OK\r\n",
		)
		require.NoError(t, b.PowerCycle())
		b.read()
		b.exchange("AT%XSYSTEMMODE?", "%XSYSTEMMODE: 0,1,0,0\r\nOK\r\n", "AT%XSYSTEMMODE=1,0,0,0", "OK\r\n")
		b.PowerOff() // in good order
		require.NoError(t, b.PowerOn())
		b.read()
		b.exchange("AT%XSYSTEMMODE?", "%XSYSTEMMODE: 1,0,0,0\r\nOK\r\n", "AT%XSYSTEMMODE=0,0,1,0", "OK\r\n")
		time.Sleep(49 * time.Hour) // the modem stores by itself
		require.NoError(t, b.PowerCycle())
		b.read()
		b.exchange("AT%XSYSTEMMODE?", "%XSYSTEMMODE: 0,0,1,0\r\nOK\r\n")
	})
}

func TestPlannedCutGivesNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, err := flash.New(flash.Options{})
		require.NoError(t, err)
		lost, again := make(chan struct{}), make(chan struct{})
		var log event.Log
		var last event.Event
		log.Subscribe(func(e *event.Event) { last = *e })
		b := start(t, emulator.Config{Flash: f, Log: &log})
		b.OnPowerLoss(func() { close(lost) })
		b.OnPowerLoss(func() { close(again) })
		b.OnPowerLoss(func() { t.Error("told though it was taken back") })()
		f.CutAt(3, flash.TornRandom)
		require.Empty(t, b.send("AT%CMNG=0,24,4,\"one\"\rAT\r"))
		<-lost
		<-again
		synctest.Wait()
		require.False(t, b.On())
		require.EqualValues(t, "cut", last.Power.Action)
		require.Empty(t, b.send("AT\r"), "a device without power answers nothing")

		require.NoError(t, b.PowerOn())
		b.read()
		b.exchange("AT%CMNG=1,24", "OK\r\n", "AT%CMNG=0,24,4,\"one\"", "OK\r\n")
	})
}

func TestPowerWarning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, emulator.Config{Network: atOnce()})
		b.exchange("AT+CMEE=1", "OK\r\n", "AT+CEREG=1", "OK\r\n",
			"AT+CFUN=1", "OK\r\n+CEREG: 2\r\n+CEREG: 1\r\n")
		b.Bench().SetSupply(2900) // nRF91x1: armed at 3.0 V from boot
		require.Equal(t, "+CEREG: 0\r\n", b.read())
		b.exchange(
			"AT+CFUN?", "+CFUN: 4\r\nOK\r\n",
			"AT%CMNG=0,24,4,\"a\"", "+CME ERROR: 528\r\n",
			"AT%CMNG=3,24,4", "+CME ERROR: 528\r\n",
			"AT%CMNG=1,24", "OK\r\n",
		)
		b.Bench().SetSupply(3700)
		b.exchange(
			"AT%CMNG=0,24,4,\"a\"", "+CME ERROR: 528\r\n",
			"AT+CFUN=1", "OK\r\n+CEREG: 2\r\n+CEREG: 1\r\n",
			"AT+CFUN=4", "OK\r\n+CEREG: 0\r\n",
			"AT%CMNG=0,24,4,\"a\"", "OK\r\n",
		)
	})
}

func TestOneUARTOnSeveralPorts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, emulator.Config{})
		port, host := link.Pipe()
		done := make(chan error, 1)
		go func() { done <- b.Serve(port) }()
		second := &bench{t: t, Device: b.Device, host: host}
		require.Empty(t, second.read())
		require.Equal(t, "OK\r\n", second.send("AT\r"))
		require.Equal(t, "OK\r\n", b.read(), "the first port sees the answer too")
		require.NoError(t, host.Close())
		require.NoError(t, <-done)
		b.exchange("AT", "OK\r\n")
	})
}

// A host that sends and does not read must neither block the device for others
// nor make it collect answers without end.
func TestHostThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, emulator.Config{})
		b.exchange("AT%CMNG=0,24,4,\""+strings.Repeat("x", 3000)+"\"", "OK\r\n")
		b.host.SetWriteDeadline(time.Now().Add(time.Second))
		line := strings.Repeat("AT%CMNG=2,24,4\r", 1000)
		for {
			if _, err := io.WriteString(b.host, line); err != nil {
				require.ErrorIs(t, err, os.ErrDeadlineExceeded)
				break
			}
		}
		b.Bench().SetSupply(3600) // the lock is free
		b.Bench().Inspect(func(s *keystore.Store, _ *flash.Flash) { require.Equal(t, 1, s.Len()) })
		got := b.read()
		require.Greater(t, len(got), 64<<10)
		require.True(t, strings.HasSuffix(got, "OK\r\n"))
	})
}

func TestRecordOfAnExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log event.Log
		var events []event.Event
		log.Subscribe(func(e *event.Event) { events = append(events, *e) })
		b := start(t, emulator.Config{Log: &log})
		events = nil
		b.exchange("AT%CMNG=0,24,2,\"-----BEGIN PRIVATE KEY-----\n\"", "OK\r\n")
		var command *event.Command
		var credential *event.Credential
		var response *event.Response
		programmed := 0
		for _, e := range events {
			switch {
			case e.Command != nil:
				command = e.Command
			case e.Credential != nil:
				credential = e.Credential
			case e.Response != nil:
				response = e.Response
			case e.Flash != nil:
				programmed += e.Flash.Bytes
			}
		}
		require.Equal(t, "AT%CMNG=0,24,2,\"<28 bytes masked>\"", command.Text)
		require.EqualValues(t, "write", credential.Op)
		require.EqualValues(t, 24, *credential.SecTag)
		require.Empty(t, credential.Content.Text)
		require.Equal(t, 28, credential.Content.Bytes)
		require.Equal(t, credential.Content.SHA256, credential.After)
		require.Equal(t, programmed, credential.Cost.Programmed)
		require.Positive(t, programmed)
		require.Equal(t, &event.Response{ID: command.ID, Result: "OK"}, response)
	})
}
