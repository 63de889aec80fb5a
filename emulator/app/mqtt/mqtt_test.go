package mqtt_test

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

	"nrf91emu/emulator/app/apptest"
	"nrf91emu/emulator/event"
)

// mqttDialects are the applications with the commands of NCS 2.6 and newer.
var mqttDialects = []string{"serial-modem", "serial-modem-main", "slm"}

// The packets of a broker, byte by byte as MQTT 3.1.1 has them.
const (
	connack  = "\x20\x02\x00\x00"
	pingreq  = "\xc0\x00"
	pingresp = "\xd0\x00"
)

// mqttSession returns a host whose client the broker has accepted.
func mqttSession(t *testing.T, dialect string) (*apptest.Host, *apptest.Far) {
	h, f := apptest.NewFar(t, dialect)
	command, id := mqttConnect(dialect, `"",""`)
	h.Expect(command, apptest.OK)
	require.Equal(t, "\x10"+string(rune(12+len(id)))+"\x00\x04MQTT\x04\x02\x00\x3c\x00"+string(rune(len(id)))+id, f.All())
	h.Hear(f, connack, apptest.URC("#XMQTTEVT: 0,0"))
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

func TestMQTTConfiguration(t *testing.T) {
	for _, dialect := range mqttDialects {
		t.Run(dialect, func(t *testing.T) {
			h := apptest.NewHost(t, dialect)
			_, id := mqttConnect(dialect, "")
			h.Expect("AT#XMQTTCFG?", apptest.Line(`#XMQTTCFG: "%s",60,1`, id))
			h.Expect("AT#XMQTTCFG=?", apptest.Line("#XMQTTCFG: <client_id>,<keep_alive>,<clean_session>"))
			h.Expect(`AT#XMQTTCFG="MyMQTT-Client-ID",300,1`, apptest.OK)
			h.Expect("AT#XMQTTCFG?", apptest.Line(`#XMQTTCFG: "MyMQTT-Client-ID",300,1`))
			h.Expect(`AT#XMQTTCFG="`+strings.Repeat("i", 64)+`",0,0`, apptest.OK)
			h.Expect(`AT#XMQTTCFG="other",0,0`, apptest.OK)
			h.Expect("AT#XMQTTCFG?", apptest.Line(`#XMQTTCFG: "other",0,0`))
			for _, wrong := range []string{
				`"` + strings.Repeat("i", 65) + `"`, `"a",65536`, `"a",60,2`, `"a",,1`, "1", "",
			} {
				h.Expect("AT#XMQTTCFG="+wrong, apptest.Refused)
			}
			h.Expect("AT#XMQTTCFG?", apptest.Line(`#XMQTTCFG: "a",0,0`)) // the id was right
			h.Expect(`AT#XMQTTCFG="other"`, apptest.OK)
			h.Expect("AT#XMQTTCFG?", apptest.Line(`#XMQTTCFG: "other",60,1`)) // the rest as at start
			h.Expect("AT#XMQTTCON?", apptest.Line("#XMQTTCON: 0"))
			h.Expect("AT#XMQTTCON=?", apptest.Line("#XMQTTCON: (0,1,2),<username>,<password>,<url>,<port>,<sec_tag>"))
		})
	}
	h := apptest.NewHost(t, "slm-2.4")
	h.Expect("AT#XMQTTCFG?", apptest.Refused)
	h.Expect("AT#XMQTTCON=?", apptest.Line("#XMQTTCON: (0,1,2),<client_id>,<username>,<password>,<url>,<port>,<sec_tag>"))
	h.Expect(`AT#XMQTTCON=1,"","","127.0.0.1",1883`, apptest.Refused)
}

func TestMQTTNeedsAConnection(t *testing.T) {
	for _, dialect := range append(mqttDialects, "slm-2.4") {
		t.Run(dialect, func(t *testing.T) {
			h := apptest.NewHost(t, dialect)
			for _, command := range []string{
				`PUB="t","m"`, `PUB="t"`, "PUB=?", `SUB="t",0`, "SUB=?", `UNSUB="t"`, "UNSUB=?", "CON=0",
				`CON=1,"","","127.0.0.1"`, `CON=1,"","","127.0.0.1",0`, `CON=3`, "CON=", "CON",
				`CON=1,"` + strings.Repeat("u", 33) + `","","127.0.0.1",1`, `CON=1,"",,"127.0.0.1",1`,
				`CON=1,"","","` + strings.Repeat("h", 128) + `",1`, `CON=1,"","","127.0.0.1",1,-1`,
			} {
				h.Expect("AT#XMQTT"+command, apptest.Refused)
			}
			command, _ := mqttConnect(dialect, `"",""`)
			h.Expect("AT+CFUN=4", apptest.OK)
			h.Expect(command, apptest.Refused) // offline
			h.Expect("AT#XMQTTCON?", apptest.Line("#XMQTTCON: 0"))
		})
	}
}

// A whole session, with the bytes on the port and on the network.
func TestMQTTSession(t *testing.T) {
	for _, dialect := range append(mqttDialects, "slm-2.4") {
		apptest.Bubble(t, dialect, func(t *testing.T) {
			h, f := mqttSession(t, dialect)
			_, id := mqttConnect(dialect, "")
			h.Expect("AT#XMQTTCON?", apptest.Line(`#XMQTTCON: 1,"%s","127.0.0.1",1883`, id))
			command, _ := mqttConnect(dialect, `"",""`)
			h.Expect(command, apptest.Refused)

			h.Expect("AT#XMQTTSUB=?", apptest.Line("#XMQTTSUB: <topic>,(0,1,2)"))
			h.Expect(`AT#XMQTTSUB="a/b",1`, apptest.OK)
			require.Equal(t, "\x82\x08\x00\x01\x00\x03a/b\x01", f.All())
			h.Hear(f, "\x90\x03\x00\x01\x01", apptest.URC("#XMQTTEVT: 7,0"))
			h.Expect(`AT#XMQTTSUB="no",2`, apptest.OK)
			require.Equal(t, "\x82\x07\x00\x02\x00\x02no\x02", f.All())
			h.Hear(f, "\x90\x03\x00\x02\x80", apptest.URC("#XMQTTEVT: 7,0")) // refused all the same

			h.Expect("AT#XMQTTPUB=?", apptest.Line("#XMQTTPUB: <topic>,<msg>,(0,1,2),(0,1)"))
			h.Expect(`AT#XMQTTPUB="t","QoS 0, retained",0,1`, apptest.OK)
			require.Equal(t, "\x31\x12\x00\x01tQoS 0, retained", f.All())
			h.Expect(`AT#XMQTTPUB="t","QoS 1",1`, apptest.OK)
			require.Equal(t, "\x32\x0a\x00\x01t\x00\x02QoS 1", f.All())
			h.Hear(f, "\x40\x02\x00\x02", apptest.URC("#XMQTTEVT: 3,0"))
			h.Expect(`AT#XMQTTPUB="t","QoS 2",2`, apptest.OK)
			require.Equal(t, "\x34\x0a\x00\x01t\x00\x03QoS 2", f.All())
			h.Hear(f, "\x50\x02\x00\x03", apptest.URC("#XMQTTEVT: 4,0"))
			require.Equal(t, "\x62\x02\x00\x03", f.All())
			h.Hear(f, "\x70\x02\x00\x03", apptest.URC("#XMQTTEVT: 6,0"))

			block := apptest.URC("#XMQTTMSG: 3,5") + "a/b\r\nHello\r\n" + apptest.URC("#XMQTTEVT: 2,0")
			h.Hear(f, "\x30\x0a\x00\x03a/bHello", block)
			require.Empty(t, f.All())
			h.Hear(f, "\x32\x0c\x00\x03a/b\x00\x09Hello", block)
			require.Equal(t, "\x40\x02\x00\x09", f.All())
			h.Hear(f, "\x34\x0c\x00\x03a/b\x00\x0aHello", block)
			require.Equal(t, "\x50\x02\x00\x0a", f.All())
			h.Hear(f, "\x62\x02\x00\x0a", apptest.URC("#XMQTTEVT: 5,0"))
			require.Equal(t, "\x70\x02\x00\x0a", f.All())
			h.Hear(f, "\x30\x05\x00\x03a/b", apptest.URC("#XMQTTMSG: 3,0")+"a/b\r\n\r\n"+apptest.URC("#XMQTTEVT: 2,0"))

			h.Expect("AT#XMQTTUNSUB=?", apptest.Line("#XMQTTUNSUB: <topic>"))
			h.Expect(`AT#XMQTTUNSUB="a/b"`, apptest.OK)
			require.Equal(t, "\xa2\x07\x00\x03\x00\x03a/b", f.All())
			h.Hear(f, "\xb0\x02\x00\x03", apptest.URC("#XMQTTEVT: 8,0"))

			for _, wrong := range []string{
				`PUB="` + strings.Repeat("t", 128) + `","m"`, `PUB="t","m",3`, `PUB="t","m",0,2`, `PUB="t",,1,0`,
				`PUB=t,"m"`, `SUB="t"`, `SUB="t",0,0`, `SUB="t",3`, `UNSUB="t",1`, "UNSUB=",
			} {
				h.Expect("AT#XMQTT"+wrong, apptest.Refused)
			}
			if dialect != "slm-2.4" {
				h.Expect(`AT#XMQTTCFG="x"`, apptest.Refused)
			}

			// Who waits until the channel is idle, tells the end after OK.
			want := apptest.URC("#XMQTTEVT: 1,0") + apptest.OK
			if dialect == "serial-modem-main" {
				want = apptest.OK + apptest.URC("#XMQTTEVT: 1,0")
			}
			h.Expect("AT#XMQTTCON=0", want)
			require.Equal(t, "\xe0\x00", f.All())
			h.Expect("AT#XMQTTCON?", apptest.Line("#XMQTTCON: 0"))
			h.Expect("AT#XMQTTCON=0", apptest.Refused)
		})
	}
}

func TestMQTTUser(t *testing.T) {
	apptest.Bubble(t, "name and password", func(t *testing.T) {
		h, f := apptest.NewFar(t, "serial-modem")
		h.Expect(`AT#XMQTTCFG="i",0,0`, apptest.OK)
		h.Expect(`AT#XMQTTCON=1,"user","pass","127.0.0.1",1883`, apptest.OK)
		require.Equal(t, "\x10\x19\x00\x04MQTT\x04\xc0\x00\x00\x00\x01i\x00\x04user\x00\x04pass", f.All())
	})
	apptest.Bubble(t, "a password without a name is ignored", func(t *testing.T) {
		h, f := apptest.NewFar(t, "serial-modem")
		h.Expect(`AT#XMQTTCFG="i",0,0`, apptest.OK)
		h.Expect(`AT#XMQTTCON=1,"","pass","127.0.0.1",1883`, apptest.OK)
		require.Equal(t, "\x10\x0d\x00\x04MQTT\x04\x00\x00\x00\x00\x01i", f.All())
	})
}

func TestMQTTOverIPv6(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, f := apptest.NewFar(t, "serial-modem")
		dial, asked := h.Board.Dial, ""
		h.Board.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			asked = network + " " + address
			return dial(ctx, network, address)
		}
		h.Expect(`AT#XMQTTCON=1,"","","::1",1883`, apptest.Refused) // no address of that family
		h.Expect(`AT#XMQTTCON=2,"","","::1",1883`, apptest.OK)
		require.Equal(t, "tcp6 [::1]:1883", asked)
		h.Hear(f, connack, apptest.URC("#XMQTTEVT: 0,0"))
		h.Expect("AT#XMQTTCON?", apptest.Line(`#XMQTTCON: 1,"sm_default_client_id","::1",1883`))
	})
}

