package audit

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Options say how strictly an audit judges. The zero Options are the rules as
// documented, with no budgets.
type Options struct {
	// Levels raises, lowers or silences rules, by number or by words; see [Level].
	Levels map[string]Level
	// Budgets are limits of the user's own.
	Budgets Budgets
	// Flash is what the costs are set against; zero fields take those of
	// [DefaultGeometry].
	Flash Geometry
	// AllowIdle lets a record pass in which no command was sent, or none that the modem has
	// done. Without it that is not sound, since a test that tests nothing must not be green.
	AllowIdle bool
	// BootsPerDay turns boots into years; 0 means [DefaultBootsPerDay].
	BootsPerDay float64
}

// Budgets are limits of which nil ones do not hold. A limit that is kept exactly
// is kept.
type Budgets struct {
	WritesPerBoot *int     // successful writes and key generations in any one boot
	WritesPerRun  *int     // the same in all boots together
	PageErases    *int     // flash pages erased in all boots together
	Years         *float64 // that the flash lasts at least, at Options.BootsPerDay
}

func (b Budgets) set(r *Rule) bool {
	switch r {
	case b01:
		return b.WritesPerBoot != nil
	case b02:
		return b.WritesPerRun != nil
	case b03:
		return b.PageErases != nil
	}
	return b.Years != nil
}

// Limit returns a pointer to n, for the fields of [Budgets].
func Limit[T int | float64](n T) *T { return &n }

// DefaultBootsPerDay is a device that wakes up once an hour (chosen).
const DefaultBootsPerDay = 24

func (o Options) withDefaults() Options {
	o.Flash = o.Flash.withDefaults()
	levels := make(map[string]Level, len(o.Levels)) // by number
	for name, level := range o.Levels {
		if r := Lookup(name); r != nil {
			levels[r.ID] = level
		}
	}
	o.Levels = levels
	if o.BootsPerDay == 0 {
		o.BootsPerDay = DefaultBootsPerDay
	}
	return o
}

func (o Options) level(r *Rule) Level {
	if l, ok := o.Levels[r.ID]; ok {
		return l
	}
	return r.Level
}

// Set changes the level of a rule by words such as "P16=off" or
// "certificate-expires=off", as a flag of the command line gives them.
func (o *Options) Set(word string) error {
	rule, name, ok := strings.Cut(word, "=")
	if !ok {
		return fmt.Errorf("%q is not of the form RULE=LEVEL, such as P16=off", word)
	}
	level, err := ParseLevel(name)
	if err != nil {
		return fmt.Errorf("rule %s: %w", rule, err)
	}
	r := Lookup(rule)
	if r == nil {
		return unknownRule(rule)
	}
	o.Levels = maps.Clone(o.Levels)
	if o.Levels == nil {
		o.Levels = map[string]Level{}
	}
	o.Levels[r.ID] = level
	return nil
}

// Check returns an error for each option that makes no sense.
func (o Options) Check() error {
	var errs []error
	named := map[*Rule]bool{}
	for _, name := range slices.Sorted(maps.Keys(o.Levels)) {
		r := Lookup(name)
		if r == nil {
			errs = append(errs, unknownRule(name))
			continue
		}
		if l := o.Levels[name]; l < Off || l > Error {
			errs = append(errs, fmt.Errorf("rule %s: there is no level %d", name, int(l)))
		}
		if named[r] {
			errs = append(errs, fmt.Errorf("the rule %s stands twice, by number and by words", r))
		}
		named[r] = true
	}
	for _, limit := range []struct {
		name string
		n    *int
	}{
		{"writes_per_boot", o.Budgets.WritesPerBoot},
		{"writes_per_run", o.Budgets.WritesPerRun},
		{"page_erases", o.Budgets.PageErases},
	} {
		if limit.n != nil && *limit.n < 0 {
			errs = append(errs, fmt.Errorf("the budget %s is %d: use 0 or more, or leave it out", limit.name, *limit.n))
		}
	}
	if y := o.Budgets.Years; y != nil && !(*y > 0) {
		errs = append(errs, fmt.Errorf("the lifetime budget is %v years: use more than 0, or leave it out", *y))
	}
	if o.BootsPerDay < 0 || o.BootsPerDay != o.BootsPerDay {
		errs = append(errs, fmt.Errorf("boots per day is %v: use more than 0", o.BootsPerDay))
	}
	if g := o.Flash; g.Pages < 0 || g.PageSize < 0 || g.Endurance < 0 {
		errs = append(errs, fmt.Errorf("a flash of %d pages of %d bytes with an endurance of %d does not exist: use numbers above 0",
			g.Pages, g.PageSize, g.Endurance))
	}
	return errors.Join(errs...)
}
