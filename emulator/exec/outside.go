package exec

import (
	"crypto/sha256"
	"fmt"

	"nrf91emu/emulator/contents"
	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
)

// An outside follows the credentials that Config.Changes put into the store behind the back
// of the firmware: one that is still there at the end, where the firmware had stored or
// found something else before, was not noticed. It listens to the record.
type outside struct {
	keys map[keystore.Key]*intruder
}

// An intruder is one of these credentials.
type intruder struct {
	boot    int    // before which it was put there, last
	initial bool   // which was before the first one, in the place of nothing
	deleted bool   // or rather taken away
	digest  string // of what was put there
	touched bool   // by the firmware since

	current string // digest of what is there, empty for nothing
	known   bool   // current is known
	seen    []sight
}

// A sight is something that the firmware has stored, tried to store, or found.
type sight struct {
	digest  string
	unknown bool // digest comes with the next change
	boot    int
	what    string
}

// maxSights bounds what is kept of one credential: what comes first says enough.
const maxSights = 16

func newOutside(changes []Change) *outside {
	o := &outside{keys: map[keystore.Key]*intruder{}}
	for _, c := range changes {
		o.keys[c.Key] = new(intruder)
	}
	return o
}

func digestOf(content []byte) string {
	if content == nil {
		return ""
	}
	return keystore.Digest(sha256.Sum256(content)).String()
}

// changed notes a change, and what was there before it, nil for nothing.
func (o *outside) changed(c Change, before []byte) {
	i := o.keys[c.Key]
	for n := range i.seen {
		if i.seen[n].unknown {
			i.seen[n].digest, i.seen[n].unknown = digestOf(before), false
		}
	}
	i.initial = c.Boot == 1 && (before == nil || i.initial)
	i.boot, i.deleted, i.digest, i.touched = c.Boot, c.Content == nil, digestOf(c.Content), false
	i.current, i.known = i.digest, true
}

// add takes note of an event.
func (o *outside) add(e *event.Event) {
	c := e.Credential
	if c == nil || c.ID == 0 {
		return
	}
	if c.SecTag == nil || c.Type == nil {
		for k, i := range o.keys {
			switch {
			case c.SecTag != nil && *c.SecTag != uint32(k.SecTag):
			case c.Op == event.CredentialErase && !c.Error:
				i.touched, i.current, i.known = true, "", true
			}
		}
		return
	}
	i := o.keys[keyOf(c)]
	if i == nil {
		return
	}
	switch c.Op {
	case event.CredentialList, event.CredentialRead:
		if c.Found > 0 && !c.Error {
			i.note(sight{i.current, !i.known, e.Boot, "found"})
		}
	case event.CredentialWrite, event.CredentialGenerate, event.CredentialDelete:
		switch {
		case !c.Error:
			i.touched, i.current, i.known = true, c.After, true
			if c.After != "" {
				i.note(sight{c.After, false, e.Boot, "stored"})
			}
		case c.Content != nil:
			i.note(sight{c.Content.SHA256, false, e.Boot, "tried to store"})
		}
	}
}

func (i *intruder) note(s sight) {
	if len(i.seen) < maxSights {
		i.seen = append(i.seen, s)
	}
}

// ignored says of each credential that is as it was put there from outside, whether the
// firmware ought to have noticed. Those are left out of which there are expectations, and
// those that were there from the beginning, as --with and a device file have it, if nothing
// is wrong with them: no change was made.
func (o *outside) ignored(expected []Expectation, stored contents.All) []Expected {
	for _, e := range expected {
		delete(o.keys, e.Key)
	}
	var list []Expected
	for _, k := range contents.SortedKeys(o.keys) {
		i := o.keys[k]
		if i.boot == 0 {
			continue // its boot never came
		}
		x := Expected{Name: fmt.Sprintf("%s, changed from outside before boot %d", contents.Name(k), i.boot)}
		// What a power cut has interrupted may have been stored all the same.
		if !i.touched && digestOf(stored[k].Content) == i.digest {
			if x.Wrong = i.unnoticed(); x.Wrong != "" {
				x.Fix = "Compare the content with what it is to be at each start, and store it on a difference. If it may stay, --expect TAG:TYPE=FILE says so."
			}
		}
		if i.initial {
			if x.Wrong == "" {
				continue
			}
			x.Name = contents.Name(k) + ", there before boot 1"
		}
		list = append(list, x)
	}
	return list
}

// unnoticed says what the firmware ought to have noticed; an empty text if nothing.
func (i *intruder) unnoticed() string {
	var best *sight
	for n := range i.seen {
		if s := &i.seen[n]; !s.unknown && s.digest != i.digest && (best == nil || best.what == "found" && s.what != "found") {
			best = s
		}
	}
	switch {
	case best == nil:
		return ""
	case i.deleted:
		return fmt.Sprintf("it is still absent, though the firmware had %s it in boot %d", best.what, best.boot)
	}
	return fmt.Sprintf("what was put there is still there, though the firmware had %s something else in boot %d", best.what, best.boot)
}
