package modem

import "nrf91emu/emulator/network"

// card is the SIM card: what it keeps by itself, without power. Its zero value is
// a card that has not been looked at yet.
type card struct {
	known bool
	pin   string
	// asks says that the card wants its PIN before anything else.
	asks               bool
	pin2               string
	pinTries, pukTries uint8 // left
}

// What a card begins with (3GPP TS 31.101: three attempts, ten for the PUK). The
// PINs of a card that asks for none are free choices.
const (
	pinTries   = 3
	pukTries   = 10
	defaultPIN = "1234"
)

// insert makes the card that the network model describes, once.
func (c *card) insert(n *network.Network) {
	if c.known {
		return
	}
	*c = card{known: true, pin: n.PIN, asks: n.PIN != "", pin2: defaultPIN, pinTries: pinTries, pukTries: pukTries}
	if c.pin == "" {
		c.pin = defaultPIN
	}
}

// Results of a PIN or PUK that was presented.
type presented uint8

const (
	right presented = iota
	wrong
	blocked // there is no attempt left; for a PIN the PUK unblocks it
)

// check presents a PIN.
func (c *card) check(pin string) presented {
	switch {
	case c.pinTries == 0:
		return blocked
	case pin == c.pin:
		c.pinTries = pinTries
		return right
	}
	c.pinTries--
	if c.pinTries == 0 {
		return blocked
	}
	return wrong
}

// unblock presents the PUK, and sets a new PIN if it is right.
func (c *card) unblock(puk, want, pin string) presented {
	switch {
	case c.pukTries == 0:
		return blocked
	case puk == want:
		c.pin, c.pinTries, c.pukTries = pin, pinTries, pukTries
		return right
	}
	c.pukTries--
	if c.pukTries == 0 {
		return blocked
	}
	return wrong
}
