package app

import (
	"fmt"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
)

// Notify takes a notification from the modem, a line without its end, and sends
// it when the dialect allows.
func (a *App) Notify(line []byte) { a.notify(line, "modem") }

func (a *App) notify(line []byte, from string) {
	d := a.cfg.Dialect
	n := event.Notification{From: from}
	if d.Delivery != DeliverAtOnce && len(a.held)+len(line)+4 > d.NotificationLimit {
		n.Lost = "the application's buffer for notifications is full"
		if d.Delivery == DeliverWhenIdle {
			a.held = a.held[:0] // the whole ring is discarded (serial-modem-at 1.9, seen in source)
		}
	}
	if d.Delivery == DeliverAtOnce && a.data != nil && from == "modem" {
		n.Lost = "the application is in data mode" // serial-modem-at 1.9, seen in source
	}
	if a.cfg.Log.Enabled() {
		n.Text = string(line)
		a.cfg.Log.Add(event.Event{Notification: &n})
	}
	if n.Lost != "" {
		return
	}
	if d.Framed {
		a.held = append(a.held, crlf...)
	}
	a.held = append(append(a.held, line...), crlf...)
	a.deliver()
}

// deliver sends the notifications held back, if they may go out now, and then
// what sockets have to tell; otherwise it sees to it that it is called again.
func (a *App) deliver() {
	if a.data != nil {
		a.data.check()
		return // exit comes back
	}
	if len(a.held)+len(a.told) == 0 && !a.net.waiting() || a.asleep {
		return
	}
	if a.cfg.Dialect.Delivery != DeliverAtOnce {
		if a.running != nil {
			return // finish comes back
		}
		if wait := a.urcWait(); wait > 0 {
			a.flushing.Stop()
			a.flushing = a.after(wait, a.deliver)
			return
		}
	}
	a.out = append(a.out, a.held...)
	a.held = a.held[:0]
	a.flushTold()
	if a.net.waiting() {
		a.net.serve()
	}
}

// Resume goes on with what Device.Congested has held back.
func (a *App) Resume() {
	a.deliver()
	a.resumeServices()
}

// urc appends a line of the application to the output, framed as notifications
// are. It is for code that knows that it may go out now.
func (a *App) urc(line []byte) {
	if a.cfg.Log.Enabled() {
		a.cfg.Log.Add(event.Event{Notification: &event.Notification{Text: string(line), From: "application"}})
	}
	a.out = append(append(append(a.out, crlf...), line...), crlf...)
}

// urcWait returns how long notifications must still wait for the host's typing
// (serial-modem-at 1.9, seen in source). Completing a command ends the wait: only
// bytes after it count.
func (a *App) urcWait() time.Duration {
	d := a.cfg.Dialect
	delay := d.URCDelay
	if a.echo && a.framer.Pending() > 0 {
		delay = d.URCDelayEcho
	}
	if delay == 0 || a.lastInput.IsZero() {
		return 0
	}
	return time.Until(a.lastInput.Add(delay))
}

// watchInput watches for a line that outgrows the buffer unnoticed, and for a
// quoted string that stays open.
func (a *App) watchInput() {
	framing := &a.cfg.Dialect.Framing
	limit := framing.Limit
	if long := framing.Overflow == atcmd.OverflowDrop && a.framer.Pending() > limit; long != a.overlong {
		if a.overlong = long; long {
			a.problem("too-long", a.framer.Pending(),
				fmt.Sprintf("%v of %d characters: what is too much is lost, a closing quote too", atcmd.ErrLineTooLong, limit))
		}
	}
	a.quoteOpen.Stop()
	if a.framer.InQuotes() && a.cfg.Log.Enabled() {
		a.quoteOpen = a.after(OpenQuoteAfter, func() {
			a.problem("open-quote", a.framer.Pending(),
				"a quoted string is open, so the terminator does not end the line: the port is silent until the quote is closed")
		})
	}
}
