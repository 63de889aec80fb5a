package audit

import (
	"fmt"
	"maps"
	"slices"

	"nrf91emu/emulator/event"
)

var p31 = &Rule{
	ID: "P31", Name: "changed-at-every-boot",
	Level: Error, Topic: Wear,
	Title:  "Something is stored anew at every boot",
	Sees:   "a change of the store by the host in every boot after the first, whatever the bytes and the tags, while nothing outside has changed anything; a warning if there was but one such boot; where some boots leave the store alone, other content for one tag and type in more than half of them, three at least",
	Why:    "A derived PSK, a certificate that is signed anew for the same key, one of many roots in turn, a new security tag each time: flash wears by them as by equal bytes. What a device needs is in place after its first boot.",
	Source: "Nordic's support: three syncs a day outlast ten years, so one at every boot wears the flash of a device that starts often (documented)",
	Fix:    "Store what was made once, and make it anew only when it has to be: when it expires, when the server refuses it, when the user asks.",
	Bad: `
AT%CMNG=1,24 -> OK
AT%CMNG=0,24,4,<identity> -> OK
AT%CMNG=0,24,3,<psk> -> OK
* power cycle
AT%CMNG=1,24 -> OK
AT%CMNG=0,24,3,<psk2> -> OK
* power cycle
AT%CMNG=1,24 -> OK
AT%CMNG=0,24,3,<psk3> -> OK`,
	Good: `
AT%CMNG=1,24 -> OK
AT%CMNG=0,24,4,<identity> -> OK
AT%CMNG=0,24,3,<psk> -> OK
* power cycle
AT%CMNG=1,24 -> OK
AT%CMNG=0,24,3,<psk2> -> OK
* power cycle
AT%CMNG=1,24 -> OK`,
	watch: func(a *Audit, _ foundFunc) hooks {
		w := &changeWatch{mem: &a.mem, spoken: map[Key]bool{}}
		return hooks{
			credential: w.credential,
			response:   func(*event.Response) { w.active = true },
			power: func(p *event.Power) {
				if p.Action == event.PowerReset {
					w.endStart() // another life of the firmware
				}
			},
			newBoot: w.endStart,
			endRun: func(found foundFunc) {
				final := w.closed()
				if final.quiet > 0 {
					w.tellOften(final, found)
					return
				}
				if final.starts < 1 || w.told(final) {
					return
				}
				level := Off
				if final.starts == 1 {
					level = Warning
				}
				for _, c := range final.changes {
					found(sighting{at: c.at, level: level, cost: c.cost, what: func() string { return final.words() }})
				}
				if r := final.rest; r.count > 0 {
					found(sighting{at: final.last.at, level: level, cost: r.cost.Cost, syncs: r.cost.Syncs, count: r.count, boots: r.boots})
				}
			},
		}
	},
}

// A change is one operation that changed the store.
type change struct {
	key  Key
	at   Place
	cost event.Cost
	kind string // in words
	anew bool   // something was stored there before
}

// changeWatch follows whether each start of the firmware after the first one changes
// the store.
type changeWatch struct {
	mem    *memory
	active bool // the start in hand has done something
	first  bool // the first start is over
	// made are the changes of the start in hand that no other rule has spoken of,
	// renewed the tags of keys that another rule has found made anew, whose
	// certificates have to follow.
	made    []change
	claimed map[Key]bool // of which another rule has spoken in the start in hand
	renewed map[uint32]bool
	spoken  map[Key]bool // of which another rule has spoken at any time
	// refused are the tags of writes that were refused in the start in hand, and before in
	// the one before: what that could not store for the first time comes now.
	refused, before map[uint32]bool
	outcome
}

// outcome is what has come of the starts after the first one.
type outcome struct {
	starts  int      // that changed something
	quiet   int      // that changed nothing
	changes []change // the first few
	last    change
	keys    map[Key]bool // that were changed
	rest    struct {     // of those that are not kept
		count, boots int
		cost         Usage
	}
	again map[Key]*rewrites // of what was stored before
}

// rewrites are the starts in which one credential was stored anew, which had been stored before.
// It does not change once it is in an outcome.
type rewrites struct {
	count  int
	places []Place // the first few
	cost   Usage
}

// with returns them and one more.
func (r *rewrites) with(c change) *rewrites {
	n := &rewrites{count: 1, places: []Place{c.at}}
	if r != nil {
		n.count, n.places, n.cost = r.count+1, r.places, r.cost
		if len(n.places) < maxPlaces {
			n.places = append(n.places[:len(n.places):len(n.places)], c.at)
		}
	}
	n.cost.add(c.cost)
	return n
}

// tellOften reports what was stored anew in most starts, if not in each.
func (w *changeWatch) tellOften(o outcome, found foundFunc) {
	later := o.starts + o.quiet
	for k, r := range inOrder(o.again) {
		if r.count < 3 || 2*r.count <= later || w.spoken[k] {
			continue
		}
		last := len(r.places) - 1
		for i, at := range r.places {
			s := sighting{key: &k, at: at, what: func() string {
				return fmt.Sprintf("In %d of the %d boots after the first it was given other content, though nothing outside had changed anything.", r.count, later)
			}}
			if i == last {
				s.cost, s.syncs, s.count, s.boots = r.cost.Cost, r.cost.Syncs, r.count-i, r.count-i
			}
			found(s)
		}
	}
}

