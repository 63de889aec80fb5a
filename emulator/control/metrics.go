package control

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"nrf91emu/emulator"
	"nrf91emu/emulator/event"
	"nrf91emu/keystore/flash"
)

// A Measured is a modem whose metrics are served.
type Measured struct {
	Name   string // the label modem of its metrics
	Device *emulator.Device
}

// Measure has /metrics tell of several modems, in place of the device alone, so that one
// request gets the metrics of all that run in the program.
func (s *Server) Measure(modems []Measured) { s.measured.Store(&modems) }

// metricsType is that of Prometheus' text format.
const metricsType = "text/plain; version=0.0.4; charset=utf-8"

// getMetrics serves the metrics.
func (s *Server) getMetrics(w http.ResponseWriter, _ *http.Request) error {
	modems := []Measured{{"1", s.device}}
	if m := s.measured.Load(); m != nil {
		modems = *m
	}
	w.Header().Set("Content-Type", metricsType)
	return ignore(WriteMetrics(w, modems))
}

// A family is the metrics of one name.
type family struct {
	name, kind, help string
	samples          func(m *measurement) []sample
}

// A sample is a value with its labels, given as name and value in turn.
type sample struct {
	labels []string
	value  float64
}

// measurement is one modem at one time.
type measurement struct {
	Measured
	counts             event.Counts
	status             emulator.Status
	erases, programmed uint64
	maxErases, worn    float64
}

func one(value func(m *measurement) float64) func(*measurement) []sample {
	return func(m *measurement) []sample { return []sample{{nil, value(m)}} }
}

// families are all metrics. Times and sizes are in seconds and bytes.
var families = []family{
	{"nrf91emu_modem_info", "gauge", "What is emulated; the value is always 1.", func(m *measurement) []sample {
		p := m.Device.Profile()
		return []sample{{[]string{"imei", m.Device.Identity().IMEI, "profile", p.Name, "firmware", p.Revision, "application", m.Device.Dialect().Name}, 1}}
	}},
	{"nrf91emu_power_on", "gauge", "Whether the modem has power.", one(func(m *measurement) float64 { return truth(m.status.On) })},
	{"nrf91emu_crashed", "gauge", "Whether the modem has crashed and does not answer.", one(func(m *measurement) float64 { return truth(m.status.Crashed) })},
	{"nrf91emu_boots_total", "counter", "Power-ons and resets.", one(func(m *measurement) float64 { return float64(m.counts.Boots) })},
	{"nrf91emu_crashes_total", "counter", "Crashes of the modem.", one(func(m *measurement) float64 { return float64(m.counts.Crashes) })},
	{"nrf91emu_commands_total", "counter", "AT commands received.", one(func(m *measurement) float64 { return float64(m.counts.Commands) })},
	{"nrf91emu_results_total", "counter", "Final results by what was sent and by the code behind it, which AT+CMEE=0 hides.", func(m *measurement) []sample {
		return counted(m.counts.Results, func(a, b event.ResultCount) int {
			return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Code, b.Code))
		}, func(k event.ResultCount) []string { return []string{"result", k.Kind, "code", strconv.Itoa(k.Code)} })
	}},
	{"nrf91emu_notifications_total", "counter", "Unsolicited result codes.", one(func(m *measurement) float64 { return float64(m.counts.Notifications) })},
	{"nrf91emu_input_problems_total", "counter", "Input that had no effect, or not the one that was wanted.", func(m *measurement) []sample {
		return counted(m.counts.Problems, cmp.Compare[event.InputProblem], func(k event.InputProblem) []string { return []string{"problem", string(k)} })
	}},
	{"nrf91emu_credential_writes_total", "counter", "Changes of credentials that cost the flash something.", one(func(m *measurement) float64 { return float64(m.counts.Writes) })},
	{"nrf91emu_flash_programmed_bytes_total", "counter", "Bytes programmed in the life of the flash.", one(func(m *measurement) float64 { return float64(m.programmed) })},
	{"nrf91emu_flash_erases_total", "counter", "Pages erased in the life of the flash.", one(func(m *measurement) float64 { return float64(m.erases) })},
	{"nrf91emu_flash_page_erases_max", "gauge", "Erases of the page that was erased most.", one(func(m *measurement) float64 { return m.maxErases })},
	{"nrf91emu_flash_worn_pages", "gauge", "Pages that are worn out.", one(func(m *measurement) float64 { return m.worn })},
	{"nrf91emu_connects_total", "counter", "Attempts to connect a socket.", func(m *measurement) []sample { return connections(m.counts.Connects) }},
	{"nrf91emu_handshakes_total", "counter", "TLS and DTLS handshakes.", func(m *measurement) []sample { return connections(m.counts.Handshakes) }},
	{"nrf91emu_socket_received_bytes_total", "counter", "Bytes that programs have received, without TLS.", one(func(m *measurement) float64 { return float64(m.counts.Received) })},
	{"nrf91emu_socket_sent_bytes_total", "counter", "Bytes that programs have sent, without TLS.", one(func(m *measurement) float64 { return float64(m.counts.Sent) })},
	{"nrf91emu_faults_total", "counter", "Faults that were asked for and have happened.", one(func(m *measurement) float64 { return float64(m.counts.Faults) })},
}

func truth(v bool) float64 {
	if v {
		return 1
	}
	return 0
}

func connections(counts map[event.ConnectionCount]uint64) []sample {
	return counted(counts, func(a, b event.ConnectionCount) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(truth(a.OK), truth(b.OK)))
	}, func(k event.ConnectionCount) []string {
		outcome := "failed"
		if k.OK {
			outcome = "ok"
		}
		return []string{"protocol", k.Protocol, "outcome", outcome}
	})
}

// counted returns the samples of a map, in order.
func counted[K comparable](counts map[K]uint64, order func(a, b K) int, labels func(K) []string) (list []sample) {
	for _, k := range slices.SortedFunc(maps.Keys(counts), order) {
		list = append(list, sample{labels(k), float64(counts[k])})
	}
	return list
}

// WriteMetrics writes the metrics of modems in Prometheus' text format.
func WriteMetrics(w io.Writer, modems []Measured) error {
	list := make([]measurement, len(modems))
	for i, m := range modems {
		wear := m.Device.Wear().Flash
		list[i] = measurement{
			Measured: m, counts: m.Device.Log().Keep().Counts(), status: m.Device.Status(),
			erases: wear.Erases, programmed: wear.Programmed * flash.WordSize, maxErases: float64(wear.MaxErases), worn: float64(wear.WornPages),
		}
	}
	var b strings.Builder
	for _, f := range families {
		head := fmt.Sprintf("# HELP %s %s\n# TYPE %[1]s %[3]s\n", f.name, f.help, f.kind)
		for i := range list {
			for _, s := range f.samples(&list[i]) {
				b.WriteString(head)
				head = ""
				fmt.Fprintf(&b, "%s{modem=%s", f.name, quoted(list[i].Name))
				for l := 0; l < len(s.labels); l += 2 {
					fmt.Fprintf(&b, ",%s=%s", s.labels[l], quoted(s.labels[l+1]))
				}
				fmt.Fprintf(&b, "} %s\n", strconv.FormatFloat(s.value, 'g', -1, 64))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// quoted is a label's value as the format has it.
func quoted(v string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(v) + `"`
}
