package lab

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/cloud"
	"nrf91emu/emulator/control"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// A Seat is one student's place: a modem, its serial port, and how far he is.
type Seat struct {
	lab   *Lab
	N     int    // from 1
	Token string // part of the path of its page
	Path  string // of the serial port for other programs; "" without one

	device  *emulator.Device
	flash   *flash.Flash
	log     *event.Log
	control http.Handler
	api     *control.Server
	host    net.Conn // the page's end of the UART
	ports   []link.Port
	serving sync.WaitGroup
	hub     *hub
	client  secondClient
	bench   workbench

	starting sync.Mutex // held while an exercise begins
	mu       sync.Mutex
	world    *world
	audit    *audit.Audit
	exercise *Exercise
	stuck    time.Time // since when no further step was done
	done     []bool
	why      []string // what is missing, by step
	wear     wearCurve
	lastSeq  uint64 // of the device's events
	// Numbers in an earlier life of the lab, on top of which those of the device come.
	seqBefore   uint64
	bootsBefore int
	view        *view         // of the last look
	nextLook    chan struct{} // closed by the next look

	dirty chan struct{} // something has happened
	ended chan struct{}
}

// newSeat makes seat n, from 1, with its first exercise.
func (l *Lab) newSeat(n int, token string) (_ *Seat, err error) {
	s := &Seat{
		lab: l, N: n, Token: token, log: &event.Log{}, hub: newHub(), world: newWorld(), audit: audit.New(audit.Options{}),
		dirty: make(chan struct{}, 1), ended: make(chan struct{}), nextLook: make(chan struct{}),
	}
	s.client.seat = s
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	p, err := profile.Lookup(l.cfg.Profile)
	if err != nil {
		return nil, err
	}
	dialect, err := dialects.Lookup(l.cfg.Application)
	if err != nil {
		return nil, err
	}
	identity := profile.NewIdentity(&p, n-1)
	air := network.Default()
	air.AttachDelay = time.Second
	cfg := emulator.Config{
		Profile: &p, Dialect: dialect, Identity: &identity, Network: &air, Log: s.log,
		Hosts: l.cloud.Hosts(), NoExternal: true,
	}
	if l.cfg.Dir != "" {
		if s.flash, err = flash.Open(s.keptIn("modem-%d.img"), flash.Options{}); err != nil {
			return nil, err
		}
		cfg.Flash = s.flash
	}
	if s.device, err = emulator.New(cfg); err != nil {
		return nil, err
	}
	e, err := s.resume()
	if err != nil {
		return nil, err
	}
	s.log.Subscribe(s.deviceEvent)
	near, host := link.Pipe()
	s.host = host
	s.ports = append(s.ports, near)
	if !l.cfg.NoPorts {
		// A serial port for other programs, where the system has such a thing.
		if pty, path, err := openTerminal(); err == nil {
			s.ports, s.Path = append(s.ports, pty), path
		}
	}
	for _, port := range s.ports {
		s.serving.Go(func() { s.device.Serve(port) })
	}
	s.serving.Go(s.readPort)
	s.api = control.New(s.device, s.Path)
	s.api.Judge(func() *audit.Report {
		s.mu.Lock()
		judge := s.audit
		s.mu.Unlock()
		return judge.Report()
	})
	s.control = s.api.Handler()
	if err := s.device.PowerOn(); err != nil {
		return nil, err
	}
	s.wear = readWear(s.keptIn("wear-%d.json"), s.api.Wear())
	s.openWorkbench()
	if e != nil {
		s.stuck = time.Now()
		s.bench.begin(e)
		s.changed()
	} else {
		s.begin(&l.exercises[0])
	}
	s.serving.Go(s.evaluate)
	if first := &l.exercises[0]; e == nil && (l.cfg.Dir != "" || len(first.setup) > 0) {
		return s, s.Start(first.ID) // nothing of an earlier exercise is left, and it is prepared
	}
	return s, nil
}

// resume goes on where an earlier life of the lab has ended, if it kept anything. It returns
// the exercise, nil if the first one is to begin.
func (s *Seat) resume() (*Exercise, error) {
	first := &s.lab.exercises[0]
	if s.lab.cfg.Dir != "" {
		known := func(id string) bool { return s.lab.exercise(id) != nil }
		id, messages, err := s.hub.resume(s.keptIn("seat-%d.jsonl"), known)
		if err != nil {
			return nil, err
		}
		if id != "" {
			e := s.lab.exercise(id)
			return e, s.replay(e, messages)
		}
	}
	s.hub.forget(first.ID)
	return nil, nil
}

