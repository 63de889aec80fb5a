package audit

import (
	"cmp"
	"slices"
)

// Merge makes one report of those of several devices that a program had at the same time.
// The findings say of which device they are. A report alone stays as it is.
func Merge(reports []*Report) *Report {
	if len(reports) == 1 {
		return reports[0]
	}
	m := &Report{Findings: []*Finding{}, Sound: true}
	idle := true
	for i, r := range reports {
		for _, f := range r.Findings {
			g := *f
			g.Device = i + 1
			m.Findings = append(m.Findings, &g)
		}
		m.Sound = m.Sound && r.Sound
		if r.NothingSeen && !m.NothingSeen {
			m.NothingSeen, m.WhyNothing = true, r.WhyNothing
		}
		idle = idle && r.WhyNothing != ""
		m.Errors += r.Errors
		m.Warnings += r.Warnings
		m.Notes += r.Notes
		m.Dropped += r.Dropped
		m.Flash, m.Rules = r.Flash, r.Rules
		if l := r.Lifetime; l != nil && (m.Lifetime == nil || l.FloorBoots < m.Lifetime.FloorBoots) {
			m.Lifetime = l // that of the device which wears out first
		}
		m.Totals.add(r.Totals)
	}
	if idle && !m.NothingSeen {
		m.WhyNothing = reports[0].WhyNothing
	}
	slices.SortStableFunc(m.Findings, func(x, y *Finding) int {
		return cmp.Or(cmp.Compare(y.Level, x.Level), cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Device, y.Device))
	})
	return m
}

// add adds what another device has done. Boots are those of all together.
func (t *Totals) add(o Totals) {
	t.Boots = max(t.Boots, o.Boots)
	t.Exchanges += o.Exchanges
	t.Writes += o.Writes
	t.Needless += o.Needless
	t.Deletes += o.Deletes
	t.Refused += o.Refused
	t.Asks += o.Asks
	t.NVMStores += o.NVMStores
	t.Cost.Programmed += o.Cost.Programmed
	t.Cost.Erases += o.Cost.Erases
	t.LaterCost.Programmed += o.LaterCost.Programmed
	t.LaterCost.Erases += o.LaterCost.Erases
	t.Syncs += o.Syncs
	t.NotFollowed += o.NotFollowed
}
