package gnss

import (
	"errors"
	"fmt"
	"time"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/timer"
)

// An Event is something that the receiver tells of, with the numbers of
// nrf_modem_gnss.h (fact gnss/interface).
type Event uint32

// The events.
const (
	PVT               Event = 1 // a position, or that there is none yet
	Fix               Event = 2
	NMEA              Event = 3
	AssistanceRequest Event = 4
	Blocked           Event = 5
	Unblocked         Event = 6
	PeriodicWakeup    Event = 7
	SleepAfterTimeout Event = 8
	SleepAfterFix     Event = 9
)

// A Setting is something that can be set, with numbers of the protocol of package
// libmodem.
type Setting uint32

// The settings, named as in nrf_modem_gnss.h.
const (
	SignalMask         Setting = 1
	ElevationThreshold Setting = 2
	UseCase            Setting = 3
	FixInterval        Setting = 4 // seconds: 0 one fix, 1 continuous, 10 to 65,535 periodic
	FixRetry           Setting = 5 // seconds; 0 is until there is a fix
	NMEAMask           Setting = 6
	PowerMode          Setting = 7
	TimingSource       Setting = 8
	QZSSNMEAMode       Setting = 9
	QZSSPRNMask        Setting = 10
	DeleteData         Setting = 11 // mask; takes effect at once
	Priority           Setting = 12 // 1: before LTE, until the next fix or for 40 s
	Dynamics           Setting = 13
	Pulse              Setting = 14
	Assistance         Setting = 15 // type of data that was written; takes effect at once
)

// ranges are the values of settings (fact gnss/interface); settings without one take all.
var ranges = map[Setting]struct{ min, max uint32 }{
	SignalMask: {0, 5}, ElevationThreshold: {0, 90}, UseCase: {0, 7}, FixInterval: {0, 65535},
	FixRetry: {0, 65535}, NMEAMask: {0, 0x1f}, PowerMode: {0, 2}, TimingSource: {0, 1},
	QZSSNMEAMode: {0, 1}, QZSSPRNMask: {0, 0x3ff}, DeleteData: {0, 0xffff}, Priority: {0, 1},
	Dynamics: {0, 3}, Pulse: {0, 1}, Assistance: {1, 9},
}

// anyTime are settings that may be changed while the receiver runs (fact
// gnss/while-running).
var anyTime = map[Setting]bool{Priority: true, Dynamics: true, Pulse: true, Assistance: true, NMEAMask: true, DeleteData: true}

// Default times (chosen): to a first fix and to a fix soon after another one. The
// defaults of settings are documented.
const (
	DefaultTimeToFix = 30 * time.Second
	hotStart         = time.Second
	defaultRetry     = 60
	// hotFor is how long satellites' data stays good (fact gnss/ephemerides).
	hotFor = 4 * time.Hour
	// priorityFor is how long the receiver goes before LTE (fact gnss/priority).
	priorityFor = 40 * time.Second
	minPeriod   = 10
)

// Errors. The library turns them into EACCES and EINVAL.
var (
	ErrNotEnabled = errors.New("the receiver is not on: %XSYSTEMMODE or the functional mode leaves it off")
	ErrState      = errors.New("that cannot be done in this state of the receiver")
	ErrValue      = errors.New("the setting or its value does not exist")
	ErrNoData     = errors.New("there is nothing to read")
)

// Config is what a Receiver is made of.
type Config struct {
	// Track is where the receiver is; an empty one is DefaultTrack.
	Track Track
	// TimeToFix is how long a first fix takes; 0 means DefaultTimeToFix.
	TimeToFix time.Duration
	// Timers wait with the device's lock.
	Timers *timer.Group
	// Tell takes events. It is called with the device's lock held.
	Tell func(Event)
	// Enabled reports whether the functional mode leaves the receiver on, and
	// Occupied whether LTE has the radio.
	Enabled, Occupied func() bool
	// Log is the event record; it may be nil.
	Log *event.Log
}

// state is what the receiver does.
type state uint8

const (
	stopped  state = iota
	seeking        // for a fix, or tracking
	sleeping       // between two fixes
	finished       // after a single fix; it must be stopped before it starts again
)

