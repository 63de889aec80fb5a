package audit

import (
	"slices"

	"nrf91emu/emulator/event"
)

var p03 = &Rule{
	ID: "P03", Name: "written-without-asking",
	Level: Warning, Topic: Wear,
	Title:  "Written without asking",
	Sees:   "a successful write of a tag and type that no list or read of this boot told about, in whichever form; a set of credentials may be asked about by one of its types; not where the program has just reset the modem to its factory state, nor where another rule finds a needless write of the same",
	Why:    "A program that never asks writes at every boot, and a write wears the flash even if nothing changes.",
	Source: "Nordic's modem_key_mgmt and its samples: exists, compare, write (seen in source)",
	Fix:    "Ask AT%CMNG=1,<tag>,<type> first; compare the digest, or the content by AT%CMNG=2,<tag>,<type>; write only on a difference.",
	Bad: `
AT%CMNG=0,24,0,<ca> -> OK`,
	Good: `
AT%CMNG=1 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	watch: func(a *Audit, _ foundFunc) hooks {
		var blind []blindWrite // of this boot
		return hooks{
			credential: func(c *event.Credential, cred *credential) {
				if c.Op != event.CredentialWrite || c.Error {
					return
				}
				if _, ok := a.mem.lastAsk(cred); ok || a.mem.wiped == a.mem.boot || a.mem.isClaimed() {
					return
				}
				// At most one for each credential: the first write tells it all, and
				// the next one knows from it what is stored.
				if !slices.ContainsFunc(blind, func(b blindWrite) bool { return b.key == cred.key }) && len(blind) < maxFindings {
					blind = append(blind, blindWrite{cred.key, a.mem.seq, a.mem.here(c.ID)})
				}
			},
			endBoot: func(found foundFunc) {
				for _, b := range blind {
					if !a.mem.askedBySet(b.key, b.seq) {
						found(sighting{key: &b.key, at: b.at, what: func() string {
							return "It was written though nothing had been asked about it since the boot."
						}})
					}
				}
			},
			newBoot: func() { blind = blind[:0] },
		}
	},
}

type blindWrite struct {
	key Key
	seq uint64
	at  Place
}

// askedBySet reports whether a write of k at seq was justified by another type of
// the same tag: a program may keep several credentials as one set and ask about
// one of them. If that one was absent, or had to be replaced in the same boot, or
// if a new key was made, the whole set had to be written.
func (m *memory) askedBySet(k Key, seq uint64) bool {
	for _, sib := range m.siblings(k.SecTag) {
		if sib.key.Type == k.Type {
			continue
		}
		if sib.generated == m.boot {
			return true
		}
		if sib.first.boot != m.boot || sib.first.seq >= seq || sib.first.op == "" {
			continue
		}
		if sib.first.found == 0 && !sib.first.failed || sib.changed == m.boot {
			return true
		}
	}
	return false
}
