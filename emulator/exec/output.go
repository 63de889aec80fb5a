package exec

import (
	"errors"
	"io"
	"strings"
	"sync"
	"syscall"
)

// maxOutput bounds what is kept of one stream of the output of a boot, in bytes: its
// end, since that says why a program gave up.
const maxOutput = 64 << 10

// An Output is the end of what a command printed.
type Output struct {
	Text    string
	Dropped int // bytes before it that were not kept
}

// String returns the text, with a note in front if there was more.
func (o Output) String() string {
	if o.Dropped == 0 {
		return o.Text
	}
	return "[" + count(o.Dropped, "byte") + " before this not kept]\n" + o.Text
}

// MarshalText returns the form that JSON has.
func (o Output) MarshalText() ([]byte, error) {
	return []byte(strings.ToValidUTF8(o.String(), "?")), nil
}

// UnmarshalText takes it back.
func (o *Output) UnmarshalText(text []byte) error {
	*o = Output{Text: string(text)}
	return nil
}

// A capture passes a stream on and keeps its end.
type capture struct {
	to io.Writer   // may be nil
	mu *sync.Mutex // of both streams, which may go to the same writer

	kept    []byte
	dropped int
	err     error // of to, which is not written to any more then
}

// Write takes everything: a reader that has gone must not stop the command.
func (c *capture) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.to != nil && c.err == nil {
		_, c.err = c.to.Write(p)
	}
	c.kept = append(c.kept, p...)
	if len(c.kept) > 2*maxOutput {
		n := len(c.kept) - maxOutput
		c.dropped += n
		c.kept = append(c.kept[:0], c.kept[n:]...)
	}
	return len(p), nil
}

// lost returns why what the command has printed is lost; nil if it is not. A reader that has gone
// does not want it.
func (c *capture) lost() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if errors.Is(c.err, syscall.EPIPE) {
		return nil
	}
	return c.err
}

func (c *capture) output() Output {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := max(len(c.kept)-maxOutput, 0)
	return Output{string(c.kept[n:]), c.dropped + n}
}
