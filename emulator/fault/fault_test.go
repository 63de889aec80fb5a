package fault_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/fault"
)

const (
	plain  = "nrf9151-2.0.1"
	banner = "The AT host sample started\r\nReady\r\n"
)

// Each fault, with the bytes that the host gets with it and without.
func TestBytes(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range []struct {
		name, spec    string
		app           string // empty: at-client
		sent          []string
		without, with []string
		told          []string
	}{
		{
			name: "lost", spec: "lost:after=3",
			sent: []string{"AT+CFUN?\r"}, without: []string{"+CFUN: 0\r\nOK\r\n"}, with: []string{"+CFN: 0\r\nOK\r\n"},
			told: []string{"byte 39 from the device was lost"},
		}, {
			name: "lost", spec: "lost:to=device,every=4,count=2",
			sent: []string{"AT+CFUN?\r", "\r"}, without: []string{"+CFUN: 0\r\nOK\r\n", ""}, with: []string{"ERROR\r\n", ""},
			told: []string{"byte 4 from the host was lost", "byte 8 from the host was lost"},
		}, {
			name: "doubled", spec: "doubled:every=9",
			sent: []string{"AT+CFUN?\r"}, without: []string{"+CFUN: 0\r\nOK\r\n"}, with: []string{"+CFUN: 0\r\r\nOK\r\n"},
			told: []string{"byte 44 from the device arrived twice"},
		}, {
			name: "doubled", spec: "doubled:to=device,after=8",
			sent: []string{"AT+CMEE?\r", "AT\r"}, without: []string{"+CMEE: 0\r\nOK\r\n", "OK\r\n"}, with: []string{"+CMEE: 0\r\nOK\r\n", "OK\r\n"},
			told: []string{"byte 9 from the host arrived twice"},
		}, {
			name: "split", spec: "split:after=5,delay=20ms",
			sent: []string{"AT+CFUN?\r"}, without: []string{"+CFUN: 0\r\nOK\r\n"}, with: []string{"+CFUN[20ms]: 0\r\nOK\r\n"},
			told: []string{"byte 41 from the device, and what follows, came 20ms after what was before it"},
		}, {
			name: "split", spec: "split:to=device,after=3,delay=1s",
			sent: []string{"AT+CFUN?\r"}, without: []string{"+CFUN: 0\r\nOK\r\n"}, with: []string{"[1s]+CFUN: 0\r\nOK\r\n"},
			told: []string{"byte 4 from the host, and what follows, came 1s after what was before it"},
		}, {
			name: "late", spec: "late:delay=300ms,every=2",
			sent: []string{"AT+CFUN?\r"}, without: []string{"+CFUN: 0\r\nOK\r\n"}, with: []string{"+CFUN: 0\r\n[300ms]OK\r\n"},
			told: []string{"the line that begins with byte 46 from the device came 300ms late"},
		}, {
			name: "late", spec: "late:to=device,after=1",
			sent: []string{"AT\r", "AT\r"}, without: []string{"OK\r\n", "OK\r\n"}, with: []string{"OK\r\n", "[500ms]OK\r\n"},
			told: []string{"the line that begins with byte 4 from the host came 500ms late"},
		}, {
			name: "late-ok", spec: "late-ok:after=1,delay=2s,count=1",
			sent: []string{"AT\r", "AT+CFUN?\r", "AT\r"}, without: []string{"OK\r\n", "+CFUN: 0\r\nOK\r\n", "OK\r\n"},
			with: []string{"OK\r\n", "+CFUN: 0\r\n[2s]OK\r\n", "OK\r\n"},
			told: []string{"the final result of AT+CFUN came 2s late"},
		}, {
			name: "late-ok", spec: "late-ok:count=9,row=2", app: "serial-modem",
			sent:    []string{"AT+CFUN?\r", "AT+CFUN?\rAT\r"},
			without: []string{"\r\n+CFUN: 0\r\n\r\nOK\r\n", "\r\n+CFUN: 0\r\n\r\nOK\r\n\r\nOK\r\n"},
			with:    []string{"\r\n+CFUN: 0\r\n[2s]\r\nOK\r\n", "\r\n+CFUN: 0\r\n[2s]\r\nOK\r\n\r\nOK\r\n"},
			told:    []string{"the final result of AT+CFUN came 2s late", "the final result of AT+CFUN came 2s late"},
		}, {
			name: "late-ok", spec: "late-ok:after=1", // what stands in quotes is no result
			sent:    []string{"AT%CMNG=0,1,4,\"a\r\nOK\r\nb\"\r", "AT%CMNG=2,1,4\r"},
			without: []string{"OK\r\n", quoted + "OK\r\n"},
			with:    []string{"OK\r\n", quoted + "[2s]OK\r\n"},
			told:    []string{"the final result of AT%CMNG came 2s late"},
		}, {
			name: "urc-twice", spec: "urc-twice:after=2", // though a command was lost while another ran
			sent:    []string{"AT+CEREG=1\r", "AT+CFUN=1\r", "AT+COPS=?\rAT\r", "AT+CFUN=4\r"},
			without: []string{"OK\r\n", "OK\r\n+CEREG: 2\r\n+CEREG: 1\r\n", search, "OK\r\n+CEREG: 0\r\n"},
			with:    []string{"OK\r\n", "OK\r\n+CEREG: 2\r\n+CEREG: 1\r\n", search, "OK\r\n+CEREG: 0\r\n+CEREG: 0\r\n"},
			told:    []string{"the notification +CEREG came twice"},
		}, {
			name: "urc", spec: `urc:text="+CEREG: 5,1"`,
			sent: []string{"AT+CFUN?\r"}, without: []string{"+CFUN: 0\r\nOK\r\n"}, with: []string{"+CFUN: 0\r\n+CEREG: 5,1\r\nOK\r\n"},
			told: []string{`the notification "+CEREG: 5,1" came before the final result of AT+CFUN`},
		}, {
			name: "urc", spec: "urc:place=header,text=+CSCON: 0", app: "serial-modem",
			sent:    []string{"AT%CMNG=0,1,3,\"aa\"\r", "AT%CMNG=0,1,4,\"b\"\r", "AT%CMNG=1,1,3\r"},
			without: []string{"\r\nOK\r\n", "\r\nOK\r\n", list},
			with:    []string{"\r\nOK\r\n", "\r\nOK\r\n", list[:len(list)-6] + "\r\n+CSCON: 0\r\n\r\nOK\r\n"},
			told:    []string{`the notification "+CSCON: 0" came behind the first line of the answer of AT%CMNG`},
		}, {
			name: "urc", spec: "urc:place=header,text=+X,count=2",
			sent: []string{"AT+CFUN?\rAT+CMEE?\r"}, without: []string{"+CFUN: 0\r\nOK\r\n+CMEE: 0\r\nOK\r\n"},
			with: []string{"+CFUN: 0\r\n+X\r\nOK\r\n+CMEE: 0\r\n+X\r\nOK\r\n"},
			told: []string{
				`the notification "+X" came behind the first line of the answer of AT+CFUN`,
				`the notification "+X" came behind the first line of the answer of AT+CMEE`,
			},
		}, {
			name: "urc-late", spec: "urc-late",
			sent: []string{"AT+CEREG=1\r", "AT+CFUN=1\r", "AT\r"}, without: []string{"OK\r\n", "OK\r\n+CEREG: 2\r\n+CEREG: 1\r\n", "OK\r\n"},
			with: []string{"OK\r\n", "OK\r\n+CEREG: 1\r\n", "OK\r\n+CEREG: 2\r\n"},
			told: []string{"the notification +CEREG is held back until a command has been answered"},
		}, {
			name: "urc-twice", spec: "urc-twice:after=1", app: "serial-modem",
			sent: []string{"AT+CEREG=1\r", "AT+CFUN=1\r"}, without: []string{"\r\nOK\r\n", "\r\nOK\r\n\r\n+CEREG: 2\r\n\r\n+CEREG: 1\r\n"},
			with: []string{"\r\nOK\r\n", "\r\nOK\r\n\r\n+CEREG: 2\r\n\r\n+CEREG: 1\r\n\r\n+CEREG: 1\r\n"},
			told: []string{"the notification +CEREG came twice"},
		}, {
			name: "crash", spec: "crash:after=1,restart=3s",
			sent: []string{"AT\r", "AT+CFUN?\r", "AT\r"}, without: []string{"OK\r\n", "+CFUN: 0\r\nOK\r\n", "OK\r\n"},
			with: []string{"OK\r\n", "[3s]" + banner, "OK\r\n"},
			told: []string{"the modem crashed, reason 0x4, as a test asked for; unless it is back before, the device restarts in 3s"},
		}, {
			name: "crash", spec: "crash:reason=0x11", app: "serial-modem",
			sent: []string{"AT\r", "AT\r"}, without: []string{"\r\nOK\r\n", "\r\nOK\r\n"},
			with: []string{
				"\r\n#XMODEM: FAULT,0x11,0x2c1b6\r\n\r\nERROR\r\n[1s]\r\n#XMODEM: SHUTDOWN,0\r\n\r\n#XMODEM: INIT,0\r\n",
				"\r\nOK\r\n",
			},
			told: []string{"the modem crashed, reason 0x11, as a test asked for; unless it is back before, the device restarts in 2s"},
		}, {
			name: "crash", spec: "crash:restart=0s,count=2",
			sent: []string{"AT\r", "AT\r"}, without: []string{"OK\r\n", "OK\r\n"}, with: []string{"", ""},
			told: []string{
				"the modem crashed, reason 0x4, as a test asked for",
				"the modem was to crash, in vain: the modem has crashed; switch the power off and on first",
			},
		}, {
			name: "power-warning", spec: "power-warning:after=1,for=90s",
			sent:    []string{"AT+CMEE=1\r", "AT%CMNG=0,1,4,\"b\"\r", "AT%CMNG=1,1\r", "AT+CFUN=1\r", "AT+CFUN=4\r", "AT%CMNG=0,1,4,\"b\"\r"},
			without: []string{"OK\r\n", "OK\r\n", identity, "OK\r\n", "OK\r\n", "OK\r\n"},
			with:    []string{"OK\r\n", "+CME ERROR: 528\r\n", "OK\r\n", "OK\r\n", "OK\r\n", "OK\r\n"},
			told:    []string{"the supply fell from 3700 to 2900 mV for 1m30s"},
		}, {
			name: "network-loss", spec: "network-loss:after=2,for=5s",
			sent:    []string{"AT+CEREG=1\r", "AT+CFUN=1\r", "AT\r"},
			without: []string{"OK\r\n", "OK\r\n+CEREG: 2\r\n+CEREG: 1\r\n", "OK\r\n"},
			with:    []string{"OK\r\n", "OK\r\n+CEREG: 2\r\n+CEREG: 1\r\n", "+CEREG: 2\r\n+CEREG: 4\r\nOK\r\n[5s]+CEREG: 2\r\n+CEREG: 1\r\n"},
			told:    []string{"the network was lost for 5s"},
		}, {
			name: "store-full", spec: "store-full:after=1,for=30s",
			sent:    []string{"AT+CMEE=1\r", "AT%CMNG=0,1,4,\"b\"\r", "AT%CMNG=0,1,4,\"b\"\r", "AT%CMNG=1,1\r"},
			without: []string{"OK\r\n", "OK\r\n", "OK\r\n", identity},
			with:    []string{"OK\r\n", "+CME ERROR: 515\r\n", "OK\r\n", identity},
			told:    []string{"18 credentials, under tags from 2147400000 on, fill the store for 30s"},
		}, {
			name: "worn-page", spec: "worn-page:pages=64",
			sent:    []string{"AT%CMNG=0,1,4,\"b\"\r"},
			without: []string{"OK\r\n"},
			with:    []string{"ERROR\r\n"},
			told:    []string{"64 of the free flash pages wore out"},
		}, {
			name: "reset-loop", spec: "reset-loop",
			sent: []string{"AT+CEREG=1\r", "AT%MDMEV=1\r", "AT+CFUN=1\r"}, without: []string{"OK\r\n", "OK\r\n", online},
			with: []string{"OK\r\n", "OK\r\n", "OK\r\n%MDMEV: RESET LOOP\r\n+CEREG: 2\r\n"},
			told: []string{"the modem was reset too often without AT+CFUN=0: the reset loop restriction holds"},
		},
	} {
		t.Run(c.spec+" "+c.app, func(t *testing.T) {
			seen[c.name] = true
			if c.app == "" {
				c.app = "at-client"
			}
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, plain, c.app)
				b.on()
				for i, text := range c.sent {
					require.Equal(t, c.without[i], b.send(text), "without, %q", text)
				}
				require.Empty(t, b.told)
			})
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, plain, c.app)
				b.set.Clear()
				b.on()
				b.add(c.spec)
				if c.name == "reset-loop" { // it begins with a boot
					b.device.PowerCut()
					b.on()
				}
				for i, text := range c.sent {
					require.Equal(t, c.with[i], b.send(text), "with, %q", text)
				}
				var told []string
				for _, f := range b.told {
					require.Equal(t, c.name, f.Name)
					told = append(told, f.Detail)
				}
				require.Equal(t, c.told, told)
			})
		})
	}
	seen["boot-noise"] = true // see below
	if len(seen) < len(fault.Kinds)/2 {
		return // only some of the cases have been run
	}
	for _, k := range fault.Kinds {
		require.True(t, seen[k.Name], "%s has no case here", k.Name)
	}
}

