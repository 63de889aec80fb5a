package fault_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/link"
)

// What a port costs on which faults may happen: a command and its answer over a
// pipe, without the wrapper, with it, and with a fault that counts bytes.
func BenchmarkRoundTrip(b *testing.B) {
	for _, c := range []struct {
		name, spec string
		wrap       bool
	}{{"bare", "", false}, {"no faults", "", true}, {"one fault", "lost:after=1000000000", true}} {
		b.Run(c.name, func(b *testing.B) {
			d := newDevice(b)
			require.NoError(b, d.PowerOn())
			set := fault.NewSet(d, 1)
			if c.spec != "" {
				spec, err := fault.Parse(c.spec)
				require.NoError(b, err)
				_, err = set.Add(spec)
				require.NoError(b, err)
			}
			port, host := link.Pipe()
			if c.wrap {
				port = fault.Wrap(port, set)
			}
			go d.Serve(port)
			buf := make([]byte, 100)
			_, err := io.ReadFull(host, buf[:len(banner)])
			require.NoError(b, err)
			for b.Loop() {
				io.WriteString(host, "AT\r")
				if _, err := io.ReadFull(host, buf[:4]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
