package firmware_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/cloud"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/exec"
	"nrf91emu/emulator/firmware/build"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
)

// A lesson is a solution of the course that runs: against the emulator, and against
// servers of its own.
type lesson struct {
	branch, app string
	boots       [2][]step
	rules       []string // that the judge names as errors, none if it finds the firmware sound
}

// own are the values that a lesson has the student fill in, as lines of a .conf file. The
// server knows a device by the identity that it names.
var own = map[string]string{"l8/l8_sol": "CONFIG_COAP_DEVICE_NAME=\"" + coapIdentity + "\"\n"}

// An outcome is a row of the table.
type outcome struct {
	compiles, runs bool
	verdict        string
}

const (
	coapIdentity = "cali.test.nrf91"
	subscribed   = "devacademy/subscribe/topic"
	publishedTo  = "devacademy/publish/topic"
)

// mqttClient is who the lessons are for a broker.
var mqttClient = "nrf-" + defaultIMEI()

func defaultIMEI() string {
	p, err := profile.Lookup(profile.Default)
	if err != nil {
		panic(err)
	}
	return profile.NewIdentity(&p, 0).IMEI
}

func join(lists ...[]step) []step {
	var all []step
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// registered is what all lessons say once the network has the modem.
func registered() []step {
	return []step{see("Connecting to LTE network", "RRC mode: Connected", "Network registration status: Connected - home network",
		"Connected to LTE network"), light(2, true)}
}

// attached is the beginning of most lessons; lines may come before the network is looked for.
func attached(before ...string) []step {
	return join([]step{see("Initializing modem library"), see(before...)}, registered())
}

// commanded is messages for the device, which switches LEDs and says so.
func commanded(lines func(payload string) []string, leds ...int) []step {
	var all []step
	for _, led := range leds {
		for _, on := range []bool{true, false} {
			payload := fmt.Sprintf("LED%dOFF", led)
			if on {
				payload = fmt.Sprintf("LED%dON", led)
			}
			all = append(all, publish(subscribed, payload), see(lines(payload)...), light(led, on))
		}
	}
	return all
}

// helper is lesson 4 with the library MQTT helper, from NCS 3.2 on.
func helper(server, port, tls, message string, before ...string) []step {
	return join(attached(before...), []step{
		see("Connected to MQTT broker", "Hostname: mqtt.nordicsemi.academy", "Client ID: "+mqttClient, "Port: "+port, "TLS: "+tls,
			"Subscribing to "+subscribed, "Subscribed to "+subscribed+" with QoS 0"),
		mqttSession(server, "connect", mqttClient), mqttSession(server, "subscribe", mqttClient, subscribed),
		press(1), see(fmt.Sprintf("Published message: %q on topic: %q", message, publishedTo)),
		published(server, mqttClient, publishedTo, message, 1),
	}, commanded(func(payload string) []string {
		return []string{"Received payload: " + payload + " on topic: " + subscribed}
	}, 1, 2))
}

// client is lesson 4 with Zephyr's MQTT client, until NCS 3.1.
func client(server, message string, begin []step, tls ...string) []step {
	return join(begin, []step{
		see("IPv4 Address found"), see(tls...), see("MQTT client connected", "Subscribing to: "+subscribed+" len 26", "SUBACK packet id: 1234"),
		mqttSession(server, "connect", mqttClient), mqttSession(server, "subscribe", mqttClient, subscribed),
		press(1), see("Publishing: "+message, "to topic: "+publishedTo+" len: 24", "PUBACK packet id: "),
		published(server, mqttClient, publishedTo, message, 1),
	}, commanded(func(payload string) []string {
		return []string{fmt.Sprintf("MQTT PUBLISH result=0 len=%d", len(payload)), "Received: " + payload}
	}, 1))
}

// coap is lessons 5 and 7: GET, PUT, and what was put is what GET brings then.
func coap(server string) []step {
	const message = "Hi from nRF91 Series device"
	hello := []step{see("IPv4 Address found", "Successfully connected to server")}
	if server == "coaps-psk" {
		hello = append(hello, identified(server, coapIdentity))
	}
	return join(hello, []step{
		press(1), see("CoAP GET request sent: Token 0x", "CoAP response: Code 0x45, Token 0x…, Payload: "), requested(server, "GET", "/validate", 0),
		press(2), see("CoAP PUT request sent: Token 0x", "CoAP response: Code 0x44, Token 0x…, Payload: EMPTY"), requested(server, "PUT", "/large-update", len(message)+1),
		press(1), see("CoAP GET request sent: Token 0x", "CoAP response: Code 0x45, Token 0x…, Payload: "+message), requested(server, "GET", "/validate", 0),
	})
}

// saving is how lessons 6 and 7 begin: the network grants the power saving that they ask for.
func saving() []step {
	return []step{see("Initializing modem library", "Connecting to LTE network", "RRC mode: Connected", "Network registration status: Connected - home network"),
		seeAll("PSM parameter update: Periodic TAU: 28800 s, Active time: 16 s", "eDRX parameter update: eDRX: ", "Connected to LTE network"), light(2, true)}
}

// fix is a position, as the lessons print it.
func fix() []step {
	return []step{see("Latitude: ", "Longitude: ", "Altitude: ", "Time (UTC): ", "Time to first fix: "), light(1, true)}
}

func twice(steps []step) [2][]step { return [2][]step{steps, steps} }

func lessons() []lesson {
	rewritten := []string{"P04"}
	const udp = "Hi from nRF91 Series device"
	udpEcho := []step{see("IPv4 Address found", "Successfully connected to server")}
	match := "Comparing credentials: Match"
	list := []lesson{
		{"main", "l2/l2_e2_sol", twice(attached()), nil},
		{"main", "l3/l3_e1_sol", twice(join(attached(), udpEcho, []step{
			see("Press button 1 on your DK or Thingy:91 to send your message"), press(1), requested("udp-echo", "datagram", "", len(udp)),
			seeAll("Successfully sent message: "+udp, "Data received from the server: ("+udp+")"),
		})), nil},
		{"main", "l4/l4_e1_sol", twice(helper("mqtt", "1883", "No", "Button 1 pressed")), nil},
		{"main", "l4/l4_e2_sol", [2][]step{helper("mqtt-tls", "8883", "Yes", "Hi from nRF9151 SiP"),
			helper("mqtt-tls", "8883", "Yes", "Hi from nRF9151 SiP", match)}, nil},
		{"main", "l5/l5_e1_sol", twice(join(attached(), coap("coap"))), nil},
		{"main", "l5/l5_e2_sol", twice(join(attached(), coap("coaps-psk"))), rewritten},
		{"main", "l6/l6_e1_sol", twice(join([]step{see("Initializing modem library", "Starting GNSS", "Searching...", "Number of current satellites: ")}, fix(),
			[]step{see("GNSS enter sleep after fix")})), nil},
		{"main", "l6/l6_e2_sol", twice(join(saving(), udpEcho, []step{see("Starting GNSS", "Searching. Current satellites: ")}, fix(), []step{
			see("GNSS enter sleep after fix"), press(1), requested("udp-echo", "datagram", "", 256), see("Data received from the server: (Latitude: …, Longitude: "),
		})), nil},
		{"main", "l7/l7_e1_sol", twice(join(saving(), coap("coaps-psk"))), rewritten},
		{"main", "l8/l8_sol", twice([]step{
			see("The nRF91 Simple Tracker Version 0.2.1 started", "Initializing modem library", "Connecting to LTE network", "Starting GNSS....",
				"Searching for GNSS Satellites....", "GNSS enters sleep because fix was achieved in periodic mode", "Latitude: ", "Longitude: ",
				"RRC mode: Connected", "Network registration status: Connected - home network", "Resolving the server address",
				"IPv4 Address found ", "Sending Data over LTE", "CoAP request sent: token 0x", "CoAP response: Code 0x44, Token 0x…, Payload: "),
			identified("coaps-psk", coapIdentity), requested("coaps-psk", "POST", "/echo", -1),
			press(1), light(3, true), press(1), light(3, false),
		}), rewritten},
		{"v3.2.0", "l4/l4_e1_sol", twice(helper("mqtt", "1883", "No", "Hi from nRF9151 SiP")), nil},
		{"v3.2.0", "l4/l4_e2_sol", [2][]step{helper("mqtt-tls", "8883", "Yes", "Hi from nRF9151 SiP"),
			helper("mqtt-tls", "8883", "Yes", "Hi from nRF9151 SiP", match)}, nil},
	}
	const provision, same, tls = "Provisioning certificates", "match", "TLS enabled"
	for _, branch := range []string{"v3.1.0", "v3.0.0", "v2.9.0-v2.7.0", "v2.6.2-v2.4.0"} {
		message := "Hi from nRF91 Series device"
		list = append(list, lesson{branch, "l4/l4_e1_sol", twice(client("mqtt", "Hi from the nRF91 Series device", attached())), nil},
			lesson{branch, "l4/l4_e2_sol", [2][]step{client("mqtt-tls", message, attached(provision), tls), client("mqtt-tls", message, attached(match), tls)}, nil})
	}
	// On 2.2 and 2.3 the library is there before main, which says nothing of it.
	early := func(branch, e1, e2 string) {
		message := "Hi from the nRF9160 SiP"
		first, second := join([]step{see(provision)}, registered()), join([]step{see(same)}, registered())
		list = append(list, lesson{branch, e1, twice(client("mqtt", message, registered())), nil},
			lesson{branch, e2, [2][]step{client("mqtt-tls", message, first, tls), client("mqtt-tls", message, second, tls)}, nil})
	}
	early("v2.3.0-v2.2.0", "l4/l4_e1_sol", "l4/l4_e2_sol")
	for _, tree := range []string{"", "v2.2.0-v2.3.0/", "v2.4.0/"} {
		early("first", tree+"lesson4/cellfund_less4_exer1_solution", tree+"lesson4/cellfund_less4_exer2_solution")
	}
	return list
}

// TestCourseRuns runs the solutions of lessons 2 to 8, and lesson 4 of every branch, over two
// boots: lines of the console in order, LEDs and buttons, what the servers received, and the
// verdict of the judge.
func TestCourseRuns(t *testing.T) {
	clone := courseClone(t)
	root := t.TempDir()
	trees := make(map[string]string)
	for _, rev := range courseRevisions {
		trees[rev.name] = filepath.Join(root, rev.name)
		checkOut(t, clone, rev.rev, trees[rev.name])
	}
	var mu sync.Mutex
	results := make(map[string]outcome)
	t.Run("lessons", func(t *testing.T) {
		for _, l := range lessons() {
			t.Run(l.branch+"/"+l.app, func(t *testing.T) {
				t.Parallel()
				var o outcome
				defer func() {
					mu.Lock()
					results[l.branch+"/"+l.app] = o
					mu.Unlock()
				}()
				far, err := cloud.Start(cloud.Config{Names: []string{"udp-echo.nordicsemi.academy"}})
				if err != nil {
					t.Fatal(err)
				}
				defer far.Close()
				firmware := buildLesson(t, far.CA(), filepath.Join(trees[l.branch], l.app), l)
				o.compiles = true
				o.verdict = runLesson(t, far, firmware, l)
				o.runs = !t.Failed()
			})
		}
	})
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "branch\tlesson\tcompiles\truns\tverdict")
	for _, l := range lessons() {
		if o, tried := results[l.branch+"/"+l.app]; tried {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", l.branch, l.app, yes(o.compiles), yes(o.runs), o.verdict)
		}
	}
	w.Flush()
	t.Logf("\n%s", table.String())
}

