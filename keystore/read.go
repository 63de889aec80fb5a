package keystore

import (
	"crypto/sha256"
	"iter"
)

// Entry returns what a list shows of one credential. The error is ErrNotFound.
// Without power the digest is zero if nobody has asked for it before.
func (s *Store) Entry(k Key) (Entry, error) {
	if i, ok := s.find(k); ok {
		return s.public(&s.entries[i]), nil
	}
	for _, e := range s.system {
		if e.Key == k {
			return Entry{Key: e.Key, Digest: e.Digest, System: true}, nil
		}
	}
	return Entry{}, notFound(k)
}

// public returns an entry as others see it. The digest is computed the first
// time and kept: many a start of a modem never asks for it.
func (s *Store) public(e *entry) Entry {
	if !e.hashed {
		if content, err := s.content(e); err == nil {
			e.digest, e.hashed = sha256.Sum256(content), true
		}
	}
	return Entry{Key: e.key, Size: e.size - e.password, Digest: e.digest, Generated: e.generated, Writes: e.writes}
}

// All returns every credential in the order of the modem's list: in ascending order
// of tag and type (facts cmng/list-order, cmng/system-entries), then the system
// entries. The store must not be changed meanwhile.
func (s *Store) All() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for i := range s.entries {
			if !yield(s.public(&s.entries[i])) {
				return
			}
		}
		for _, e := range s.system {
			if !yield(Entry{Key: e.Key, Digest: e.Digest, System: true}) {
				return
			}
		}
	}
}

// Tag returns the credentials of one security tag, in the order of All.
func (s *Store) Tag(tag SecTag) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		i, _ := s.find(Key{SecTag: tag})
		for ; i < len(s.entries) && s.entries[i].key.SecTag == tag; i++ {
			if !yield(s.public(&s.entries[i])) {
				return
			}
		}
		for _, e := range s.system {
			if e.SecTag == tag && !yield(Entry{Key: e.Key, Digest: e.Digest, System: true}) {
				return
			}
		}
	}
}

// Len returns the number of credentials without the system entries.
func (s *Store) Len() int { return len(s.entries) }

// ShownDigest returns what the firmware shows as the digest of an entry: the
// digest, or the placeholder of old firmware.
func (s *Store) ShownDigest(e Entry) Digest {
	if s.rules.PlaceholderDigest {
		return PlaceholderDigest(e.Type)
	}
	return e.Digest
}

// Read returns the content of a credential by the rules of AT%CMNG=2, as it
// was written. Errors: ErrNotFound; ErrNoAccess for types that cannot be read;
// ErrReadCrash when the modem crashes on it; flash.ErrPowerCut.
func (s *Store) Read(k Key) ([]byte, Entry, error) {
	e, err := s.Entry(k)
	if err != nil {
		return nil, e, err
	}
	if err := s.rules.mayRead(e); err != nil {
		return nil, e, err
	}
	content, err := s.Secret(k)
	return content, e, err
}

// Secret returns the content of a credential of any type, as the TLS engine
// inside the modem and the key commands see it. Errors: ErrNotFound, also for
// system entries, which have no content here; flash.ErrPowerCut.
func (s *Store) Secret(k Key) ([]byte, error) {
	i, ok := s.find(k)
	if !ok {
		return nil, notFound(k)
	}
	if s.failed != nil {
		return nil, s.failed
	}
	return s.content(&s.entries[i])
}

// Password returns the password that was stored with a private key, nil if there
// is none or the flash cannot be read.
func (s *Store) Password(k Key) []byte {
	i, ok := s.find(k)
	if !ok || s.failed != nil || s.entries[i].password == 0 {
		return nil
	}
	e := &s.entries[i]
	b, err := s.bytes(e)
	if err != nil {
		return nil
	}
	return b[e.size-e.password:]
}

// content reads an entry from the flash.
func (s *Store) content(e *entry) ([]byte, error) {
	b, err := s.bytes(e)
	if err != nil {
		return nil, err
	}
	n := e.size - e.password
	return b[:n:n], nil
}

// bytes reads all parts of an entry: the content, and the password behind it.
func (s *Store) bytes(e *entry) ([]byte, error) {
	b := make([]byte, e.size)
	n := 0
	for _, p := range e.parts {
		if err := p.read(s.log.flash, b[n:n+int(p.length)]); err != nil {
			return nil, err
		}
		n += int(p.length)
	}
	return b, nil
}
