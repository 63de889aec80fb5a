package emulator_test

import (
	"io"
	"testing"

	"nrf91emu/emulator"
	"nrf91emu/emulator/event"
)

// commands is a port whose host sends a command again and again, and reads all answers.
type commands struct {
	line string
	left int
}

func (c *commands) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	c.left--
	return copy(p, c.line), nil
}

func (*commands) Write(p []byte) (int, error) { return len(p), nil }
func (*commands) Close() error                { return nil }
func (*commands) Name() string                { return "host" }

// BenchmarkCommand shows what a command costs, and what the record adds to it that is
// kept for ctl events.
func BenchmarkCommand(b *testing.B) {
	for name, line := range map[string]string{"AT": "AT\r\n", "read": "AT+CFUN?\r\n"} {
		for _, kept := range []bool{false, true} {
			sub := name + "/nobody listens"
			if kept {
				sub = name + "/kept"
			}
			b.Run(sub, func(b *testing.B) {
				var log event.Log
				if kept {
					log.Keep()
				}
				d, err := emulator.New(emulator.Config{Log: &log})
				if err != nil {
					b.Fatal(err)
				}
				defer d.Close()
				if err := d.PowerOn(); err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				b.ResetTimer()
				if err := d.Serve(&commands{line, b.N}); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}
