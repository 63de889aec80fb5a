package atcmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// ClientOptions are the settings of a [Client]. The zero value is good for a
// device with Nordic's default terminator.
type ClientOptions struct {
	// Terminator ends each command: CR unless set otherwise. CRLF suits every
	// application of Nordic's, except that Serial Modem takes the LF after a
	// command that enters data mode for the first byte of the data.
	Terminator Terminator
	// Timeout bounds a command whose context has no deadline. Zero means 15 s,
	// as long as Nordic's credential tool waits (fact key-mgmt/tool-waits).
	Timeout time.Duration
	// OnNotification is called for each line that belongs to no command, in the
	// order in which they come: unsolicited result codes and boot messages. It
	// runs on the goroutine that reads the port: it must return soon and must
	// not call the client. Nil drops them.
	OnNotification func(line string)
	// MaxAnswer bounds the information lines of one answer, in bytes. Zero means
	// 64 KiB; the modem itself answers at most 4 KiB at a time, lists apart.
	MaxAnswer int
}

const (
	defaultTimeout   = 15 * time.Second
	defaultMaxAnswer = 64 << 10
	readSize         = 4096
	// emptyReadPause keeps a port whose reads return at once with nothing from
	// taking a whole core.
	emptyReadPause = time.Millisecond
)

// ErrClosed is returned by a Client that has been closed.
var ErrClosed = errors.New("the AT client is closed")

// An Answer is what a device answered to a command.
type Answer struct {
	// Lines are the information lines without their line ends. A quoted string
	// may hold line ends: a certificate read back is one line.
	Lines  []string
	Result Result
}

// A Client is the host's side of an AT port: it sends one command at a time and
// waits for the final result. It may be used by many goroutines.
//
// Of the lines that come while a command is pending, those belong to its answer
// which begin with its own name and a colon, and those without any such prefix,
// as the answer to AT+CGMR is; banners such as Ready do not. Lines with another
// prefix are notifications. Commands that subscribe to notifications of their
// own name are the exception: the set form of +CEREG has no information line,
// and its read form only one, the last. Payload that follows a header line
// without quotes, as that of #XRECV, is cut at its line feeds.
//
// # Time-outs
//
// A command that was given up may still be answered, and a late OK must not be
// taken for the answer to the next command. So a Client that has given up a
// command is out of step until the final result has arrived late or Sync has
// succeeded; Do calls Sync when it must.
type Client struct {
	rw   io.ReadWriteCloser
	opts ClientOptions

	turn    chan struct{} // held by the command in hand
	writing chan struct{} // held while bytes are being written
	wg      sync.WaitGroup
	failed  chan struct{} // closed when err is set

	mu       sync.Mutex
	err      error // why the port cannot be used any more
	split    splitter
	current  *exchange // the command in hand
	late     *exchange // a command that was given up and may still be answered
	lost     bool      // more than late may still be answered
	lastLate time.Time // when something came for neither
}

// NewClient returns a Client on an open port and starts to read from it. The
// port's Close must end a pending Read and Write, as that of a file, a socket or
// a serial port does. A Read may return 0 and no error, as a serial port with a
// read time-out does.
func NewClient(rw io.ReadWriteCloser, opts ClientOptions) *Client {
	if opts.Timeout <= 0 {
		opts.Timeout = defaultTimeout
	}
	if opts.MaxAnswer <= 0 {
		opts.MaxAnswer = defaultMaxAnswer
	}
	c := &Client{
		rw: rw, opts: opts,
		turn: make(chan struct{}, 1), writing: make(chan struct{}, 1), failed: make(chan struct{}),
		split: splitter{limit: opts.MaxAnswer},
	}
	c.wg.Go(c.read)
	return c
}

// Close closes the port, ends a command in hand with ErrClosed, and returns when
// nothing of the client runs any more.
func (c *Client) Close() error {
	c.fail(ErrClosed)
	err := c.rw.Close()
	c.wg.Wait()
	return err
}