// Between OK and CONNACK the client counts as connected and can do nothing.
func TestMQTTBeforeConnack(t *testing.T) {
	for _, dialect := range mqttDialects {
		apptest.Bubble(t, dialect, func(t *testing.T) {
			h, f := apptest.NewFar(t, dialect)
			command, id := mqttConnect(dialect, `"",""`)
			h.Expect(command, apptest.OK)
			h.Expect("AT#XMQTTCON?", apptest.Line(`#XMQTTCON: 1,"%s","127.0.0.1",1883`, id))
			h.Expect("AT#XMQTTPUB=?", apptest.Line("#XMQTTPUB: <topic>,<msg>,(0,1,2),(0,1)"))
			h.Expect(`AT#XMQTTPUB="t","m"`, apptest.Refused)
			h.Expect(`AT#XMQTTSUB="t",0`, apptest.Refused)
			h.Expect("AT#XMQTTCON=0", apptest.Refused)
			h.Expect(`AT#XMQTTPUB="t"`, apptest.OK)
			status := map[bool]int{true: 0, false: -1}[dialect == "slm"] // what SLM cannot send it loses
			h.ExpectRaw("message+++", apptest.URC("#XDATAMODE: %d", status))
			h.Hear(f, connack, apptest.URC("#XMQTTEVT: 0,0"))
		})
	}
}

