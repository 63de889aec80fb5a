package build

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"nrf91emu/emulator/firmware/build/diag"
	"nrf91emu/emulator/lazyregexp"
)

// NCS is a release of nRF Connect SDK, as NCS_VERSION_NUMBER has it: major, minor
// and patch, a byte each.
type NCS uint32

// The releases that the host SDK knows, and the one that is taken if an application
// says nothing about it.
const (
	FirstNCS   NCS = 0x020200
	LastNCS    NCS = 0x0304ff
	DefaultNCS NCS = 0x030300
)

func release(major, minor int) NCS { return NCS(major<<16 | minor<<8) }

func (v NCS) String() string { return fmt.Sprintf("%d.%d.%d", v>>16, v>>8&0xff, v&0xff) }

// minor returns the first patch of the release, such as 2.6.0 of 2.6.2.
func (v NCS) minor() NCS { return v &^ 0xff }

var ncsText = lazyregexp.New(`^v?(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?(?:-.*)?$`)

// ParseNCS reads a version such as 2.6, v2.6.2 or v3.0.0-rc1. Errors: it is none,
// or outside what the host SDK knows.
func ParseNCS(text string) (NCS, error) {
	m := ncsText().FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%q is no version of nRF Connect SDK, such as 2.6 or 3.3.0", text)
	}
	var n [3]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1])
		n[i] = min(n[i], 255)
	}
	v := NCS(n[0]<<16 | n[1]<<8 | n[2])
	if v < FirstNCS || v > LastNCS {
		return 0, fmt.Errorf("nRF Connect SDK %s is not known; 2.2 to 3.4 are", v)
	}
	return v, nil
}

// zephyr returns the version of Zephyr that is in the release, as KERNEL_VERSION_STRING
// has it (fact sdk/zephyr-version).
func (v NCS) zephyr() (major, minor, patch int) {
	switch {
	case v < release(2, 4):
		return 3, 2, 99
	case v < release(2, 5):
		return 3, 3, 99
	case v < release(2, 6):
		return 3, 4, 99
	case v < release(2, 7):
		return 3, 5, 99
	case v < release(2, 8):
		return 3, 6, 99
	case v < release(3, 0):
		return 3, 7, 99
	case v < release(3, 1):
		return 4, 0, 99
	case v < release(3, 2):
		return 4, 1, 99
	case v < release(3, 4):
		return 4, 2, 99
	}
	return 4, 4, 0
}

// A clue is something in an application that needs some releases.
type clue struct {
	what     string // as a sentence says it
	from, to NCS    // both included; 0 is no limit
	source   func() *regexp.Regexp
	option   string // CONFIG_ name in prj.conf
}

// before returns the last release before one; 2.9 was followed by 3.0.
func before(major, minor int) NCS {
	if minor == 0 {
		return release(major-1, 9) | 0xff
	}
	return release(major, minor) - 1
}

