package lab

import (
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"nrf91emu/emulator/cloud"
	"nrf91emu/emulator/profile"
)

//go:embed labs page
var embedded embed.FS

// MaxStudents is how many seats a lab can have.
const MaxStudents = 1000

// Config is what a Lab is made of. The zero Config is one seat with an nRF9151
// behind Serial Modem whose flash is in memory, and the exercises that come along.
type Config struct {
	// Dir keeps flashes, certificates, addresses and what was done between two starts;
	// "" keeps nothing.
	Dir string
	// Exercises is a folder of exercises in place of the embedded ones; nil means
	// those.
	Exercises fs.FS
	// Students is how many seats there are; 0 means one.
	Students int
	// Profile and Application say what is emulated; "" means the newest nRF9151 and
	// serial-modem.
	Profile, Application string
	// Cloud says more about the servers; Dir is set by the lab.
	Cloud cloud.Config
	// Tokens gives each seat a path that nobody can guess. Without it seats have
	// their number.
	Tokens bool
	// PublicURL is where the page is reached from outside, such as
	// https://lab.example; its host may then stand in requests.
	PublicURL string
	// NoPorts makes no serial ports for other programs.
	NoPorts bool
	// Builds says what becomes of applications in C.
	Builds Builds
	// Code is the folder in which students find the applications of exercises, if
	// they are built here; "" is a folder code beside the certificates.
	Code string
	// BuildCache keeps the compiled host SDK for the next build; "" is the user's
	// cache folder or, for sandboxes, one of the lab's own. What others' code is built
	// with must be where every user may read.
	BuildCache string
	// Builder is how nrf91emu itself is run inside a sandbox, to build; nil means this
	// program.
	Builder []string
}

// A Lab is everything behind the page.
type Lab struct {
	cfg       Config
	exercises []Exercise
	cloud     *cloud.Cloud
	temp      string            // a folder of our own for files, removed at the end
	dir       string            // with the certificates
	code      string            // with the applications in C
	files     map[string][]byte // that exercises name
	digests   map[string]string // SHA-256 of them, in upper-case hexadecimal
	seats     []*Seat
	teacher   string // token of the teacher's page
	life      string // tells this life of the lab from others
	stop      func()

	sandbox  *sandbox      // nil unless the students' code is built in one
	building chan struct{} // holds as many as build, or have a program age
	priming  sync.Mutex
	primed   map[string]bool // exercises for which the host SDK is compiled

	mu      sync.Mutex
	owners  map[string]*Seat // by this host's end of a connection
	order   []string         // of owners, oldest first
	waiting []cloud.Event    // of connections that nobody has claimed yet
}

// Open starts servers and modems.
func Open(cfg Config) (_ *Lab, err error) {
	if cfg.Students == 0 {
		cfg.Students = 1
	}
	if cfg.Students < 0 || cfg.Students > MaxStudents {
		return nil, fmt.Errorf("a lab has 1 to %d students, not %d", MaxStudents, cfg.Students)
	}
	if cfg.Profile == "" {
		cfg.Profile = profile.Default
	}
	if cfg.Application == "" {
		cfg.Application = "serial-modem"
	}
	if cfg.Builds == BuildDefault {
		cfg.Builds = BuildHere
		if cfg.Students > 1 || cfg.Tokens {
			cfg.Builds = BuildNever
		}
	}
	if cfg.Builder == nil {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		cfg.Builder = []string{self}
	}
	l := &Lab{cfg: cfg, owners: map[string]*Seat{}, building: make(chan struct{}, buildsAtOnce), primed: map[string]bool{}, life: rand.Text()}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close())
		}
	}()
	exercises := cfg.Exercises
	if exercises == nil {
		exercises, _ = fs.Sub(embedded, "labs")
	}
	if l.exercises, err = loadExercises(exercises); err != nil {
		return nil, err
	}
	if l.temp, err = os.MkdirTemp("", "nrf91emu-lab"); err != nil {
		return nil, fmt.Errorf("there is no place for temporary files: %w; set TMPDIR to a folder that you may write to", err)
	}
	if l.dir = cfg.Dir; l.dir == "" {
		l.dir = filepath.Join(l.temp, "state")
	}
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return nil, err
	}
	if l.code = cfg.Code; l.code == "" {
		l.code = filepath.Join(l.dir, "code")
	}
	if l.code, err = filepath.Abs(l.code); err != nil {
		return nil, err
	}
	if cfg.Builds == BuildInSandbox {
		if l.sandbox, err = openSandbox(filepath.Join(l.temp, "sandbox")); err != nil {
			return nil, err
		}
	}
	cfg.Cloud.Dir = l.dir
	if l.cloud, err = cloud.Start(cfg.Cloud); err != nil {
		return nil, err
	}
	if err := l.readFiles(); err != nil {
		return nil, err
	}
	l.stop = l.cloud.Subscribe(l.route)
	var tokens []string
	if l.teacher, tokens, err = l.tokens(); err != nil {
		return nil, err
	}
	for i, token := range tokens {
		n := i + 1
		s, err := l.newSeat(n, token)
		if err != nil {
			return nil, fmt.Errorf("seat %d: %w", n, err)
		}
		l.seats = append(l.seats, s)
	}
	return l, nil
}

