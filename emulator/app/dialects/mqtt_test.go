package dialects_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/event"
)

// mqttDialects are the applications with the commands of NCS 2.6 and newer.
var mqttDialects = []string{"serial-modem", "serial-modem-main", "slm"}

// urc is a line that nobody has asked for.
func urc(format string, args ...any) string { return "\r\n" + fmt.Sprintf(format, args...) + "\r\n" }

// The packets of a broker, byte by byte as MQTT 3.1.1 has them.
const (
	connack  = "\x20\x02\x00\x00"
	pingreq  = "\xc0\x00"
	pingresp = "\xd0\x00"
)

// mqttPeer returns a host in virtual time whose next connection goes to the far
// end. Later ones are not answered.
func mqttPeer(t *testing.T, dialect string) (*host, *far) {
	d, send := newAppWith(t, "nrf9151-2.0.4", dialect, nil)
	near, other := net.Pipe()
	t.Cleanup(func() { other.Close() })
	d.board.dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
		if c := near; c != nil {
			near = nil
			return c, nil
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	h := &host{d, t, send}
	h.expect("AT+CFUN=1", ok)
	f := &far{Conn: other}
	go f.read()
	return h, f
}

// mqttSession returns a host whose client the broker has accepted.
func mqttSession(t *testing.T, dialect string) (*host, *far) {
	h, f := mqttPeer(t, dialect)
	command, id := mqttConnect(dialect, `"",""`)
	h.expect(command, ok)
	require.Equal(t, "\x10"+string(rune(12+len(id)))+"\x00\x04MQTT\x04\x02\x00\x3c\x00"+string(rune(len(id)))+id, f.all())
	h.broker(f, connack, urc("#XMQTTEVT: 0,0"))
	return h, f
}

// mqttConnect is the command that connects, and the client id that it has.
func mqttConnect(dialect, user string) (command, id string) {
	switch dialect {
	case "slm-2.4":
		return `AT#XMQTTCON=1,"me",` + user + `,"127.0.0.1",1883`, "me"
	case "slm":
		return `AT#XMQTTCON=1,` + user + `,"127.0.0.1",1883`, "slm_default_client_id"
	}
	return `AT#XMQTTCON=1,` + user + `,"127.0.0.1",1883`, "sm_default_client_id"
}

// all returns everything that was received since the last call.
func (f *far) all() string { return strings.Join(f.got(), "") }

// broker has the far end send bytes, and requires what the host gets of it.
func (h *host) broker(f *far, sent, want string) {
	h.t.Helper()
	_, err := io.WriteString(f, sent)
	require.NoError(h.t, err)
	require.Equal(h.t, want, h.settle())
}

func TestMQTTConfiguration(t *testing.T) {
	for _, dialect := range mqttDialects {
		t.Run(dialect, func(t *testing.T) {
			h := newHost(t, dialect)
			_, id := mqttConnect(dialect, "")
			h.expect("AT#XMQTTCFG?", line(`#XMQTTCFG: "%s",60,1`, id))
			h.expect("AT#XMQTTCFG=?", line("#XMQTTCFG: <client_id>,<keep_alive>,<clean_session>"))
			h.expect(`AT#XMQTTCFG="MyMQTT-Client-ID",300,1`, ok)
			h.expect("AT#XMQTTCFG?", line(`#XMQTTCFG: "MyMQTT-Client-ID",300,1`))
			h.expect(`AT#XMQTTCFG="`+strings.Repeat("i", 64)+`",0,0`, ok)
			h.expect(`AT#XMQTTCFG="other"`, ok) // the rest stays
			h.expect("AT#XMQTTCFG?", line(`#XMQTTCFG: "other",0,0`))
			for _, wrong := range []string{
				`"` + strings.Repeat("i", 65) + `"`, `"a",65536`, `"a",60,2`, `"a",,1`, "1", "",
			} {
				h.expect("AT#XMQTTCFG="+wrong, refused)
			}
			h.expect("AT#XMQTTCFG?", line(`#XMQTTCFG: "other",0,0`))
			h.expect("AT#XMQTTCON?", line("#XMQTTCON: 0"))
			h.expect("AT#XMQTTCON=?", line("#XMQTTCON: (0,1,2),<username>,<password>,<url>,<port>,<sec_tag>"))
		})
	}
	h := newHost(t, "slm-2.4")
	h.expect("AT#XMQTTCFG?", refused)
	h.expect("AT#XMQTTCON=?", line("#XMQTTCON: (0,1,2),<client_id>,<username>,<password>,<url>,<port>,<sec_tag>"))
	h.expect(`AT#XMQTTCON=1,"","","127.0.0.1",1883`, refused)
}

func TestMQTTNeedsAConnection(t *testing.T) {
	for _, dialect := range append(mqttDialects, "slm-2.4") {
		t.Run(dialect, func(t *testing.T) {
			h := newHost(t, dialect)
			for _, command := range []string{
				`PUB="t","m"`, `PUB="t"`, "PUB=?", `SUB="t",0`, "SUB=?", `UNSUB="t"`, "UNSUB=?", "CON=0",
				`CON=1,"","","127.0.0.1"`, `CON=1,"","","127.0.0.1",0`, `CON=3`, "CON=", "CON",
				`CON=1,"` + strings.Repeat("u", 33) + `","","127.0.0.1",1`, `CON=1,"",,"127.0.0.1",1`,
				`CON=1,"","","` + strings.Repeat("h", 128) + `",1`, `CON=1,"","","127.0.0.1",1,-1`,
			} {
				h.expect("AT#XMQTT"+command, refused)
			}
			command, _ := mqttConnect(dialect, `"",""`)
			h.expect("AT+CFUN=4", ok)
			h.expect(command, refused) // offline
			h.expect("AT#XMQTTCON?", line("#XMQTTCON: 0"))
		})
	}
}

// A whole session, with the bytes on the port and on the network.
func TestMQTTSession(t *testing.T) {
	for _, dialect := range append(mqttDialects, "slm-2.4") {
		bubble(t, dialect, func(t *testing.T) {
			h, f := mqttSession(t, dialect)
			_, id := mqttConnect(dialect, "")
			h.expect("AT#XMQTTCON?", line(`#XMQTTCON: 1,"%s","127.0.0.1",1883`, id))
			command, _ := mqttConnect(dialect, `"",""`)
			h.expect(command, refused)

			h.expect("AT#XMQTTSUB=?", line("#XMQTTSUB: <topic>,(0,1,2)"))
			h.expect(`AT#XMQTTSUB="a/b",1`, ok)
			require.Equal(t, "\x82\x08\x00\x01\x00\x03a/b\x01", f.all())
			h.broker(f, "\x90\x03\x00\x01\x01", urc("#XMQTTEVT: 7,0"))
			h.expect(`AT#XMQTTSUB="no",2`, ok)
			require.Equal(t, "\x82\x07\x00\x02\x00\x02no\x02", f.all())
			h.broker(f, "\x90\x03\x00\x02\x80", urc("#XMQTTEVT: 7,0")) // refused all the same

			h.expect("AT#XMQTTPUB=?", line("#XMQTTPUB: <topic>,<msg>,(0,1,2),(0,1)"))
			h.expect(`AT#XMQTTPUB="t","QoS 0, retained",0,1`, ok)
			require.Equal(t, "\x31\x12\x00\x01tQoS 0, retained", f.all())
			h.expect(`AT#XMQTTPUB="t","QoS 1",1`, ok)
			require.Equal(t, "\x32\x0a\x00\x01t\x00\x02QoS 1", f.all())
			h.broker(f, "\x40\x02\x00\x02", urc("#XMQTTEVT: 3,0"))
			h.expect(`AT#XMQTTPUB="t","QoS 2",2`, ok)
			require.Equal(t, "\x34\x0a\x00\x01t\x00\x03QoS 2", f.all())
			h.broker(f, "\x50\x02\x00\x03", urc("#XMQTTEVT: 4,0"))
			require.Equal(t, "\x62\x02\x00\x03", f.all())
			h.broker(f, "\x70\x02\x00\x03", urc("#XMQTTEVT: 6,0"))

			block := urc("#XMQTTMSG: 3,5") + "a/b\r\nHello\r\n" + urc("#XMQTTEVT: 2,0")
			h.broker(f, "\x30\x0a\x00\x03a/bHello", block)
			require.Empty(t, f.all())
			h.broker(f, "\x32\x0c\x00\x03a/b\x00\x09Hello", block)
			require.Equal(t, "\x40\x02\x00\x09", f.all())
			h.broker(f, "\x34\x0c\x00\x03a/b\x00\x0aHello", block)
			require.Equal(t, "\x50\x02\x00\x0a", f.all())
			h.broker(f, "\x62\x02\x00\x0a", urc("#XMQTTEVT: 5,0"))
			require.Equal(t, "\x70\x02\x00\x0a", f.all())
			h.broker(f, "\x30\x05\x00\x03a/b", urc("#XMQTTMSG: 3,0")+"a/b\r\n\r\n"+urc("#XMQTTEVT: 2,0"))

			h.expect("AT#XMQTTUNSUB=?", line("#XMQTTUNSUB: <topic>"))
			h.expect(`AT#XMQTTUNSUB="a/b"`, ok)
			require.Equal(t, "\xa2\x07\x00\x03\x00\x03a/b", f.all())
			h.broker(f, "\xb0\x02\x00\x03", urc("#XMQTTEVT: 8,0"))

			for _, wrong := range []string{
				`PUB="` + strings.Repeat("t", 128) + `","m"`, `PUB="t","m",3`, `PUB="t","m",0,2`, `PUB="t",,1,0`,
				`PUB=t,"m"`, `SUB="t"`, `SUB="t",0,0`, `SUB="t",3`, `UNSUB="t",1`, "UNSUB=",
			} {
				h.expect("AT#XMQTT"+wrong, refused)
			}
			if dialect != "slm-2.4" {
				h.expect(`AT#XMQTTCFG="x"`, refused)
			}

			// Who waits until the channel is idle, tells the end after OK.
			want := urc("#XMQTTEVT: 1,0") + ok
			if dialect == "serial-modem-main" {
				want = ok + urc("#XMQTTEVT: 1,0")
			}
			h.expect("AT#XMQTTCON=0", want)
			require.Equal(t, "\xe0\x00", f.all())
			h.expect("AT#XMQTTCON?", line("#XMQTTCON: 0"))
			h.expect("AT#XMQTTCON=0", refused)
		})
	}
}

func TestMQTTUser(t *testing.T) {
	bubble(t, "name and password", func(t *testing.T) {
		h, f := mqttPeer(t, "serial-modem")
		h.expect(`AT#XMQTTCFG="i",0,0`, ok)
		h.expect(`AT#XMQTTCON=1,"user","pass","127.0.0.1",1883`, ok)
		require.Equal(t, "\x10\x19\x00\x04MQTT\x04\xc0\x00\x00\x00\x01i\x00\x04user\x00\x04pass", f.all())
	})
	bubble(t, "a password without a name is ignored", func(t *testing.T) {
		h, f := mqttPeer(t, "serial-modem")
		h.expect(`AT#XMQTTCFG="i",0,0`, ok)
		h.expect(`AT#XMQTTCON=1,"","pass","127.0.0.1",1883`, ok)
		require.Equal(t, "\x10\x0d\x00\x04MQTT\x04\x00\x00\x00\x00\x01i", f.all())
	})
}

func TestMQTTOverIPv6(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, f := mqttPeer(t, "serial-modem")
		dial, asked := h.board.dial, ""
		h.board.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			asked = network + " " + address
			return dial(ctx, network, address)
		}
		h.expect(`AT#XMQTTCON=1,"","","::1",1883`, refused) // no address of that family
		h.expect(`AT#XMQTTCON=2,"","","::1",1883`, ok)
		require.Equal(t, "tcp6 [::1]:1883", asked)
		h.broker(f, connack, urc("#XMQTTEVT: 0,0"))
		h.expect("AT#XMQTTCON?", line(`#XMQTTCON: 1,"sm_default_client_id","::1",1883`))
	})
}

