package app

import (
	"time"

	"nrf91emu/emulator/event"
)

// toldLimit is how much of what services have told may wait before they are held
// back, in bytes (chosen).
const toldLimit = 16 << 10

// notify takes a notification, a line without its end, and sends it when the
// dialect allows.
func (c *Context) notify(line []byte, from event.Origin) {
	d := c.host.cfg.Dialect
	n := event.Notification{From: from}
	if d.Delivery != DeliverAtOnce && len(c.held)+len(line)+4 > d.NotificationLimit {
		n.Lost = "the application's buffer for notifications is full"
		if d.Delivery == DeliverWhenIdle {
			c.held = c.held[:0] // the whole ring is discarded (fact serial-modem/notifications)
		}
	}
	if d.Delivery == DeliverAtOnce && c.data != nil && from == event.FromModem {
		n.Lost = "the application is in data mode" // fact serial-modem/notifications
	}
	if c.host.cfg.Log.Enabled() {
		n.Text = string(line)
		c.host.cfg.Log.Add(event.Event{Notification: &n})
	}
	if n.Lost != "" {
		return
	}
	if d.Framed {
		c.held = append(c.held, crlf...)
	}
	c.held = append(append(c.held, line...), crlf...)
	c.deliver()
}

// Notify takes a line of the application, which waits in the buffer of
// notifications until the dialect allows it to go out, and is lost if that is full.
func (c *Context) Notify(line []byte) { c.notify(line, event.FromApplication) }

// Tell sends a line of a service and rest as it is after it, in one piece that
// nothing comes between: at once, or when the dialect allows. It is never lost; ask
// Hold before there is much of it.
func (c *Context) Tell(line string, rest ...[]byte) {
	c.recordLine(line)
	c.told = append(append(append(c.told, crlf...), line...), crlf...)
	for _, p := range rest {
		c.told = append(c.told, p...)
	}
	if c.host.cfg.Dialect.Delivery == DeliverAtOnce && c.attached() {
		c.flushTold() // in data mode too (fact serial-modem/notifications)
		return
	}
	c.deliver()
}

// TellNow is Tell for what comes before the result of the command in hand.
func (c *Context) TellNow(line string) {
	c.Tell(line)
	c.flushTold()
}

// Hold reports whether services should stop reading from the network for now: the
// host is slow, or what they have told may not go out. [Resumer] comes then.
func (c *Context) Hold() bool { return len(c.told) > toldLimit || c.Congested() }

// Congested reports whether the host is slow to take what it is sent. If so,
// [Resumer] and [Notifier] come when it has caught up.
func (c *Context) Congested() bool {
	n := len(c.channel.out)
	if l := c.channel.lower; l != nil {
		return l.Congested(n)
	}
	return c.host.cfg.Board.Congested(n)
}

// URC sends a line of the application at once, framed as notifications are. It is
// for a Notifier, which knows that it may go out now.
func (c *Context) URC(line []byte) {
	if c.host.cfg.Log.Enabled() {
		c.recordLine(string(line))
	}
	ch := c.channel
	ch.out = append(append(append(ch.out, crlf...), line...), crlf...)
	ch.flush()
}

// Write sends bytes to the host at once, as they are.
func (c *Context) Write(p []byte) { c.channel.Write(p) }

func (c *Context) recordLine(line string) {
	c.host.Record(event.Event{Notification: &event.Notification{Text: line, From: event.FromApplication}})
}

// attached reports whether the channel's bytes are the context's: it is not asleep,
// and nobody else has the channel.
func (c *Context) attached() bool { return c.channel.receiver == c }

// Deliver sends what had to wait, if it may go out now. It is for a receiver that
// has given the channel back.
func (c *Context) Deliver() { c.deliver() }

// deliver sends the notifications held back, if they may go out now, and then
// what services have to tell; otherwise it sees to it that it is called again.
func (c *Context) deliver() {
	if c.data != nil {
		c.data.check()
		return // exit comes back
	}
	if !c.attached() || len(c.held)+len(c.told) == 0 && !c.waiting() {
		return
	}
	if c.host.cfg.Dialect.Delivery != DeliverAtOnce {
		if x := c.host.current; x != nil && x.context == c {
			return // finish comes back
		}
		if wait := c.urcWait(); wait > 0 {
			if c.flushing == nil {
				c.flushing = c.host.NewTimer(c.deliver)
			}
			c.flushing.Reset(wait)
			return
		}
	}
	if len(c.held) > 0 {
		c.channel.Write(c.held)
		c.held = c.held[:0]
	}
	c.flushTold()
	for _, r := range c.host.services {
		if s, ok := r.service.(Notifier); ok && s.Waiting(c) {
			s.Notify(c)
		}
	}
}

// waiting reports whether a service may have something to tell.
func (c *Context) waiting() bool {
	for i := range c.host.services {
		if s, ok := c.host.services[i].service.(Notifier); ok && s.Waiting(c) {
			return true
		}
	}
	return false
}

// flushTold sends what services have told. The caller knows that it may go out
// now.
func (c *Context) flushTold() {
	if len(c.told) > 0 {
		c.channel.Write(c.told)
	}
	if c.told = c.told[:0]; cap(c.told) > toldLimit {
		c.told = nil // a long message's memory is not kept
	}
	c.host.resumeServices()
}

// urcWait returns how long notifications must still wait for the host's typing
// (fact serial-modem/notifications). Completing a command ends the wait: only
// bytes after it count.
func (c *Context) urcWait() time.Duration {
	d := c.host.cfg.Dialect
	delay := d.URCDelay
	if c.echo && c.framer.Pending() > 0 {
		delay = d.URCDelayEcho
	}
	if delay == 0 || c.lastInput.IsZero() {
		return 0
	}
	return time.Until(c.lastInput.Add(delay))
}