// A Receiver is one GNSS receiver.
type Receiver struct {
	cfg      Config
	settings map[Setting]uint32
	state    state
	timer    *timer.Timer

	began     time.Time     // of the attempt
	searched  time.Duration // in this attempt, without the time in which LTE was in the way
	blocked   bool
	priority  time.Time // until when it goes before LTE
	lastFix   time.Time // zero: none, or its data was deleted
	assisted  bool
	origin    time.Time // of the track
	frame     Frame     // as last told
	hasFrame  bool
	sentences []string // not read yet
	fixes     int
}

// New returns a receiver that is not started.
func New(cfg Config) *Receiver {
	if cfg.TimeToFix <= 0 {
		cfg.TimeToFix = DefaultTimeToFix
	}
	if len(cfg.Track) == 0 {
		cfg.Track = DefaultTrack
	}
	r := &Receiver{cfg: cfg}
	r.Reset()
	return r
}

// Reset brings the receiver into the state after power-on. Data of satellites is
// lost.
func (r *Receiver) Reset() {
	r.halt()
	*r = Receiver{cfg: r.cfg, origin: r.origin, settings: map[Setting]uint32{
		FixInterval: 1, FixRetry: defaultRetry, ElevationThreshold: 5, UseCase: 1, SignalMask: 5,
	}}
}

// Running reports whether the receiver has been started and not stopped.
func (r *Receiver) Running() bool { return r.state != stopped }

// Set changes a setting. Errors: ErrNotEnabled, ErrState, ErrValue.
func (r *Receiver) Set(what Setting, value uint32) error {
	limits, known := ranges[what]
	switch {
	case !known || value < limits.min || value > limits.max,
		what == FixInterval && value > 1 && value < minPeriod:
		return fmt.Errorf("%w: setting %d, value %d", ErrValue, what, value)
	case !r.cfg.Enabled():
		return ErrNotEnabled
	case r.state != stopped && !anyTime[what]:
		return fmt.Errorf("%w: it runs", ErrState)
	}
	switch what {
	case DeleteData:
		if value != 0 {
			r.lastFix, r.assisted = time.Time{}, false
		}
	case Assistance:
		r.assisted = true
	case Priority:
		r.priority = time.Time{}
		if value == 1 {
			if r.state != seeking {
				return fmt.Errorf("%w: it does not seek a fix", ErrState)
			}
			r.priority = time.Now().Add(priorityFor)
		}
	default:
		r.settings[what] = value
	}
	return nil
}

// Start starts the receiver.
func (r *Receiver) Start() error {
	switch {
	case !r.cfg.Enabled():
		return ErrNotEnabled
	case r.state != stopped:
		return fmt.Errorf("%w: it runs already", ErrState)
	}
	if r.origin.IsZero() {
		r.origin = time.Now()
	}
	r.record(event.GNSS{Action: event.GNSSStart})
	if r.lastFix.IsZero() && !r.assisted {
		r.cfg.Tell(AssistanceRequest)
	}
	r.seek()
	return nil
}

// Stop stops the receiver.
func (r *Receiver) Stop() error {
	if r.state == stopped {
		return fmt.Errorf("%w: it is stopped", ErrState)
	}
	r.halt()
	r.record(event.GNSS{Action: event.GNSSStop})
	return nil
}

// ModeChanged is called when the functional mode has changed: without its power the
// receiver stops.
func (r *Receiver) ModeChanged() {
	if r.state != stopped && !r.cfg.Enabled() {
		r.halt()
		r.record(event.GNSS{Action: event.GNSSStop, Reason: "the functional mode has switched the receiver off"})
	}
}

func (r *Receiver) halt() {
	r.timer.Stop()
	r.state, r.blocked = stopped, false
}

// seek begins an attempt.
func (r *Receiver) seek() {
	r.state, r.began, r.searched = seeking, time.Now(), 0
	r.timer = r.cfg.Timers.After(time.Second, r.second)
}