// Between OK and CONNACK the client counts as connected and can do nothing.
func TestMQTTBeforeConnack(t *testing.T) {
	for _, dialect := range mqttDialects {
		bubble(t, dialect, func(t *testing.T) {
			h, f := mqttPeer(t, dialect)
			command, id := mqttConnect(dialect, `"",""`)
			h.expect(command, ok)
			h.expect("AT#XMQTTCON?", line(`#XMQTTCON: 1,"%s","127.0.0.1",1883`, id))
			h.expect("AT#XMQTTPUB=?", line("#XMQTTPUB: <topic>,<msg>,(0,1,2),(0,1)"))
			h.expect(`AT#XMQTTPUB="t","m"`, refused)
			h.expect(`AT#XMQTTSUB="t",0`, refused)
			h.expect("AT#XMQTTCON=0", refused)
			h.expect(`AT#XMQTTPUB="t"`, ok)
			status := map[bool]int{true: -128, false: -1}[dialect == "slm"]
			h.expectRaw("message+++", urc("#XDATAMODE: %d", status))
			h.broker(f, connack, urc("#XMQTTEVT: 0,0"))
		})
	}
}

// How a connection ends that the host has not ended.
func TestMQTTEnds(t *testing.T) {
	for _, c := range []struct {
		name, sent, want string
	}{
		{"the broker closes", "", urc("#XMQTTEVT: 1,-128")},
		{"a quality of service that does not exist", "\x36\x03\x00\x01t", urc("#XMQTTEVT: 1,-22")},
		{"a packet with a flag that it has not", "\xd1\x00", urc("#XMQTTEVT: 1,-22")},
		{"an endless length", "\x30\xff\xff\xff\xff\xff", urc("#XMQTTEVT: 1,-22")},
		{"a length that promises too much", "\x30\xff\xff\xff\x7f", urc("#XMQTTEVT: 1,-12")},
		{"an acknowledgement that is too long", "\x40\xff\x7f", urc("#XMQTTEVT: 1,-12")},
		{"a topic that is too long", "\x30\xfe\x03\x01\xfc" + strings.Repeat("t", 508), urc("#XMQTTEVT: 1,-12")},
		{"an acknowledgement without id", "\x40\x01\x00", urc("#XMQTTEVT: 1,-22")},
	} {
		for _, dialect := range mqttDialects {
			bubble(t, c.name+"/"+dialect, func(t *testing.T) {
				h, f := mqttSession(t, dialect)
				if c.sent != "" {
					h.broker(f, c.sent, c.want)
					require.Empty(t, f.all())
				} else {
					f.Close()
					require.Equal(t, c.want, h.settle())
				}
				h.expect("AT#XMQTTCON?", line("#XMQTTCON: 0"))
				h.expect(`AT#XMQTTPUB="t","m"`, refused)
			})
		}
	}
	for code := range 6 {
		bubble(t, fmt.Sprint("refused with ", code+1), func(t *testing.T) {
			h, f := mqttPeer(t, "serial-modem")
			command, _ := mqttConnect("serial-modem", `"",""`)
			h.expect(command, ok)
			h.broker(f, "\x20\x02\x00"+string(rune(code+1)), urc("#XMQTTEVT: 0,%d", code+1)+urc("#XMQTTEVT: 1,-111"))
			h.expect("AT#XMQTTCON?", line("#XMQTTCON: 0"))
		})
	}
	bubble(t, "offline", func(t *testing.T) {
		h, _ := mqttSession(t, "serial-modem")
		h.expect("AT+CFUN=4", ok)
		require.Equal(t, urc("#XMQTTEVT: 1,-113"), h.settle())
	})
	bubble(t, "modem reset", func(t *testing.T) {
		h, _ := mqttSession(t, "serial-modem")
		h.quiet("AT#XMODEMRESET\r")
		time.Sleep(time.Second)
		require.Equal(t, line("#XMODEMRESET: 0")+urc("#XMQTTEVT: 1,-113"), h.settle())
	})
	bubble(t, "reset", func(t *testing.T) {
		h, _ := mqttSession(t, "serial-modem")
		h.expect("AT#XRESET", ok)
		time.Sleep(time.Second)
		require.Equal(t, "Ready\r\n", h.settle())
		h.expect("AT#XMQTTCON?", line("#XMQTTCON: 0"))
		time.Sleep(time.Hour)
		require.Empty(t, h.settle())
	})
}

