package mqtt_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nrf91emu/emulator/app/apptest"
)

// What a broker sends neither panics nor hangs, and comes to an end.
func FuzzMQTTBroker(f *testing.F) {
	for _, s := range []string{
		connack, "\x20\x02\x00\x05", connack + "\x32\x06\x00\x01t\x00\x09m" + "\x90\x03\x00\x01\x01" + pingresp,
		connack + "\x34\x06\x00\x01t\x00\x09m\x62\x02\x00\x09\x50\x02\x00\x01\x70\x02\x00\x01", "\x30\xff\xff\xff\x7f",
	} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, sent []byte, main bool) {
		synctest.Test(t, func(t *testing.T) {
			dialect := map[bool]string{true: "serial-modem-main", false: "slm"}[main]
			h, far := apptest.NewFar(t, dialect)
			command, _ := mqttConnect(dialect, `"",""`)
			h.Expect(command, apptest.OK)
			go far.Write(sent)
			out := h.Settle()
			if len(out) > 1000+100*len(sent) {
				t.Fatalf("%d bytes gave %d", len(sent), len(out))
			}
			time.Sleep(10 * time.Minute) // nothing answers the pings
			if out += h.Settle(); !strings.HasSuffix(out, "\r\n") || strings.Count(out, "#XMQTTEVT: 1,") < 1 {
				t.Fatalf("the connection has not ended: %q", out)
			}
			h.Expect("AT#XMQTTCON?", apptest.Line("#XMQTTCON: 0"))
		})
	})
}
