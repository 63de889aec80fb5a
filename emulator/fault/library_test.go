package fault_test

import (
	"encoding/binary"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/libmodem"
	"nrf91emu/emulator/network"
)

// pipes is a listener for pipes.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return nil }

// request is a frame of a program, with the id 1.
func request(typ byte, payload string) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(payload)))
	return append(append(b, typ, 0, 1, 0), payload...)
}

const helloPayload = "\x01\x00\x00\x00\x00\x03\x03\x00\x67\x12\x00\x00app"

// What faults do at the library interface, frame by frame: what a program sends, and
// what it hears, with the seconds since.
func TestLibrary(t *testing.T) {
	for _, tt := range []struct {
		name, fault string
		commands    []string
		want        []string // parts of what comes, in order
		told        string
	}{
		{"none", "", []string{"AT+CFUN?"}, []string{"0s answer +CFUN: 0\r\nOK"}, ""},
		{"another command", "crash:after=1", []string{"AT+CFUN?"}, []string{"0s answer +CFUN: 0\r\nOK"}, ""},
		{"crash", "crash:reason=16,restart=0s", []string{"AT+CFUN?", "AT"}, []string{"0s fault 16", "0s -110", "0s -110"}, "reason 0x10"},
		{"late", "late-ok:after=1,delay=3s", []string{"AT", "AT+CGMI"}, []string{"0s answer OK", "3s answer Nordic"}, "of AT+CGMI came 3s late"},
		{"full", "store-full", []string{"AT+CMEE=1", "AT%CMNG=0,1,3,\"x\""}, []string{"0s answer OK", "0s answer +CME ERROR: 515"}, "fill the store"},
		{"inserted", "urc:text=%CESQ: 1", []string{"AT+CGMI"}, []string{"0s notification %CESQ: 1", "0s answer Nordic"}, "before the final result of AT+CGMI"},
		{"twice", "urc-twice", []string{"AT+CEREG=1", "AT+CFUN=1"}, []string{"0s answer OK", "0s answer OK", "0s notification +CEREG: ", "0s notification +CEREG: "}, "+CEREG came twice"},
		{"held", "urc-late", []string{"AT+CEREG=1", "AT+CFUN=1", "AT"}, []string{"answer OK", "answer OK", "notification +CEREG: ", "answer OK", "notification +CEREG: "}, "held back"},
		{"bytes", "lost:to=device", []string{"AT+CFUN?"}, []string{"0s answer +CFUN: 0\r\nOK"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				air := network.Default()
				air.AttachDelay = 0
				log := new(event.Log)
				var told strings.Builder
				log.Subscribe(func(e *event.Event) {
					if e.Fault != nil {
						told.WriteString(e.Fault.Detail + "\n")
					}
				})
				d, err := emulator.New(emulator.Config{Network: &air, Log: log})
				require.NoError(t, err)
				set := fault.NewSet(d, 1)
				if tt.fault != "" {
					spec, err := fault.Parse(tt.fault)
					require.NoError(t, err)
					_, err = set.Add(spec)
					require.NoError(t, err)
				}
				require.NoError(t, d.PowerOn())
				l := make(pipes, 1)
				served := make(chan error)
				go func() { served <- d.ServeLibrary(fault.WrapLibrary(l, set)) }()
				near, far := net.Pipe()
				l <- far
				defer func() {
					set.Close()
					close(l)
					near.Close()
					require.NoError(t, d.Close())
					<-served
				}()
				heard := hear(near)
				// In pieces: a frame is one all the same.
				for _, b := range request(1, helloPayload) {
					near.Write([]byte{b})
				}
				synctest.Wait()
				require.Contains(t, heard(), "0s hello")
				near.Write(request(2, "\x00"))
				for _, c := range tt.commands {
					synctest.Wait()
					near.Write(request(libmodem.TypeAT, c))
				}
				time.Sleep(10 * time.Second)
				synctest.Wait()
				got := heard()
				rest := got
				for _, want := range tt.want {
					_, after, ok := strings.Cut(rest, want)
					require.True(t, ok, "no %q where it should be in:\n%s", want, got)
					rest = after
				}
				if tt.told == "" {
					require.Empty(t, told.String())
				} else {
					require.Contains(t, told.String(), tt.told)
				}
			})
		})
	}
}

// hear reads frames and returns what has come since it was asked last, a line each.
func hear(c net.Conn) func() string {
	var mu sync.Mutex
	var text strings.Builder
	begin := time.Now()
	go func() {
		head := make([]byte, 8)
		for {
			if _, err := io.ReadFull(c, head); err != nil {
				return
			}
			data := make([]byte, binary.LittleEndian.Uint32(head))
			if _, err := io.ReadFull(c, data); err != nil {
				return
			}
			mu.Lock()
			text.WriteString(time.Since(begin).String() + " ")
			switch result := int32(binary.LittleEndian.Uint32(data)); {
			case head[4] == 128:
				text.WriteString("notification " + string(data))
			case head[4] == 129:
				text.WriteString("fault " + strconv.Itoa(int(result)))
			case head[4] == 1:
				text.WriteString("hello")
			case result < 0:
				text.WriteString(strconv.Itoa(int(result)))
			default:
				text.WriteString("answer " + string(data[4:]))
			}
			text.WriteString("\n")
			mu.Unlock()
		}
	}()
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		defer text.Reset()
		return text.String()
	}
}
