package audit

import (
	"cmp"
	"slices"
	"sync"

	"nrf91emu/emulator/event"
)

// An Audit judges a record. It keeps state for each credential and not for each
// event, so that a million boots need no more memory than three. It is safe for
// concurrent use.
type Audit struct {
	mu    sync.Mutex
	opt   Options
	rules []*Rule // those that are not off
	mem   memory
	tally tally
	book  *book
	// closing is the book of the report that is being made, for rules that speak only where
	// no other does.
	closing *book

	failing map[string]*failing // by peer, see P35
	peers   []*failing          // in order of appearance
	altered map[uint32]uint64   // the last event in which the host changed something under a tag, see P35

	power      []func(*event.Power)
	link       []func(*event.Link)
	input      []func(*event.Input)
	response   []func(*event.Response)
	mode       []func(*event.Mode)
	nvm        []func(*event.NVM)
	credential []func(*event.Credential, *credential)
	use        []func(*event.Credential)
	socket     []func(*event.Socket)
	handshake  []func(*event.Handshake)
	program    []func(*event.Program)
	newBoot    []func()
	endBoot    []closing
	endRun     []closing
}

// closing is a hook that reports at the end, and whose findings they are.
type closing struct {
	rule *Rule
	fn   func(foundFunc)
}

// New returns an audit that has seen nothing yet. Options that make no sense are
// found by [Options.Check].
func New(opt Options) *Audit {
	a := &Audit{opt: opt.withDefaults(), mem: newMemory(), book: newBook()}
	for _, r := range rules {
		if a.opt.level(r) != Off && (r.Topic != Budget || a.opt.Budgets.set(r)) {
			a.rules = append(a.rules, r)
		}
	}
	for _, r := range bySpecificity(a.rules) {
		a.register(r, r.watch(a, a.into(a.book, r)))
	}
	return a
}

// mostSpecific are the rules about needless writes, the one first that says best what
// is wrong with the program. One that has found something claims the operation, and
// those after it say nothing: one fault is one finding, and no cost counts twice.
var mostSpecific = []*Rule{p33, p32, p07, p30, p26, p06, p36, p04, p05, p31}

// bySpecificity returns the rules in the order in which they see an operation.
func bySpecificity(list []*Rule) []*Rule {
	rank := func(r *Rule) int {
		if i := slices.Index(mostSpecific, r); i >= 0 {
			return i - len(mostSpecific)
		}
		return 0
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(x, y *Rule) int { return cmp.Compare(rank(x), rank(y)) })
	return list
}

// claim takes the present operation for the rule that calls it. It reports false if
// another rule has it already.
func (m *memory) claim() bool {
	if m.claimed == m.seq && m.seq != 0 {
		return false
	}
	m.claimed = m.seq
	return true
}

// isClaimed reports whether a rule has the present operation.
func (m *memory) isClaimed() bool { return m.claimed == m.seq && m.seq != 0 }

func (a *Audit) register(r *Rule, h hooks) {
	add(&a.power, h.power)
	add(&a.link, h.link)
	add(&a.input, h.input)
	add(&a.response, h.response)
	add(&a.mode, h.mode)
	add(&a.nvm, h.nvm)
	add(&a.use, h.use)
	add(&a.socket, h.socket)
	add(&a.handshake, h.handshake)
	add(&a.program, h.program)
	if h.credential != nil {
		a.credential = append(a.credential, h.credential)
	}
	if h.newBoot != nil {
		a.newBoot = append(a.newBoot, h.newBoot)
	}
	if h.endBoot != nil {
		a.endBoot = append(a.endBoot, closing{r, h.endBoot})
	}
	if h.endRun != nil {
		a.endRun = append(a.endRun, closing{r, h.endRun})
	}
}

func add[T any](list *[]func(*T), fn func(*T)) {
	if fn != nil {
		*list = append(*list, fn)
	}
}

func call[T any](list []func(*T), p *T) {
	for _, fn := range list {
		fn(p)
	}
}

// Add takes note of an event. It does not keep e.
func (a *Audit) Add(e *event.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if e.Boot != a.mem.boot {
		a.nextBoot(e.Boot)
	}
	a.mem.now, a.mem.seq = e.Time, e.Seq
	switch {
	case e.Command != nil:
		a.mem.command, a.mem.brief = *e.Command, ""
		a.tally.exchange()
	case e.Response != nil:
		if c := a.mem.unrecorded(e.Response); c != nil {
			a.mem.meant = true
			a.addCredential(c)
			a.mem.meant = false
		}
		call(a.response, e.Response)
		a.tally.done = a.tally.done || !e.Response.Error
	case e.Credential != nil:
		a.addCredential(e.Credential)
	case e.Mode != nil:
		call(a.mode, e.Mode)
		a.mem.online = e.Mode.Active
	case e.NVM != nil:
		call(a.nvm, e.NVM)
		a.tally.nvm(e.NVM, a.mem.here(e.NVM.ID))
	case e.Input != nil:
		call(a.input, e.Input)
	case e.Program != nil:
		call(a.program, e.Program)
		a.mem.noteProgram(e.Program)
	case e.Power != nil:
		call(a.power, e.Power)
		a.mem.online = false
		a.tally.reset = e.Power.Action == event.PowerReset
		if e.Power.Action == event.PowerCut && e.Power.Step > 0 {
			a.mem.cut = a.mem.boot
		}
	case e.Link != nil:
		call(a.link, e.Link)
	case e.Socket != nil:
		call(a.socket, e.Socket)
	case e.Handshake != nil:
		call(a.handshake, e.Handshake)
	}
}

func (a *Audit) addCredential(c *event.Credential) {
	a.mem.recorded = c.ID
	cred := a.mem.before(c)
	if changes(c) && c.ID == 0 {
		a.mem.outside = a.mem.boot
	}
	if c.Op == event.CredentialUse {
		a.mem.after(c, cred) // what a TLS socket found is knowledge, not a change
		call(a.use, c)
		return
	}
	if c.ID != 0 && cred != nil {
		for _, fn := range a.credential {
			fn(c, cred)
		}
	}
	a.tally.credential(c, a.mem.here(c.ID))
	a.mem.after(c, cred)
}

// nextBoot closes a boot and begins another.
func (a *Audit) nextBoot(n int) {
	for _, c := range a.endBoot {
		c.fn(a.into(a.book, c.rule))
	}
	for _, fn := range a.newBoot {
		fn()
	}
	a.mem.boot = n
	a.mem.online = false
	a.mem.command, a.mem.brief, a.mem.recorded = event.Command{}, "", 0
	clear(a.mem.explained)
	if n > 0 {
		a.tally.begin(n)
	}
}