// The reason of an end is in the record.
func TestMQTTRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(event.Log)
		var reasons []string
		log.Subscribe(func(e *event.Event) {
			if e.Socket != nil && e.Socket.Op == "mqtt" {
				reasons = append(reasons, fmt.Sprint(e.Socket.Name, ": ", e.Socket.Reason))
			}
		})
		d, send := newAppWith(t, "nrf9151-2.0.4", "serial-modem", log)
		near, other := net.Pipe()
		defer other.Close()
		d.board.dial = func(context.Context, string, string) (net.Conn, error) { return near, nil }
		h := &host{d, t, send}
		h.expect("AT+CFUN=1", ok)
		f := &far{Conn: other}
		go f.read()
		command, _ := mqttConnect("serial-modem", `"",""`)
		h.expect(command, ok)
		h.broker(f, "\x20\x02\x00\x05", urc("#XMQTTEVT: 0,5")+urc("#XMQTTEVT: 1,-111"))
		require.Equal(t, []string{
			": the broker refuses user name and password, or this client",
			"ECONNREFUSED: the broker refuses user name and password, or this client",
		}, reasons)
	})
}

// Passwords and keys do not get into the record, however the line is written.
func TestSecretsOfApplications(t *testing.T) {
	for _, c := range []struct{ dialect, sent, want string }{
		{"serial-modem", `AT#XMQTTCON=1,"user","secret","host",1883`, `AT#XMQTTCON=1,"user","<6 bytes masked>","host",1883`},
		{"serial-modem", `at#xmqttcon=1,"user","secret"`, `at#xmqttcon=1,"<4 bytes masked>","<6 bytes masked>"`},
		{"serial-modem", `AT#XMQTTCON=1,"user","","host",1883`, `AT#XMQTTCON=1,"user","<0 bytes masked>","host",1883`},
		{"slm", `xx AT#XMQTTCON=1,"user","secret","host",1883`, `<2 bytes masked> AT#XMQTTCON=1,"user","<6 bytes masked>","host",1883`},
		{"slm-2.4", `AT#XMQTTCON=1,"id","user","secret","host",1883`, `AT#XMQTTCON=1,"id","<4 bytes masked>","<6 bytes masked>","host",1883`},
		{"slm", `xx AT%CMNG=0,1,3,"736563726574"`, `<2 bytes masked> AT%CMNG=0,1,3,"<12 bytes masked>"`},
		{"slm", `AT#XMQTTPUB="t","m"`, `AT#XMQTTPUB="t","m"`},
	} {
		log := new(event.Log)
		var text string
		log.Subscribe(func(e *event.Event) {
			if e.Command != nil {
				text = e.Command.Text
			}
		})
		d, send := newApp(t, c.dialect, log)
		send(c.sent + d.Dialect().Framing.Terminator.Bytes())
		require.Equal(t, c.want, text)
	}
}

