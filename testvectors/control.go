package testvectors

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrUnsupported is what a [Control] returns for what it cannot do. The step is
// then skipped, and the result says so.
var ErrUnsupported = errors.New("this target cannot do that")

// Control is what a host cannot do over the port. An emulator has it; a real
// device does not, unless somebody wires a relay to its supply.
type Control interface {
	// PowerCycle switches the device off as a well-behaved host does, so that
	// the modem stores its settings (+CFUN=0), and switches it on again.
	PowerCycle(ctx context.Context) error
	// PowerCut takes the supply away without notice and gives it back. The
	// device has begun to boot when it returns.
	PowerCut(ctx context.Context) error
	// Wear returns what has been done to the flash since the device was made.
	Wear(ctx context.Context) (Wear, error)
	// Do does what the words of a control step say.
	Do(ctx context.Context, words []string) error
}

// Wear counts what was done to the modem's flash.
type Wear struct {
	Writes   int64 // credentials written
	Deletes  int64 // credentials deleted
	Flushes  int64 // times the settings were stored, as by +CFUN=0
	Programs int64 // words programmed
	Erases   int64 // pages erased
}

// counters names the counters as wear steps do. The first three count what was
// asked for and are compared always; the others depend on how the flash is
// organised and are compared only where a step names them.
var counters = []struct {
	name string
	of   func(*Wear) *int64
	free bool
}{
	{"write", func(w *Wear) *int64 { return &w.Writes }, false},
	{"delete", func(w *Wear) *int64 { return &w.Deletes }, false},
	{"flush", func(w *Wear) *int64 { return &w.Flushes }, false},
	{"program", func(w *Wear) *int64 { return &w.Programs }, true},
	{"erase", func(w *Wear) *int64 { return &w.Erases }, true},
}

// A wearWant is the parsed argument of a wear step.
type wearWant struct {
	mark  bool // only sets the mark
	want  Wear
	named map[string]bool
}

func parseWear(arg string) (wearWant, error) {
	w := wearWant{named: map[string]bool{}}
	switch arg {
	case "mark":
		w.mark = true
		return w, nil
	case "none":
		for _, c := range counters {
			w.named[c.name] = true
		}
		return w, nil
	}
	words := strings.Fields(arg)
	for i := 0; i+1 < len(words); i += 2 {
		n, err := strconv.ParseUint(strings.TrimPrefix(words[i], "+"), 10, 31)
		if err != nil || words[i][0] != '+' || !w.set(words[i+1], int64(n)) {
			return w, fmt.Errorf("%q is not a count of wear: write +1 and one of write, delete, flush, program, erase, each once", words[i]+" "+words[i+1])
		}
	}
	if len(words) == 0 || len(words)%2 != 0 {
		return w, errors.New("wear is followed by none, by mark, or by counts such as +1 write")
	}
	return w, nil
}

func (w *wearWant) set(name string, n int64) bool {
	for _, c := range counters {
		if c.name == name && !w.named[name] {
			w.named[name] = true
			*c.of(&w.want) = n
			return true
		}
	}
	return false
}

// compare returns what was expected and found, as far as it is compared, and
// whether it is the same.
func (w *wearWant) compare(before, now Wear) (want, got string, same bool) {
	same = true
	var wants, gots []string
	for _, c := range counters {
		if c.free && !w.named[c.name] {
			continue
		}
		n := *c.of(&now) - *c.of(&before)
		wants = append(wants, fmt.Sprintf("+%d %s", *c.of(&w.want), c.name))
		gots = append(gots, fmt.Sprintf("%+d %s", n, c.name))
		same = same && n == *c.of(&w.want)
	}
	return strings.Join(wants, " "), strings.Join(gots, " "), same
}
