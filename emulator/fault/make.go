package fault

import (
	"maps"
	"strconv"
	"time"
)

// A Direction is a way through the port.
type Direction string

// The directions.
const (
	ToHost   Direction = "host"
	ToDevice Direction = "device"
)

// MustParse is Parse for a text that stands in a program: it panics on one that is
// wrong.
func MustParse(text string) Spec {
	spec, err := Parse(text)
	if err != nil {
		panic(err)
	}
	return spec
}

// At returns the fault with a rule: at which of its opportunities it happens. A field
// that is zero stands for what holds without it. What is out of range is found when the
// fault is added to a Set.
func (s Spec) At(r Rule) Spec {
	s.Params = maps.Clone(s.Params)
	set := func(name string, n int) {
		if n != 0 {
			s.set(name, strconv.Itoa(n))
		}
	}
	set("after", r.After)
	set("every", r.Every)
	set("count", r.Count)
	set("row", r.Row)
	if r.Chance != 0 {
		s.set("p", strconv.FormatFloat(r.Chance, 'g', -1, 64))
	}
	return s
}

func (s *Spec) set(name, value string) {
	if s.Params == nil {
		s.Params = make(map[string]string)
	}
	s.Params[name] = value
}

// makeSpec returns a Spec with parameters, given as name and value in turn.
func makeSpec(k *Kind, params ...string) Spec {
	s := Spec{Name: k.Name}
	for i := 0; i < len(params); i += 2 {
		s.set(params[i], params[i+1])
	}
	return s
}

// The faults as functions, for programs. Each happens once, at its first opportunity,
// unless Spec.At says otherwise. A duration of 0 is none, and not the default that the
// text has.

// LostByte has a byte on the line get lost.
func LostByte(to Direction) Spec { return makeSpec(&lostByte, "to", string(to)) }

// DoubledByte has a byte arrive twice.
func DoubledByte(to Direction) Spec { return makeSpec(&doubledByte, "to", string(to)) }

// Split has what was sent in one piece arrive in two, the second later by delay.
func Split(to Direction, delay time.Duration) Spec {
	return makeSpec(&splitLine, "to", string(to), "delay", delay.String())
}

// LateLine has a line arrive late by delay, whole.
func LateLine(to Direction, delay time.Duration) Spec {
	return makeSpec(&lateLine, "to", string(to), "delay", delay.String())
}

// LateOK has the final result of a command, OK or an error, come late by delay.
func LateOK(delay time.Duration) Spec { return makeSpec(&lateResult, "delay", delay.String()) }

// A Place is where in an answer a notification comes.
type Place string

// The places.
const (
	BeforeResult Place = "ok"     // before the final result
	AfterHeader  Place = "header" // between the first information line and what follows it
)

// URC has a notification, without line ends, come in the middle of an answer.
func URC(line string, place Place) Spec {
	return makeSpec(&insertedURC, "text", line, "place", string(place))
}

// LateURC has a notification be held back until the next command has been answered.
func LateURC() Spec { return makeSpec(&lateURC) }

// DoubledURC has a notification come twice.
func DoubledURC() Spec { return makeSpec(&doubledURC) }

// BootNoise has so many bytes of garbage come before the first thing that the device
// sends after a boot.
func BootNoise(bytes int) Spec { return makeSpec(&bootNoise, "bytes", strconv.Itoa(bytes)) }

// Crash has the modem crash when a command comes. The device restarts after some time,
// 0 for not by itself.
func Crash(restart time.Duration) Spec { return makeSpec(&crash, "restart", restart.String()) }

// PowerWarning has the supply fall to so many millivolts when a command comes, for some
// time; 0 is until the fault is removed.
func PowerWarning(millivolts int, lasts time.Duration) Spec {
	return makeSpec(&powerWarning, "mv", strconv.Itoa(millivolts), "for", lasts.String())
}

// NetworkLoss has the network go when a command comes, for some time; 0 is until the
// fault is removed.
func NetworkLoss(lasts time.Duration) Spec { return makeSpec(&networkLoss, "for", lasts.String()) }

// StoreFull has the credential store be full when a command comes, for some time; 0 is
// until the fault is removed.
func StoreFull(lasts time.Duration) Spec { return makeSpec(&storeFull, "for", lasts.String()) }

// WornPages has so many free pages of the flash wear out when a command comes.
func WornPages(pages int) Spec { return makeSpec(&wornPage, "pages", strconv.Itoa(pages)) }

// ResetLoop has a boot be one too many without AT+CFUN=0 before: the modem does not
// attach for 30 minutes.
func ResetLoop() Spec { return makeSpec(&resetLoop) }