func TestMQTTKeepAlive(t *testing.T) {
	for _, dialect := range mqttDialects {
		bubble(t, dialect, func(t *testing.T) {
			h, f := mqttSession(t, dialect)
			time.Sleep(time.Minute - 1)
			require.Empty(t, f.all())
			h.expect(`AT#XMQTTPUB="t","m"`, ok) // what is sent begins a new interval
			f.all()
			time.Sleep(time.Minute - 1)
			h.broker(f, "\x30\x04\x00\x01tm", urc("#XMQTTMSG: 1,1")+"t\r\nm\r\n"+urc("#XMQTTEVT: 2,0")) // received does not
			require.Empty(t, f.all())
			time.Sleep(time.Nanosecond)
			require.Equal(t, pingreq, f.all())
			h.broker(f, pingresp, urc("#XMQTTEVT: 9,0"))

			time.Sleep(time.Minute)
			require.Equal(t, pingreq, f.all())
			time.Sleep(time.Minute)
			require.Equal(t, pingreq, f.all())
			time.Sleep(time.Minute - 1)
			require.Empty(t, h.settle())
			time.Sleep(time.Nanosecond)
			require.Equal(t, urc("#XMQTTEVT: 1,-113"), h.settle())
			require.Empty(t, f.all())
		})
	}
	bubble(t, "no CONNACK", func(t *testing.T) {
		h, _ := mqttPeer(t, "slm")
		command, _ := mqttConnect("slm", `"",""`)
		h.expect(command, ok)
		time.Sleep(time.Minute)
		require.Equal(t, urc("#XMQTTEVT: 1,-113"), h.settle())
	})
	bubble(t, "none", func(t *testing.T) {
		h, f := mqttPeer(t, "slm")
		h.expect(`AT#XMQTTCFG="i",0`, ok)
		command, _ := mqttConnect("slm", `"",""`)
		h.expect(command, ok)
		h.broker(f, connack, urc("#XMQTTEVT: 0,0"))
		f.all()
		time.Sleep(24 * time.Hour)
		require.Empty(t, f.all())
		require.Empty(t, h.settle())
	})
}