// How a connection ends that the host has not ended.
func TestMQTTEnds(t *testing.T) {
	for _, c := range []struct {
		name, sent, want string
	}{
		{"the broker closes", "", apptest.URC("#XMQTTEVT: 1,-128")},
		{"a quality of service that does not exist", "\x36\x03\x00\x01t", apptest.URC("#XMQTTEVT: 1,-22")},
		{"a packet with a flag that it has not", "\xd1\x00", apptest.URC("#XMQTTEVT: 1,-22")},
		{"an endless length", "\x30\xff\xff\xff\xff\xff", apptest.URC("#XMQTTEVT: 1,-22")},
		{"a length that promises too much", "\x30\xff\xff\xff\x7f", apptest.URC("#XMQTTEVT: 1,-12")},
		{"an acknowledgement that is too long", "\x40\xff\x7f", apptest.URC("#XMQTTEVT: 1,-12")},
		{"a topic that is too long", "\x30\xfe\x03\x01\xfc" + strings.Repeat("t", 508), apptest.URC("#XMQTTEVT: 1,-12")},
		{"an acknowledgement without id", "\x40\x01\x00", apptest.URC("#XMQTTEVT: 1,-22")},
	} {
		for _, dialect := range mqttDialects {
			apptest.Bubble(t, c.name+"/"+dialect, func(t *testing.T) {
				h, f := mqttSession(t, dialect)
				if c.sent != "" {
					h.Hear(f, c.sent, c.want)
					require.Empty(t, f.All())
				} else {
					f.Close()
					require.Equal(t, c.want, h.Settle())
				}
				h.Expect("AT#XMQTTCON?", apptest.Line("#XMQTTCON: 0"))
				h.Expect(`AT#XMQTTPUB="t","m"`, apptest.Refused)
			})
		}
	}
	for code := range 6 {
		apptest.Bubble(t, fmt.Sprint("refused with ", code+1), func(t *testing.T) {
			h, f := apptest.NewFar(t, "serial-modem")
			command, _ := mqttConnect("serial-modem", `"",""`)
			h.Expect(command, apptest.OK)
			h.Hear(f, "\x20\x02\x00"+string(rune(code+1)), apptest.URC("#XMQTTEVT: 0,%d", code+1)+apptest.URC("#XMQTTEVT: 1,-111"))
			h.Expect("AT#XMQTTCON?", apptest.Line("#XMQTTCON: 0"))
		})
	}
	apptest.Bubble(t, "offline", func(t *testing.T) {
		h, _ := mqttSession(t, "serial-modem")
		h.Expect("AT+CFUN=4", apptest.OK)
		require.Equal(t, apptest.URC("#XMQTTEVT: 1,-113"), h.Settle())
	})
	apptest.Bubble(t, "modem reset", func(t *testing.T) {
		h, _ := mqttSession(t, "serial-modem")
		h.Quiet("AT#XMODEMRESET\r")
		time.Sleep(time.Second)
		require.Equal(t, apptest.Line("#XMODEMRESET: 0")+apptest.URC("#XMQTTEVT: 1,-113"), h.Settle())
	})
	apptest.Bubble(t, "reset", func(t *testing.T) {
		h, _ := mqttSession(t, "serial-modem")
		h.Expect("AT#XRESET", apptest.OK)
		time.Sleep(time.Second)
		require.Equal(t, "Ready\r\n", h.Settle())
		h.Expect("AT#XMQTTCON?", apptest.Line("#XMQTTCON: 0"))
		time.Sleep(time.Hour)
		require.Empty(t, h.Settle())
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
		d, send := apptest.NewWith(t, "nrf9151-2.0.4", "serial-modem", log)
		near, other := net.Pipe()
		defer other.Close()
		d.Board.Dial = func(context.Context, string, string) (net.Conn, error) { return near, nil }
		h := apptest.HostOf(t, d, send)
		h.Expect("AT+CFUN=1", apptest.OK)
		f := &apptest.Far{Conn: other}
		go f.Keep()
		command, _ := mqttConnect("serial-modem", `"",""`)
		h.Expect(command, apptest.OK)
		h.Hear(f, "\x20\x02\x00\x05", apptest.URC("#XMQTTEVT: 0,5")+apptest.URC("#XMQTTEVT: 1,-111"))
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
		d, send := apptest.New(t, c.dialect, log)
		send(c.sent + d.Dialect().Framing.Terminator.Bytes())
		require.Equal(t, c.want, text)
	}
}

func TestMQTTKeepAlive(t *testing.T) {
	for _, dialect := range mqttDialects {
		apptest.Bubble(t, dialect, func(t *testing.T) {
			h, f := mqttSession(t, dialect)
			time.Sleep(time.Minute - 1)
			require.Empty(t, f.All())
			h.Expect(`AT#XMQTTPUB="t","m"`, apptest.OK) // what is sent begins a new interval
			f.All()
			time.Sleep(time.Minute - 1)
			h.Hear(f, "\x30\x04\x00\x01tm", apptest.URC("#XMQTTMSG: 1,1")+"t\r\nm\r\n"+apptest.URC("#XMQTTEVT: 2,0")) // received does not
			require.Empty(t, f.All())
			time.Sleep(time.Nanosecond)
			require.Equal(t, pingreq, f.All())
			h.Hear(f, pingresp, apptest.URC("#XMQTTEVT: 9,0"))

			time.Sleep(time.Minute)
			require.Equal(t, pingreq, f.All())
			time.Sleep(time.Minute)
			require.Equal(t, pingreq, f.All())
			time.Sleep(time.Minute - 1)
			require.Empty(t, h.Settle())
			time.Sleep(time.Nanosecond)
			require.Equal(t, apptest.URC("#XMQTTEVT: 1,-113"), h.Settle())
			require.Empty(t, f.All())
		})
	}
	apptest.Bubble(t, "no CONNACK", func(t *testing.T) {
		h, _ := apptest.NewFar(t, "slm")
		command, _ := mqttConnect("slm", `"",""`)
		h.Expect(command, apptest.OK)
		time.Sleep(time.Minute)
		require.Equal(t, apptest.URC("#XMQTTEVT: 1,-113"), h.Settle())
	})
	apptest.Bubble(t, "none", func(t *testing.T) {
		h, f := apptest.NewFar(t, "slm")
		h.Expect(`AT#XMQTTCFG="i",0`, apptest.OK)
		command, _ := mqttConnect("slm", `"",""`)
		h.Expect(command, apptest.OK)
		h.Hear(f, connack, apptest.URC("#XMQTTEVT: 0,0"))
		f.All()
		time.Sleep(24 * time.Hour)
		require.Empty(t, f.All())
		require.Empty(t, h.Settle())
	})
}

// In data mode a pause ends a message, and events wait where the dialect has them
// wait.
func TestMQTTDataMode(t *testing.T) {
	for _, dialect := range append(mqttDialects, "slm-2.4") {
		apptest.Bubble(t, dialect, func(t *testing.T) {
			h, f := mqttSession(t, dialect)
			h.Expect(`AT#XMQTTPUB="t","",2,0`, apptest.OK)
			h.ExpectRaw(`{"a":1}+++`, apptest.Left)
			require.Equal(t, "\x34\x0c\x00\x01t\x00\x01{\"a\":1}", f.All())
			h.Hear(f, "\x50\x02\x00\x01", apptest.URC("#XMQTTEVT: 4,0"))
			require.Equal(t, "\x62\x02\x00\x01", f.All())
			h.Hear(f, "\x70\x02\x00\x01", apptest.URC("#XMQTTEVT: 6,0"))

			h.Expect(`AT#XMQTTPUB="t"`, apptest.OK)
			h.Quiet("one")
			time.Sleep(32 * time.Millisecond)
			require.Equal(t, "\x30\x06\x00\x01tone", f.All())
			message := apptest.URC("#XMQTTMSG: 1,1") + "t\r\nm\r\n" + apptest.URC("#XMQTTEVT: 2,0")
			if strings.HasPrefix(dialect, "slm") {
				h.Hear(f, "\x30\x04\x00\x01tm", message)
				h.ExpectRaw("two+++", apptest.Left)
			} else {
				h.Hear(f, "\x30\x04\x00\x01tm", "")
				h.ExpectRaw("two+++", apptest.Left+message)
			}
			require.Equal(t, "\x30\x06\x00\x01ttwo", f.All())

			h.Expect(`AT#XMQTTPUB="t"`, apptest.OK)
			h.Quiet(strings.Repeat("x", 4096))
			h.Quiet("y")
			status := map[bool]int{true: -139, false: -1}[strings.HasPrefix(dialect, "slm")]
			h.ExpectRaw("+++", apptest.URC("#XDATAMODE: %d", status))
			require.Empty(t, f.All())

			h.Expect(`AT#XMQTTPUB="t"`, apptest.OK)
			h.Quiet(strings.Repeat("x", 4096))
			h.ExpectRaw("+++", apptest.Left)
			require.Equal(t, "\x30\x83\x20\x00\x01t"+strings.Repeat("x", 4096), f.All())
		})
	}
}

func TestMQTTInlineLimit(t *testing.T) {
	for dialect, limit := range map[string]int{"slm": 1024, "serial-modem": 4000} {
		apptest.Bubble(t, dialect, func(t *testing.T) {
			h, f := mqttSession(t, dialect)
			h.Expect(`AT#XMQTTPUB="t","`+strings.Repeat("x", limit)+`"`, apptest.OK)
			require.Len(t, f.All(), limit+6)
		})
	}
	apptest.Bubble(t, "one more", func(t *testing.T) {
		h, _ := mqttSession(t, "slm")
		h.Expect(`AT#XMQTTPUB="t","`+strings.Repeat("x", 1025)+`"`, apptest.Refused)
	})
}

// What comes in pieces, or many at a time, comes out whole.
func TestMQTTFraming(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 4096)
	for _, dialect := range mqttDialects {
		apptest.Bubble(t, dialect, func(t *testing.T) {
			h, f := mqttSession(t, dialect)
			packet := "\x30\x04\x00\x01tm"
			want := apptest.URC("#XMQTTMSG: 1,1") + "t\r\nm\r\n" + apptest.URC("#XMQTTEVT: 2,0")
			for i := range len(packet) - 1 {
				h.Hear(f, packet[i:i+1], "")
			}
			h.Hear(f, packet[len(packet)-1:], want)
			h.Hear(f, "\x00\x00"+pingreq+"\xe0\x00", "") // what no broker sends is ignored
			h.Hear(f, strings.Repeat(packet, 50), strings.Repeat(want, 50))
			h.Hear(f, "\x30\x83\x80\x04\x00\x01t"+long, apptest.URC("#XMQTTMSG: 1,65536")+"t\r\n"+long+"\r\n"+apptest.URC("#XMQTTEVT: 2,0"))
		})
	}
}

