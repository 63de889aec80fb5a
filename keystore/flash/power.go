package flash

import (
	"encoding/binary"
	"math"
)

// Tear says how far the step gets in which the power is cut.
type Tear uint8

// How far a step gets. The torn ones are chosen so that each way in which a
// half-done step may mislead a reader occurs; what they do depends on nothing
// but the tear, the number of the step and the position, so that a run can be
// repeated. What a real one does nobody says: a cut is survived "quite reliably"
// (fact wear/cut).
const (
	NotBegun    Tear = iota // nothing happens, nothing is counted
	TornBarely              // word: counted, no bit changed; page: counted, reads as before
	TornEven                // word: even bits cleared; page: even words erased
	TornOdd                 // word: odd bits cleared; page: odd words erased
	TornLow                 // word: low half cleared; page: first half erased
	TornHigh                // word: high half cleared; page: second half erased
	TornRandom              // word: some bits cleared; page: each word old, erased or in between
	TornClearly             // word: as Complete; page: reads blank, but is not erased well
	Complete                // the step is finished, then the power fails

	Tears = int(Complete) + 1 // number of values of Tear
)

var tearNames = [Tears]string{"not begun", "barely torn", "even torn", "odd torn", "low torn",
	"high torn", "random torn", "nearly complete", "complete"}

// String returns a name for messages.
func (t Tear) String() string {
	if int(t) < len(tearNames) {
		return tearNames[t]
	}
	return "unknown tear"
}

// bits picks from the bits to be cleared those that are cleared in the end.
func (t Tear) bits(cleared uint32, step uint64) uint32 {
	switch t {
	case TornBarely:
		return 0
	case TornEven:
		return cleared & 0x55555555
	case TornOdd:
		return cleared & 0xAAAAAAAA
	case TornLow:
		return cleared & 0x0000FFFF
	case TornHigh:
		return cleared & 0xFFFF0000
	case TornRandom:
		return cleared & uint32(mix(step))
	}
	return cleared
}

// garble leaves the (inverted) contents of a page as an erase does that was cut.
func (t Tear) garble(data []byte, step uint64) {
	for i := 0; i < len(data); i += WordSize {
		word := data[i : i+WordSize]
		n := i / WordSize
		erased := false
		switch t {
		case TornEven:
			erased = n%2 == 0
		case TornOdd:
			erased = n%2 == 1
		case TornLow:
			erased = n < WordsPerPage/2
		case TornHigh:
			erased = n >= WordsPerPage/2
		case TornClearly:
			erased = true
		case TornRandom:
			r := mix(step<<16 + uint64(n))
			switch r >> 62 {
			case 0:
				erased = true
			case 1, 2: // some of its 0 bits are 1 again
				v := binary.LittleEndian.Uint32(word)
				binary.LittleEndian.PutUint32(word, v&uint32(r))
			}
		}
		if erased {
			binary.LittleEndian.PutUint32(word, 0)
		}
	}
}

// mix spreads a number over 64 bits: multiply and shift, as hash functions do.
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// CutAt plans a power cut inside the n-th step from now, where 0 is the next
// one; how says how far that step gets. A new plan replaces the old one, and a
// negative n takes it back.
func (f *Flash) CutAt(n int, how Tear) {
	if n < 0 {
		f.cutAt = math.MaxUint64
		return
	}
	f.cutAt = f.steps + uint64(n)
	f.tear = how
}

// PowerOff cuts the power now, between two steps.
func (f *Flash) PowerOff() { f.off = true }

// PowerOn gives the power back, takes back a planned cut and counts a start.
// With the power on, after Close, or when the file has failed, it does nothing.
func (f *Flash) PowerOn() {
	if !f.off || f.closed || f.broken != nil {
		return
	}
	f.off = false
	f.cutAt = math.MaxUint64
	f.countStart()
}

// Powered reports whether the power is on.
func (f *Flash) Powered() bool { return !f.off }

// Steps returns the number of steps taken since the flash was made or opened:
// words programmed and pages erased, those cut by a power failure included.
func (f *Flash) Steps() uint64 { return f.steps }
