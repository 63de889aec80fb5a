package modemtest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/modemtest"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// A modem in a test, reached by an AT client.
func ExampleNew() {
	test(func(t testing.TB) {
		m := modemtest.New(t)
		answer, err := m.Client().Do(context.Background(), "AT+CGMR")
		fmt.Println(answer.Lines, err)
	})
	// Output: [mfw_nrf91x1_2.0.4] <nil>
}

// Another modem, another application in front of it, and bytes as they are on the
// wire.
func ExampleProfile() {
	test(func(t testing.TB) {
		m := modemtest.New(t, modemtest.Profile("nrf9160-1.3.7"), modemtest.Application("serial-modem"))
		port := m.Port()
		fmt.Fprint(port, "AT+CGMM\r")
		buf := make([]byte, 100)
		for wire := ""; !strings.HasSuffix(wire, "OK\r\n"); {
			n, err := port.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			wire += string(buf[:n])
			if strings.HasSuffix(wire, "OK\r\n") {
				fmt.Printf("%q\n", wire)
			}
		}
	})
	// Output: "Ready\r\n\r\nnRF9160-SICA\r\n\r\nOK\r\n"
}

// Three boots of a program that provisions a CA: it asks whether one is there,
// compares it, and writes on a difference only.
func ExampleModem_RequireSound() {
	provision := func(client *atcmd.Client, ca string) error {
		ctx := context.Background()
		client.Do(ctx, "AT+CMEE=1") // errors say why
		stored, err := client.Do(ctx, "AT%CMNG=2,24,0")
		if err == nil && strings.HasSuffix(stored.Lines[0], `,"`+ca+`"`) {
			return nil
		}
		_, err = client.Do(ctx, `AT%CMNG=0,24,0,"`+ca+`"`)
		return err
	}
	test(func(t testing.TB) {
		m := modemtest.New(t)
		for range 3 {
			if err := provision(m.Client(), ca); err != nil {
				t.Fatal(err)
			}
			m.PowerCycle()
		}
		m.RequireSound(t)
		for _, c := range m.Wear().Credentials {
			fmt.Printf("tag %d, %v: written %d time(s)\n", c.SecTag, c.Type, c.Writes)
		}
	})
	// Output: tag 24, root CA certificate: written 1 time(s)
}

// The power fails at some step of a write; at the next boot the old content is
// still there, whole.
func ExampleModem_CutAt() {
	key := keystore.Key{SecTag: 24, Type: keystore.PSKIdentity}
	test(func(t testing.TB) {
		m := modemtest.New(t, func(m *modemtest.Modem) {
			m.Stored = map[keystore.Key]string{key: "old"}
		})
		m.CutAt(3, flash.TornRandom)
		fmt.Fprint(m.Port(), `AT%CMNG=0,24,4,"new"`+"\r") // nobody will answer
		<-m.Off()
		m.PowerOn()
		_, content, err := m.Device().Bench().Credential(key)
		fmt.Println(string(content), err)
	})
	// Output: old <nil>
}

// test runs an example as the function of a test is run.
func test(fn func(t testing.TB)) {
	t := new(exampleTB)
	defer func() {
		for _, cleanup := range t.cleanups {
			cleanup()
		}
	}()
	fn(t)
}

// exampleTB is as much of a test as the examples need.
type exampleTB struct {
	testing.TB
	cleanups []func()
}

func (t *exampleTB) Helper()                           {}
func (t *exampleTB) Cleanup(fn func())                 { t.cleanups = append(t.cleanups, fn) }
func (t *exampleTB) Log(args ...any)                   { fmt.Println(args...) }
func (t *exampleTB) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (t *exampleTB) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (t *exampleTB) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// ca is a root certificate, valid for a hundred years from 2026.
const ca = `-----BEGIN CERTIFICATE-----
MIIBejCCASGgAwIBAgIUZzhQQ9LakSTq+DaC6OnhfswejYQwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjMxMzMxMTVaGA8yMTI2MTAzMDEz
MzExNVowEjEQMA4GA1UEAwwHVGVzdCBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABPcxDwzdCgRrOYlKsq24TKWK2qgaGAAV562Ev/vGL7m5jpSdwNwEaIUf4aKE
ssLlkNI+gm6WsMyXwLPpWN34PSKjUzBRMB0GA1UdDgQWBBS5C78sT+r71rPq3oP7
KvAjHHW6EjAfBgNVHSMEGDAWgBS5C78sT+r71rPq3oP7KvAjHHW6EjAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIFlPPu9l7NP0rx+1NvHnfpT964Ad
VsZtb0KvIz0oFftIAiAnMSnrsuxy15TXQ3MDooKUa7dfgbSLCYMq1Xq7apJHvQ==
-----END CERTIFICATE-----
`