// A message never falls into an answer, and its parts stay together.
func TestMQTTMessageWaits(t *testing.T) {
	for _, dialect := range []string{"serial-modem", "serial-modem-main"} {
		apptest.Bubble(t, dialect, func(t *testing.T) {
			h, f := apptest.NewFar(t, dialect)
			h.Expect(`AT#XMQTTCFG="i",0`, apptest.OK)
			command, _ := mqttConnect(dialect, `"",""`)
			h.Expect(command, apptest.OK)
			h.Hear(f, connack, apptest.URC("#XMQTTEVT: 0,0"))
			h.Expect("AT#XSOCKET=1,1,0", apptest.Line("#XSOCKET: 1,1,6"))
			h.Quiet("AT#XCONNECT=1,\"127.0.0.1\",1\r") // takes its time
			h.Hear(f, "\x30\x04\x00\x01tm", "")
			h.Unsolicited("+CEREG: 1")
			time.Sleep(10 * time.Minute)
			require.Equal(t, apptest.Refused+apptest.URC("+CEREG: 1")+apptest.URC("#XMQTTMSG: 1,1")+"t\r\nm\r\n"+apptest.URC("#XMQTTEVT: 2,0"), h.Settle())
		})
	}
	apptest.Bubble(t, "half a command", func(t *testing.T) {
		h, f := mqttSession(t, "serial-modem-main")
		h.Quiet("AT+CF")
		h.Hear(f, "\x30\x04\x00\x01tm", "")
		h.ExpectRaw("UN?\r", "\r\n+CFUN: 1\r\n"+apptest.OK+apptest.URC("#XMQTTMSG: 1,1")+"t\r\nm\r\n"+apptest.URC("#XMQTTEVT: 2,0"))
	})
	apptest.Bubble(t, "slm: at once", func(t *testing.T) {
		h, f := mqttSession(t, "slm")
		h.Quiet("AT+CF")
		h.Hear(f, "\x30\x04\x00\x01tm", apptest.URC("#XMQTTMSG: 1,1")+"t\r\nm\r\n"+apptest.URC("#XMQTTEVT: 2,0"))
		h.ExpectRaw("UN?\r\n", "\r\n+CFUN: 1\r\n"+apptest.OK)
	})
}

