package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"nrf91emu/emulator/event"
)

var p37 = &Rule{
	ID: "P37", Name: "write-never-succeeds",
	Level: Error, Topic: Order,
	Title:  "A write is refused, and never done",
	Sees:   "a write that was refused, also since the command is malformed, and that has not been done by the end of the run, where no other rule says why; a warning if the modem was not able to, as with a full store or under the power-off warning",
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
						r.tell(&k, found)
					}
				}
				if w.nameless.count > 0 {
					w.nameless.tell(nil, found)
				}
			},
		}
	},
}

// refusedWatch follows which writes are refused and not done later.
type refusedWatch struct {
	mem      *memory
	keys     map[Key]*refusal
	nameless refusal // of commands that do not say what they write
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
	case c.Op != event.CredentialWrite:
	case !c.Error:
		delete(w.keys, cred.key)
	case w.mem.unanswered(c): // the power went
	case c.CME == event.CMEActiveState: // P01 has that
	case c.CME == event.CMEAlreadyExists && c.Content != nil && c.Content.SHA256 == c.Before: // it is there, as was wanted
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

// response takes note of a write that is so malformed that nobody can tell of what.
func (w *refusedWatch) response(r *event.Response) {
	cmd := &w.mem.command
	if !r.Error || cmd.ID != r.ID || !isCredentialSet(cmd) {
		return
	}
	_, args, _ := strings.Cut(cmd.Text, "=")
	head, _, _ := strings.Cut(args, `"`)
	fields := strings.Split(head, ",")
	_, tag := number(fields, 1, 32)
	_, typ := number(fields, 2, 8)
	if strings.TrimSpace(fields[0]) == "0" && !(tag && typ) {
		w.nameless.note(w.mem.here(r.ID), r.CME, r.Reason)
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
func (r *refusal) tell(k *Key, found foundFunc) {
	level := Off
	if unable(r.cme) {
		level = Warning
	}
	why := cmp.Or(r.reason, "without a reason")
	if r.cme != 0 {
		why = fmt.Sprintf("%d, %s", r.cme, cmeWords(r.cme))
	}
	for i, at := range r.places {
		s := sighting{key: k, at: at, level: level, fix: refusedFix(r.cme), count: 1, what: func() string {
			if r.count == 1 {
				return fmt.Sprintf("The write was refused (%s), and was not done later.", why)
			}
			return fmt.Sprintf("The write was refused %d times (the last time: %s), and was never done.", r.count, why)
		}}
		if k == nil {
			s.subject = "AT%CMNG=0"
		}
		if i == len(r.places)-1 {
			s.count = r.count - i
		}
		found(s)
	}
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
