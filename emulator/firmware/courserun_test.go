package firmware_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"nrf91emu/emulator/firmware/build"
)

// A lesson is a solution of the course that runs: against the emulator, and against the
// servers that exec --cloud starts.
type lesson struct {
	branch, app string
	lines       []string // of each boot's console, in order
	second      []string // further lines of the second boot alone
	finding     string   // the rule that the judge names, "" if it finds the firmware sound
}

// own are the values that a lesson has the student fill in, as lines of a .conf file. The
// server knows a device by the identity that it names.
var own = map[string]string{"l8/l8_sol": "CONFIG_COAP_DEVICE_NAME=\"cali.test.nrf91\"\n"}

// An outcome is a row of the table.
type outcome struct {
	compiles, runs bool
	verdict        string
}

var (
	attached = []string{"Initializing modem library", "Connecting to LTE network", "RRC mode: Connected",
		"Network registration status: Connected - home network", "Connected to LTE network"}
	helper = append(attached[:len(attached):len(attached)], "Connected to MQTT broker", "Hostname: mqtt.nordicsemi.academy",
		"Client ID: nrf-", "Port: ", "TLS: ", "Subscribing to devacademy/subscribe/topic",
		"Subscribed to devacademy/subscribe/topic with QoS 0")
	client = append(attached[:len(attached):len(attached)], "IPv4 Address found", "MQTT client connected", "Subscribing to: ", "SUBACK packet id: ")
	// On 2.2 and 2.3 the library is there before main, which says nothing of it.
	early   = client[1:]
	coaps   = append(attached[:len(attached):len(attached)], "IPv4 Address found", "Successfully connected to server")
	tracker = []string{"Initializing modem library", "Connecting to LTE network", "RRC mode: Connected",
		"Network registration status: Connected - home network", "Latitude: ", "Resolving the server address",
		"IPv4 Address found", "Sending Data over LTE", "CoAP request sent: token 0x", "CoAP response: Code 0x"}
	fix       = []string{"Searching", "Latitude: ", "Longitude: ", "Altitude: ", "Time (UTC): ", "Time to first fix: "}
	rewritten = "P05"
)

func join(lists ...[]string) []string {
	var all []string
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func lessons() []lesson {
	match := []string{"Comparing credentials: Match"}
	list := []lesson{
		{"main", "l2/l2_e2_sol", attached, nil, ""},
		{"main", "l3/l3_e1_sol", join(attached, []string{"IPv4", "Successfully connected to server"}), nil, ""},
		{"main", "l4/l4_e1_sol", helper, nil, ""},
		{"main", "l4/l4_e2_sol", helper, match, ""},
		{"main", "l5/l5_e1_sol", coaps, nil, ""},
		{"main", "l5/l5_e2_sol", coaps, nil, rewritten},
		{"main", "l6/l6_e1_sol", join([]string{"Initializing modem library"}, fix), nil, ""},
		{"main", "l6/l6_e2_sol", join(attached, []string{"IPv4", "Successfully connected to server"}, []string{"Starting GNSS", "Searching"}), nil, ""},
		{"main", "l7/l7_e1_sol", coaps, nil, rewritten},
		{"main", "l8/l8_sol", tracker, nil, rewritten},
		{"v3.2.0", "l4/l4_e1_sol", helper, nil, ""},
		{"v3.2.0", "l4/l4_e2_sol", helper, match, ""},
	}
	for _, branch := range []string{"v3.1.0", "v3.0.0", "v2.9.0-v2.7.0", "v2.6.2-v2.4.0"} {
		list = append(list, lesson{branch, "l4/l4_e1_sol", client, nil, ""}, lesson{branch, "l4/l4_e2_sol", client, nil, ""})
	}
	list = append(list, lesson{"v2.3.0-v2.2.0", "l4/l4_e1_sol", early, nil, ""}, lesson{"v2.3.0-v2.2.0", "l4/l4_e2_sol", early, nil, ""})
	for _, tree := range []string{"", "v2.2.0-v2.3.0/", "v2.4.0/"} {
		list = append(list, lesson{"first", tree + "lesson4/cellfund_less4_exer1_solution", early, nil, ""},
			lesson{"first", tree + "lesson4/cellfund_less4_exer2_solution", early, nil, ""})
	}
	return list
}

// TestCourseRuns runs the solutions of lessons 2 to 8, and lesson 4 of every branch, over two
// boots: lines of the console in order, the verdict of the judge.
func TestCourseRuns(t *testing.T) {
	clone := courseClone(t)
	root := t.TempDir()
	program := filepath.Join(root, "nrf91emu")
	run(t, "go", "build", "-o", program, "nrf91emu/cmd/nrf91emu")
	trees := make(map[string]string)
	for _, rev := range courseRevisions {
		trees[rev.name] = filepath.Join(root, rev.name)
		checkOut(t, clone, rev.rev, trees[rev.name])
	}
	cloud := filepath.Join(root, "cloud")
	makeCA(t, program, cloud)
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
				app := filepath.Join(trees[l.branch], l.app)
				firmware := buildLesson(t, filepath.Join(cloud, "ca.pem"), app, l)
				o.compiles = true
				o.verdict, o.runs = runLesson(t, program, cloud, firmware, l)
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

// makeCA has the servers of the lab write their certificates.
func makeCA(t *testing.T, program, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "exec", "--allow-idle", "--cloud", "--cloud-dir", dir, "--", "true")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("nrf91emu exec --cloud: %v\n%s", err, out)
	}
}