// Do sends a command, given without its terminator, and waits for the final
// result. A final result other than OK is returned as an *Error, together with
// the answer. When the context ends first, or the default time-out if it has no
// deadline, the error wraps the context's.
//
// Command lines that would leave the device in the middle of a line are refused
// before anything is sent: those with an open quote, a line end outside quotes, a
// NUL or a backspace; and those without AT in front, which some devices do not
// answer. What else the command says is for the device to judge.
func (c *Client) Do(ctx context.Context, command string) (Answer, error) {
	var cmd Command
	if err := checkLine(command); err != nil {
		return Answer{}, err
	}
	if err := cmd.Parse([]byte(command)); err != nil && !cmd.Attention() {
		return Answer{}, errors.New("the command does not begin with AT, and a device may ignore it without an answer; put AT in front")
	}
	ctx, cancel := c.bound(ctx)
	defer cancel()
	if err := acquire(ctx, c.turn); err != nil {
		return Answer{}, fmt.Errorf("AT%s: waiting for another command to end: %w", cmd.Name, err)
	}
	defer release(c.turn)
	if c.outOfStep() {
		if err := c.sync(ctx); err != nil {
			return Answer{}, err
		}
	}
	x := newExchange(&cmd, c.opts.MaxAnswer)
	if err := c.run(ctx, x, command); err != nil {
		return Answer{}, fmt.Errorf("AT%s: %w", cmd.Name, err)
	}
	switch {
	case x.cut:
		return x.answer, fmt.Errorf("AT%s: the answer is longer than %d bytes", cmd.Name, c.opts.MaxAnswer)
	case !x.answer.Result.OK():
		return x.answer, &Error{Result: x.answer.Result, Reason: "the device's answer to " + cmd.String()}
	}
	return x.answer, nil
}

// checkLine refuses what cannot be sent as one line.
func checkLine(command string) error {
	quoted := false
	for i := range len(command) {
		switch c := command[i]; {
		case c == '"':
			quoted = !quoted
		case c == 0, c == '\b', c == 0x7f:
			return fmt.Errorf("the command holds the control character %#02x at byte %d, which the device drops or obeys; leave it out", c, i)
		case (c == '\r' || c == '\n') && !quoted:
			return fmt.Errorf("the command holds a line end outside quotes at byte %d; send one command at a time", i)
		}
	}
	if quoted {
		return errors.New("the command leaves a quoted string open, and the device would wait for its end; close it")
	}
	return nil
}

func (c *Client) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, c.opts.Timeout)
}

// run sends a command and waits until its exchange is finished.
func (c *Client) run(ctx context.Context, x *exchange, command string) error {
	if err := acquire(ctx, c.writing); err != nil {
		return fmt.Errorf("the port takes no more bytes; check its flow control: %w", err)
	}
	line := []byte(command + c.opts.Terminator.Bytes())
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		release(c.writing)
		return c.err
	}
	c.current = x
	c.split.expect(line[:len(command)+1])
	// A goroutine of its own, since a port may block for ever and a context
	// cannot end that.
	c.wg.Go(func() {
		if _, err := c.rw.Write(line); err != nil {
			c.fail(fmt.Errorf("cannot write to the port: %w", err))
		}
		release(c.writing)
	})
	c.mu.Unlock()

	var err error
	select {
	case <-x.done:
		return nil
	case <-c.failed:
		err = c.err
	case <-ctx.Done():
		err = fmt.Errorf("no final result: %w", ctx.Err())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != x {
		return nil // finished meanwhile
	}
	c.current = nil
	c.split.expect(nil)
	if !x.probe { // Sync has seen to its own
		c.late = x
	}
	return err
}

// fail records why the port cannot be used any more. The first reason stays.
func (c *Client) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
		close(c.failed)
	}
}

// read hands what the port sends to take, until the port fails.
func (c *Client) read() {
	buf := make([]byte, readSize)
	for {
		start := time.Now()
		n, err := c.rw.Read(buf)
		for p := buf[:n]; len(p) > 0; {
			used, notes, finished := c.take(p)
			p = p[used:]
			if c.opts.OnNotification != nil {
				for _, line := range notes {
					c.opts.OnNotification(line)
				}
			}
			if finished != nil {
				close(finished.done)
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			c.fail(fmt.Errorf("the other end closed the port: %w", err))
			return
		case err != nil:
			c.fail(fmt.Errorf("cannot read from the port: %w", err))
			return
		case n == 0 && time.Since(start) < emptyReadPause:
			time.Sleep(emptyReadPause)
		}
	}
}

// take consumes at most one line of p. It returns the notifications that are due
// and the exchange that is finished when they have been handed out.
func (c *Client) take(p []byte) (n int, notes []string, finished *exchange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, text, ok := c.split.next(p, c.current != nil || c.late != nil || c.lost)
	if !ok {
		return n, nil, nil
	}
	line := string(text)
	if r, ok := ParseResult(line); ok {
		x := c.current
		if x == nil || x.probe && len(x.answer.Lines) == 0 {
			c.late, c.lastLate = nil, time.Now() // of a command that was given up
			return n, nil, nil
		}
		c.current = nil
		c.split.expect(nil)
		return n, x.finish(r), x
	}
	switch {
	case c.current != nil && c.current.owns(line):
		c.split.expect(nil) // an echo comes before the answer or not at all
		c.current.add(line, c.split.cut)
	case c.late != nil && c.late.owns(line), c.lost && probe.owns(line):
		c.lastLate = time.Now()
	default:
		return n, []string{line}, nil
	}
	return n, nil, nil
}

func acquire(ctx context.Context, sem chan struct{}) error {
	select {
	case sem <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func release(sem chan struct{}) { <-sem }
