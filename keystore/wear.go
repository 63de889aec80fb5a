package keystore

import (
	"slices"

	"nrf91emu/keystore/flash"
)

// Cost is what something has cost the flash.
type Cost struct {
	// Writes counts how often it was written, as far back as the flash
	// remembers: the number is stored with the content, and for a while after
	// a delete.
	Writes uint32
	// Bytes programmed and pages erased since the store was opened. An erase
	// is charged to the operation that needed the page.
	Bytes  uint64
	Erases uint32
}

func (c *Cost) add(o Cost) {
	c.Writes += o.Writes
	c.Bytes += o.Bytes
	c.Erases += o.Erases
}

// CredentialWear is the cost of one credential, of deleting it too.
type CredentialWear struct {
	Key
	Deleted bool // it is not there any more
	Cost
}

// Wear tells what the flash has been through and who caused it.
type Wear struct {
	Flash        flash.Stats      // per page, since the flash was new
	Credentials  []CredentialWear // in ascending order of tag and type
	Forgotten    Cost             // credentials deleted long ago, all together
	Settings     Cost             // SaveSettings: +CFUN=0
	FactoryReset Cost
	Reclaim      Cost // copying what counts out of old pages; Writes counts pages, since Open
}

// Wear returns the wear of the flash and its causes.
func (s *Store) Wear() Wear {
	w := Wear{Flash: s.log.flash.Stats(), Forgotten: s.forgotten,
		Settings: s.settings.total(), FactoryReset: s.reset, Reclaim: s.log.reclaim}
	for i := range s.entries {
		e := &s.entries[i]
		w.Credentials = append(w.Credentials, CredentialWear{Key: e.key, Cost: e.total()})
	}
	for _, g := range s.ghosts {
		w.Credentials = append(w.Credentials, CredentialWear{Key: g.key, Deleted: true, Cost: g.cost})
	}
	slices.SortFunc(w.Credentials, func(a, b CredentialWear) int { return a.Key.Compare(b.Key) })
	return w
}

// total returns the cost of an entry with its writes.
func (e *entry) total() Cost {
	c := e.cost
	c.Writes = e.writes
	return c
}

// ghost remembers the cost of a credential that was deleted, so that one which
// is deleted and written over and over shows as what it is.
type ghost struct {
	key  Key
	cost Cost
}

// maxGhosts bounds the memory for deleted credentials.
const maxGhosts = 64

func (s *Store) remember(g ghost) {
	if len(s.ghosts) == maxGhosts {
		s.forgotten.add(s.ghosts[0].cost)
		s.ghosts = slices.Delete(s.ghosts, 0, 1)
	}
	s.ghosts = append(s.ghosts, g)
}

// recall returns the cost of a credential that was deleted. It stays
// remembered until forget.
func (s *Store) recall(k Key) Cost {
	for _, g := range s.ghosts {
		if g.key == k {
			return g.cost
		}
	}
	return Cost{}
}

func (s *Store) forget(k Key) {
	s.ghosts = slices.DeleteFunc(s.ghosts, func(g ghost) bool { return g.key == k })
}

// Syncs returns how often the store was written, for credentials, settings and
// resets, as far back as the flash remembers (fact wear/write-is-sync).
func (w *Wear) Syncs() uint64 {
	n := uint64(w.Settings.Writes) + uint64(w.FactoryReset.Writes) + uint64(w.Forgotten.Writes)
	for _, c := range w.Credentials {
		n += uint64(c.Writes)
	}
	return n
}
