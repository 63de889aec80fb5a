package card

// Card is what a SIM card keeps by itself, without power. Its zero value is a card
// that has not been inserted yet.
type Card struct {
	known bool
	PIN   string
	// Asks says that the card wants its PIN before anything else.
	Asks bool
	// PINTries and PUKTries are how many attempts are left.
	PINTries, PUKTries uint8
}

// What a card begins with (3GPP TS 31.101: three attempts, ten for the PUK). The
// PINs of a card that asks for none are free choices.
const (
	MaxPINTries = 3
	MaxPUKTries = 10
	DefaultPIN  = "1234"
)

// Blocked reports whether a card was inserted of which the PUK was wrong too often: it
// cannot be used any more.
func (c *Card) Blocked() bool { return c.known && c.PUKTries == 0 }

// Insert makes a card that asks for a PIN, or for none if that is empty. It does
// nothing at the second call.
func (c *Card) Insert(pin string) {
	if c.known {
		return
	}
	*c = Card{known: true, PIN: pin, Asks: pin != "", PINTries: MaxPINTries, PUKTries: MaxPUKTries}
	if c.PIN == "" {
		c.PIN = DefaultPIN
	}
}

// An Outcome is what came of a PIN or PUK that was presented.
type Outcome uint8

// The outcomes.
const (
	Right Outcome = iota
	Wrong
	Blocked // there is no attempt left; for a PIN the PUK unblocks it
)

// Check presents a PIN.
func (c *Card) Check(pin string) Outcome {
	switch {
	case c.PINTries == 0:
		return Blocked
	case pin == c.PIN:
		c.PINTries = MaxPINTries
		return Right
	}
	c.PINTries--
	if c.PINTries == 0 {
		return Blocked
	}
	return Wrong
}

// Unblock presents the PUK, and sets a new PIN if it is right.
func (c *Card) Unblock(puk, want, pin string) Outcome {
	switch {
	case c.PUKTries == 0:
		return Blocked
	case puk == want:
		c.PIN, c.PINTries, c.PUKTries = pin, MaxPINTries, MaxPUKTries
		return Right
	}
	c.PUKTries--
	if c.PUKTries == 0 {
		return Blocked
	}
	return Wrong
}