// A host that does not read holds back the broker, and keeps the connection.
func TestMQTTSlowHost(t *testing.T) {
	for _, dialect := range mqttDialects {
		apptest.Bubble(t, dialect, func(t *testing.T) {
			h, f := mqttSession(t, dialect)
			h.Hold(true)
			sent := make(chan struct{})
			packet := "\x30\x84\x08\x00\x01t" + strings.Repeat("x", 1025)
			go func() {
				defer close(sent)
				io.WriteString(f, strings.Repeat(packet, 50))
				io.WriteString(f, pingresp)
			}()
			require.Empty(t, h.Settle())
			select {
			case <-sent:
				t.Fatal("the broker was not held back")
			default:
			}
			time.Sleep(10 * time.Minute) // no ping is answered
			require.Empty(t, h.Settle())
			h.Hold(false)
			want := apptest.URC("#XMQTTMSG: 1,1025") + "t\r\n" + strings.Repeat("x", 1025) + "\r\n" + apptest.URC("#XMQTTEVT: 2,0")
			require.Equal(t, strings.Repeat(want, 50)+apptest.URC("#XMQTTEVT: 9,0"), h.Settle())
			<-sent
		})
	}
}

// What comes while the host is in data mode waits in the network once it is more
// than a little.
func TestMQTTMessagesInDataMode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, f := mqttSession(t, "serial-modem")
		h.Expect(`AT#XMQTTPUB="t"`, apptest.OK)
		sent := make(chan struct{})
		packet := "\x30\x84\x08\x00\x01t" + strings.Repeat("x", 1025)
		go func() {
			defer close(sent)
			io.WriteString(f, strings.Repeat(packet, 50))
		}()
		h.Quiet("message")
		require.Empty(t, h.Settle())
		select {
		case <-sent:
			t.Fatal("the broker was not held back")
		default:
		}
		want := apptest.URC("#XMQTTMSG: 1,1025") + "t\r\n" + strings.Repeat("x", 1025) + "\r\n" + apptest.URC("#XMQTTEVT: 2,0")
		require.Equal(t, apptest.Left+strings.Repeat(want, 50), h.Send("+++")+h.Settle())
		<-sent
	})
}

