package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"nrf91emu/keystore/flash"
)

// Store is the credential store of a modem. Its methods are for one goroutine
// at a time.
type Store struct {
	rules  Rules
	system []SystemEntry
	log    log

	entries  []entry // credentials, ascending by key
	settings entry   // all settings together; no parts when there are none
	values   map[string][]byte
	pending  *entry // being written, not committed yet
	leaving  *entry // being deleted: not worth copying any more
	nextID   uint32
	live     int   // bytes in the flash of records that count
	failed   error // an operation was cut off: what is in memory may be wrong

	reset     Cost
	ghosts    []ghost
	forgotten Cost
}

// entry is what the index holds of a content.
type entry struct {
	key       Key
	generated bool
	id        uint32
	writes    uint32
	size      int    // bytes in all parts: the content and the password
	password  int    // bytes at the end that are a password
	hashed    bool   // the digest has been computed
	digest    Digest // only if hashed
	parts     []place
	cost      Cost // its Writes are not used, writes is
}

// footprint returns the bytes that the entry takes in the flash.
func (e *entry) footprint() int {
	n := 0
	for _, p := range e.parts {
		n += recordSize(int(p.length))
	}
	return n
}

// Open mounts the store in a flash, which is used by nobody else from then on,
// and finishes or undoes what a power cut has interrupted. A fresh flash is an
// empty store; opening writes nothing. The system entries are listed after the
// others in the order given. The flash needs 4 pages or more.
//
// The error is ErrDamaged when the flash holds what no store has written.
func Open(f *flash.Flash, rules Rules, system []SystemEntry) (*Store, error) {
	s := &Store{rules: rules, system: system, nextID: 1}
	s.log.flash = f
	s.log.reclaiming = notReclaiming
	s.log.locate = s.locate
	if err := s.mount(); err != nil {
		return nil, err
	}
	return s, nil
}

// Rules returns the rules that the store was opened with.
func (s *Store) Rules() Rules { return s.rules }

// Write stores content under a key, as AT%CMNG=0 does, and replaces what was
// there, also a key that the modem had generated. When it returns, the content
// is in the flash for good; after any error the old content is there.
//
// Errors: ErrEmpty, ErrNoAccess, ErrExists, ErrInvalidContent, ErrTooLarge,
// ErrFull, in this order when several apply; flash.ErrPowerCut.
func (s *Store) Write(k Key, content []byte) error { return s.WriteWithPassword(k, content, nil) }

// WriteWithPassword is Write for an encrypted private key. The password is stored
// and replaced together with the content, but is no part of it: neither size nor
// digest count it, and only Password returns it. With any other type it is ignored
// (fact cmng/password). It may have 255 bytes, or else the error is ErrTooLarge.
func (s *Store) WriteWithPassword(k Key, content, password []byte) error {
	i, exists := s.find(k)
	if len(content) == 0 {
		return refuse(ErrEmpty, k, "give the content in quotes")
	}
	if err := s.rules.mayWrite(k, exists); err != nil {
		return err
	}
	if exists && s.entries[i].generated && s.rules.ProtectGenerated {
		return refuse(ErrExists, k, "the modem has made this key; delete it first")
	}
	if err := s.rules.checkContent(k, content); err != nil {
		return err
	}
	if exists && s.rules.SkipEqual && s.failed == nil && s.holds(&s.entries[i], content, password) {
		return nil
	}
	if k.Type != PrivateKey || len(password) == 0 {
		return s.put(k, i, exists, content, 0)
	}
	if len(password) > maxPassword {
		return refuse(ErrTooLarge, k, "the password has %d bytes, at most %d fit", len(password), maxPassword)
	}
	return s.put(k, i, exists, slices.Concat(content, password), uint32(len(password))<<passwordShift)
}