// In data mode a pause ends a message, and events wait where the dialect has them
// wait.
func TestMQTTDataMode(t *testing.T) {
	for _, dialect := range append(mqttDialects, "slm-2.4") {
		bubble(t, dialect, func(t *testing.T) {
			h, f := mqttSession(t, dialect)
			h.expect(`AT#XMQTTPUB="t","",2,0`, ok)
			h.expectRaw(`{"a":1}+++`, left)
			require.Equal(t, "\x34\x0c\x00\x01t\x00\x01{\"a\":1}", f.all())
			h.broker(f, "\x50\x02\x00\x01", urc("#XMQTTEVT: 4,0"))
			require.Equal(t, "\x62\x02\x00\x01", f.all())
			h.broker(f, "\x70\x02\x00\x01", urc("#XMQTTEVT: 6,0"))

			h.expect(`AT#XMQTTPUB="t"`, ok)
			h.quiet("one")
			time.Sleep(32 * time.Millisecond)
			require.Equal(t, "\x30\x06\x00\x01tone", f.all())
			message := urc("#XMQTTMSG: 1,1") + "t\r\nm\r\n" + urc("#XMQTTEVT: 2,0")
			if strings.HasPrefix(dialect, "slm") {
				h.broker(f, "\x30\x04\x00\x01tm", message)
				h.expectRaw("two+++", left)
			} else {
				h.broker(f, "\x30\x04\x00\x01tm", "")
				h.expectRaw("two+++", left+message)
			}
			require.Equal(t, "\x30\x06\x00\x01ttwo", f.all())

			h.expect(`AT#XMQTTPUB="t"`, ok)
			h.quiet(strings.Repeat("x", 4096))
			h.quiet("y")
			status := map[bool]int{true: -139, false: -1}[strings.HasPrefix(dialect, "slm")]
			h.expectRaw("+++", urc("#XDATAMODE: %d", status))
			require.Empty(t, f.all())

			h.expect(`AT#XMQTTPUB="t"`, ok)
			h.quiet(strings.Repeat("x", 4096))
			h.expectRaw("+++", left)
			require.Equal(t, "\x30\x83\x20\x00\x01t"+strings.Repeat("x", 4096), f.all())
		})
	}
}