// A broker that does not read holds back the client, which holds back the
// broker's messages.
func TestMQTTSlowBroker(t *testing.T) {
	apptest.Bubble(t, "acknowledgements", func(t *testing.T) { slowBroker(t, false) })
	apptest.Bubble(t, "and a command", func(t *testing.T) { slowBroker(t, true) })
}

func slowBroker(t *testing.T, publish bool) {
	d, send := apptest.NewWith(t, "nrf9151-2.0.4", "serial-modem", nil)
	near, other := net.Pipe()
	defer other.Close()
	d.Board.Dial = func(context.Context, string, string) (net.Conn, error) { return near, nil }
	h := apptest.HostOf(t, d, send)
	h.Expect("AT+CFUN=1", apptest.OK)
	h.Expect(`AT#XMQTTCFG="i",0`, apptest.OK)
	h.Expect(`AT#XMQTTCON=1,"","","127.0.0.1",1883`, apptest.OK)
	f := &apptest.Far{Conn: other}
	go func() {
		io.WriteString(f, connack+strings.Repeat("\x32\x06\x00\x01t\x00\x01m", 1000))
	}()
	block := apptest.URC("#XMQTTMSG: 1,1") + "t\r\nm\r\n" + apptest.URC("#XMQTTEVT: 2,0")
	got := h.Settle()
	require.Equal(t, apptest.URC("#XMQTTEVT: 0,0")+strings.Repeat(block, strings.Count(got, "MSG")), got)
	require.Less(t, strings.Count(got, "MSG"), 100)
	if publish {
		h.Quiet(`AT#XMQTTPUB="t","m"` + "\r") // waits in the queue
	}
	go f.Keep()
	rest := h.Settle()
	require.Equal(t, 1000, strings.Count(got+rest, "MSG: 1,1\r\nt\r\nm\r\n"))
	require.Equal(t, publish, strings.Contains(rest, apptest.OK))
	require.Equal(t, 1000, strings.Count(f.All(), "\x40\x02\x00\x01"))
}

