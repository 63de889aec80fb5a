package firmware_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/cloud"
	"nrf91emu/emulator/exec"
	"nrf91emu/emulator/firmware/build"
	"nrf91emu/emulator/network"
)

// An exampleRun is a form of an application in examples, and what two boots of it do.
type exampleRun struct {
	app    string
	wrong  bool     // built with wrong.conf
	conf   string   // options beside the application's
	boots  [][]step // of each boot: what there is to see and to do
	writes int      // to the credential store, over all boots; negative for any number
	rules  []string // that the judge names as errors
	flags  []string // for the compiler and the linker
}

const (
	certificateStored = "The certificate was stored"
	certificateThere  = "The certificate is there"
)

// reports is what mqtt_over_tls does once it has its certificate.
func reports() []step {
	const device, to = "example-device", "example/report"
	return []step{
		see("Connected", "Subscription 1: 0", "Report 1 has arrived: 0"),
		mqttSession("mqtt-tls", "connect", device), mqttSession("mqtt-tls", "subscribe", device, "example/order"),
		published("mqtt-tls", device, to, "ready", 1),
		press(1), published("mqtt-tls", device, to, "button", 1), see("Report 2 has arrived: 0"),
		publish("example/order", "on"), see("example/order: on"), light(1, true),
		publish("example/order", "off"), see("example/order: off"), light(1, false),
	}
}

var (
	asksCoAP = []step{see("2.05 "), identified("coaps-psk", coapIdentity), requested("coaps-psk", "GET", "/validate", 0)}
	echoes   = []step{see("hello came back"), requested("udp-echo", "datagram", "", 5)}
	fixes    = []step{see("Searching", "Position ")}
)

var exampleRuns = []exampleRun{
	{app: "provision_certificate", writes: 1, boots: [][]step{{see(certificateStored, "Online")}, {see(certificateThere, "Online")}}},
	{app: "provision_certificate", wrong: true, writes: 2, rules: []string{"P04"},
		boots: [][]step{{see(certificateStored, "Online")}, {see(certificateStored, "Online")}}},
	{app: "mqtt_over_tls", writes: 1, boots: [][]step{join([]step{see(certificateStored)}, reports()), join([]step{see(certificateThere)}, reports())}},
	{app: "mqtt_over_tls", wrong: true, writes: 2, rules: []string{"P04"},
		boots: [][]step{join([]step{see(certificateStored)}, reports()), join([]step{see(certificateStored)}, reports())}},
	// It stores under 42 and connects with 43.
	{app: "mqtt_over_tls", conf: "CONFIG_MQTT_HELPER_SEC_TAG=43\n", writes: 1, rules: []string{"P20"},
		boots: [][]step{{see(certificateStored, "Not connected: -")}, {see(certificateThere, "Not connected: -")}}},
	{app: "coap_over_dtls", writes: 2, boots: [][]step{asksCoAP, asksCoAP}},
	{app: "coap_over_dtls", wrong: true, writes: 4, rules: []string{"P04"}, boots: [][]step{asksCoAP, asksCoAP}},
	{app: "udp_echo", boots: [][]step{echoes, echoes}},
	{app: "gnss_fix", boots: [][]step{fixes, fixes}},
	{app: "work_queues", boots: [][]step{
		{see("Average of 8 samples: 4", "Done in boot 1")}, {see("Average of 8 samples: 4", "Done in boot 2")}}},
}

// The applications in examples run against the emulator and the servers of the lab: they
// do what they are there for, and the judge names the mistake of their wrong form only.
func TestExamplesRun(t *testing.T) {
	compiler(t, "cc")
	runExamples(t)
}

// The sanitizers of addresses and of undefined behaviour find nothing while the applications
// run, in them or in the host SDK; nor does the one of threads. A program in which they find
// something ends at once. Built with clang the applications do the same.
func TestExamplesSanitized(t *testing.T) {
	if os.Getenv("NRF91EMU_LONG") == "" {
		t.Skip("NRF91EMU_LONG is not set; this test compiles the host SDK for the sanitizers")
	}
	for _, with := range []struct{ cc, name string }{{"gcc", "addresses"}, {"gcc", "threads"}, {"clang", "optimised"}} {
		t.Run(with.cc+"/"+with.name, func(t *testing.T) {
			t.Setenv("CC", compiler(t, with.cc))
			t.Setenv("TSAN_OPTIONS", "halt_on_error=1")
			runExamples(t, append([]string{"-O1"}, sanitizers[with.name]...)...)
		})
	}
}