// keptIn is a file of this seat that outlives the lab; "" if nothing does.
func (s *Seat) keptIn(name string) string {
	if s.lab.cfg.Dir == "" {
		return ""
	}
	return s.lab.inDir(fmt.Sprintf(name, s.N))
}

func (s *Seat) close() error {
	select {
	case <-s.ended:
	default:
		close(s.ended)
	}
	s.client.close()
	s.bench.close()
	var errs []error
	if s.api != nil {
		errs = append(errs, s.api.Close())
	}
	if s.host != nil {
		s.host.Close()
	}
	if s.device != nil {
		errs = append(errs, s.device.Close())
	}
	for _, p := range s.ports {
		p.Close()
	}
	s.serving.Wait()
	s.wear.write()
	errs = append(errs, s.wear.err)
	if s.flash != nil {
		errs = append(errs, s.flash.Close())
	}
	errs = append(errs, s.hub.close())
	return errors.Join(errs...)
}

// readPort shows what the modem sends.
func (s *Seat) readPort() {
	var text pieces
	for buf := make([]byte, 4096); ; {
		n, err := s.host.Read(buf)
		if t := text.add(buf[:n]); t != "" {
			s.hub.add("terminal", t)
		}
		if err != nil {
			return
		}
	}
}

// Type sends bytes to the modem as its host would.
func (s *Seat) Type(p []byte) error {
	s.host.SetWriteDeadline(time.Now().Add(5 * time.Second))
	_, err := s.host.Write(p)
	if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return emulator.ErrClosed
	}
	return err
}

func (s *Seat) terminator() []byte { return []byte(s.device.Dialect().Framing.Terminator.Bytes()) }

// deviceEvent takes an event with the device's lock held.
func (s *Seat) deviceEvent(e *event.Event) {
	if e.Socket != nil && e.Socket.Op == event.SocketConnect && e.Socket.Local != "" {
		s.lab.claim(e.Socket.Local, s)
	}
	s.mu.Lock()
	s.lastSeq = e.Seq
	if s.bootsBefore > 0 {
		moved := *e
		moved.Seq, moved.Boot = e.Seq+s.seqBefore, e.Boot+s.bootsBefore
		e = &moved
	}
	s.world.device(e)
	judge := s.audit
	s.mu.Unlock()
	judge.Add(e)
	if e.Flash == nil { // single flash steps would drown the rest
		s.hub.add("event", shownEvent{e, words(e)})
	}
	s.changed()
}

// shownEvent is an event for the page.
type shownEvent struct {
	*event.Event
	Text string `json:"text"`
}

// words are an event in one line.
func words(e *event.Event) string { return strings.Join(strings.Fields(e.Text()), " ") }

// cloudEvent takes an event of the servers; own says that it is about this seat's
// device.
func (s *Seat) cloudEvent(ev cloud.Event, own bool) {
	s.mu.Lock()
	s.world.broker(ev, own)
	s.mu.Unlock()
	s.hub.add("cloud", ownEvent{ev, own})
	s.changed()
}

func (s *Seat) changed() {
	select {
	case s.dirty <- struct{}{}:
	default:
	}
}

// Start begins an exercise from the beginning: a modem as it comes from the
// factory but for the wear of its flash, prepared as the exercise wants it.
func (s *Seat) Start(id string) error {
	i := slices.IndexFunc(s.lab.exercises, func(e Exercise) bool { return e.ID == id })
	if i < 0 {
		return fmt.Errorf("there is no exercise %q", id)
	}
	s.starting.Lock()
	defer s.starting.Unlock()
	defer s.bench.take("an exercise begins")()
	s.device.PowerCut()
	s.hub.forget(id)
	e := &s.lab.exercises[i]
	if err := s.device.PowerOn(); err != nil {
		return err
	}
	var stored []keystore.Key
	if err := s.device.Bench().EachCredential(func(e keystore.Entry, _ []byte) {
		if !e.System {
			stored = append(stored, e.Key)
		}
	}); err != nil {
		return err
	}
	for _, k := range stored {
		if err := s.device.Bench().DeleteCredential(k); err != nil {
			return err
		}
	}
	s.hub.add("started", e.ID) // before the steps of the exercise are on the page, and it is used
	s.begin(e)
	for _, a := range e.setup {
		if err := a.run(s); err != nil {
			return fmt.Errorf("setup: %s: %w", a.text, err)
		}
	}
	s.changed()
	return nil
}