func TestMQTTInlineLimit(t *testing.T) {
	for dialect, limit := range map[string]int{"slm": 1024, "serial-modem": 4000} {
		bubble(t, dialect, func(t *testing.T) {
			h, f := mqttSession(t, dialect)
			h.expect(`AT#XMQTTPUB="t","`+strings.Repeat("x", limit)+`"`, ok)
			require.Len(t, f.all(), limit+6)
		})
	}
	bubble(t, "one more", func(t *testing.T) {
		h, _ := mqttSession(t, "slm")
		h.expect(`AT#XMQTTPUB="t","`+strings.Repeat("x", 1025)+`"`, refused)
	})
}

// What comes in pieces, or many at a time, comes out whole.
func TestMQTTFraming(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 4096)
	for _, dialect := range mqttDialects {
		bubble(t, dialect, func(t *testing.T) {
			h, f := mqttSession(t, dialect)
			packet := "\x30\x04\x00\x01tm"
			want := urc("#XMQTTMSG: 1,1") + "t\r\nm\r\n" + urc("#XMQTTEVT: 2,0")
			for i := range len(packet) - 1 {
				h.broker(f, packet[i:i+1], "")
			}
			h.broker(f, packet[len(packet)-1:], want)
			h.broker(f, "\x00\x00"+pingreq+"\xe0\x00", "") // what no broker sends is ignored
			h.broker(f, strings.Repeat(packet, 50), strings.Repeat(want, 50))
			h.broker(f, "\x30\x83\x80\x04\x00\x01t"+long, urc("#XMQTTMSG: 1,65536")+"t\r\n"+long+"\r\n"+urc("#XMQTTEVT: 2,0"))
		})
	}
}

