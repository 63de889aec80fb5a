package atcmd

import (
	"context"
	"fmt"
	"time"
)

// The probe is a command that every application passes to the modem, that changes
// nothing, and whose answer has a line by which it is known.
const probeLine = "AT+CMEE?"

var probe = &exchange{name: "+CMEE", form: FormRead}

const (
	probeWait    = time.Second     // for the first probe's answer; doubled for each further one
	maxProbeWait = 8 * time.Second // for one probe's answer
	settleTime   = 250 * time.Millisecond
)

// Sync brings the client in step with the device, so that the next final result
// is that of the next command. Do does this by itself after a command was given
// up; call Sync first on a port where another program may have left a command
// unanswered or half a line unsent.
//
// It sends AT+CMEE? until that is answered, information line and OK: the device
// executes one command at a time and in order, so everything older has been
// answered by then or never will be. A final result without that line is an older
// command's and is dropped. The question is asked more than once because an AT
// Client sample loses what it receives while it executes a command; a further
// 250 ms without a late answer make sure that no earlier question is still to be
// answered.
func (c *Client) Sync(ctx context.Context) error {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	if err := acquire(ctx, c.turn); err != nil {
		return fmt.Errorf("waiting for another command to end: %w", err)
	}
	defer release(c.turn)
	return c.sync(ctx)
}

func (c *Client) outOfStep() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.late != nil || c.lost
}

func (c *Client) sync(ctx context.Context) error {
	for wait := probeWait; ; wait = min(2*wait, maxProbeWait) {
		c.mu.Lock()
		c.lost = true
		if c.split.quoted {
			c.split.dropPartial() // its end may never come
		}
		c.mu.Unlock()
		x := &exchange{name: probe.name, form: probe.form, probe: true, limit: c.opts.MaxAnswer, done: make(chan struct{})}
		attempt, cancel := context.WithTimeout(ctx, wait)
		err := c.run(attempt, x, probeLine)
		cancel()
		if err == nil {
			return c.settle(ctx)
		}
		if failure := c.failure(); failure != nil {
			return failure
		}
		if ctx.Err() != nil {
			return fmt.Errorf("the device does not answer %s; it is still busy, or it waits for the closing quotation mark of a command that was cut off and has to be reset: %w", probeLine, ctx.Err())
		}
	}
}

// settle waits until nothing late has come for settleTime.
func (c *Client) settle(ctx context.Context) error {
	for {
		start := time.Now()
		select {
		case <-time.After(settleTime):
		case <-c.failed:
			return c.failure()
		case <-ctx.Done():
			return fmt.Errorf("the device still answers older commands: %w", ctx.Err())
		}
		c.mu.Lock()
		quiet := c.lastLate.Before(start)
		if quiet {
			c.late, c.lost = nil, false
		}
		c.mu.Unlock()
		if quiet {
			return nil
		}
	}
}

func (c *Client) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}