// With a length, data mode ends by itself (fact mqtt/data-length).
func TestMQTTDataLength(t *testing.T) {
	apptest.Bubble(t, "2.0", func(t *testing.T) {
		h, f := mqttSession(t, "serial-modem-2.0")
		h.Expect("AT#XMQTTPUB=?", apptest.Line("#XMQTTPUB: <topic>,<msg>,(0,1,2),(0,1)[,<data_len>]"))
		h.Expect(`AT#XMQTTPUB="t","",0,0,5`, apptest.OK)
		h.ExpectRaw("a+++bAT\r", apptest.Left+apptest.OK)
		require.Equal(t, "\x30\x08\x00\x01ta+++b", f.All())
		h.Expect(`AT#XMQTTPUB="t","",1,0,0`, apptest.OK) // 0 is none
		h.ExpectRaw("x+++", apptest.Left)
		require.Equal(t, "\x32\x06\x00\x01t\x00\x02x", f.All())
		h.Expect(`AT#XMQTTPUB="t","m",0,0,0`, apptest.OK)
		require.Equal(t, "\x30\x04\x00\x01tm", f.All())
		for _, wrong := range []string{`"t","m",0,0,1`, `"t","",0,0,4097`, `"t","",0,0,-1`, `"t","",0,0,`} {
			h.Expect("AT#XMQTTPUB="+wrong, apptest.Refused)
		}
		h.Expect(`AT#XMQTTPUB="t","",0,0,4096`, apptest.OK)
		h.ExpectRaw(strings.Repeat("x", 4096), apptest.Left)
		require.Equal(t, "\x30\x83\x20\x00\x01t"+strings.Repeat("x", 4096), f.All())
	})
	apptest.Bubble(t, "before 2.0", func(t *testing.T) {
		h, f := mqttSession(t, "serial-modem-main")
		h.Expect(`AT#XMQTTPUB="t","m",0,0,1`, apptest.OK) // one parameter more is passed over
		require.Equal(t, "\x30\x04\x00\x01tm", f.All())
	})
}

