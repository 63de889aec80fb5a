package emulator

import (
	"strings"
	"testing"

	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
	"nrf91emu/keystore/flash"
)

// FuzzDevice feeds a whole device, whatever its profile and application, with
// anything at all. It must neither panic nor hang, its memory must stay bounded,
// and after a restart it must answer, with the flash that it was left with.
func FuzzDevice(f *testing.F) {
	for _, seed := range []string{
		"AT\rAT+CFUN?\r\n", "AT%CMNG=0,24,0,\"-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n\"\r",
		"AT+CMEE=1\rAT%CMNG=1\rAT%CMNG=2,24,0\rAT%CMNG=3,24,0\r", "AT%CMNG=0,24,2,\"key\",\"password\"\r",
		"AT+CEREG=5\rAT%XSIM=1\rAT+CFUN=1\rAT+CFUN=4\rAT+CFUN=0\r", "AT%XPOFWARN=1,30\rAT%XSYSTEMMODE=1,1,1,3\r",
		"ATE1\rAT\b\b\x7fAT\r", "AT\"\r\"\r", "AT;AT;\r", "AT%XSUDO=4,\"AAAA\";+CFUN=1\r", "\x00\x00AT\r",
	} {
		for i := range byte(3) {
			f.Add(i, i, 7, []byte(seed))
		}
	}
	profiles := profile.All()
	air := network.Default()
	air.AttachDelay = 0
	f.Fuzz(func(t *testing.T, profile, dialect byte, chunk int, input []byte) {
		var log event.Log
		events := 0
		log.Subscribe(func(*event.Event) { events++ })
		mem, err := flash.New(flash.Options{Pages: 8})
		if err != nil {
			t.Fatal(err)
		}
		d, err := New(Config{
			Profile: &profiles[int(profile)%len(profiles)],
			Dialect: dialects.All()[int(dialect)%len(dialects.All())],
			Network: &air, Flash: mem, Log: &log,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if err := d.PowerOn(); err != nil {
			t.Fatal(err)
		}
		chunk = 1 + int(uint(chunk)%64)
		out := 0
		for p := input; len(p) > 0; {
			n := min(chunk, len(p))
			d.mu.Lock()
			if d.on && !d.app.Busy() {
				n = d.app.Receive(p[:n])
			}
			out += len(d.app.Output())
			d.collect()
			d.mu.Unlock()
			p = p[n:]
		}
		// A command of 3 bytes can make the longest answer: a list of all there is.
		if limit := 64<<10 + len(input)*16<<10; out > limit {
			t.Fatalf("%d bytes of input gave %d of output", len(input), out)
		}
		if err := d.PowerCycle(); err != nil {
			t.Fatalf("after a power cycle: %v", err)
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.app.Output()
		d.app.Receive([]byte("AT\r\n"))
		if got := string(d.app.Output()); !strings.Contains(got, "OK\r\n") {
			t.Fatalf("after a power cycle AT is answered by %q", got)
		}
	})
}
