package firmware_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/cloud"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/exec"
)

// patience is how long an operator waits for what is to come next. Machines under load
// are slow; a test that passes never waits that long.
const patience = time.Minute

// An operator sits at the board and at the far end: it reads the console, looks at LEDs,
// presses buttons, and knows what the servers have received. Each step begins where the
// one before has ended.
type operator struct {
	far    *cloud.Cloud
	device *emulator.Device

	mu       sync.Mutex
	changed  chan struct{} // has something in it when there is news
	console  []string      // lines of this boot
	leds     uint32
	received []cloud.Event // by the servers, in this boot
	line     int           // of the console, that the next step begins with
	arrival  int           // at the servers, that the next step begins with
}

// operate runs a program with somebody at the board, who takes the steps of each boot.
func operate(t *testing.T, far *cloud.Cloud, cfg exec.Config, boots [][]step) *exec.Result {
	t.Helper()
	o := &operator{far: far, changed: make(chan struct{}, 1)}
	defer far.Subscribe(o.arrived)()
	var console bytes.Buffer
	cfg.Boots, cfg.Timeout, cfg.KeepGoing = len(boots), 2*patience, true
	cfg.Stdout, cfg.Stderr, cfg.Record = &console, &console, o.record
	cfg.Operator = func(ctx context.Context, boot int, d *emulator.Device) {
		o.device = d
		if err := o.work(ctx, boots[boot-1]); err != nil {
			t.Errorf("boot %d: %v", boot, err)
		}
	}
	res, err := exec.Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if t.Failed() {
		t.Logf("console:\n%s", console.String())
	}
	return res
}

// A step is something that the operator sees or does.
type step func(ctx context.Context, o *operator) error

// record listens to the event record; it is called with locks held.
func (o *operator) record(e *event.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case e.Program != nil && e.Program.Action == event.ProgramStart:
		o.leds, o.line, o.arrival, o.console, o.received = 0, 0, 0, nil, nil // it begins a boot
	case e.Console != nil:
		o.console = append(o.console, e.Console.Text)
	case e.Board != nil:
		o.leds = e.Board.LEDs
	default:
		return
	}
	o.news()
}

// arrived listens to the servers.
func (o *operator) arrived(e cloud.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.received = append(o.received, e)
	o.news()
}

func (o *operator) news() {
	select {
	case o.changed <- struct{}{}:
	default:
	}
}

// work takes the steps, and says which one could not be taken.
func (o *operator) work(ctx context.Context, steps []step) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("that is not there after %v", patience))
	defer cancel()
	for i, s := range steps {
		if err := s(ctx, o); err != nil {
			o.mu.Lock()
			defer o.mu.Unlock()
			return fmt.Errorf("step %d of %d: %w\nLEDs %04b, at the servers %s\nconsole so far:\n%s", i+1, len(steps), err,
				o.leds, arrivals(o.received), strings.Join(o.console, "\n"))
		}
	}
	return nil
}

func arrivals(events []cloud.Event) string {
	var b strings.Builder
	for _, e := range events {
		switch {
		case e.Handshake != nil:
			fmt.Fprintf(&b, "%s %+v; ", e.Server, *e.Handshake)
		case e.Session != nil:
			fmt.Fprintf(&b, "%s %+v; ", e.Server, *e.Session)
		case e.Message != nil:
			fmt.Fprintf(&b, "%s %+v; ", e.Server, *e.Message)
		case e.Request != nil:
			fmt.Fprintf(&b, "%s %+v; ", e.Server, *e.Request)
		}
	}
	return b.String()
}

// await waits until cond, which is called with the lock held, holds.
func (o *operator) await(ctx context.Context, what string, cond func() bool) error {
	for {
		o.mu.Lock()
		is := cond()
		o.mu.Unlock()
		if is {
			return nil
		}
		select {
		case <-o.changed:
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", what, context.Cause(ctx))
		}
	}
}