func runExamples(t *testing.T, flags ...string) {
	t.Helper()
	for _, r := range exampleRuns {
		r.flags = flags
		name := r.app + "/right"
		if r.wrong {
			name = r.app + "/wrong"
		}
		if r.conf != "" {
			name = r.app + "/" + strings.TrimSpace(r.conf)
		}
		t.Run(name, func(t *testing.T) {
			if flags == nil {
				t.Parallel()
			}
			far := startCloud(t)
			cfg := r.config(t, far)
			res := operate(t, far, cfg, r.boots)
			r.judged(t, res)
		})
	}
}

// judged compares the verdict.
func (r exampleRun) judged(t *testing.T, res *exec.Result) {
	t.Helper()
	want := 0
	if len(r.rules) > 0 {
		want = exec.ExitFindings
	}
	var rules []string
	for _, f := range res.Findings {
		if f.Level == audit.Error && !slices.Contains(rules, f.Rule) {
			rules = append(rules, f.Rule)
		}
	}
	slices.Sort(rules)
	if res.ExitCode != want || !slices.Equal(rules, r.rules) {
		t.Errorf("exit code %d and errors %v, want %d and %v: %+v", res.ExitCode, rules, want, r.rules, res.Failures)
	}
	if r.writes >= 0 && res.Totals.Writes != r.writes {
		t.Errorf("%d writes, want %d", res.Totals.Writes, r.writes)
	}
}

// The power is cut while the certificate is stored: after the next start it is there.
func TestExamplePowerCuts(t *testing.T) {
	compiler(t, "cc")
	r := exampleRun{app: "provision_certificate"}
	cfg := r.config(t, startCloud(t))
	cfg.BootEnd = exec.BootEnd{Online: true}
	// One for each way in which a step can be torn, and some more.
	for n := 1; n <= 9; n += 2 {
		res, err := exec.Cut(t.Context(), cfg, exec.CutOptions{Step: n})
		if err != nil {
			t.Fatal(err)
		}
		if !res.Sound || res.Cuts.Runs != 1 || res.Totals.Writes != 1 {
			t.Errorf("step %d: %d runs, %d writes, %+v", n, res.Cuts.Runs, res.Totals.Writes, res.Failures)
		}
	}
}

// config builds the application, which trusts the lab, and returns how it is run.
func (r exampleRun) config(t *testing.T, far *cloud.Cloud) exec.Config {
	t.Helper()
	app := filepath.Join(t.TempDir(), r.app)
	if err := os.CopyFS(app, os.DirFS(filepath.Join("examples", r.app))); err != nil {
		t.Fatal(err)
	}
	if file := filepath.Join(app, "credentials", "ca.pem"); exists(file) {
		if err := os.WriteFile(file, far.CA(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	opt := build.Options{Dir: app, Flags: r.flags}
	if r.wrong {
		opt.Conf = []string{filepath.Join(app, "wrong.conf")}
	}
	if r.conf != "" {
		file := filepath.Join(app, "other.conf")
		if err := os.WriteFile(file, []byte(r.conf), 0o666); err != nil {
			t.Fatal(err)
		}
		opt.Conf = []string{file}
	}
	program := buildIt(t, opt)
	air := network.Default()
	air.AttachDelay = 0
	return exec.Config{
		Command: []string{program},
		Env:     os.Environ(),
		Device:  emulator.Config{Network: &air, Hosts: far.Hosts(), NoExternal: true, TimeToFix: time.Second},
		// One application has nothing to do with the modem.
		Audit: audit.Options{AllowIdle: r.app == "work_queues"},
	}
}

func startCloud(t *testing.T) *cloud.Cloud {
	t.Helper()
	far, err := cloud.Start(cloud.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := far.Close(); err != nil {
			t.Error(err)
		}
	})
	return far
}
