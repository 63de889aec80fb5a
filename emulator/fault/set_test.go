package fault_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/modem"
)

func newDevice(t testing.TB) *emulator.Device {
	d, err := emulator.New(emulator.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { d.Close() })
	return d
}

// The same seed and the same traffic give the same faults, in whatever pieces the
// traffic comes; another seed gives others.
func TestReplay(t *testing.T) {
	specs := []string{
		"lost:p=0.01,count=20", "lost:to=device,p=0.02", "doubled:to=device,p=0.02", "split:p=0.02,delay=1ms",
		"late:p=0.2,delay=2ms", "late-ok:p=0.3,delay=5ms", "urc:p=0.3,place=header", "urc-twice:p=0.5", "crash:p=0.02,count=2",
		"boot-noise:p=0.5",
	}
	play := func(seed uint64, chunk int, specs []string) (told []event.Fault, got string) {
		synctest.Test(t, func(t *testing.T) {
			b := benchOf(t, seed, plain, "serial-modem", specs...)
			b.on()
			var all strings.Builder
			for i := range 40 {
				text := []string{"AT+CFUN=4\r", "AT+CEREG=1\r", "AT+CFUN=1\r", "AT%CMNG=0,1,4,\"identity\"\r", "AT%CMNG=1,1\r"}[i%5]
				all.WriteString(b.say(func() {
					for len(text) > 0 {
						n := min(chunk, len(text))
						io.WriteString(b.host, text[:n])
						text = text[n:]
						if chunk < 100 {
							synctest.Wait()
						}
					}
				}, time.Second))
			}
			told, got = b.told, all.String()
		})
		return told, got
	}
	told, got := play(7, 1000, specs)
	require.Greater(t, len(told), 20)
	for _, chunk := range []int{1000, 1, 3} {
		again, gotAgain := play(7, chunk, specs)
		require.Equal(t, told, again, "in pieces of %d", chunk)
		if chunk > 100 {
			require.Equal(t, got, gotAgain)
		}
	}
	other, _ := play(8, 1000, specs)
	require.NotEqual(t, told, other)

	// Each fault has numbers of its own: that of the first is what it is alone.
	only := func(told []event.Fault, name string) (some []event.Fault) {
		for _, f := range told {
			if f.Name == name {
				some = append(some, f)
			}
		}
		return some
	}
	one, _ := play(7, 1000, []string{"late:to=device,p=0.2,delay=1ms"})
	two, _ := play(7, 1000, []string{"late:to=device,p=0.2,delay=1ms", "late-ok:p=0.3"})
	require.Equal(t, one, only(two, "late"))
}

// A rule with all its parts.
func TestRule(t *testing.T) {
	for spec, want := range map[string]string{
		"late-ok":                        "x.........",
		"late-ok:after=3":                "...x......",
		"late-ok:count=9":                "xxx.xxx.xx",
		"late-ok:count=9,row=1":          "x.x.x.x.x.",
		"late-ok:count=4,row=9,after=2":  "..xxxx....",
		"late-ok:every=3":                "..x..x..x.",
		"late-ok:every=3,after=1":        "...x..x..x",
		"late-ok:every=3,count=2":        "..x..x....",
		"late-ok:p=1,count=100,row=100":  "xxxxxxxxxx",
		"late-ok:p=0.5,count=99,row=100": "x...x....x",
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, plain, "at-client", spec)
			b.on()
			var got strings.Builder
			for range len(want) {
				if strings.HasPrefix(b.send("AT\r"), "[2s]") {
					got.WriteByte('x')
				} else {
					got.WriteByte('.')
				}
			}
			require.Equal(t, want, got.String(), spec)
		})
	}
}

// Without faults a port passes on what it gets as it is and in the same pieces, and
// so it does once all faults are spent.
func TestPassesOn(t *testing.T) {
	d := newDevice(t)
	set := fault.NewSet(d, 1)
	spec, err := fault.Parse("lost")
	require.NoError(t, err)
	_, err = set.Add(spec)
	require.NoError(t, err)
	w := new(pieces)
	p := fault.Wrap(w, set)
	for _, text := range []string{"ab", "\r\nOK\r\n", "+CEREG: 1\r\n\"x\n"} {
		n, err := io.WriteString(p, text)
		require.NoError(t, err)
		require.Equal(t, len(text), n)
	}
	require.Equal(t, []string{"b", "\r\nOK\r\n", "+CEREG: 1\r\n\"x\n"}, w.written)
	require.Equal(t, []fault.Status{{ID: 1, Spec: spec, Seen: 1, Happened: 1, Done: true}}, set.Faults())

	w.read = "AT\rAT"
	got, err := io.ReadAll(p)
	require.NoError(t, err)
	require.Equal(t, "AT\rAT", string(got))
	require.Equal(t, "pieces", p.Name())
	require.True(t, p.Dedicated())
	require.True(t, p.Attached())
	require.Zero(t, p.Dropped())
}

// pieces is a port that remembers how it was written to.
type pieces struct {
	read    string
	written []string
}

func (p *pieces) Read(b []byte) (int, error) {
	n := copy(b, p.read)
	if p.read = p.read[n:]; n == 0 {
		return 0, io.EOF
	}
	return n, nil
}
func (p *pieces) Write(b []byte) (int, error) {
	p.written = append(p.written, string(b))
	return len(b), nil
}
func (p *pieces) Close() error    { return nil }
func (p *pieces) Name() string    { return "pieces" }
func (p *pieces) Dedicated() bool { return true }