// need is how long an attempt takes from now on, under a free sky.
func (r *Receiver) need() time.Duration {
	if r.assisted || !r.lastFix.IsZero() && time.Since(r.lastFix) < hotFor {
		return min(hotStart, r.cfg.TimeToFix)
	}
	return r.cfg.TimeToFix
}

// second is what happens each second of an attempt.
func (r *Receiver) second() {
	r.timer = r.cfg.Timers.After(time.Second, r.second)
	blocked := r.cfg.Occupied() && !time.Now().Before(r.priority)
	if blocked != r.blocked {
		r.blocked = blocked
		if blocked {
			r.record(event.GNSS{Action: event.GNSSBlocked, Reason: "LTE has the radio"})
			r.cfg.Tell(Blocked)
		} else {
			r.record(event.GNSS{Action: event.GNSSUnblocked})
			r.cfg.Tell(Unblocked)
		}
	}
	if !blocked {
		r.searched += time.Second
	}
	found := !blocked && r.searched >= r.need()
	r.frame, r.hasFrame = r.observe(found), true
	r.cfg.Tell(PVT)
	interval, retry := r.settings[FixInterval], time.Duration(r.settings[FixRetry])*time.Second
	if found {
		r.found()
		switch {
		case interval == 0:
			r.finish(finished, SleepAfterFix, "sleep")
		case interval > 1:
			r.finish(sleeping, SleepAfterFix, "sleep")
		}
		return
	}
	if interval != 1 && retry > 0 && time.Since(r.began) >= retry {
		after := finished
		if interval > 1 {
			after = sleeping
		}
		r.finish(after, SleepAfterTimeout, "timeout")
	}
}

// found tells of a fix.
func (r *Receiver) found() {
	first := r.fixes == 0 || r.settings[FixInterval] != 1
	r.fixes++
	r.lastFix, r.priority = time.Now(), time.Time{}
	if first {
		r.record(event.GNSS{
			Action: event.GNSSFix, Latitude: r.frame.Latitude, Longitude: r.frame.Longitude,
			Took: int(time.Since(r.began) / time.Millisecond),
		})
	}
	r.cfg.Tell(Fix)
	for _, text := range r.frame.sentences(r.settings[NMEAMask]) {
		if len(r.sentences) < maxSentences {
			r.sentences = append(r.sentences, text)
		}
		r.cfg.Tell(NMEA)
	}
}

// maxSentences bounds the NMEA sentences that wait to be read.
const maxSentences = 64

// finish ends an attempt. Only a periodic one tells of a fix (fact gnss/periodic), and wakes
// up again an interval after it began.
func (r *Receiver) finish(to state, tell Event, action event.GNSSAction) {
	r.timer.Stop()
	r.state = to
	if to == sleeping || tell == SleepAfterTimeout {
		r.record(event.GNSS{Action: action})
		r.cfg.Tell(tell)
	}
	if to == sleeping && r.state == sleeping {
		interval := time.Duration(r.settings[FixInterval]) * time.Second
		r.timer = r.cfg.Timers.After(max(time.Until(r.began.Add(interval)), time.Second), func() {
			r.record(event.GNSS{Action: event.GNSSWakeup})
			r.cfg.Tell(PeriodicWakeup)
			r.seek()
		})
	}
}

// Frame returns the position that was last told; ErrNoData before the first.
func (r *Receiver) Frame() (Frame, error) {
	if !r.hasFrame {
		return Frame{}, ErrNoData
	}
	return r.frame, nil
}

// Sentence returns the next NMEA sentence that was not read; ErrNoData if there is
// none.
func (r *Receiver) Sentence() (string, error) {
	if len(r.sentences) == 0 {
		return "", ErrNoData
	}
	text := r.sentences[0]
	r.sentences = r.sentences[1:]
	return text, nil
}

// NeedsAssistance reports whether the receiver would be quicker with assistance.
func (r *Receiver) NeedsAssistance() bool { return r.lastFix.IsZero() && !r.assisted }

func (r *Receiver) record(e event.GNSS) {
	if r.cfg.Log.Enabled() {
		r.cfg.Log.Add(event.Event{GNSS: &e})
	}
}
