package testvectors

import (
	"bytes"
	"context"
	"io"
	"net"
	"regexp/syntax"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// newFake returns a target whose device answers with respond. All of it lives
// in memory, so that it also runs in a synctest bubble.
func newFake(t *testing.T, l Layout, respond func(sent string) string) Target {
	t.Helper()
	host, device := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1<<16)
		for {
			n, err := device.Read(buf)
			if err != nil {
				return
			}
			if _, err := io.WriteString(device, respond(string(buf[:n]))); err != nil {
				return
			}
		}
	}()
	port := NewPort(host)
	t.Cleanup(func() {
		port.Close()
		device.Close()
		<-done
	})
	return Target{Port: port, Layout: l, Profile: "nrf9160-1.3.7"}
}

// answers makes a device that knows the commands of a map; all else is ERROR.
func answers(l Layout, m map[string]string) func(string) string {
	return func(sent string) string {
		cmd := strings.TrimSuffix(sent, l.Terminator)
		if a, ok := m[cmd]; ok {
			return a
		}
		return l.Lead + "ERROR\r\n"
	}
}

// fakeControl notes what was asked of it.
type fakeControl struct {
	wear  Wear
	calls []string
	after func(call string)
}

func (c *fakeControl) call(s string) error {
	c.calls = append(c.calls, s)
	if c.after != nil {
		c.after(s)
	}
	return nil
}

func (c *fakeControl) PowerCycle(context.Context) error   { return c.call("cycle") }
func (c *fakeControl) PowerCut(context.Context) error     { return c.call("cut") }
func (c *fakeControl) Wear(context.Context) (Wear, error) { return c.wear, nil }
func (c *fakeControl) Do(_ context.Context, words []string) error {
	return c.call(strings.Join(words, " "))
}

// mustParse parses a script that a test has written.
func mustParse(t *testing.T, text string) *Script {
	t.Helper()
	s, err := Parse("x.txt", []byte(text))
	require.NoError(t, err)
	return s
}

// wire returns what the device sends for the lines after i, up to the next
// step that is not an expectation.
func (p *player) wire(t *testing.T, lines []*Line) []byte {
	var b bytes.Buffer
	for _, l := range lines {
		if !l.expects() {
			break
		}
		e, ok, err := p.expected(l)
		require.NoError(t, err)
		if !ok {
			continue
		}
		b.WriteString(e.lead)
		for _, part := range e.text {
			text, known, err := p.scope.literal(part)
			require.NoError(t, err)
			if !known {
				re, err := syntax.Parse(part.re.String(), syntax.Perl)
				require.NoError(t, err)
				text = sample(re)
				if part.name != "" && part.name != "any" {
					p.scope.values[part.name] = text
				}
			}
			b.WriteString(text)
		}
		b.WriteString(e.end)
	}
	return b.Bytes()
}

// sample returns a shortest text that the expression matches.
func sample(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		return string(re.Rune[:1])
	case syntax.OpAnyCharNotNL:
		return "x"
	case syntax.OpConcat:
		var b strings.Builder
		for _, sub := range re.Sub {
			b.WriteString(sample(sub))
		}
		return b.String()
	case syntax.OpCapture, syntax.OpPlus, syntax.OpAlternate:
		return sample(re.Sub[0])
	case syntax.OpRepeat:
		return strings.Repeat(sample(re.Sub[0]), re.Min)
	}
	return ""
}
