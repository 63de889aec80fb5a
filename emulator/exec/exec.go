package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/control"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/fault"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// Config is what Run is to do.
type Config struct {
	// Command is the program to run, with its arguments, in which {port} is replaced by
	// the path of the port.
	Command []string
	// Link is the path of a symlink to the port while a boot lasts; empty for none. With
	// several devices their numbers follow the path.
	Link string
	// Listen, or RFC2217, is the TCP address of a port in place of a pty, HOST:PORT: bytes as
	// they are, or telnet with the options of RFC 2217. Port 0 is any free one. With several
	// devices the ports follow each other.
	Listen, RFC2217 string
	// Env is its environment; the variables of PortVariable and so on are added.
	Env []string
	// Stdout and Stderr are where its output goes; nil drops it.
	Stdout, Stderr io.Writer
	// Boots is how often the device starts, and the command with it; 0 means 1.
	Boots int
	// Timeout bounds each run of the command; 0 means DefaultTimeout.
	Timeout time.Duration
	// Grace is how long the command may take to end after SIGTERM, before SIGKILL;
	// 0 means DefaultGrace.
	Grace time.Duration

	// BootEnd says when a boot ends before the command does.
	BootEnd BootEnd
	// Operator is who sits at the board: it is called when the command has started in a
	// boot, numbered from 1, and the boot ends when it returns. The context ends with the
	// boot. With an Operator a boot has no other end than those that are asked for; nil is
	// nobody. It is not for Cut.
	Operator func(ctx context.Context, boot int, d *emulator.Device)

	// Device is what is emulated. Its Flash is used as it is, and changed; nil is a
	// factory-fresh one. Its Log must be nil.
	Device emulator.Config
	// More are further devices, which the command has at the same time. Expectations and
	// changes are for each of them. Cut takes one device only.
	More []emulator.Config
	// Real is a modem that the command talks to, with Device, which is of the same firmware,
	// beside it; nil is Device alone. More, Listen, RFC2217, Changes, Expect, Faults and Cut are
	// not for it.
	Real *Real
	// Faults go wrong as asked for, see the package fault. Seed decides where chance
	// comes in.
	Faults []fault.Spec
	Seed   uint64
	// Seeded has the modem make its keys from Seed too, so that two runs are the same. Who
	// knows the seed knows these keys.
	Seeded bool
	// Changes are put into the store before the boot of their number, from 1, as
	// somebody else's doing.
	Changes []Change

	// Version is that of the program, for the Result, and RulesFile the file with rules that was
	// read, empty for none.
	Version, RulesFile string
	// Expect is what must be stored at the end.
	Expect []Expectation
	// KeepGoing goes on with the next boot after one in which the command failed or did
	// not end.
	KeepGoing bool
	// Audit says how strictly the record is judged.
	Audit audit.Options
	// Record is called for every event; it may be nil. With Cut events of all runs
	// come one after the other.
	Record func(*event.Event)
	// ShowSecrets lets private keys and pre-shared keys into the record.
	ShowSecrets bool
	// Progress is called after each run with a power cut; it may be nil. Replay returns a
	// command line that repeats the one with a cut during a step; nil if there is none.
	Progress func(done, all, failed int)
	Replay   func(step int) string

	cut   cut
	guard *guard // of all runs of a Cut; nil has Run start one
}

// cut is a planned power cut: during which flash step, from 1 (0 for none), how far that
// step gets, and what is to be told of it; nil for nothing.
type cut struct {
	step  int
	how   flash.Tear
	story *story
}

// Environment of the command. With several devices there are, beside those of the first,
// variables with the number of each at the end: NRF91EMU_PORT_1, NRF91EMU_PORT_2 ...
const (
	PortVariable    = "NRF91EMU_PORT"         // path of the serial port, tcp:HOST:PORT or rfc2217:HOST:PORT
	AddressVariable = "NRF91EMU_ADDRESS"      // HOST:PORT of a port on TCP
	LibraryVariable = control.LibraryVariable // where firmware in C finds the modem
	BootVariable    = "NRF91EMU_BOOT"         // number of the boot, from 1
	// StartVariable has the number of the start, from 1, which counts those too that a
	// power cut ended.
	StartVariable = "NRF91EMU_START"
	// DataVariable has a directory for firmware that keeps a flash of its own: empty at
	// first, and the same in all boots of a run.
	DataVariable = "NRF91EMU_DATA"
)

// Defaults of Config.
const (
	DefaultTimeout = time.Minute
	DefaultGrace   = 2 * time.Second
)

// A Change is a credential that is stored, or deleted, behind the back of the
// program under test.
type Change struct {
	Boot    int // before which boot, from 1
	Key     keystore.Key
	Content []byte // nil deletes
}

// Run runs the command boot after boot. It stops at the first boot in which the
// command fails, unless it is to keep going. What goes wrong from the first boot on is
// a Failure of the Result; the error says why there was no first boot.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	if cfg.guard == nil {
		var err error
		if cfg.guard, err = newGuard(); err != nil {
			return nil, err
		}
		defer cfg.guard.dismiss()
	}
	s, err := newSession(cfg)
	if err != nil {
		return nil, err
	}
	defer s.close()
	return s.run(ctx), nil
}