// see waits for lines with these texts, one after the other. Parts of one line stand
// on both sides of "…".
func see(texts ...string) step {
	return func(ctx context.Context, o *operator) error {
		for _, text := range texts {
			err := o.await(ctx, fmt.Sprintf("the line %q", text), func() bool {
				for i := o.line; i < len(o.console); i++ {
					if hasParts(o.console[i], text) {
						o.line = i + 1
						return true
					}
				}
				return false
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func hasParts(line, text string) bool {
	for part := range strings.SplitSeq(text, "…") {
		_, after, found := strings.Cut(line, part)
		if !found {
			return false
		}
		line = after
	}
	return true
}

// seeAll waits for lines of which several threads write one each, so that their order
// is nobody's.
func seeAll(texts ...string) step {
	return func(ctx context.Context, o *operator) error {
		last := 0
		for _, text := range texts {
			from := o.line
			if err := see(text)(ctx, o); err != nil {
				return err
			}
			last, o.line = max(last, o.line), from
		}
		o.line = last
		return nil
	}
}

// press presses a button and lets it go.
func press(button int) step {
	return func(_ context.Context, o *operator) error {
		if err := o.device.PressButton(button, true); err != nil {
			return err
		}
		return o.device.PressButton(button, false)
	}
}

// light waits until an LED, numbered from 1, is on or off.
func light(led int, on bool) step {
	return func(ctx context.Context, o *operator) error {
		return o.await(ctx, fmt.Sprintf("LED %d being on: %v", led, on), func() bool { return o.leds>>(led-1)&1 == 1 == on })
	}
}

// served waits for something that a server has received.
func served(server, what string, is func(cloud.Event) bool) step {
	return func(ctx context.Context, o *operator) error {
		return o.await(ctx, fmt.Sprintf("%s at the server %s", what, server), func() bool {
			for i := o.arrival; i < len(o.received); i++ {
				if o.received[i].Server == server && is(o.received[i]) {
					o.arrival = i + 1
					return true
				}
			}
			return false
		})
	}
}

// requested waits for a request of CoAP or HTTP, or a datagram, of a size in bytes; a
// negative one is any.
func requested(server, method, path string, size int) step {
	return served(server, fmt.Sprintf("%s %s with %d bytes", method, path, size), func(e cloud.Event) bool {
		r := e.Request
		return r != nil && r.Method == method && r.Path == path && (size < 0 || r.Size == size)
	})
}

// identified waits for a handshake in which a client has named itself.
func identified(server, client string) step {
	return served(server, "a handshake of "+client, func(e cloud.Event) bool {
		return e.Handshake != nil && e.Handshake.Error == "" && e.Handshake.Client == client
	})
}

// mqttSession waits for a client of the broker that connects or subscribes.
func mqttSession(server, op, client string, topics ...string) step {
	return served(server, op+" of "+client, func(e cloud.Event) bool {
		return e.Session != nil && e.Session.Op == op && e.Session.ClientID == client &&
			strings.Join(e.Session.Topics, " ") == strings.Join(topics, " ")
	})
}

// published waits for a message of a client.
func published(server, client, topic, payload string, qos byte) step {
	return served(server, fmt.Sprintf("%q under %s", payload, topic), func(e cloud.Event) bool {
		m := e.Message
		return m != nil && m.ClientID == client && m.Topic == topic && string(m.Payload) == payload && m.QoS == qos
	})
}

// publish sends a message as a second client of the broker does.
func publish(topic, payload string) step {
	return func(_ context.Context, o *operator) error {
		broker, ok := o.far.Server("mqtt")
		if !ok {
			return fmt.Errorf("there is no broker")
		}
		c, err := cloud.Dial(cloud.ClientOptions{Server: broker})
		if err != nil {
			return err
		}
		defer c.Close()
		return c.Publish(topic, 1, false, []byte(payload))
	}
}