// trustLab puts the lab's CA where the lesson has the certificate of its broker: as a file
// that the build includes, or as a header.
func trustLab(t *testing.T, app, ca string) {
	t.Helper()
	pem, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
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
func buildLesson(t *testing.T, ca, app string, l lesson) string {
	t.Helper()
	trustLab(t, app, ca)
	opt := build.Options{Dir: app, SDKDir: "sdk", Cache: filepath.Join(objects, "cache")}
	if text := own[l.app]; text != "" {
		opt.Conf = []string{filepath.Join(t.TempDir(), "own.conf")}
		if err := os.WriteFile(opt.Conf[0], []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	p, err := build.Load(opt)
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	res, err := p.Build(t.Context(), &said, false)
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	return res.Program
}

// runLesson runs two boots of an application. It returns what the judge says, and whether
// the console says what the lesson does.
func runLesson(t *testing.T, program, cloud, firmware string, l lesson) (verdict string, runs bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "exec", "--boots", "2", "--timeout", "2m", "--cloud", "--cloud-dir", cloud,
		"--cloud-name", "udp-echo.nordicsemi.academy", "--cloud-name", "test.mosquitto.org",
		"--boot-ends-at", l.lines[len(l.lines)-1], "--", firmware)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	code := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		t.Fatalf("%v\n%s", err, out.String())
	}
	text := out.String()
	boots := strings.Split(text, "*** Booting ")[1:]
	if len(boots) != 2 {
		t.Errorf("%d boots, want 2\n%s", len(boots), text)
		return "", false
	}
	for i, boot := range boots {
		wanted := l.lines
		if i == 1 {
			wanted = join(l.second, l.lines)
			if len(l.second) > 0 {
				wanted = join(l.lines[:1], l.second, l.lines[1:])
			}
		}
		rest := boot
		for _, line := range wanted {
			_, after, found := strings.Cut(rest, line)
			if !found {
				t.Errorf("boot %d: no line %q in its place\n%s", i+1, line, boot)
				return "", false
			}
			rest = after
		}
	}
	want := 0
	if l.finding != "" {
		want = 3
		if !strings.Contains(text, l.finding) {
			t.Errorf("no finding %s\n%s", l.finding, text)
		}
	}
	if code != want {
		t.Errorf("exec ends with %d, want %d\n%s", code, want, text)
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "sound: ") || strings.HasPrefix(line, "not sound: ") {
			return strings.TrimSpace(line), true
		}
	}
	t.Errorf("no verdict\n%s", text)
	return "", true
}
