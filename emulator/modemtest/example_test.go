package modemtest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/cloud"
	"nrf91emu/emulator/fault"
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

// Power is cut in each flash step that a provisioning takes. This one asks for the
// identity and takes the key for stored if it is there, so that a cut between the two is
// never mended.
func ExampleCutEvery() {
	provision := func(ctx context.Context, m *modemtest.Modem) error {
		client := m.Client()
		if _, err := client.Do(ctx, "AT+CMEE=1"); err != nil {
			return err
		}
		if list, err := client.Do(ctx, "AT%CMNG=1,24,4"); err != nil || len(list.Lines) > 0 {
			return err
		}
		if _, err := client.Do(ctx, `AT%CMNG=0,24,4,"device"`); err != nil {
			return err
		}
		_, err := client.Do(ctx, `AT%CMNG=0,24,3,"c0ffee00"`)
		return err
	}
	t := new(recorder)
	modemtest.CutEvery(t, provision)
	first, rest, _ := strings.Cut(t.text, "\n")
	fmt.Println(strings.HasSuffix(first, " power cuts not all was well"))
	second, _, _ := strings.Cut(rest, "\n")
	fmt.Println(strings.Contains(second, "tag 24, PSK is not there at the end, and is without a cut"))
	// Output:
	// true
	// true
}

// recorder is a test whose failure is an example.
type recorder struct {
	exampleTB
	text string
}

func (t *recorder) Error(args ...any) { t.text = fmt.Sprint(args...) }

// MQTT over TLS, by the commands of Serial Modem, with a broker beside the modem: its
// CA is stored as provisioning would.
func ExampleCloud() {
	test(func(t testing.TB) {
		told := make(chan string, 8)
		m := modemtest.New(t, modemtest.Application("serial-modem"), modemtest.Cloud(cloud.Config{}), func(m *modemtest.Modem) {
			m.Stored = map[keystore.Key]string{{SecTag: 24, Type: keystore.RootCA}: string(m.Servers.CA())}
			m.OnNotification = func(line string) {
				if strings.HasPrefix(line, "#XMQTTEVT") {
					told <- line
				}
			}
		})
		broker, _ := m.Servers.Server("mqtt-tls")
		messages := make(chan string, 1)
		friend, err := cloud.Dial(cloud.ClientOptions{Server: broker, Roots: m.Servers.Pool(), OnMessage: func(topic string, payload []byte) {
			messages <- topic + ": " + string(payload)
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer friend.Close()
		if err := friend.Subscribe("greetings", 1); err != nil {
			t.Fatal(err)
		}

		m.Do("AT+CFUN=1")
		m.Do(`AT#XMQTTCFG="device-1",60,1`)
		m.Do(`AT#XMQTTCON=1,"","","broker.lab",8883,24`)
		fmt.Println(<-told)
		m.Do(`AT#XMQTTPUB="greetings","hello",1,0`)
		fmt.Println(<-told)
		fmt.Println(<-messages)
	})
	// Output:
	// #XMQTTEVT: 0,0
	// #XMQTTEVT: 3,0
	// greetings: hello
}

// A fault is asked for by a function, with the opportunities at which it happens.
func ExampleModem_Fault() {
	test(func(t testing.TB) {
		m := modemtest.New(t)
		m.Fault(fault.StoreFull(0).At(fault.Rule{After: 1}))
		m.Do("AT+CMEE=1")
		_, err := m.Client().Do(context.Background(), `AT%CMNG=0,24,4,"device"`)
		fmt.Println(err)
	})
	// Output: +CME ERROR: 515: the device's answer to AT%CMNG (set form, 4 parameters)
}

// test runs an example as the function of a test is run.
func test(fn func(t testing.TB)) {
	t := new(exampleTB)
	defer func() {
		for _, cleanup := range slices.Backward(t.cleanups) {
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
func (t *exampleTB) Failed() bool                      { return false }
func (t *exampleTB) Error(args ...any)                 { fmt.Println(args...) }
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
