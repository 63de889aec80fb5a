package vectors

import (
	"regexp"
	"slices"
	"strings"

	"nrf91emu/emulator/lazyregexp"
)

// A Pair is a line of one modem beside the line of another that it goes with; one of
// them may be missing.
type Pair struct {
	Real, Emulated     string
	InReal, InEmulated bool
	Values             []string // the kinds of values in which they differ, as two modems must
	same               bool
}

// Same reports whether the lines are equal but for values in which two modems must
// differ.
func (p *Pair) Same() bool { return p.same }

// A personal value is one that no two modems share, or that depends on the network, the
// place or the time.
type personal struct {
	name string
	re   func() *regexp.Regexp
}

// personals are looked for in this order, in all lines.
var personals = []personal{
	{"token", lazyregexp.New(`"[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_-]+)+"`)},
	{"UUID", lazyregexp.New(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`)},
	{"time", lazyregexp.New(`"[0-9]{2}/[0-9]{2}/[0-9]{2},[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[+-][0-9]{2})?"`)},
	{"ICCID", lazyregexp.New(`\b[0-9]{18,20}F{0,2}\b`)},
	{"IMEI or IMSI", lazyregexp.New(`\b[0-9]{14,16}\b`)},
	{"address", lazyregexp.New(`\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b`)},
	{"granted timer", lazyregexp.New(`"[01]{8}"`)},
	{"cell", lazyregexp.New(`"[0-9A-F]{8}"`)},
	{"tracking area", lazyregexp.New(`"[0-9A-F]{4}"`)},
	{"network", lazyregexp.New(`"[0-9]{5,6}"`)},
}

var (
	number = personal{"measurement", lazyregexp.New(`-?\b[0-9]+\b`)}
	text   = personal{"name", lazyregexp.New(`"[^"]*"`)}
)

// byPrefix are values that are personal in some lines only.
var byPrefix = map[string][]personal{
	"+CESQ": {number}, "%CESQ": {number}, "%XSNRSQ": {number}, "%CONEVAL": {number}, "%ENVEVAL": {number}, "%NCELLMEAS": {number},
	"%NBRGRSRP": {number}, "%XVBAT": {number}, "%XVBATLOWLVL": {number}, "%XTEMP": {number}, "%XCBAND": {number}, "+CEINFO": {number},
	"%XMODEMSLEEP": {number}, "%XT3412": {number}, "%XCONNSTAT=": {number}, "+CGCONTRDP": {text, number}, "%XMONITOR": {text, number},
	"+COPS": {text}, "%XTIME": {text}, "%XOPNAME": {text}, "+CGDCONT": {text}, "+CRSM": {text}, "+CNUM": {text}, "+CMGS": {number},
	"%DEVICEUUID": {text},
}

// shape returns a line with the names of personal values in their place, and which
// there are.
func shape(line string) (s string, values map[string][]string) {
	values = map[string][]string{}
	replace := func(p personal) {
		line = p.re().ReplaceAllStringFunc(line, func(v string) string {
			if strings.HasPrefix(v, "\"{") {
				return v // it has been replaced
			}
			values[p.name] = append(values[p.name], v)
			if v[0] == '"' {
				return `"{` + p.name + `}"`
			}
			return "{" + p.name + "}"
		})
	}
	for _, p := range personals {
		replace(p)
	}
	prefix, rest, found := strings.Cut(line, ": ")
	if !found {
		if prefix, rest, found = strings.Cut(line, "="); found {
			prefix += "="
		}
	}
	for _, p := range byPrefix[prefix] {
		line = rest
		replace(p)
		rest = line
		line = prefix + ": " + rest
	}
	return line, values
}

// Beside lays the lines of a real modem and of an emulated one side by side, in order:
// lines that are equal, but for values in which two modems must differ, go together.
func Beside(real, emulated []string) []Pair {
	n, m := len(real), len(emulated)
	shapes := func(lines []string) []string {
		list := make([]string, len(lines))
		for i, l := range lines {
			list[i], _ = shape(l)
		}
		return list
	}
	a, b := shapes(real), shapes(emulated)
	common := make([][]int, n+1) // how many of the rest go together
	for i := range common {
		common[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if common[i][j] = max(common[i+1][j], common[i][j+1]); a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	var pairs []Pair
	for i, j := 0, 0; i < n || j < m; {
		switch {
		case i < n && j < m && a[i] == b[j]:
			pairs = append(pairs, Pair{real[i], emulated[j], true, true, differing(real[i], emulated[j]), true})
			i, j = i+1, j+1
		case i < n && (j == m || common[i+1][j] >= common[i][j+1]):
			pairs = append(pairs, Pair{Real: real[i], InReal: true})
			i++
		default:
			pairs = append(pairs, Pair{Emulated: emulated[j], InEmulated: true})
			j++
		}
	}
	return pairs
}

// differing names the kinds of values in which two lines of one shape differ.
func differing(a, b string) (names []string) {
	_, va := shape(a)
	_, vb := shape(b)
	for name, list := range va {
		if !slices.Equal(list, vb[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