// A message never falls into an answer, and its parts stay together.
func TestMQTTMessageWaits(t *testing.T) {
	for _, dialect := range []string{"serial-modem", "serial-modem-main"} {
		bubble(t, dialect, func(t *testing.T) {
			h, f := mqttPeer(t, dialect)
			h.expect(`AT#XMQTTCFG="i",0`, ok)
			command, _ := mqttConnect(dialect, `"",""`)
			h.expect(command, ok)
			h.broker(f, connack, urc("#XMQTTEVT: 0,0"))
			h.expect("AT#XSOCKET=1,1,0", line("#XSOCKET: 1,1,6"))
			h.quiet("AT#XCONNECT=1,\"127.0.0.1\",1\r") // takes its time
			h.broker(f, "\x30\x04\x00\x01tm", "")
			h.notify("+CEREG: 1")
			time.Sleep(10 * time.Minute)
			require.Equal(t, refused+urc("+CEREG: 1")+urc("#XMQTTMSG: 1,1")+"t\r\nm\r\n"+urc("#XMQTTEVT: 2,0"), h.settle())
		})
	}
	bubble(t, "half a command", func(t *testing.T) {
		h, f := mqttSession(t, "serial-modem-main")
		h.quiet("AT+CF")
		h.broker(f, "\x30\x04\x00\x01tm", "")
		h.expectRaw("UN?\r", "\r\n+CFUN: 1\r\n"+ok+urc("#XMQTTMSG: 1,1")+"t\r\nm\r\n"+urc("#XMQTTEVT: 2,0"))
	})
	bubble(t, "slm: at once", func(t *testing.T) {
		h, f := mqttSession(t, "slm")
		h.quiet("AT+CF")
		h.broker(f, "\x30\x04\x00\x01tm", urc("#XMQTTMSG: 1,1")+"t\r\nm\r\n"+urc("#XMQTTEVT: 2,0"))
		h.expectRaw("UN?\r\n", "\r\n+CFUN: 1\r\n"+ok)
	})
}

// A host that does not read holds back the broker, and keeps the connection.
func TestMQTTSlowHost(t *testing.T) {
	for _, dialect := range mqttDialects {
		bubble(t, dialect, func(t *testing.T) {
			h, f := mqttSession(t, dialect)
			h.hold(true)
			sent := make(chan struct{})
			packet := "\x30\x84\x08\x00\x01t" + strings.Repeat("x", 1025)
			go func() {
				defer close(sent)
				io.WriteString(f, strings.Repeat(packet, 50))
				io.WriteString(f, pingresp)
			}()
			require.Empty(t, h.settle())
			select {
			case <-sent:
				t.Fatal("the broker was not held back")
			default:
			}
			time.Sleep(10 * time.Minute) // no ping is answered
			require.Empty(t, h.settle())
			h.hold(false)
			want := urc("#XMQTTMSG: 1,1025") + "t\r\n" + strings.Repeat("x", 1025) + "\r\n" + urc("#XMQTTEVT: 2,0")
			require.Equal(t, strings.Repeat(want, 50)+urc("#XMQTTEVT: 9,0"), h.settle())
			<-sent
		})
	}
}

// What comes while the host is in data mode waits in the network once it is more
// than a little.
func TestMQTTMessagesInDataMode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, f := mqttSession(t, "serial-modem")
		h.expect(`AT#XMQTTPUB="t"`, ok)
		sent := make(chan struct{})
		packet := "\x30\x84\x08\x00\x01t" + strings.Repeat("x", 1025)
		go func() {
			defer close(sent)
			io.WriteString(f, strings.Repeat(packet, 50))
		}()
		h.quiet("message")
		require.Empty(t, h.settle())
		select {
		case <-sent:
			t.Fatal("the broker was not held back")
		default:
		}
		want := urc("#XMQTTMSG: 1,1025") + "t\r\n" + strings.Repeat("x", 1025) + "\r\n" + urc("#XMQTTEVT: 2,0")
		require.Equal(t, left+strings.Repeat(want, 50), h.send("+++")+h.settle())
		<-sent
	})
}

// hold makes the host slow, or not any more.
func (d *device) hold(slow bool) {
	d.Lock()
	defer d.Unlock()
	if d.board.congested = slow; !slow {
		d.Resume()
	}
}

// A broker that does not read holds back the client, which holds back the
// broker's messages.
func TestMQTTSlowBroker(t *testing.T) {
	bubble(t, "acknowledgements", func(t *testing.T) { slowBroker(t, false) })
	bubble(t, "and a command", func(t *testing.T) { slowBroker(t, true) })
}