// holds reports whether an entry is just this content with this password.
func (s *Store) holds(e *entry, content, password []byte) bool {
	if e.key.Type != PrivateKey {
		password = nil // others ignore it
	}
	b, err := s.bytes(e)
	return err == nil && !e.generated && e.password == len(password) && bytes.Equal(b, slices.Concat(content, password))
}

// PutGenerated stores a key that the modem has made itself (%KEYGEN). Its
// content can only be had by Secret. Errors: ErrNoAccess for a reserved tag,
// ErrExists when there is one, ErrEmpty, ErrTooLarge, ErrFull,
// flash.ErrPowerCut.
func (s *Store) PutGenerated(k Key, content []byte) error {
	return s.create(k, MaxUserTag, content, flagGenerated)
}

// PutPublicKey stores the public key for authenticated AT commands (%XPMNG)
// under a tag from 0 to 9, type 5. Errors as for PutGenerated.
func (s *Store) PutPublicKey(tag SecTag, content []byte) error {
	return s.create(Key{tag, PublicKey}, LastPublicKeyTag, content, 0)
}

func (s *Store) create(k Key, last SecTag, content []byte, flags uint32) error {
	i, exists := s.find(k)
	switch {
	case k.SecTag > last:
		return refuse(ErrNoAccess, k, "the tag must be at most %d", last)
	case exists:
		return refuse(ErrExists, k, "delete it first")
	case len(content) == 0:
		return refuse(ErrEmpty, k, "there is nothing to store")
	}
	return s.put(k, i, exists, content, flags)
}

// put stores content, and the password that flags say is at its end, as entry i,
// which exists or is to be inserted there.
func (s *Store) put(k Key, i int, exists bool, content []byte, flags uint32) error {
	if len(content) > MaxContent {
		return refuse(ErrTooLarge, k, "%d bytes, at most %d fit", len(content), MaxContent)
	}
	if err := s.checkSlots(k, len(content)); err != nil {
		return err
	}
	e := entry{key: k, generated: flags&flagGenerated != 0, password: (&record{flags: flags}).password()}
	if exists {
		old := &s.entries[i]
		e.cost, e.writes = old.cost, old.writes
	} else {
		e.cost = s.recall(k)
		e.writes = e.cost.Writes
	}
	if err := s.write(&e, kindCredential, content, flags); err != nil {
		return err
	}
	if exists {
		s.live -= s.entries[i].footprint()
		s.entries[i] = e
		return nil
	}
	s.forget(k)
	s.entries = slices.Insert(s.entries, i, e)
	return nil
}

// write appends the parts of a content and fills in id, size, writes and parts
// of the entry. The caller puts the entry into the index.
func (s *Store) write(e *entry, k kind, content []byte, flags uint32) error {
	parts := max(1, (len(content)+maxPart-1)/maxPart)
	if err := s.begin(); err != nil {
		return err
	}
	if err := s.checkSpace(parts, content, e.key); err != nil {
		return err
	}
	e.id, e.size = s.nextID, len(content)
	s.nextID++
	e.writes++
	e.parts = make([]place, 0, parts)
	s.pending, s.log.charge = e, &e.cost
	defer func() { s.pending = nil }()
	for i := range parts {
		part := content[i*maxPart : min((i+1)*maxPart, len(content))]
		at, err := s.log.append(&record{
			kind: k, parts: uint8(parts), part: uint8(i), key: e.key, id: e.id,
			length: uint16(len(part)), total: uint16(len(content)), writes: e.writes, flags: flags,
		}, part)
		if err != nil {
			return s.fail(err)
		}
		e.parts = append(e.parts, at)
	}
	s.live += e.footprint()
	return nil
}

// mark appends a record without content: a delete or a reset.
func (s *Store) mark(r record, cost *Cost) error {
	if err := s.begin(); err != nil {
		return err
	}
	r.parts, r.id = 1, s.nextID
	s.nextID++
	s.log.charge = cost
	_, err := s.log.append(&r, nil)
	return s.fail(err)
}

