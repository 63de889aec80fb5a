package fault

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Param is a parameter of a fault.
type Param struct {
	Name    string
	Help    string
	Default string // empty: see Help

	check func(text string) error
}

// values are parameters that have been checked.
type values map[string]string

func (v values) number(name string) int {
	n, err := strconv.ParseInt(v[name], 0, 64)
	must(err)
	return int(n)
}

func (v values) duration(name string) time.Duration {
	d, err := time.ParseDuration(v[name])
	must(err)
	return d
}

func must(err error) {
	if err != nil {
		panic("a parameter was not checked: " + err.Error())
	}
}

// numberParam is a whole number, which may be hexadecimal with 0x in front.
func numberParam(name, preset string, low, high int64, help string) Param {
	return Param{name, help, preset, func(text string) error {
		if n, err := strconv.ParseInt(text, 0, 64); err != nil || n < low || n > high {
			return fmt.Errorf("it takes a whole number from %d to %d", low, high)
		}
		return nil
	}}
}

// durationParam is a time of up to longest, which must be short enough for a test
// to wait for.
func durationParam(name, preset string, longest time.Duration, help string) Param {
	return Param{name, help, preset, func(text string) error {
		if d, err := time.ParseDuration(text); err != nil || d < 0 || d > longest {
			return fmt.Errorf("it takes a time from 0s to %v, such as 500ms", longest)
		}
		return nil
	}}
}

func chanceParam(name, help string) Param {
	return Param{name, help, "", func(text string) error {
		if p, err := strconv.ParseFloat(text, 64); err != nil || !(p > 0 && p <= 1) {
			return errors.New("it takes a probability above 0 and up to 1, such as 0.05")
		}
		return nil
	}}
}

func choiceParam(name, help string, choices ...string) Param {
	return Param{name, help + ": " + strings.Join(choices, " or "), choices[0], func(text string) error {
		if !slices.Contains(choices, text) {
			return fmt.Errorf("choose one of %s", strings.Join(choices, ", "))
		}
		return nil
	}}
}

// lineParam is a line of printable ASCII, as notifications are.
func lineParam(name, preset, help string) Param {
	return Param{name, help, preset, func(text string) error {
		if len(text) == 0 || len(text) > 200 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
			return errors.New("it takes a line of 1 to 200 printable ASCII characters")
		}
		return nil
	}}
}

// maxDelay is the longest wait for bytes: longer than programs wait for an answer,
// so that a time-out can be provoked (chosen).
const maxDelay = time.Minute

func delayParam(preset string) Param {
	return durationParam("delay", preset, maxDelay, "how late")
}

// directionParam says which way bytes go.
func directionParam() Param {
	return choiceParam("to", "which way the bytes go", string(ToHost), string(ToDevice))
}

// maxSpell bounds what ends by itself (chosen).
const maxSpell = 24 * time.Hour