func slowBroker(t *testing.T, publish bool) {
	d, send := newAppWith(t, "nrf9151-2.0.4", "serial-modem", nil)
	near, other := net.Pipe()
	defer other.Close()
	d.board.dial = func(context.Context, string, string) (net.Conn, error) { return near, nil }
	h := &host{d, t, send}
	h.expect("AT+CFUN=1", ok)
	h.expect(`AT#XMQTTCFG="i",0`, ok)
	h.expect(`AT#XMQTTCON=1,"","","127.0.0.1",1883`, ok)
	f := &far{Conn: other}
	go func() {
		io.WriteString(f, connack+strings.Repeat("\x32\x06\x00\x01t\x00\x01m", 1000))
	}()
	block := urc("#XMQTTMSG: 1,1") + "t\r\nm\r\n" + urc("#XMQTTEVT: 2,0")
	got := h.settle()
	require.Equal(t, urc("#XMQTTEVT: 0,0")+strings.Repeat(block, strings.Count(got, "MSG")), got)
	require.Less(t, strings.Count(got, "MSG"), 100)
	if publish {
		h.quiet(`AT#XMQTTPUB="t","m"` + "\r") // waits in the queue
	}
	go f.read()
	rest := h.settle()
	require.Equal(t, 1000, strings.Count(got+rest, "MSG: 1,1\r\nt\r\nm\r\n"))
	require.Equal(t, publish, strings.Contains(rest, ok))
	require.Equal(t, 1000, strings.Count(f.all(), "\x40\x02\x00\x01"))
}

// With a length, data mode ends by itself (fact mqtt/data-length).
func TestMQTTDataLength(t *testing.T) {
	bubble(t, "2.0", func(t *testing.T) {
		h, f := mqttSession(t, "serial-modem-2.0")
		h.expect("AT#XMQTTPUB=?", line("#XMQTTPUB: <topic>,<msg>,(0,1,2),(0,1)[,<data_len>]"))
		h.expect(`AT#XMQTTPUB="t","",0,0,5`, ok)
		h.expectRaw("a+++bAT\r", left+ok)
		require.Equal(t, "\x30\x08\x00\x01ta+++b", f.all())
		h.expect(`AT#XMQTTPUB="t","",1,0,0`, ok) // 0 is none
		h.expectRaw("x+++", left)
		require.Equal(t, "\x32\x06\x00\x01t\x00\x02x", f.all())
		h.expect(`AT#XMQTTPUB="t","m",0,0,0`, ok)
		require.Equal(t, "\x30\x04\x00\x01tm", f.all())
		for _, wrong := range []string{`"t","m",0,0,1`, `"t","",0,0,4097`, `"t","",0,0,-1`, `"t","",0,0,`} {
			h.expect("AT#XMQTTPUB="+wrong, refused)
		}
		h.expect(`AT#XMQTTPUB="t","",0,0,4096`, ok)
		h.expectRaw(strings.Repeat("x", 4096), left)
		require.Equal(t, "\x30\x83\x20\x00\x01t"+strings.Repeat("x", 4096), f.all())
	})
	bubble(t, "before 2.0", func(t *testing.T) {
		h, f := mqttSession(t, "serial-modem-main")
		h.expect(`AT#XMQTTPUB="t","m",0,0,1`, ok) // one parameter more is passed over
		require.Equal(t, "\x30\x04\x00\x01tm", f.all())
	})
}

// How a connection ends in Serial Modem v2.0.0 (fact mqtt/ends-of-v2).
func TestMQTTEnds20(t *testing.T) {
	bubble(t, "the broker closes", func(t *testing.T) {
		h, f := mqttSession(t, "serial-modem-2.0")
		f.Close()
		require.Equal(t, urc("#XMQTTEVT: 1,-104"), h.settle())
	})
	bubble(t, "the modem closes the socket", func(t *testing.T) {
		h, _ := mqttSession(t, "serial-modem-2.0")
		h.quiet("AT#XMODEMRESET\r")
		time.Sleep(time.Second)
		require.Equal(t, line("#XMODEMRESET: 0")+urc("#XMQTTEVT: 1,-128"), h.settle())
	})
	bubble(t, "+CFUN=4 closes the socket", func(t *testing.T) {
		h, _ := mqttSession(t, "serial-modem-2.0")
		h.expect("AT+CFUN=4", ok)
		require.Equal(t, urc("#XMQTTEVT: 1,-128"), h.settle())
	})
	bubble(t, "two pings without an answer", func(t *testing.T) {
		h, _ := mqttSession(t, "serial-modem-2.0")
		time.Sleep(3*time.Minute + time.Second)
		require.Equal(t, urc("#XMQTTEVT: 1,-126"), h.settle())
	})
}
