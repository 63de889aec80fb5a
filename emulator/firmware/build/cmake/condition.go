package cmake

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// condition evaluates the arguments of if, elseif or while.
func (r *Run) condition(c command) (bool, error) {
	e := &condition{r: r}
	for _, a := range c.args {
		if a.raw {
			e.args = append(e.args, a)
			continue
		}
		t := r.expand(a.text, 0)
		if a.quoted {
			e.args = append(e.args, arg{text: t, quoted: true})
			continue
		}
		for _, p := range split(t) {
			e.args = append(e.args, arg{text: p})
		}
	}
	v, ok := e.or(0)
	if !ok || e.next != len(e.args) {
		var words []string
		for _, a := range c.args {
			words = append(words, a.text)
		}
		return false, &Error{c.pos, "the condition is not understood: " + strings.Join(words, " ")}
	}
	return v, nil
}

type condition struct {
	r    *Run
	args []arg
	next int
}

// word takes the next argument if it is this word, without quotes.
func (e *condition) word(w string) bool {
	if e.next < len(e.args) && !e.args[e.next].quoted && e.args[e.next].text == w {
		e.next++
		return true
	}
	return false
}

func (e *condition) or(depth int) (bool, bool) {
	l, ok := e.and(depth)
	for ok && e.word("OR") {
		var v bool
		v, ok = e.and(depth)
		l = l || v
	}
	return l, ok
}

func (e *condition) and(depth int) (bool, bool) {
	l, ok := e.not(depth)
	for ok && e.word("AND") {
		var v bool
		v, ok = e.not(depth)
		l = l && v
	}
	return l, ok
}

func (e *condition) not(depth int) (bool, bool) {
	if depth > maxNesting {
		return false, false
	}
	if e.word("NOT") {
		v, ok := e.not(depth + 1)
		return !v, ok
	}
	if e.word("(") {
		v, ok := e.or(depth + 1)
		return v, ok && e.word(")")
	}
	return e.test()
}

func (e *condition) test() (value, ok bool) {
	if e.next == len(e.args) {
		return false, false
	}
	a := e.args[e.next]
	if !a.quoted && e.next+1 < len(e.args) {
		operand := e.args[e.next+1].text
		switch a.text {
		case "DEFINED":
			e.next += 2
			if env, ok := strings.CutPrefix(operand, "ENV{"); ok {
				env = strings.TrimSuffix(env, "}")
				_, set := os.LookupEnv(env)
				return set || env == "ZEPHYR_BASE", true
			}
			return e.r.defined(operand), true
		case "EXISTS":
			e.next += 2
			_, err := os.Stat(e.r.abs(operand))
			return err == nil, true
		case "IS_DIRECTORY":
			e.next += 2
			info, err := os.Stat(e.r.abs(operand))
			return err == nil && info.IsDir(), true
		case "IS_ABSOLUTE":
			e.next += 2
			return filepath.IsAbs(operand), true
		case "TARGET":
			e.next += 2
			return e.r.targets[operand] != nil, true
		case "COMMAND":
			e.next += 2
			_, mine := e.r.macros[strings.ToLower(operand)]
			_, known := commands[strings.ToLower(operand)]
			return mine || known, true
		case "POLICY":
			e.next += 2
			return true, true
		}
	}
	if e.next+2 < len(e.args) && !e.args[e.next+1].quoted {
		op := e.args[e.next+1].text
		if f := comparisons[op]; f != nil {
			l, r := e.value(a), e.value(e.args[e.next+2])
			e.next += 3
			return f(l, r), true
		}
		switch op {
		case "IN_LIST":
			list := split(e.r.get(e.args[e.next+2].text))
			e.next += 3
			return slices.Contains(list, e.value(a)), true
		case "MATCHES":
			re, err := regexp.Compile(e.args[e.next+2].text)
			e.next += 3
			if err != nil {
				return false, false
			}
			m := re.FindStringSubmatch(e.value(a))
			for i, t := range m {
				e.r.set("CMAKE_MATCH_"+itoa(i), t)
			}
			return m != nil, true
		}
	}
	e.next++
	return e.truth(a), true
}

// value returns an operand of a comparison: the value of the variable of that
// name, if there is one, else the text.
func (e *condition) value(a arg) string {
	if !a.quoted && e.r.defined(a.text) {
		return e.r.get(a.text)
	}
	return a.text
}

// truth is that of a constant or a variable. A text in quotes is true only if it
// is a true constant.
func (e *condition) truth(a arg) bool {
	if v, ok := constant(a.text); ok {
		return v
	}
	if a.quoted {
		return false
	}
	v := e.r.get(a.text)
	yes, isConst := constant(v)
	return v != "" && (yes || !isConst)
}

func constant(text string) (value, ok bool) {
	switch t := strings.ToUpper(text); {
	case t == "ON" || t == "YES" || t == "TRUE" || t == "Y":
		return true, true
	case t == "OFF" || t == "NO" || t == "FALSE" || t == "N" || t == "IGNORE" || t == "NOTFOUND" || t == "" || strings.HasSuffix(t, "-NOTFOUND"):
		return false, true
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return n != 0, true
	}
	return false, false
}

var comparisons = map[string]func(l, r string) bool{
	"STREQUAL":              func(l, r string) bool { return l == r },
	"STRLESS":               func(l, r string) bool { return l < r },
	"STRGREATER":            func(l, r string) bool { return l > r },
	"STRLESS_EQUAL":         func(l, r string) bool { return l <= r },
	"STRGREATER_EQUAL":      func(l, r string) bool { return l >= r },
	"PATH_EQUAL":            func(l, r string) bool { return l == r },
	"EQUAL":                 func(l, r string) bool { return compareNumbers(l, r, func(c int) bool { return c == 0 }) },
	"LESS":                  func(l, r string) bool { return compareNumbers(l, r, func(c int) bool { return c < 0 }) },
	"GREATER":               func(l, r string) bool { return compareNumbers(l, r, func(c int) bool { return c > 0 }) },
	"LESS_EQUAL":            func(l, r string) bool { return compareNumbers(l, r, func(c int) bool { return c <= 0 }) },
	"GREATER_EQUAL":         func(l, r string) bool { return compareNumbers(l, r, func(c int) bool { return c >= 0 }) },
	"VERSION_EQUAL":         func(l, r string) bool { return compareVersions(l, r) == 0 },
	"VERSION_LESS":          func(l, r string) bool { return compareVersions(l, r) < 0 },
	"VERSION_GREATER":       func(l, r string) bool { return compareVersions(l, r) > 0 },
	"VERSION_LESS_EQUAL":    func(l, r string) bool { return compareVersions(l, r) <= 0 },
	"VERSION_GREATER_EQUAL": func(l, r string) bool { return compareVersions(l, r) >= 0 },
}

func compareNumbers(l, r string, is func(int) bool) bool {
	x, err := strconv.ParseFloat(l, 64)
	y, err2 := strconv.ParseFloat(r, 64)
	if err != nil || err2 != nil {
		return false
	}
	switch {
	case x < y:
		return is(-1)
	case x > y:
		return is(1)
	}
	return is(0)
}

func compareVersions(l, r string) int {
	a, b := strings.Split(l, "."), strings.Split(r, ".")
	for i := range max(len(a), len(b)) {
		var x, y int
		if i < len(a) {
			x, _ = strconv.Atoi(a[i])
		}
		if i < len(b) {
			y, _ = strconv.Atoi(b[i])
		}
		if x != y {
			return x - y
		}
	}
	return 0
}