// clues are what tells releases apart, the surest first.
var clues = []clue{
	{what: "void main(void)", to: before(2, 4), source: lazyregexp.New(`(?m)^void\s+main\s*\(`)},
	{what: "lte_lc_init_and_connect", to: before(2, 8), source: lazyregexp.New(`\blte_lc_init_and_connect(_async)?\s*\(`)},
	{what: "lte_lc_init()", to: before(2, 8), source: lazyregexp.New(`\blte_lc_init\s*\(`)},
	{what: "NCS_VERSION_NUMBER", from: release(2, 4), source: lazyregexp.New(`\bNCS_VERSION_NUMBER\b`)},
	{what: "NET_SOCKETS_POSIX_NAMES", to: before(2, 7), option: "NET_SOCKETS_POSIX_NAMES"},
	{what: "LTE_AUTO_INIT_AND_CONNECT", to: before(2, 4), option: "LTE_AUTO_INIT_AND_CONNECT"},
	{what: "NRF_MODEM_LIB_SYS_INIT", to: before(2, 4), option: "NRF_MODEM_LIB_SYS_INIT"},
	{what: "POSIX_API with the modem's sockets", from: release(2, 7), option: "POSIX_API"},
	{what: "LTE_LC_PSM_MODULE", from: release(2, 8), option: "LTE_LC_PSM_MODULE"},
	{what: "LTE_LC_EDRX_MODULE", from: release(2, 8), option: "LTE_LC_EDRX_MODULE"},
	{what: "mqtt_disconnect() with one argument", to: before(3, 0), source: lazyregexp.New(`\bmqtt_disconnect\s*\([^,()]+\)`)},
	{what: "mqtt_disconnect() with two arguments", from: release(3, 0), source: lazyregexp.New(`\bmqtt_disconnect\s*\([^()]+,[^()]+\)`)},
	{what: "mqtt_helper_msg_id_get()", from: release(2, 8), source: lazyregexp.New(`\bmqtt_helper_msg_id_get\s*\(`)},
	{what: "modem/at_parser.h", from: release(2, 8), source: lazyregexp.New(`#\s*include\s*<modem/at_parser\.h>`)},
	{what: "modem/at_cmd_parser.h", to: before(3, 2), source: lazyregexp.New(`#\s*include\s*<modem/at_cmd_parser\.h>`)},
	{what: "modem/pdn.h", to: before(3, 4), source: lazyregexp.New(`#\s*include\s*<modem/pdn\.h>`)},
	{what: "net/download_client.h", to: before(3, 2), source: lazyregexp.New(`#\s*include\s*<net/download_client\.h>`)},
	{what: "net/downloader.h", from: release(2, 9), source: lazyregexp.New(`#\s*include\s*<net/downloader\.h>`)},
	{what: "AGPS", to: before(2, 5), source: lazyregexp.New(`\bNRF_MODEM_GNSS_\w*AGPS|\bnrf_modem_gnss_agps_`)},
	{what: "AGNSS", from: release(2, 5), source: lazyregexp.New(`\bNRF_MODEM_GNSS_\w*AGNSS|\bnrf_modem_gnss_agnss_`)},
	{what: "32 bits of events of the network", to: before(3, 1), source: lazyregexp.New(`\buint32_t\s+\w+,\s*struct\s+net_if\s*\*`)},
	{what: "64 bits of events of the network", from: release(3, 1), source: lazyregexp.New(`\buint64_t\s+\w+,\s*struct\s+net_if\s*\*`)},
	{what: "LTE_LC_ON_CFUN", to: before(3, 1), source: lazyregexp.New(`\bLTE_LC_ON_CFUN\s*\(`)},
	{what: "nrf_modem_lib_init(NORMAL_MODE)", to: before(2, 4), source: lazyregexp.New(`\bnrf_modem_lib_init\s*\(\s*NORMAL_MODE`)},
	{what: "modem_key_mgmt_clear()", from: release(2, 8), source: lazyregexp.New(`\bmodem_key_mgmt_clear\s*\(`)},
	{what: "modem_key_mgmt_digest()", from: release(3, 0), source: lazyregexp.New(`\bmodem_key_mgmt_(digest|list)\s*\(`)},
	{what: "zephyr/random/random.h", from: release(2, 5), source: lazyregexp.New(`#\s*include\s*<zephyr/random/random\.h>`)},
	{what: "zephyr/random/rand32.h", to: before(2, 7), source: lazyregexp.New(`#\s*include\s*<zephyr/random/rand32\.h>`)},
}

// detectNCS returns the release that an application is written for, and why: the
// revision in a west manifest in its folder or one above, a branch or folder named after
// releases, or what of the API it uses.
func detectNCS(dir string, conf []byte, sources [][]byte, d *diag.List) (NCS, string) {
	if v, file, ok := manifestNCS(dir); ok {
		if w, err := ParseNCS(v); err == nil {
			return w, "nRF Connect SDK " + v + " in " + file
		} else {
			d.Add(diag.Note, diag.Pos{File: file}, "", "The revision of sdk-nrf is passed over: %v.", err)
		}
	}
	from, to := FirstNCS, LastNCS
	var why []string
	narrow := func(what string, lo, hi NCS) {
		if hi == 0 {
			hi = LastNCS
		}
		if lo = max(lo, from); lo > min(hi, to) || lo == from && hi >= to {
			return // it contradicts what is surer, or says nothing new
		}
		from, to = lo, min(hi, to)
		why = append(why, what)
	}
	if name, lo, hi, ok := namedNCS(dir); ok {
		narrow(name, lo, hi)
	}
	code := make([][]byte, len(sources))
	for i, s := range sources {
		code[i] = unconditional(s)
	}
	for _, c := range clues {
		switch {
		case c.option != "":
			if !regexp.MustCompile(`(?m)^CONFIG_` + c.option + `=`).Match(conf) {
				continue
			}
		default:
			text := code
			if c.what == "NCS_VERSION_NUMBER" {
				text = sources
			}
			if !matchAny(c.source(), text) {
				continue
			}
		}
		narrow(c.what, c.from, c.to)
	}
	if why == nil {
		return DefaultNCS, "nothing in the application asks for another"
	}
	v := to.minor()
	if from <= DefaultNCS && to >= DefaultNCS {
		v = DefaultNCS
	}
	return v, strings.Join(why, ", ")
}

