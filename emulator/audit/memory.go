package audit

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"nrf91emu/emulator/event"
)

// A Key names a credential.
type Key struct {
	SecTag uint32               `json:"sec_tag"`
	Type   event.CredentialType `json:"type"`
}

// lastType is the last credential type there is.
const lastType = 13

var typeNames = [...]string{"root CA", "client certificate", "private key", "PSK", "PSK identity",
	"public key", "device identity key", "reserved", "endorsement key", "ownership key",
	"identity root CA", "base public key", "reserved", "asset encryption key"}

// String returns such as "sec_tag 24, type 0 (root CA)".
func (k Key) String() string {
	if int(k.Type) < len(typeNames) {
		return fmt.Sprintf("sec_tag %d, type %d (%s)", k.SecTag, k.Type, typeNames[k.Type])
	}
	return fmt.Sprintf("sec_tag %d, type %d", k.SecTag, k.Type)
}

func tagName(n uint32) string { return fmt.Sprintf("sec_tag %d", n) }

// memory is what the audit knows from the events so far.
type memory struct {
	now     time.Time
	seq     uint64
	boot    int
	command event.Command // the last one
	brief   string        // its beginning, once somebody has asked for it
	// recorded is the last exchange of which there was an operation on the store.
	recorded int
	online   bool   // credentials cannot be written
	cut      int    // the last boot that a planned power cut ended
	meant    bool   // the operation in hand never got to the store
	wiped    int    // the last boot in which the host erased everything
	outside  int    // the last boot in which something else than the host changed the store
	claimed  uint64 // the last operation that a rule has said all about
	// explained are the exchanges of this boot whose store of settings P24 has found.
	explained map[int]bool
	program   string // the firmware at the library interface, if there is any

	askedAll ask // the last list of everything
	tags     map[uint32]*tag
	creds    map[Key]*credential
	// crowd counts the credentials that are not followed, since there are too many.
	crowd int
}

// maxFollowed bounds how many credentials are followed. The modem's store holds
// far fewer; only a host that writes and deletes at random gets there.
const maxFollowed = 4096

func newMemory() memory {
	return memory{explained: map[int]bool{}, tags: map[uint32]*tag{}, creds: map[Key]*credential{}}
}

// An ask is a list or read: how a program finds out what is stored.
type ask struct {
	boot   int
	seq    uint64
	id     int // of the exchange
	op     event.CredentialOp
	failed bool // other than by the answer that there is nothing
	cme    int
	found  int
}

// tag is what is known about a security tag as a whole.
type tag struct {
	asked ask
	used  bool  // by a TLS socket
	held  []int // types that it holds, nil if not known
}

// credential is what is known about one tag and type.
type credential struct {
	key     Key
	stored  string // digest, empty if absent
	known   bool   // stored is known
	present bool   // a TLS socket found it, whatever is known of its content
	// content describes what is stored, as far as the record told.
	content *event.Content

	first, asked ask      // the first and last of this boot that were about it alone
	written      int      // the last boot in which the host wrote or generated it
	at           Place    // where that was
	by           string   // the program that did, if it has a name
	erased       int      // the last boot in which a factory reset of the host's own removed it, if nothing was written since
	begun        int      // the last boot in which the host wrote it or tried to
	changed      int      // the last boot in which the host changed or deleted it
	deleted      removal  // what the host deleted last and has not written since
	history      []writer // contents that the host wrote, oldest first
	generated    int      // the last boot in which the host had a key generated
}

type removal struct {
	digest string
	boot   int
	asked  bool // the tag had been asked about before
	cost   event.Cost
}

type writer struct {
	digest string
	boot   int
}

// maxHistory bounds how many contents of one credential are remembered.
const maxHistory = 8

// writtenIn returns the last boot in which the host wrote that content, if
// nothing but the host has touched the credential since.
func (c *credential) writtenIn(digest string) (boot int, ok bool) {
	for i := len(c.history) - 1; i >= 0; i-- {
		if c.history[i].digest == digest {
			return c.history[i].boot, true
		}
	}
	return 0, false
}

func (c *credential) remember(digest string, boot int) {
	for i, w := range c.history {
		if w.digest == digest {
			copy(c.history[i:], c.history[i+1:])
			c.history[len(c.history)-1] = writer{digest, boot}
			return
		}
	}
	if len(c.history) == maxHistory {
		copy(c.history, c.history[1:])
		c.history = c.history[:maxHistory-1]
	}
	c.history = append(c.history, writer{digest, boot})
}

