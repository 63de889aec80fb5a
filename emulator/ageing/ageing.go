package ageing

import (
	"errors"
	"fmt"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/host"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// Config is what Run is to do.
type Config struct {
	// Device is what is emulated. Its Flash is used as it is, and changed; nil is a
	// factory-fresh one. Its Log and the flash's Observer must be nil.
	Device emulator.Config
	// Program is firmware as far as it provisions: it is called once in each boot, with
	// the device on, and returns an error if it could not put its credentials in place.
	Program func(*host.Host) error
	// Boots is how often the device starts.
	Boots int
	// Samples is about how many samples there are, at equal distances; 0 means
	// DefaultSamples.
	Samples int
	// Progress is called at each sample; it may be nil. Run ends when it returns
	// an error, and returns that.
	Progress func(Sample) error
}

// DefaultSamples is the number of samples if Config does not say.
const DefaultSamples = 200

// A Result is what a program has done to a flash over many boots.
type Result struct {
	Pages     int    `json:"pages"`
	Endurance uint32 `json:"endurance"` // erases that a page stands; 0: endless
	// Samples are the flash over time, the first before the first boot.
	Samples []Sample `json:"samples"`
	// Boots in which something happened for the first time, 0 for never.
	FirstWorn   int `json:"first_worn_page,omitempty"` // a page failed
	FirstFailed int `json:"first_failure,omitempty"`   // the program could not do its work
	// Failure is the reason for the first failure.
	Failure string `json:"failure,omitempty"`
	// Dead is the boot in which the modem could not use its flash any more, which
	// ends the ageing; 0 for never.
	Dead int `json:"dead,omitempty"`
	// Took is how long it took.
	Took time.Duration `json:"took_ns"`
}

// Last returns the last sample.
func (a *Result) Last() Sample { return a.Samples[len(a.Samples)-1] }

// A Sample is a flash after a number of boots.
type Sample struct {
	Boots      int     `json:"boots"`
	Programmed uint64  `json:"programmed_bytes"` // since the flash was new
	Writes     uint64  `json:"writes"`           // of the program's credential
	Syncs      uint64  `json:"syncs"`            // operations that wrote: credentials and settings
	Erases     uint64  `json:"erases"`           // of all pages, since the flash was new
	MaxErases  uint32  `json:"max_erases"`       // of the page erased most often
	MinErases  uint32  `json:"min_erases"`       // of the page erased least often
	AvgErases  float64 `json:"avg_erases"`
	WornPages  int     `json:"worn_pages"`
	Failures   int     `json:"failures"` // boots in which the program failed
}

// Run runs a program boot after boot on one device in this process, as fast as it
// can, and watches the flash. The power is cut after each boot.
func Run(cfg Config) (*Result, error) {
	switch {
	case cfg.Program == nil:
		return nil, errors.New("there is no program to run")
	case cfg.Boots < 1:
		return nil, fmt.Errorf("%d boots cannot be run; use 1 or more", cfg.Boots)
	case cfg.Samples <= 0:
		cfg.Samples = DefaultSamples
	}
	if cfg.Device.Flash == nil {
		var err error
		if cfg.Device.Flash, err = flash.New(flash.Options{}); err != nil {
			return nil, err
		}
	}
	g := &ager{cfg: cfg, flash: cfg.Device.Flash}
	begin := time.Now()
	err := g.run()
	g.out.Took = time.Since(begin)
	return &g.out, err
}

// ager is the state of Run.
type ager struct {
	cfg      Config
	flash    *flash.Flash
	device   *emulator.Device
	host     *host.Host
	boot     int
	failures int
	out      Result
}

func (g *ager) run() error {
	g.flash.Observer = g.observe
	defer func() { g.flash.Observer = nil }()
	var err error
	if g.device, err = emulator.New(g.cfg.Device); err != nil {
		return err
	}
	defer g.device.Close()
	g.host = host.Attach(g.device)
	defer g.host.Detach()

	if err := g.sample(); err != nil {
		return err
	}
	// The distance of the samples is rounded up, so that there are not more.
	every := (g.cfg.Boots + g.cfg.Samples - 1) / g.cfg.Samples
	for g.boot = 1; g.boot <= g.cfg.Boots && g.out.Dead == 0; g.boot++ {
		g.start()
		if g.boot%every == 0 || g.boot == g.cfg.Boots || g.out.Dead != 0 {
			if err := g.sample(); err != nil {
				return err
			}
		}
	}
	return nil
}

// start is one boot.
func (g *ager) start() {
	if err := g.device.PowerCycle(); err != nil {
		g.out.Dead = g.boot
		g.fail(err)
		return
	}
	if err := g.cfg.Program(g.host); err != nil {
		g.fail(err)
	}
}

func (g *ager) fail(err error) {
	g.failures++
	if g.out.FirstFailed == 0 {
		g.out.FirstFailed, g.out.Failure = g.boot, err.Error()
	}
}

// observe notes the first page that fails.
func (g *ager) observe(op flash.Op) {
	if op.Err != nil && g.out.FirstWorn == 0 && errors.Is(op.Err, flash.ErrWornOut) {
		g.out.FirstWorn = g.boot
	}
}

func (g *ager) sample() error {
	wear := g.device.Wear()
	stats := &wear.Flash
	g.out.Pages, g.out.Endurance = len(stats.Pages), stats.Endurance
	s := Sample{
		Boots: g.boot, Programmed: stats.Programmed * flash.WordSize, Erases: stats.Erases,
		MaxErases: stats.MaxErases, MinErases: stats.MinErases,
		AvgErases: float64(stats.Erases) / float64(max(len(stats.Pages), 1)),
		WornPages: stats.WornPages, Failures: g.failures,
	}
	s.Syncs = wear.Syncs()
	if n := len(g.out.Samples); n > 0 {
		s.Writes = g.out.Samples[n-1].Writes
		s.Syncs = max(s.Syncs, g.out.Samples[n-1].Syncs)
	}
	for _, c := range wear.Credentials {
		if c.Key == Key {
			// The flash forgets a credential some time after its deletion.
			s.Writes = max(s.Writes, uint64(c.Writes))
		}
	}
	g.out.Samples = append(g.out.Samples, s)
	if g.cfg.Progress == nil {
		return nil
	}
	return g.cfg.Progress(s)
}

// Key is the credential whose writes are counted: the tag and type of the
// course.
var Key = keystore.Key{SecTag: 24, Type: keystore.RootCA}
