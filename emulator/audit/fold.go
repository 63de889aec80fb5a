package audit

import "slices"

// covered says, for some rules, which others say the same better. A finding is left out
// if one of them has found something about the same credential.
var covered = map[string][]*Rule{
	"P03": {p04, p05, p06, p07, p26, p30, p36},
}

// fold leaves out what a more specific finding says already.
func (b *book) fold() {
	all := slices.Clone(b.order)
	b.order = slices.DeleteFunc(b.order, func(f *Finding) bool {
		return slices.ContainsFunc(all, func(o *Finding) bool {
			return o.Level > Info && f.Credential() == o.Credential() &&
				slices.ContainsFunc(covered[f.Rule], func(r *Rule) bool { return r.ID == o.Rule })
		})
	})
}