// disturbed is called when something else than the host changed the credential:
// what the host writes from now on may be needed again.
func (c *credential) disturbed() {
	c.history = c.history[:0]
	c.deleted = removal{}
	c.generated, c.erased, c.by = 0, 0, ""
	c.content = nil
}

// recovering reports whether this boot follows one that a planned power cut ended
// in the middle of a flash operation, during or after a write of the credential. A
// program that keeps several credentials as one set then writes the whole set
// again, which heals the device and happens once. Other cuts do not count: a
// harness may end every boot that way.
func (m *memory) recovering(cred *credential) bool {
	return m.cut != 0 && m.boot == m.cut+1 && cred.begun == m.cut
}

// recoveringTag is recovering for a tag as a whole: of a key and the certificate that was issued
// for it, each is of no use without the other.
func (m *memory) recoveringTag(n uint32) bool {
	return slices.ContainsFunc(m.siblings(n), m.recovering)
}

func (m *memory) tag(n uint32) *tag {
	t := m.tags[n]
	if t == nil {
		t = new(tag)
		if len(m.tags) < maxFollowed {
			m.tags[n] = t
		}
	}
	return t
}

func (m *memory) credential(k Key) *credential {
	c := m.creds[k]
	if c == nil {
		c = &credential{key: k}
		if len(m.creds) < maxFollowed {
			m.creds[k] = c
		} else {
			m.crowd++
		}
	}
	return c
}

// before prepares for an event: it returns the credential that it is about, nil
// if it is about several, and notices changes that the record does not show,
// such as a write that a power cut undid.
func (m *memory) before(c *event.Credential) *credential {
	if c.SecTag == nil || c.Type == nil {
		return nil
	}
	cred := m.credential(Key{*c.SecTag, *c.Type})
	if changes(c) {
		if cred.known && cred.stored != c.Before {
			cred.disturbed()
			m.outside = m.boot
		}
		if c.ID != 0 && cred.by != m.program && cred.by != "" && m.program != "" {
			cred.disturbed() // another program's
			m.outside = m.boot
		}
		cred.known, cred.stored = true, c.Before
	}
	return cred
}

// changes reports whether the operation succeeded in changing the store, or would
// have if the content had not been there already.
func changes(c *event.Credential) bool {
	return !c.Error && (c.Op == event.CredentialWrite || c.Op == event.CredentialDelete || c.Op == event.CredentialGenerate)
}

// unanswered reports whether an operation had no answer, since the power went
// meanwhile: it may have been done.
func (m *memory) unanswered(c *event.Credential) bool { return c.Error && c.CME == 0 && !m.meant }

// after takes note of an event.
func (m *memory) after(c *event.Credential, cred *credential) {
	switch c.Op {
	case event.CredentialList, event.CredentialRead:
		m.noteAsk(c, cred)
	case event.CredentialUse:
		m.noteUse(c, cred)
	case event.CredentialErase:
		if !c.Error {
			m.erase(c)
		}
	case event.CredentialWrite, event.CredentialDelete, event.CredentialGenerate:
		if cred == nil {
			return
		}
		if c.ID != 0 && c.Op != event.CredentialDelete {
			cred.begun = m.boot
		}
		switch {
		case !c.Error:
			m.noteChange(c, cred)
		case m.unanswered(c):
			cred.known, cred.present, cred.content = false, false, nil
			m.tag(cred.key.SecTag).held = nil
		}
	}
}

func (m *memory) noteAsk(c *event.Credential, cred *credential) {
	if c.ID == 0 {
		return
	}
	a := ask{boot: m.boot, seq: m.seq, id: c.ID, op: c.Op, found: c.Found, cme: c.CME,
		failed: c.Error && c.CME != event.CMENotFound}
	switch {
	case cred != nil:
		if cred.first.boot != m.boot || cred.first.seq == 0 {
			cred.first = a
		}
		cred.asked = a
		if !a.failed {
			m.learn(c, cred)
		}
	case c.SecTag != nil:
		m.tag(*c.SecTag).asked = a
	default:
		m.askedAll = a
	}
}

// learn takes over what a list or a read of one credential has shown.
func (m *memory) learn(c *event.Credential, cred *credential) {
	if c.Found > 0 && c.Before == "" {
		cred.present = true
		return // what is there the record does not say
	}
	stored := c.Before
	if cred.known && cred.stored != stored {
		cred.disturbed()
		m.outside = m.boot
	}
	cred.known, cred.stored, cred.present = true, stored, stored != ""
}

