package audit

import (
	"cmp"
	"fmt"
	"slices"

	"nrf91emu/emulator/event"
)

var p37 = &Rule{
	ID: "P37", Name: "write-never-succeeds",
	Level: Error, Topic: Order,
	Title:  "A write is refused, and never done",
	Sees:   "a write or a key generation that was refused, also since the command is malformed or its name misspelt, and that has not been done by the end of the run, where no other rule says why; a warning if the modem was not able to, as with a full store or under the power-off warning",
	Why:    "The device does not hold what the program was to store. A run in which all is refused changes nothing, which must not pass for restraint.",
	Source: "chosen",
	Fix:    checkResult,
	Bad: `
AT+CMEE=1 -> OK
AT%CMNG=1,24,4 -> OK
AT%CMNG=0,24,9,<identity> -> +CME ERROR: 514`,
	Good: `
AT+CMEE=1 -> OK
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> +CME ERROR: 60
* power cycle
AT+CMEE=1 -> OK
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	watch: func(a *Audit, _ foundFunc) hooks {
		w := &refusedWatch{mem: &a.mem, keys: map[Key]*refusal{}}
		return hooks{
			credential: w.credential,
			response:   w.response,
			endRun: func(found foundFunc) {
				for k, r := range inOrder(w.keys) {
					if !r.explained(a.closing, k) {
						r.tell(k, found)
					}
				}
				w.tellMisspelt(found)
			},
		}
	},
}

// refusedWatch follows which writes are refused and not done later.
type refusedWatch struct {
	mem      *memory
	keys     map[Key]*refusal
	misspelt []*misspelt // in order of appearance
}

// A refusal is a write that was refused, in the same way as the last time.
type refusal struct {
	cme    int
	reason string
	count  int
	places []Place // the first few
}

func (w *refusedWatch) credential(c *event.Credential, cred *credential) {
	switch {
	case c.Op != event.CredentialWrite && c.Op != event.CredentialGenerate:
	case !c.Error:
		delete(w.keys, cred.key)
		w.healed(c)
	case w.mem.unanswered(c): // the power went
	case c.CME == event.CMEActiveState: // P01 has that
	case c.CME == event.CMEAlreadyExists && (c.Op == event.CredentialGenerate || c.Content != nil && c.Content.SHA256 == c.Before): // it is there, as was wanted
	default:
		r := w.keys[cred.key]
		if r == nil {
			if len(w.keys) >= maxFindings {
				return
			}
			r = new(refusal)
			w.keys[cred.key] = r
		}
		r.note(w.mem.here(c.ID), c.CME, c.Reason)
	}
}

func (r *refusal) note(at Place, cme int, reason string) {
	r.cme, r.reason = cme, reason
	r.count++
	if len(r.places) < maxPlaces {
		r.places = append(r.places, at)
	}
}

// tell reports it.
func (r *refusal) tell(k Key, found foundFunc) {
	level := Off
	if unable(r.cme) {
		level = Warning
	}
	for i, at := range r.places {
		s := sighting{key: &k, at: at, level: level, fix: refusedFix(r.cme), count: 1, what: r.what}
		if i == len(r.places)-1 {
			s.count = r.count - i
		}
		found(s)
	}
}

// what says what has become of the write.
func (r *refusal) what() string {
	if r.count == 1 {
		return fmt.Sprintf("The write was refused (%s), and was not done later.", r.why())
	}
	return fmt.Sprintf("The write was refused %d times (the last time: %s), and was never done.", r.count, r.why())
}

// why is the reason in words.
func (r *refusal) why() string {
	if r.cme != 0 {
		return fmt.Sprintf("%d, %s", r.cme, cmeWords(r.cme))
	}
	return cmp.Or(r.reason, "without a reason")
}

// unable reports whether a code is about the modem's state, and not about what was asked of it.
func unable(cme int) bool {
	return slices.Contains([]int{event.CMEMemoryFailure, event.CMESystemError, event.CMEMemoryFull, event.CMEPowerWarning}, cme)
}

// explained reports whether a book has a complaint about the credential, or about the command that
// was to write it, which says why. That errors have no codes does not.
func (r *refusal) explained(b *book, k Key) bool {
	return slices.ContainsFunc(b.order, func(f *Finding) bool {
		same := f.SecTag != nil && f.Type != nil && (Key{*f.SecTag, *f.Type}) == k
		return f.Level >= Warning && f.Rule != p02.ID && (same || slices.ContainsFunc(f.Places, func(p Place) bool {
			return slices.ContainsFunc(r.places, func(o Place) bool { return p.Boot == o.Boot && p.Exchange == o.Exchange })
		}))
	})
}
