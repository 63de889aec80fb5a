package audit

import (
	"cmp"
	"slices"

	"nrf91emu/emulator/event"
)

// A Report is the verdict over the events so far. Its JSON form is documented by
// the names of its fields; later versions may add some.
type Report struct {
	// Sound is whether no finding is at error level, and there was something to judge.
	Sound bool `json:"sound"`
	// NothingSeen is whether no command was sent, or none that the modem has done, and Options
	// do not allow that.
	NothingSeen bool `json:"nothing_seen,omitempty"`
	// WhyNothing says why there was nothing to judge, also where that is allowed; empty if
	// there was something.
	WhyNothing string `json:"why_nothing,omitempty"`
	// Errors, Warnings and Notes count findings by level.
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Notes    int `json:"notes"`
	// Findings are the worst first.
	Findings []*Finding `json:"findings"`
	// Dropped counts what is not among the findings, since there were a thousand different
	// ones that matter as much or more.
	Dropped int      `json:"dropped,omitempty"`
	Totals  Totals   `json:"totals"`
	Flash   Geometry `json:"flash"`
	// Lifetime is what the boots after the first would mean for the flash, or the
	// only boot if there was one; absent if they cost nothing.
	Lifetime *Lifetime `json:"lifetime,omitempty"`
	// Rules names the rules that were looked for.
	Rules []string `json:"rules"`
}

// Totals count what the host did, and what it cost.
type Totals struct {
	Boots     int `json:"boots"`
	Exchanges int `json:"exchanges"`
	Writes    int `json:"writes"`     // successful writes and key generations
	Needless  int `json:"needless"`   // writes of what was stored already
	Deletes   int `json:"deletes"`    // successful ones
	Refused   int `json:"refused"`    // writes, deletes and key generations
	Asks      int `json:"asks"`       // lists and reads
	NVMStores int `json:"nvm_stores"` // such as at +CFUN=0
	// Cost is that of all these, LaterCost that of the boots after the first.
	Cost      event.Cost `json:"cost"`
	LaterCost event.Cost `json:"later_cost"`
	// Syncs is how many operations wrote to the flash.
	Syncs int `json:"syncs"`
	// NotFollowed counts operations on more credentials than the audit keeps state
	// for.
	NotFollowed int `json:"not_followed,omitempty"`
}

// NothingSeen is the word for a record without a command in reports for programs.
const NothingSeen = "nothing-seen"

// whyNothing says why there was nothing to judge; empty if there was something.
func (t *tally) whyNothing() string {
	switch {
	case t.done:
		return ""
	case t.exchanges == 0:
		return "no command was sent, so there was nothing to judge"
	}
	return plural(t.exchanges, "command") + " came, of which the modem has done none, so there was nothing to judge"
}

// tally counts what Totals report.
type tally struct {
	boots, exchanges                         int
	done                                     bool // a command was answered otherwise than by an error
	first                                    int  // the number of the first boot
	restarts                                 int  // resets within a boot, after which the host went on
	reset                                    bool // the last thing was a reset
	writes, needless, deletes, refused, asks int
	stores                                   int
	spent, later                             Usage // in all boots, and in those after the first
	// The last operation that wrote to the flash, that erased a page, and that wrote a
	// credential.
	stored, erased, wrote Place
}

// begin counts a boot.
func (t *tally) begin(n int) {
	t.boots++
	if t.boots == 1 {
		t.first = n
	}
	t.reset = false
}

// exchange counts a command. The first one after a reset begins another life of the
// firmware, which is as good as a boot.
func (t *tally) exchange() {
	t.exchanges++
	if t.reset {
		t.reset = false
		t.restarts++
	}
}

// starts is how often the firmware has started: lifetimes are reckoned by these.
func (t *tally) starts() int { return t.boots + t.restarts }

// afterFirst reports whether what happens now, in a boot, comes after the first start.
func (t *tally) afterFirst(boot int) bool {
	return t.starts() > 1 && (boot != t.first || t.restarts > 0)
}

func (t *tally) spend(c event.Cost, at Place) {
	if c != (event.Cost{}) {
		t.stored = at
	}
	if c.Erases > 0 {
		t.erased = at
	}
	t.spent.add(c)
	if t.starts() > 1 {
		t.later.add(c)
	}
}

func (t *tally) nvm(n *event.NVM, at Place) {
	if n.Cause == event.NVMLost {
		return
	}
	if !n.Error {
		t.stores++
	}
	t.spend(n.Cost, at)
}

// credential counts an operation of the host; what happens from outside is
// nobody's fault.
func (t *tally) credential(c *event.Credential, at Place) {
	if c.ID == 0 {
		return
	}
	switch c.Op {
	case event.CredentialList, event.CredentialRead:
		t.asks++
		return
	case event.CredentialWrite, event.CredentialGenerate, event.CredentialDelete:
		if c.Error {
			t.refused++
		} else if c.Op == event.CredentialDelete {
			t.deletes++
		} else {
			t.writes++
			t.wrote = at
			if c.Before != "" && c.Before == c.After {
				t.needless++
			}
		}
	}
	t.spend(c.Cost, at)
}

// Report judges what has been added so far. It may be called at any time and
// more than once.
func (a *Audit) Report() *Report {
	a.mu.Lock()
	defer a.mu.Unlock()
	b := a.book.clone()
	a.closing = b
	for _, c := range a.endBoot {
		c.fn(a.into(b, c.rule))
	}
	for _, c := range a.endRun {
		c.fn(a.into(b, c.rule))
	}
	a.judgeHandshakes(b)
	b.fold()
	r := &Report{
		Findings: b.order,
		Dropped:  b.dropped,
		Flash:    a.opt.Flash,
		Lifetime: a.lifetime(a.tally.spent, a.tally.later),
		Totals: Totals{
			Boots: a.tally.boots, Exchanges: a.tally.exchanges,
			Writes: a.tally.writes, Needless: a.tally.needless,
			Deletes: a.tally.deletes, Refused: a.tally.refused,
			Asks: a.tally.asks, NVMStores: a.tally.stores,
			Cost: a.tally.spent.Cost, LaterCost: a.tally.later.Cost, Syncs: a.tally.spent.Syncs, NotFollowed: a.mem.crowd,
		},
	}
	if r.Findings == nil {
		r.Findings = []*Finding{}
	}
	for _, rule := range a.rules {
		r.Rules = append(r.Rules, rule.ID)
	}
	for _, f := range r.Findings {
		f.Lifetime = a.lifetime(Usage{Cost: f.Cost, Syncs: f.Syncs}, f.later)
		switch f.Level {
		case Error:
			r.Errors++
		case Warning:
			r.Warnings++
		default:
			r.Notes++
		}
	}
	slices.SortStableFunc(r.Findings, func(x, y *Finding) int {
		return cmp.Or(cmp.Compare(y.Level, x.Level), cmp.Compare(x.Rule, y.Rule))
	})
	r.WhyNothing = a.tally.whyNothing()
	r.NothingSeen = r.WhyNothing != "" && !a.opt.AllowIdle
	r.Sound = r.Errors == 0 && !r.NothingSeen
	return r
}

// lifetime is what the boots after the first, which may provision, would mean for the
// flash; or the only one, if there is one. spent is what all of them did, later what
// those after the first did.
func (a *Audit) lifetime(spent, later Usage) *Lifetime {
	if later.Boots = a.tally.starts() - 1; later.Boots < 1 {
		later = spent
		later.Boots = 1
	}
	return a.opt.Flash.NewLifetime(later, a.opt.BootsPerDay)
}
