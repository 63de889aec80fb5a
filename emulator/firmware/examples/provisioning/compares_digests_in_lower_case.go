package provisioning

import (
	"strings"
)

var _ = add(Program{
	Name:  "compares_digests_in_lower_case",
	What:  "compares a digest in lower case, which the modem never lists",
	Finds: []string{"P04"},
	Boot: func(f *Firmware) error {
		if f.digest(caKey) == strings.ToLower(sha(f.CA)) {
			return nil
		}
		return f.store(caKey, f.CA)
	},
})