// begin forgets what was done. The workbench is taken, or nobody knows the seat yet.
func (s *Seat) begin(e *Exercise) {
	boot := s.device.Boot() + s.bootsBefore // its events come with its lock held, and take that of the seat
	s.mu.Lock()
	s.exercise, s.world, s.audit = e, newWorld(), audit.New(audit.Options{})
	s.world.boot, s.world.boots = boot, 1
	s.done, s.why, s.stuck = make([]bool, len(e.Steps)), make([]string, len(e.Steps)), time.Now()
	s.mu.Unlock()
	s.bench.begin(e)
	s.changed()
}

// evaluateEvery is the least time between two looks at everything, so that a
// stream of events does not eat the processor.
const evaluateEvery = 40 * time.Millisecond

// evaluate tells the page how things stand whenever something has happened.
func (s *Seat) evaluate() {
	for {
		select {
		case <-s.dirty:
		case <-s.ended:
			return
		}
		s.look()
		select {
		case <-time.After(evaluateEvery):
		case <-s.ended:
			return
		}
	}
}

// stepState is how a step stands.
type stepState struct {
	Done bool   `json:"done"`
	Why  string `json:"why,omitempty"` // what is missing, in words
}

// stands says how a step stands.
func (step *Step) stands(v *view) stepState {
	for _, c := range step.checks {
		if ok, why := c.holds(v); !ok {
			return stepState{Why: why}
		}
	}
	return stepState{Done: true}
}

// look tells the page all that has become different.
func (s *Seat) look() {
	v := &view{credentials: map[keystore.Key]string{}, files: s.lab.digests, mode: -1}
	credentials, err := s.api.Credentials()
	if err == nil {
		for _, c := range credentials {
			if !c.System {
				v.credentials[keystore.Key{SecTag: keystore.SecTag(c.SecTag), Type: keystore.CredentialType(c.Type)}] = c.SHA256
			}
		}
	}
	state := s.api.State()
	state.Boot += s.bootsBefore // as in events
	if state.FunctionalMode != nil {
		v.mode = *state.FunctionalMode
	}
	if state.Registration != nil {
		v.registered = *state.Registration == 1 || *state.Registration == 5
	}
	wear := s.api.Wear()
	s.mu.Lock()
	judge := s.audit
	s.mu.Unlock()
	report := judge.Report()
	v.findings = report.Findings
	v.built, v.notBuilt = s.bench.holds()
	s.bench.show()

	s.mu.Lock()
	v.world = s.world
	s.view = v
	close(s.nextLook)
	s.nextLook = make(chan struct{})
	e := s.exercise
	steps := make([]stepState, len(e.Steps))
	more := false
	for i, step := range e.Steps {
		st := step.stands(v)
		steps[i] = st
		more = more || st.Done && !s.done[i]
		s.done[i], s.why[i] = st.Done, st.Why
	}
	if more {
		s.stuck = time.Now()
	}
	s.mu.Unlock()

	set := func(kind string, data any) { s.hub.setIfNew(kind, data) }
	set("state", state)
	set("steps", struct {
		Exercise string      `json:"exercise"`
		Steps    []stepState `json:"steps"`
	}{e.ID, steps})
	set("credentials", s.named(credentials))
	set("wear", struct {
		*control.Wear
		Curve []wearPoint `json:"curve"`
	}{wear, s.wear.add(wear)})
	set("judge", report)
}

// looked asks for a look at everything; the channel is closed then.
func (s *Seat) looked() <-chan struct{} {
	s.mu.Lock()
	next := s.nextLook
	s.mu.Unlock()
	s.changed()
	return next
}

// holds reports whether a check holds by the last look.
func (s *Seat) holds(c check) (bool, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return c.holds(s.view)
}

// namedCredential is a credential with the file of the lab that it equals.
type namedCredential struct {
	control.Credential
	File string `json:"file,omitempty"`
}

func (s *Seat) named(list []control.Credential) []namedCredential {
	out := []namedCredential{}
	for _, c := range list {
		if c.System {
			continue
		}
		n := namedCredential{Credential: c}
		for file, sum := range s.lab.digests {
			if sum == c.SHA256 {
				n.File = file
			}
		}
		out = append(out, n)
	}
	return out
}
