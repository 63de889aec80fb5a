package fault_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/link"
	"nrf91emu/keystore"
	"nrf91emu/keystore/provision"
)

var (
	rootCA = keystore.Key{SecTag: 24, Type: keystore.RootCA}
	ca     = "-----BEGIN CERTIFICATE-----\n" + strings.Repeat("MIIBejCCASGgAwIBAgIUZzhQQ9Lak\n", 3) + "-----END CERTIFICATE-----\n"
)

// provisionPatience bounds a run of the program, in virtual time.
const provisionPatience = 2 * time.Minute

// ensure is the program under test: it provisions as it should.
func (b *bench) ensure() error {
	port, host := link.Pipe()
	served := make(chan struct{})
	go func() {
		defer close(served)
		b.device.Serve(fault.Wrap(port, b.set))
	}()
	client := atcmd.NewClient(host, atcmd.ClientOptions{})
	ctx, cancel := context.WithTimeout(b.t.Context(), provisionPatience)
	defer cancel()
	start := time.Now()
	_, err := provision.New(client).Ensure(ctx, rootCA, []byte(ca))
	require.Less(b.t, time.Since(start), provisionPatience+30*time.Second) // it still restores +CMEE
	client.Close()
	<-served
	return err
}

// With each fault, at each place where it may happen, a sound program ends in
// time; it succeeds only if the credential is there, and otherwise says what is
// wrong; and at the next boot, when the fault is over, all is well.
func TestProvisioning(t *testing.T) {
	var specs []string
	for _, k := range fault.Kinds {
		switch {
		case k.On == fault.EachByte:
			for n := 0; n < 400; n += 7 {
				specs = append(specs, fmt.Sprintf("%s:after=%d", k.Name, n), fmt.Sprintf("%s:after=%d,to=device", k.Name, n))
			}
		case k.Name == "reset-loop", k.Name == "boot-noise":
			specs = append(specs, k.Name)
		default:
			for n := range 8 {
				specs = append(specs, fmt.Sprintf("%s:after=%d", k.Name, n))
			}
		}
	}
	specs = append(specs,
		"late-ok:count=100,row=100,delay=1m", "late:count=100,row=100,delay=20s", "lost:p=0.2,count=100", "lost:p=0.2,count=100,to=device",
		"crash:restart=0s", "urc:count=100,row=100,place=header", "worn-page:pages=60", "power-warning:for=0s", "split:p=1,count=5000,row=1000",
	)
	succeeded, failed := 0, make(map[string]int)
	for _, application := range []string{"at-client", "serial-modem"} {
		for _, spec := range specs {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, plain, application, spec)
				b.host.Close()
				b.on()
				if err := b.ensure(); err != nil {
					requireClear(t, spec, err)
					require.NotEmpty(t, b.told, "%s: it failed without any fault: %v", spec, err)
					failed[b.told[0].Name]++
				} else {
					succeeded++
					b.requireStored(spec)
				}
				b.set.Clear()
				b.device.PowerCut()
				b.on()
				require.NoError(t, b.ensure(), "%s: at the next boot", spec)
				b.requireStored(spec)
			})
		}
	}
	t.Logf("%d runs with a fault went well; failures by fault: %v", succeeded, failed)
}

// requireStored requires that the credential is in the modem.
func (b *bench) requireStored(spec string) {
	b.t.Helper()
	_, content, err := b.device.Bench().Credential(rootCA)
	require.NoError(b.t, err, spec)
	require.Equal(b.t, strings.TrimSuffix(ca, "\n"), strings.TrimSuffix(string(content), "\n"), spec)
}

// requireClear requires an error in words: what was tried, or what was wrong with
// what.
func requireClear(t *testing.T, spec string, err error) {
	t.Helper()
	require.Regexp(t, `(AT|modem|device|credential|answer).* `, err.Error(), spec)
	require.NotRegexp(t, `runtime error|EOF$`, err.Error(), spec)
}
