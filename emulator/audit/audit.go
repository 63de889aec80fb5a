package audit

import (
	"fmt"
	"io"
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
		if a.opt.level(r) == Off || (r.Topic == Budget && !a.opt.Budgets.set(r)) {
			continue
		}
		a.rules = append(a.rules, r)
		a.register(r, r.watch(a, a.into(a.book, r)))
	}
	return a
}

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

// Read feeds a whole trace, as [event.Writer] writes it.
func (a *Audit) Read(trace io.Reader) error {
	n := 0
	for e, err := range event.Read(trace) {
		if err != nil {
			return err
		}
		a.Add(e)
		n++
	}
	if n == 0 {
		return fmt.Errorf("the trace has no events: nothing can be judged")
	}
	return nil
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
		a.mem.command = *e.Command
		a.tally.exchanges++
	case e.Response != nil:
		if c := a.mem.unrecorded(e.Response); c != nil {
			a.addCredential(c)
		}
		call(a.response, e.Response)
	case e.Credential != nil:
		a.addCredential(e.Credential)
	case e.Mode != nil:
		call(a.mode, e.Mode)
		a.mem.online = e.Mode.Active
	case e.NVM != nil:
		call(a.nvm, e.NVM)
		a.tally.nvm(e.NVM)
	case e.Input != nil:
		call(a.input, e.Input)
	case e.Power != nil:
		call(a.power, e.Power)
		a.mem.online = false
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
	a.tally.credential(c)
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
	a.mem.command, a.mem.recorded = event.Command{}, 0
	if n > 0 {
		a.tally.boots++
	}
}