const (
	list     = "\r\n%CMNG: 1,3,\"961B6DD3EDE3CB8ECBAACBD68DE040CD78EB2ED5889130CCEB4C49268EA4D506\"\r\n\r\nOK\r\n"
	identity = "%CMNG: 1,4,\"3E23E8160039594A33894F6564E1B1348BBD7A0088D42C4ACB73EEAED59C009D\"\r\nOK\r\n"
	quoted   = "%CMNG: 1,4,\"F94B1001EAF04F3400C79D89AB5402AF2BA459FE6C0816B914EC241E355108D5\",\"a\r\nOK\r\nb\"\r\n"
	search   = "[5s]+COPS: (2,\"\",\"\",\"24201\",7)\r\nOK\r\n"
	online   = "OK\r\n+CEREG: 2\r\n%MDMEV: SEARCH STATUS 2\r\n+CEREG: 1\r\n"
)

// Noise depends on nothing but the seed, and comes with each boot that it is asked
// for.
func TestBootNoise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, plain, "at-client", "boot-noise:bytes=5,every=2,count=1")
		require.Equal(t, banner, b.on())
		require.Equal(t, "OK\r\n", b.send("AT\r"))
		b.device.PowerCut()
		require.Equal(t, "\x00\xac\x00\xff\xe2"+banner, b.on())
		require.Equal(t, "OK\r\n", b.send("AT\r"))
		for range 2 {
			b.device.PowerCut()
			require.Equal(t, banner, b.on())
		}
		require.Equal(t, []event.Fault{{Name: "boot-noise", Detail: "5 bytes of noise came before what the device sent first"}}, b.told)
	})
}