// readFiles reads the files that exercises may name.
func (l *Lab) readFiles() error {
	l.files, l.digests = map[string][]byte{}, map[string]string{}
	for _, name := range []string{cloud.FileCA, cloud.FileOtherCA, cloud.FileClient, cloud.FileClientKey} {
		content, err := os.ReadFile(filepath.Join(l.dir, name))
		if err != nil {
			return err
		}
		l.files[name] = content
		l.digests[name] = strings.ToUpper(fmt.Sprintf("%x", sha256.Sum256(content)))
	}
	return nil
}

// Close ends modems and servers.
func (l *Lab) Close() error {
	var errs []error
	for _, s := range l.seats {
		errs = append(errs, s.close())
	}
	if l.stop != nil {
		l.stop()
	}
	if l.cloud != nil {
		errs = append(errs, l.cloud.Close())
	}
	if l.sandbox != nil {
		l.sandbox.close()
	}
	if l.temp != "" {
		errs = append(errs, os.RemoveAll(l.temp))
	}
	return errors.Join(errs...)
}

// Seats returns the seats.
func (l *Lab) Seats() []*Seat { return l.seats }

// Cloud returns the servers.
func (l *Lab) Cloud() *cloud.Cloud { return l.cloud }

func (l *Lab) inDir(name string) string { return filepath.Join(l.cfg.Dir, name) }

// Dir returns the folder with the certificates.
func (l *Lab) Dir() string { return l.dir }

// Limits of what is remembered about connections.
const (
	maxOwners  = 4096
	maxWaiting = 512
)

// route brings an event of the servers to the seat whose device it is about. The
// server may hear of a connection before the device does, so events of unknown
// connections wait.
func (l *Lab) route(ev cloud.Event) {
	l.mu.Lock()
	owner := l.owners[ev.Peer]
	if owner == nil && ev.Peer != "" {
		if len(l.waiting) == maxWaiting {
			l.waiting = append(l.waiting[:0], l.waiting[maxWaiting/4:]...)
		}
		l.waiting = append(l.waiting, ev)
	}
	l.mu.Unlock()
	if owner != nil {
		owner.cloudEvent(ev, true)
	}
	// What others do reaches a seat where it is about its own second client, where the
	// seat is the only one, and messages, since any device may have subscribed.
	for _, s := range l.seats {
		if s != owner && (ev.Message != nil || len(l.seats) == 1 && owner == nil || s.client.is(ev)) {
			s.cloudEvent(ev, false)
		}
	}
}

// claim says that a connection with this end is a seat's.
func (l *Lab) claim(local string, s *Seat) {
	l.mu.Lock()
	if l.owners[local] == nil {
		l.order = append(l.order, local)
	}
	l.owners[local] = s
	if len(l.order) > maxOwners {
		delete(l.owners, l.order[0])
		l.order = l.order[1:]
	}
	var mine []cloud.Event
	rest := l.waiting[:0]
	for _, ev := range l.waiting {
		if ev.Peer == local {
			mine = append(mine, ev)
		} else {
			rest = append(rest, ev)
		}
	}
	l.waiting = rest
	l.mu.Unlock()
	for _, ev := range mine {
		s.cloudEvent(ev, true)
	}
}