func (w *changeWatch) credential(c *event.Credential, cred *credential) {
	if c.Error && (c.Op == event.CredentialWrite || c.Op == event.CredentialGenerate) {
		if w.refused == nil {
			w.refused = map[uint32]bool{}
		}
		if len(w.refused) < maxFindings {
			w.refused[cred.key.SecTag] = true
		}
	}
	if !changes(c) || w.before[cred.key.SecTag] && cred.written == 0 && c.Before == "" {
		return
	}
	k := cred.key
	if w.mem.isClaimed() {
		// What led to it, or comes of it, such as a delete, is the same fault.
		w.made = slices.DeleteFunc(w.made, func(m change) bool { return m.key == k })
		if w.claimed == nil {
			w.claimed = map[Key]bool{}
		}
		w.claimed[k] = true
		if len(w.spoken) < maxFindings {
			w.spoken[k] = true
		}
		if c.Op == event.CredentialGenerate {
			if w.renewed == nil {
				w.renewed = map[uint32]bool{}
			}
			w.renewed[k.SecTag] = true
		}
		return
	}
	if c.Before == c.After || w.claimed[k] || len(w.made) >= maxFindings {
		return
	}
	w.made = append(w.made, change{key: k, at: w.mem.here(c.ID), cost: c.Cost, kind: w.kind(c, cred), anew: c.Op != event.CredentialDelete && (c.Before != "" || cred.written != 0)})
}

// kind says what a change is, in words.
func (w *changeWatch) kind(c *event.Credential, cred *credential) string {
	switch {
	case c.Op == event.CredentialDelete:
		return "deleted " + cred.key.String()
	case c.Op == event.CredentialGenerate:
		return "made a key for " + cred.key.String()
	case c.Before == "" && cred.written == 0:
		return "wrote " + cred.key.String() + ", which had held nothing"
	case c.Before == "":
		return "wrote " + cred.key.String()
	case c.Content != nil && cred.content != nil && sharesKey(c.Content, cred.content):
		return "wrote " + cred.key.String() + ": another certificate for the same public key"
	}
	return "wrote other content to " + cred.key.String()
}

// sharesKey reports whether two contents have certificates for one public key.
func sharesKey(x, y *event.Content) bool {
	return len(x.Certificates) > 0 && len(y.Certificates) > 0 && x.Certificates[0].PublicKey == y.Certificates[0].PublicKey
}

// endStart closes a start of the firmware. One in which nothing was done does not
// count, nor one that has to put right what a power cut or somebody else has done.
func (w *changeWatch) endStart() {
	w.outcome = w.closed()
	w.first = w.first || w.active
	if w.active {
		w.before, w.refused = w.refused, nil
	}
	w.active, w.made, w.renewed, w.claimed = false, nil, nil, nil
}

// closed returns the outcome as if the start in hand were over.
func (w *changeWatch) closed() outcome {
	o := w.outcome
	m := w.mem
	excused := m.outside == m.boot && m.boot != 0 || m.cut != 0 && m.boot <= m.cut+1
	if !w.active || !w.first || excused {
		return o
	}
	changed := false
	seen := map[Key]bool{}
	for _, c := range w.made {
		if w.renewed[c.key.SecTag] {
			continue
		}
		if c.anew && !seen[c.key] && (o.again[c.key] != nil || len(o.again) < maxFindings) {
			if len(seen) == 0 {
				o.again = maps.Clone(o.again)
			}
			if o.again == nil {
				o.again = map[Key]*rewrites{}
			}
			seen[c.key], o.again[c.key] = true, o.again[c.key].with(c)
		}
		if len(o.changes) < maxPlaces {
			o.changes = append(o.changes[:len(o.changes):len(o.changes)], c)
		} else {
			o.rest.count++
			if !changed {
				o.rest.boots++
			}
			o.rest.cost.add(c.cost)
		}
		if !changed {
			changed, o.last, o.keys = true, c, maps.Clone(o.keys)
		}
		if o.keys == nil {
			o.keys = map[Key]bool{}
		}
		if len(o.keys) < maxFindings {
			o.keys[c.key] = true
		}
	}
	switch {
	case changed:
		o.starts++
	case len(w.claimed) == 0:
		o.quiet++
	}
	return o
}

// told reports whether another rule has spoken of all credentials that were changed,
// as of two contents in turn.
func (w *changeWatch) told(o outcome) bool {
	for k := range o.keys {
		if !w.spoken[k] {
			return false
		}
	}
	return true
}

// words says what was changed in the last start.
func (o *outcome) words() string {
	last := o.last
	if o.starts == 1 {
		return fmt.Sprintf("The only boot after the first changed what is stored, though nothing outside had: boot %d %s. More boots would tell whether it is so each time.", last.at.Boot, last.kind)
	}
	return fmt.Sprintf("Each of the %d boots after the first changed what is stored, though nothing outside had: boot %d, for example, %s.", o.starts, last.at.Boot, last.kind)
}