// How a connection ends in Serial Modem v2.0.0 (fact mqtt/ends-of-v2).
func TestMQTTEnds20(t *testing.T) {
	apptest.Bubble(t, "the broker closes", func(t *testing.T) {
		h, f := mqttSession(t, "serial-modem-2.0")
		f.Close()
		require.Equal(t, apptest.URC("#XMQTTEVT: 1,-104"), h.Settle())
	})
	apptest.Bubble(t, "the modem closes the socket", func(t *testing.T) {
		h, _ := mqttSession(t, "serial-modem-2.0")
		h.Quiet("AT#XMODEMRESET\r")
		time.Sleep(time.Second)
		require.Equal(t, apptest.Line("#XMODEMRESET: 0")+apptest.URC("#XMQTTEVT: 1,-128"), h.Settle())
	})
	apptest.Bubble(t, "+CFUN=4 closes the socket", func(t *testing.T) {
		h, _ := mqttSession(t, "serial-modem-2.0")
		h.Expect("AT+CFUN=4", apptest.OK)
		require.Equal(t, apptest.URC("#XMQTTEVT: 1,-128"), h.Settle())
	})
	apptest.Bubble(t, "two pings without an answer", func(t *testing.T) {
		h, _ := mqttSession(t, "serial-modem-2.0")
		time.Sleep(3*time.Minute + time.Second)
		require.Equal(t, apptest.URC("#XMQTTEVT: 1,-126"), h.Settle())
	})
}
