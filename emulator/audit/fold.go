package audit

import (
	"cmp"
	"slices"
)

// covered says, for some rules, which others say the same better. A finding is left out
// if one of them has found something about the same credential.
var covered = map[string][]*Rule{
	"P03": {p04, p05, p06, p07, p26, p30, p36},
}

// fold leaves out what a more specific finding says already, and tells needless writes of one
// kind once, at the higher level: the first boot cannot tell yet that it will be so at each.
func (b *book) fold() {
	b.join()
	all := slices.Clone(b.order)
	b.order = slices.DeleteFunc(b.order, func(f *Finding) bool {
		return slices.ContainsFunc(all, func(o *Finding) bool {
			return o.Level > Info && f.Credential() == o.Credential() &&
				slices.ContainsFunc(covered[f.Rule], func(r *Rule) bool { return r.ID == o.Rule })
		})
	})
}

// join makes one finding of those that differ in their level only.
func (b *book) join() {
	all := slices.Clone(b.order)
	b.order = slices.DeleteFunc(b.order, func(f *Finding) bool {
		if Lookup(f.Rule).Topic != Wear || f.Level >= Error {
			return false
		}
		i := slices.IndexFunc(all, func(o *Finding) bool {
			return o.Rule == f.Rule && o.Level > f.Level && o.Credential() == f.Credential() && o.Fix == f.Fix
		})
		if i < 0 {
			return false
		}
		all[i].join(f)
		return true
	})
}

// join takes in another finding.
func (f *Finding) join(o *Finding) {
	f.Count += o.Count
	f.Boots += o.Boots
	both := map[int]bool{}
	for _, p := range f.Places {
		both[p.Boot] = true
	}
	for _, p := range o.Places {
		if both[p.Boot] {
			f.Boots-- // one boot with both
			delete(both, p.Boot)
		}
	}
	f.Places = append(f.Places, o.Places...)
	slices.SortStableFunc(f.Places, func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.Boot, b.Boot), cmp.Compare(a.Exchange, b.Exchange))
	})
	f.Places = f.Places[:min(len(f.Places), maxPlaces)]
	f.Cost.Programmed += o.Cost.Programmed
	f.Cost.Erases += o.Cost.Erases
	f.Syncs += o.Syncs
	f.later.merge(o.later)
}
