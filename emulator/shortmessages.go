package emulator

import "nrf91emu/emulator/modem"

// SendShortMessage gives the network a text for the device's modem, from a telephone number
// or a name. It waits there until the modem is registered and the host is ready for it, with
// or without power. The error says what is wrong with the sender, or is ErrNoPower before
// the first power-on.
func (b Bench) SendShortMessage(from, text string) error {
	d := b.d
	err := ErrNoPower
	d.run(func() {
		if d.modem != nil {
			err = d.modem.SendShortMessage(from, text)
		}
	})
	return err
}

// ShortMessages returns the messages of the network's service centre, to the modem and
// from it, oldest first.
func (b Bench) ShortMessages() (list []modem.ShortMessage) {
	d := b.d
	d.run(func() {
		if d.modem != nil {
			list = d.modem.ShortMessages()
		}
	})
	return list
}