func matchAny(re *regexp.Regexp, text [][]byte) bool {
	for _, t := range text {
		if re.Match(t) {
			return true
		}
	}
	return false
}

// unconditional returns a source without comments and without what stands between #if and
// #endif where the condition asks for the release or a macro of the build.
func unconditional(source []byte) []byte {
	source = comment().ReplaceAll(source, nil)
	var out bytes.Buffer
	depth, skip := 0, 0
	for line := range bytes.Lines(source) {
		t := bytes.TrimLeft(line, " \t")
		if bytes.HasPrefix(t, []byte("#")) {
			t = bytes.TrimLeft(t[1:], " \t")
			switch {
			case bytes.HasPrefix(t, []byte("if")):
				if depth++; skip == 0 && bytes.Contains(t, []byte("VERSION")) {
					skip = depth
				}
			case bytes.HasPrefix(t, []byte("endif")):
				if skip == depth {
					skip = 0
				}
				depth--
			}
		}
		if skip == 0 {
			out.Write(line)
		}
	}
	return out.Bytes()
}

var comment = lazyregexp.New(`(?s)/\*.*?\*/|//[^\n]*`)

// above calls yield for the folder and those above it, up to the top of the git
// repository, or eight folders.
func above(dir string, yield func(string) bool) {
	for range 8 {
		if !yield(dir) {
			return
		}
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			return
		}
		up := filepath.Dir(dir)
		if up == dir {
			return
		}
		dir = up
	}
}

// manifestNCS returns the revision of sdk-nrf in a west manifest.
func manifestNCS(dir string) (revision, file string, ok bool) {
	above(dir, func(d string) bool {
		files, _ := filepath.Glob(filepath.Join(d, "*.yml"))
		for _, f := range files {
			if info, err := os.Stat(f); err != nil || info.Size() > 1<<20 {
				continue
			}
			content, err := os.ReadFile(f)
			if err != nil {
				continue
			}
			if revision = revisionOf(content); revision != "" {
				file, ok = f, true
				if rel, err := filepath.Rel(dir, f); err == nil {
					file = rel
				}
				return false
			}
		}
		return true
	})
	return revision, file, ok
}

// revisionOf returns the revision of the project nrf or sdk-nrf in a west manifest, or "".
func revisionOf(manifest []byte) string {
	var name, path, revision string
	inManifest := false
	found := func() bool {
		return inManifest && revision != "" && (path == "sdk-nrf" || name == "sdk-nrf" || name == "nrf")
	}
	s := bufio.NewScanner(bytes.NewReader(manifest))
	for s.Scan() {
		line := strings.TrimSpace(s.Text())
		if strings.HasPrefix(line, "manifest:") {
			inManifest = true
		}
		item, begins := strings.CutPrefix(line, "- ")
		if begins {
			if found() {
				return revision
			}
			name, path, revision = "", "", ""
		}
		key, value, _ := strings.Cut(item, ":")
		value, _, _ = strings.Cut(value, " #")
		value = strings.Trim(strings.TrimSpace(value), `"'`)
		switch strings.TrimSpace(key) {
		case "name":
			name = value
		case "repo-path":
			path = value
		case "revision":
			revision = value
		}
	}
	if found() {
		return revision
	}
	return ""
}

var rangeText = lazyregexp.New(`^v(\d+\.\d+)(?:\.\d+)?(?:-v(\d+\.\d+)(?:\.\d+)?)?$`)

// namedNCS looks for a folder above the application, or the branch that is checked
// out, named after releases, such as v2.9.0-v2.7.0.
func namedNCS(dir string) (what string, from, to NCS, ok bool) {
	try := func(kind, name string) bool {
		m := rangeText().FindStringSubmatch(name)
		if m == nil {
			return false
		}
		a, err := ParseNCS(m[1])
		b := a
		if m[2] != "" {
			var err2 error
			b, err2 = ParseNCS(m[2])
			if err == nil {
				err = err2
			}
		}
		if err != nil {
			return false
		}
		what, from, to, ok = kind+" "+name, min(a, b), max(a, b)|0xff, true
		return true
	}
	above(dir, func(d string) bool {
		if try("the folder", filepath.Base(d)) {
			return false
		}
		head, err := os.ReadFile(filepath.Join(d, ".git", "HEAD"))
		if err != nil {
			return true
		}
		return !try("the branch", strings.TrimSpace(strings.TrimPrefix(string(head), "ref: refs/heads/")))
	})
	return what, from, to, ok
}