// Close ends waits in both directions.
func TestCloseEndsWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := fault.NewSet(newDevice(t), 1)
		for _, text := range []string{"late:delay=1m", "late:to=device,delay=1m"} {
			spec, err := fault.Parse(text)
			require.NoError(t, err)
			_, err = set.Add(spec)
			require.NoError(t, err)
		}
		port, host := link.Pipe()
		p := fault.Wrap(port, set)
		errs := make(chan error, 2)
		go func() {
			_, err := p.Write([]byte("OK\r\n"))
			errs <- err
		}()
		go func() {
			_, err := p.Read(make([]byte, 10))
			errs <- err
		}()
		_, err := io.WriteString(host, "AT\r")
		require.NoError(t, err)
		time.Sleep(time.Second)
		require.NoError(t, p.Close())
		require.NoError(t, p.Close())
		var read, write error
		for range 2 {
			if err := <-errs; err == io.EOF {
				read = err
			} else {
				write = err
			}
		}
		require.Equal(t, io.EOF, read)
		require.ErrorIs(t, write, os.ErrClosed)
	})
}

// What a fault has brought about ends with its removal.
func TestRemove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, plain, "at-client")
		b.on()
		for _, step := range []struct {
			spec        string
			with, after string
		}{
			{"store-full", "ERROR\r\n", "OK\r\n"},
			{"power-warning:for=0s", "ERROR\r\n", "ERROR\r\n"},
			{"power-warning:mv=3001,for=1h", "ERROR\r\n", "ERROR\r\n"},
		} {
			id := b.add(step.spec)
			require.Equal(t, step.with, b.send("AT%CMNG=0,1,4,\"b\"\r"), step.spec)
			require.NoError(t, b.set.Remove(id))
			require.ErrorIs(t, b.set.Remove(id), fault.ErrNoFault)
			require.Equal(t, step.after, b.send("AT%CMNG=0,1,4,\"c\"\r"), step.spec)
			require.Equal(t, modem.DefaultSupply, b.device.Bench().Supply())
		}
		// With a second one before the first has ended, it ends with the second.
		b.add("power-warning:count=2,for=90s,mv=2000")
		b.send("AT\r")
		b.send("AT\r")
		require.Equal(t, 2000, b.device.Bench().Supply())
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, modem.DefaultSupply, b.device.Bench().Supply())
	})
}

// What the faults do to the flash is not the firmware's doing: the record shows no
// flash operation of theirs.
func TestNotInTheRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, plain, "at-client", "store-full:after=1", "worn-page:pages=1,after=2")
		b.on()
		b.send("AT\r")
		b.send("AT\r")
		require.NoError(t, b.set.Remove(1))
		require.Len(t, b.told, 1)
		b.send("AT\r")
		require.Len(t, b.told, 2)
		for _, e := range b.record {
			require.Nil(t, e.Credential)
			if e.Flash != nil {
				t.Errorf("the record shows %+v", *e.Flash)
			}
		}
		require.Equal(t, 1, b.device.Wear().Flash.WornPages)
		require.Equal(t, "OK\r\n", b.send("AT%CMNG=0,1,4,\"b\"\r"), "the modem goes on without them")
	})
}

func TestSetIsBounded(t *testing.T) {
	set := fault.NewSet(newDevice(t), 1)
	for range 100 {
		_, err := set.Add(fault.Spec{Name: "lost"})
		require.NoError(t, err)
	}
	_, err := set.Add(fault.Spec{Name: "lost"})
	require.ErrorContains(t, err, "remove some")
	_, err = set.Add(fault.Spec{Name: "nonsense"})
	require.ErrorContains(t, err, "there is no fault")
	set.Clear()
	require.Empty(t, set.Faults())
	set.Close()
	_, err = set.Add(fault.Spec{Name: "lost"})
	require.ErrorIs(t, err, emulator.ErrClosed)
}

func ExampleSet() {
	d, err := emulator.New(emulator.Config{Log: new(event.Log)})
	if err != nil {
		panic(err)
	}
	defer d.Close()
	d.Log().Subscribe(func(e *event.Event) {
		if e.Fault != nil {
			fmt.Printf("%s: %s\n", e.Fault.Name, e.Fault.Detail)
		}
	})
	set := fault.NewSet(d, 42)
	defer set.Close()
	spec, err := fault.Parse(`urc:after=1,text="+CEREG: 5"`)
	if err != nil {
		panic(err)
	}
	if _, err := set.Add(spec); err != nil {
		panic(err)
	}
	if err := d.PowerOn(); err != nil {
		panic(err)
	}
	port, host := link.Pipe()
	go d.Serve(fault.Wrap(port, set))
	fmt.Fprint(host, "AT\rAT+CGMM\r")
	for wire := ""; strings.Count(wire, "OK\r\n") < 2; {
		buf := make([]byte, 100)
		n, err := host.Read(buf)
		if err != nil {
			panic(err)
		}
		wire += string(buf[:n])
	}
	// Output: urc: the notification "+CEREG: 5" came before the final result of AT+CGMM
}
