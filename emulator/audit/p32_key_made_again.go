package audit

import (
	"fmt"

	"nrf91emu/emulator/event"
)

var p32 = &Rule{
	ID: "P32", Name: "key-made-again",
	Level: Error, Topic: Wear,
	Title:  "A key is made again",
	Sees:   "a key generated again in later boots for one tag and type, while nothing but the host touched it, and neither a factory reset nor a power cut gave cause to; unless it is a rotation: once, with a boot that leaves the key alone, or in no more than every fourth boot",
	Why:    "Each key costs the flash a write, mostly a delete too, and makes the certificate useless that was issued for the one before. It takes seconds, and happens again at the next boot.",
	Source: "Nordic's AT command guides, %KEYGEN: 519 if there is a key already (documented)",
	Fix:    "Ask AT%CMNG=1,<tag>,2 first and make a key only if there is none; or send AT%KEYGEN and take 519 for \"it is there\". Do not delete it before. A rotation that is meant is told from this by boots in which the key stays: run more of them.",
	Bad: `
AT%KEYGEN=24,2,0 -> OK
* power cycle
AT%CMNG=3,24,2 -> OK
AT%KEYGEN=24,2,0 -> OK`,
	Good: `
AT%CMNG=1,24,2 -> OK
AT%KEYGEN=24,2,0 -> OK
* power cycle
AT%CMNG=1,24,2 -> OK
* power cycle
AT%CMNG=1,24,2 -> OK
AT%CMNG=3,24,2 -> OK
AT%KEYGEN=24,2,0 -> OK`,
	watch: func(a *Audit, _ foundFunc) hooks {
		w := &keyWatch{mem: &a.mem, keys: map[Key]*madeKey{}}
		return hooks{
			credential: w.credential,
			response:   func(*event.Response) { w.active = true },
			newBoot: func() {
				w.starts = w.started()
				w.active = false
			},
			endRun: func(found foundFunc) {
				for k, m := range inOrder(w.keys) {
					m.tell(k, w.started(), found)
				}
			},
		}
	},
}

// keyWatch follows which keys are made again.
type keyWatch struct {
	mem    *memory
	active bool // the boot in hand has done something
	starts int  // boots before it that have
	keys   map[Key]*madeKey
}

// started returns how many boots have done something.
func (w *keyWatch) started() int {
	if w.active {
		return w.starts + 1
	}
	return w.starts
}

// A madeKey is a key that was made again and again.
type madeKey struct {
	from  int // starts up to the one that has made the first, that included
	again []remake
	rest  struct { // of those that are not kept
		count int
		last  Place
		cost  Usage
	}
}

// A remake is a key that was made in the place of another.
type remake struct {
	at    Place
	first int // the boot that had made the one before
	cost  Usage
}

func (w *keyWatch) credential(c *event.Credential, cred *credential) {
	if c.Error || c.Op != event.CredentialGenerate {
		return
	}
	boot, first := w.mem.boot, cred.generated
	m := w.keys[cred.key]
	if m == nil {
		if len(w.keys) >= maxFindings {
			return
		}
		m = &madeKey{from: w.starts + 1}
		w.keys[cred.key] = m
	}
	// After a factory reset of its own it has to; P33 counts those.
	if first == 0 || first == boot || cred.erased != 0 || w.mem.recoveringTag(cred.key.SecTag) || !w.mem.claim() {
		return
	}
	r := remake{at: w.mem.here(c.ID), first: first, cost: Usage{Cost: c.Cost, Syncs: 1}}
	if cred.deleted.digest != "" {
		r.cost.add(cred.deleted.cost)
	}
	if len(m.again) < maxPlaces {
		m.again = append(m.again, r)
		return
	}
	m.rest.count++
	m.rest.last = r.at
	m.rest.cost.merge(r.cost)
}

// tell reports a key that was made again too often for a rotation, in so many starts.
func (m *madeKey) tell(k Key, starts int, found foundFunc) {
	again, later := len(m.again)+m.rest.count, starts-m.from
	if again == 0 || again == 1 && later > 1 || 4*again <= later {
		return
	}
	for _, r := range m.again {
		found(sighting{key: &k, at: r.at, cost: r.cost.Cost, syncs: r.cost.Syncs, what: func() string {
			return fmt.Sprintf("A new key was generated in boot %d, though boot %d had made one and nothing but the host has touched it since.", r.at.Boot, r.first)
		}})
	}
	if r := m.rest; r.count > 0 {
		found(sighting{key: &k, at: r.last, cost: r.cost.Cost, syncs: r.cost.Syncs, count: r.count, boots: r.count})
	}
}
