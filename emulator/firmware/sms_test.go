package firmware_test

import (
	"context"
	"strings"
	"testing"

	"nrf91emu/emulator"
)

// Short messages in both directions, in the modem's alphabet, with reports and in parts.
func TestSMS(t *testing.T) {
	for _, ncs := range []string{"2.6", "3.3"} {
		t.Run(ncs, func(t *testing.T) {
			t.Parallel()
			console, commands := libraryRun{app: "sms", ncs: ncs, operator: func(ctx context.Context, _ int, d *emulator.Device) {
				if err := d.Bench().SendShortMessage("+491234567", "Hello [x]"); err != nil {
					t.Error(err)
				}
				<-ctx.Done()
			}}.run(t)
			inOrder(t, console, "no listener: -22", "listener: 0", `1 of 1 from 491234567: 9 "Hello [x]"`, "send: 0",
				"long: 0", "no number: -22", "unregistered: 302", "Done")
			if n := strings.Count(console, "report for me\n"); n != 3 {
				t.Errorf("%d reports, want 3:\n%s", n, console)
			}
			for _, want := range []string{"AT+CNMI?", "AT+CNMI=3,2,0,1", "AT+CNMA=1", "AT+CMGS=20", "AT+CMGS=152", "AT+CNMI=0,0,0,0"} {
				if !strings.Contains(commands, want) {
					t.Errorf("%s was not sent:\n%s", want, commands)
				}
			}
		})
	}
}