// begin comes before each change of the flash.
func (s *Store) begin() error {
	if s.failed != nil {
		return s.failed
	}
	if s.nextID >= lastNumber {
		return fmt.Errorf("%w: its operations have been used up", ErrFull)
	}
	return s.fail(s.log.recover())
}

// fail notes that the store has to be opened again when an operation was cut
// off. Running out of pages does not harm what is in memory.
func (s *Store) fail(err error) error {
	if err == nil || errors.Is(err, ErrFull) {
		return err
	}
	s.failed = fmt.Errorf("%w: %w", ErrReopen, err)
	return err
}

// locate finds the part of a content that a record holds.
func (s *Store) locate(r *record, at place) *place {
	var e *entry
	switch {
	case s.pending != nil && s.pending.id == r.id:
		e = s.pending
	case r.kind == kindSettings:
		e = &s.settings
	case r.kind == kindCredential:
		i, ok := s.find(r.key)
		if !ok {
			return nil
		}
		e = &s.entries[i]
	default:
		return nil
	}
	if e == s.leaving || e.id != r.id || int(r.part) >= len(e.parts) || e.parts[r.part] != at {
		return nil
	}
	return &e.parts[r.part]
}

// find returns the position of a credential, or where it would be inserted.
func (s *Store) find(k Key) (int, bool) {
	return slices.BinarySearchFunc(s.entries, k, func(e entry, k Key) int { return e.key.Compare(k) })
}

// Delete removes a credential, as AT%CMNG=3 does. Errors: ErrNotFound,
// ErrNoAccess for the modem's own, flash.ErrPowerCut, and ErrFull when too
// many pages are worn out to note the deletion.
func (s *Store) Delete(k Key) error {
	e, err := s.Entry(k)
	if err != nil {
		return err
	}
	if err := s.rules.mayDelete(e); err != nil {
		return err
	}
	i, _ := s.find(k)
	cost := s.entries[i].total()
	if err := s.markDeleted(&s.entries[i], &cost); err != nil {
		return err
	}
	s.live -= s.entries[i].footprint()
	s.entries = slices.Delete(s.entries, i, i+1)
	s.remember(ghost{key: k, cost: cost})
	return nil
}

// markDeleted notes in the flash that a credential is gone. In a store that has
// lost so many pages that not even the record fits, what is reclaimed for it
// leaves the credential behind, and that will do: when the first page with a
// part of it has gone, the content is incomplete, and what of it is left says
// that it had been complete (see latest). Then nothing is left that tells how often it had been written.
func (s *Store) markDeleted(e *entry, cost *Cost) error {
	first := len(s.log.pages)
	for _, p := range e.parts {
		first = min(first, slices.Index(s.log.pages, p.page))
	}
	reclaimed := s.log.reclaim.Writes
	s.leaving = e
	defer func() { s.leaving = nil }()
	err := s.mark(record{kind: kindDelete, key: e.key, writes: cost.Writes}, cost)
	if errors.Is(err, ErrFull) && s.log.reclaim.Writes-reclaimed > uint32(first) {
		return nil
	}
	return err
}

// FactoryReset removes all settings and, with all set, every credential too,
// those that the modem has generated included, but not the system entries. It
// happens at once: after a power cut everything is as before, or gone.
func (s *Store) FactoryReset(all bool) error {
	cost := s.reset
	cost.Writes++
	r := record{kind: kindReset, writes: cost.Writes}
	if all {
		r.flags = flagAll
	}
	if err := s.mark(r, &cost); err != nil {
		return err
	}
	s.reset = cost
	s.live -= s.settings.footprint()
	s.settings = entry{writes: s.settings.writes, cost: s.settings.cost}
	s.values = nil
	if all {
		for i := range s.entries {
			s.live -= s.entries[i].footprint()
			s.remember(ghost{key: s.entries[i].key, cost: s.entries[i].total()})
		}
		s.entries = nil
	}
	return nil
}