// session is a device over some boots, or several.
type session struct {
	cfg     Config
	cut     cut
	units   []*unit
	guard   *guard
	lost    chan struct{} // the power went as planned
	data    string        // directory of the firmware
	watch   *bootWatch
	untold  error      // why what the command printed is lost; nil if it is not
	records sync.Mutex // of Config.Record, with several devices
}

func newSession(cfg Config) (*session, error) {
	if len(cfg.Command) == 0 {
		return nil, errors.New("there is no command to run")
	}
	cfg.Boots = max(cfg.Boots, 1)
	if cfg.Timeout == 0 {
		cfg.Timeout = DefaultTimeout
	}
	if cfg.Grace == 0 {
		cfg.Grace = DefaultGrace
	}
	if err := cfg.Audit.Check(); err != nil {
		return nil, err
	}
	data, err := os.MkdirTemp("", "nrf91emu-data-")
	if err != nil {
		return nil, fmt.Errorf("no directory for the command's data: %w", err)
	}
	s := &session{data: data, cfg: cfg, cut: cfg.cut, guard: cfg.guard, lost: make(chan struct{}, 1)}
	s.watch = &bootWatch{end: cfg.BootEnd, devices: 1 + len(cfg.More), attended: cfg.Operator != nil, busy: func() bool {
		for _, u := range s.units {
			if _, busy := u.device.Program(); busy {
				return true
			}
		}
		return false
	}}
	for i, device := range append([]emulator.Config{cfg.Device}, cfg.More...) {
		u, err := s.newUnit(i+1, device)
		if err != nil {
			s.close()
			return nil, err
		}
		s.units = append(s.units, u)
	}
	s.units[0].device.OnPowerLoss(func() { s.lost <- struct{}{} })
	return s, nil
}

func (s *session) close() {
	s.watch.stop()
	for _, u := range s.units {
		u.close()
	}
	os.RemoveAll(s.data)
}

// prefix is what stands in front of what is said about a device, where there are several.
func (s *session) prefix(u *unit) string {
	if len(s.units) == 1 {
		return ""
	}
	return fmt.Sprintf("device %d, ", u.number)
}

// run runs all boots and judges them.
func (s *session) run(ctx context.Context) *Result {
	host, _ := os.Hostname()
	first := s.units[0].device
	r := &Result{
		Version: s.cfg.Version, Host: host, Profile: first.Profile().Name, App: first.Dialect().Name, Devices: len(s.units),
		Command: s.cfg.Command, Seed: s.cfg.Seed, RulesFile: s.cfg.RulesFile, Started: time.Now(), Failures: []Failure{},
	}
	if s.cfg.Real != nil {
		r.Modem = s.cfg.Real.Name
	}
	s.boots(ctx, r)
	r.Took = time.Since(r.Started)
	s.expect(r)
	var reports []*audit.Report
	for _, u := range s.units {
		reports = append(reports, u.audit.Report())
	}
	r.judge(audit.Merge(reports))
	return r
}

// steps returns how many flash steps all devices have taken.
func (s *session) steps() (n uint64) {
	for _, u := range s.units {
		n += u.flash.Steps()
	}
	return n
}

// boots runs boot after boot. One that is ended by a planned power cut is run
// again and does not count.
func (s *session) boots(ctx context.Context, r *Result) {
	f := s.units[0].flash
	for number := 1; number <= s.cfg.Boots && s.goesOn(r); number++ {
		if err := s.change(number); err != nil {
			f := harness(err)
			f.Boot = number
			r.fail(*f)
			return
		}
		for again := true; again; {
			before := s.steps()
			if s.cut.step > r.Steps {
				// A power-on takes a plan back, so it comes first; the device's own then
				// does nothing to the flash.
				f.PowerOn()
				f.CutAt(s.cut.step-r.Steps-1, s.cut.how)
			}
			b := Boot{Number: number, Start: len(r.Boots) + 1, Started: time.Now()}
			failure := s.boot(ctx, &b)
			b.Took = time.Since(b.Started)
			r.Boots = append(r.Boots, b)
			r.Steps += int(s.steps() - before)
			if failure != nil {
				failure.Boot = number
				r.fail(*failure)
			}
			if again = b.End == EndPowerCut; again && s.cut.story != nil {
				s.cut.story.after = f.Clone()
			}
			r.Cut = r.Cut || again
		}
	}
}

// goesOn reports whether there is a next boot after what has been.
func (s *session) goesOn(r *Result) bool {
	for _, f := range r.Failures {
		if !s.cfg.KeepGoing || f.Kind != KindCommand && f.Kind != KindTimeout {
			return false
		}
	}
	return true
}

// change makes the changes that are due before a boot.
func (s *session) change(boot int) error {
	var due []Change
	for _, c := range s.cfg.Changes {
		if c.Boot == boot {
			due = append(due, c)
		}
	}
	if len(due) == 0 {
		return nil
	}
	for _, u := range s.units {
		if err := u.change(due); err != nil {
			return fmt.Errorf("%s%w", s.prefix(u), err)
		}
	}
	return nil
}