// trustLab puts the lab's CA where the lesson has the certificate of its broker: as a file
// that the build includes, or as a header.
func trustLab(t *testing.T, app string, pem []byte) {
	t.Helper()
	if file := filepath.Join(app, "credentials", "ca-cert.pem"); exists(file) {
		if err := os.WriteFile(file, pem, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if file := filepath.Join(app, "src", "certificate.h"); exists(file) || strings.Contains(app, "exer2_solution") || strings.Contains(app, "l4_e2_sol") {
		var header strings.Builder
		header.WriteString("#define CA_CERTIFICATE \\\n")
		for line := range strings.Lines(string(pem)) {
			fmt.Fprintf(&header, "%q \\\n", line)
		}
		if err := os.WriteFile(file, []byte(header.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// buildLesson builds an application that trusts the lab's CA.
func buildLesson(t *testing.T, ca []byte, app string, l lesson) string {
	t.Helper()
	trustLab(t, app, ca)
	opt := build.Options{Dir: app}
	if text := own[l.app]; text != "" {
		opt.Conf = []string{filepath.Join(t.TempDir(), "own.conf")}
		if err := os.WriteFile(opt.Conf[0], []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return buildIt(t, opt)
}

// runLesson runs two boots of an application with somebody at the board, and returns what
// the judge says. Of one that writes without looking it says so after one boot already.
func runLesson(t *testing.T, far *cloud.Cloud, firmware string, l lesson) string {
	t.Helper()
	air := network.Default()
	air.AttachDelay, air.ReleaseAfter = 100*time.Millisecond, time.Second
	cfg := exec.Config{
		Command: []string{firmware}, Env: os.Environ(),
		Device: emulator.Config{Network: &air, Hosts: far.Hosts(), NoExternal: true, TimeToFix: time.Second},
	}
	writes := -1
	if len(l.rules) > 0 {
		writes = 4 // identity and pre-shared key, in each boot
		once := operate(t, far, cfg, l.boots[:1])
		exampleRun{writes: writes / 2}.judged(t, once)
		keyAndIdentity(t, once, "P03")
	}
	res := operate(t, far, cfg, l.boots[:])
	exampleRun{rules: l.rules, writes: writes}.judged(t, res)
	if len(l.rules) > 0 {
		for _, f := range keyAndIdentity(t, res, l.rules[0]) {
			if f.Cost.Programmed == 0 {
				t.Errorf("%s of the %s has no cost", f.Rule, f.Type)
			}
		}
	}
	word := "not sound"
	if res.Sound {
		word = "sound"
	}
	return word + ": " + res.Totals.String()
}

// keyAndIdentity wants one finding of a rule about the pre-shared key and one about the
// identity, and returns them.
func keyAndIdentity(t *testing.T, res *exec.Result, rule string) []*audit.Finding {
	t.Helper()
	var of []*audit.Finding
	var types []string
	for _, f := range res.Findings {
		if f.Rule == rule && f.Type != nil {
			of = append(of, f)
			types = append(types, f.Type.String())
		}
	}
	slices.Sort(types)
	want := []string{event.PSKIdentity.String(), event.PSK.String()}
	slices.Sort(want)
	if !slices.Equal(types, want) {
		t.Errorf("%s is found of %v, want %v: %+v", rule, types, want, res.Findings)
	}
	return of
}
