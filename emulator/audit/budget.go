package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

const budgetWhy = "What a product may use up is for its makers to say; the audit holds the firmware to it."

var b01 = &Rule{
	ID: "B01", Name: "writes-per-boot",
	Level: Error, Topic: Budget,
	Title:  "More writes in one boot than budgeted",
	Sees:   "a boot with more successful writes and key generations than `writes_per_boot`",
	Why:    budgetWhy,
	Source: "chosen",
	Fix:    "Write only on a difference, or raise the budget if the device really needs that many credentials.",
	watch: func(a *Audit, _ foundFunc) hooks {
		writes := 0
		var over Place // the first write that was too many
		return hooks{
			credential: func(c *event.Credential, _ *credential) {
				if !c.Error && (c.Op == event.CredentialWrite || c.Op == event.CredentialGenerate) {
					if writes++; writes == *a.opt.Budgets.WritesPerBoot+1 {
						over = a.mem.here(c.ID)
					}
				}
			},
			endBoot: func(found foundFunc) {
				if limit := *a.opt.Budgets.WritesPerBoot; writes > limit {
					n, boot := writes, a.mem.boot
					found(sighting{at: over, what: func() string {
						return fmt.Sprintf("Boot %d wrote %s; the budget is %d.", boot, plural(n, "credential"), limit)
					}})
				}
			},
			newBoot: func() { writes = 0 },
		}
	},
}

var b02 = &Rule{
	ID: "B02", Name: "writes-per-run",
	Level: Error, Topic: Budget,
	Title:  "More writes in the run than budgeted",
	Sees:   "more successful writes and key generations in all boots together than `writes_per_run`",
	Why:    budgetWhy,
	Source: "chosen",
	Fix:    "Write only on a difference, or raise the budget if the run changes that many credentials on purpose.",
	watch: overBudget("wrote", "credential", func(a *Audit) (n, limit int) { return a.tally.writes, *a.opt.Budgets.WritesPerRun },
		func(a *Audit) Place { return a.tally.wrote }),
}

var b03 = &Rule{
	ID: "B03", Name: "page-erases",
	Level: Error, Topic: Budget,
	Title:  "More page erases than budgeted",
	Sees:   "more flash pages erased in all boots together than `page_erases`, credentials and `+CFUN=0` together",
	Why:    budgetWhy,
	Source: "chosen",
	Fix:    "Write less, use AT+CFUN=4 to go offline, or raise the budget.",
	watch: overBudget("erased", "page", func(a *Audit) (n, limit int) { return a.tally.spent.Cost.Erases, *a.opt.Budgets.PageErases },
		func(a *Audit) Place { return a.tally.erased }),
}

// overBudget finds that all boots together did more of something than budgeted. last is
// where the last of it was done.
func overBudget(did, what string, count func(*Audit) (n, limit int), last func(*Audit) Place) func(*Audit, foundFunc) hooks {
	return func(a *Audit, _ foundFunc) hooks {
		return hooks{endRun: func(found foundFunc) {
			if n, limit := count(a); n > limit {
				found(sighting{at: last(a), what: func() string {
					return fmt.Sprintf("%s %s %s; the budget is %d.", plural(a.tally.boots, "boot"), did, plural(n, what), limit)
				}})
			}
		}}
	}
}

var b04 = &Rule{
	ID: "B04", Name: "lifetime",
	Level: Error, Topic: Budget,
	Title:  "The flash lasts less long than budgeted",
	Sees:   "a lifetime of the flash, by its floor, below `lifetime.years` at `lifetime.boots_per_day`, reckoned from the boots after the first, or from the only one",
	Why:    budgetWhy,
	Source: "chosen; the model stands at the type Lifetime",
	Fix:    "Write nothing at a boot that finds everything in place, and use AT+CFUN=4 to go offline.",
	watch: func(a *Audit, _ foundFunc) hooks {
		return hooks{endRun: func(found foundFunc) {
			l, limit := a.lifetime(a.tally.spent, a.tally.later), *a.opt.Budgets.Years
			if l == nil || l.FloorYears >= limit {
				return
			}
			found(sighting{at: a.tally.stored, what: func() string {
				return fmt.Sprintf("Each boot programs %s, so that %s; the budget is %g years.",
					plural(int(l.ProgrammedPerBoot), "byte"), l, limit)
			}})
		}}
	},
}