func (m *memory) noteUse(c *event.Credential, cred *credential) {
	if c.SecTag == nil {
		return
	}
	m.tag(*c.SecTag).used = true
	if cred == nil {
		return
	}
	cred.present = c.Found > 0
	if c.Found == 0 {
		cred.known, cred.stored, cred.content = true, "", nil
	} else if c.Content != nil {
		cred.content = c.Content
	}
}

func (m *memory) noteChange(c *event.Credential, cred *credential) {
	t := m.tag(cred.key.SecTag)
	t.held = c.Held
	if c.ID == 0 {
		cred.disturbed()
	}
	switch c.Op {
	case event.CredentialDelete:
		if c.ID != 0 && c.Before != "" {
			cred.deleted = removal{c.Before, m.boot, m.tagAsked(cred.key.SecTag), c.Cost}
		}
		cred.content = nil
	case event.CredentialWrite, event.CredentialGenerate:
		cred.content = c.Content
		cred.deleted = removal{}
		if c.ID != 0 {
			cred.erased = 0
			cred.written, cred.by, cred.at = m.boot, m.program, m.here(c.ID)
			cred.remember(c.After, m.boot)
			if c.Op == event.CredentialGenerate {
				cred.generated = m.boot
			}
		}
	}
	cred.present = c.After != ""
	if c.ID != 0 && c.Before != c.After {
		cred.changed = m.boot
	}
	cred.known, cred.stored = true, c.After
}

// inOrder yields what a map holds by tag and type, so that reports do not depend
// on chance.
func inOrder[V any](m map[Key]V) iter.Seq2[Key, V] {
	return func(yield func(Key, V) bool) {
		keys := slices.SortedFunc(maps.Keys(m), func(a, b Key) int {
			return cmp.Or(cmp.Compare(a.SecTag, b.SecTag), cmp.Compare(a.Type, b.Type))
		})
		for _, k := range keys {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}

// noteProgram takes note of firmware that comes or goes.
func (m *memory) noteProgram(p *event.Program) {
	if p.Action == event.ProgramStart && p.Name != "" {
		m.program = p.Name
	}
}

// erase takes note of an erase of all tags, of one tag, or of one type. One of the
// host's own excuses nothing that it writes afterwards.
func (m *memory) erase(c *event.Credential) {
	switch {
	case c.ID == 0:
		m.outside = m.boot
	case c.SecTag == nil && c.Type == nil:
		m.wiped = m.boot
	}
	for k, cred := range m.creds {
		if (c.SecTag == nil || *c.SecTag == k.SecTag) && (c.Type == nil || *c.Type == k.Type) {
			if c.ID == 0 {
				cred.disturbed()
			} else {
				if cred.stored != "" {
					cred.erased, cred.changed = m.boot, m.boot
				}
				cred.content, cred.deleted = nil, removal{}
			}
			cred.known, cred.stored, cred.present = true, "", false
		}
	}
	for n, t := range m.tags {
		if c.SecTag == nil || *c.SecTag == n {
			t.held = nil
		}
	}
}

// lastAsk returns the last list or read in this boot that told about k, whatever
// its form, and whether there was one.
func (m *memory) lastAsk(cred *credential) (ask, bool) {
	last := m.askedAll
	if t := m.tags[cred.key.SecTag]; t != nil {
		last = later(last, t.asked, m.boot)
	}
	last = later(last, cred.asked, m.boot)
	return last, last.boot == m.boot && last.op != ""
}

func later(a, b ask, boot int) ask {
	if b.boot == boot && b.op != "" && (a.boot != boot || b.seq >= a.seq) {
		return b
	}
	return a
}

// tagAsked reports whether anything was asked about the tag in this boot.
func (m *memory) tagAsked(n uint32) bool {
	for _, cred := range m.siblings(n) {
		if _, ok := m.lastAsk(cred); ok {
			return true
		}
	}
	return false
}

// siblings returns the credentials of a tag that the record mentions, by type.
func (m *memory) siblings(n uint32) []*credential {
	var list []*credential
	for t := range event.CredentialType(lastType + 1) {
		if c := m.creds[Key{n, t}]; c != nil {
			list = append(list, c)
		}
	}
	return list
}
