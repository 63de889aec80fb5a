package fault_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/fault"
)

// Whatever goes over a port: faults that only change when bytes come change none,
// and all together neither panic nor add without bound.
func FuzzPort(f *testing.F) {
	f.Add([]byte("AT+CFUN?\rAT%CMNG=0,1,4,\"a\nb\"\r\n"), []byte("\r\n+CFUN: 0\r\n\r\nOK\r\n+CEREG: 1\r\n"), uint8(0))
	f.Add([]byte("at\"\r\x00\b"), []byte("%CMNG: 1,0,\"AB\",\"a\nb\"\r\nOK\r\n\"\r\nx\n\nERROR"), uint8(7))
	f.Fuzz(func(t *testing.T, in, out []byte, seed uint8) {
		d := newDevice(t)
		run := func(specs ...string) (arrived, heard []byte) {
			set := fault.NewSet(d, uint64(seed))
			defer set.Close()
			for _, text := range specs {
				spec, err := fault.Parse(text)
				require.NoError(t, err)
				_, err = set.Add(spec)
				require.NoError(t, err)
			}
			w := &pieces{read: string(in)}
			p := fault.Wrap(w, set)
			arrived, err := io.ReadAll(p)
			require.NoError(t, err)
			n, err := p.Write(out)
			require.NoError(t, err)
			require.Equal(t, len(out), n)
			for _, piece := range w.written {
				heard = append(heard, piece...)
			}
			return arrived, heard
		}
		arrived, heard := run("split:delay=0s,p=0.3", "split:to=device,delay=0s,p=0.3", "late:delay=0s,p=0.3", "late:to=device,delay=0s", "late-ok:delay=0s,p=0.5")
		require.True(t, bytes.Equal(in, arrived), "%q became %q", in, arrived)
		require.True(t, bytes.Equal(out, heard), "%q became %q", out, heard)
		arrived, heard = run("lost:p=0.1", "doubled:p=0.1", "urc:count=9", "urc:place=header,count=9", "urc-late:p=0.5", "urc-twice:p=0.5", "crash", "store-full", "lost:to=device,p=0.1")
		require.Less(t, len(arrived), 2*len(in)+1)
		require.Less(t, len(heard), 4*len(out)+1000)
	})
}
