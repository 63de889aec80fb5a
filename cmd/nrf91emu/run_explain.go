package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"nrf91emu/emulator/event"
)

// explaining is the flag of commands that tell what fails as it happens.
type explaining struct {
	Explain *bool `help:"Tell why a command or a connection fails, as it happens; on by default where standard error is a terminal." negatable:""`
}

// begin returns an explainer that prints on w, nil if none is wanted.
func (e *explaining) begin(std stdio, w io.Writer) *explainer {
	if e.Explain == nil && !isScreen(std.err) || e.Explain != nil && !*e.Explain {
		return nil
	}
	return newExplainer(w)
}

// explainer prints what fails in some modems. A terminal that takes nothing holds up
// no modem: what is too much is counted.
type explainer struct {
	lines   chan string
	missed  atomic.Int64
	done    chan struct{}
	mu      sync.Mutex
	cancels []func()
}

// maxExplained is how many failures wait for a slow terminal.
const maxExplained = 256

func newExplainer(w io.Writer) *explainer {
	x := &explainer{lines: make(chan string, maxExplained), done: make(chan struct{})}
	go func() {
		defer close(x.done)
		for line := range x.lines {
			if n := x.missed.Swap(0); n > 0 {
				line = fmt.Sprintf("(%d failures were not shown)\n%s", n, line)
			}
			fmt.Fprintln(w, line)
		}
	}()
	return x
}

// follow tells what fails in a modem; name stands before it, if there are several.
func (x *explainer) follow(log *event.Log, name string) {
	if x == nil {
		return
	}
	var failures event.Explainer
	var last string // reason of a connection that has failed, if that came last
	cancel := log.Subscribe(func(e *event.Event) {
		f := failures.Add(e)
		if f == nil {
			return
		}
		again := last != "" && strings.HasSuffix(f.Reason, last)
		if last = ""; f.Kind == "handshake" || f.Kind == "socket" {
			last = f.Reason
		}
		if again { // a handshake was refused, and so the command failed
			brief := *f
			brief.Reason, f = "", &brief
		}
		head := f.Time.Local().Format(time.TimeOnly) + " "
		if name != "" {
			head += name + ": "
		}
		select {
		case x.lines <- head + strings.ReplaceAll(f.String(), "\n", "\n"+strings.Repeat(" ", len(time.TimeOnly)-1)):
		default:
			x.missed.Add(1)
		}
	})
	x.mu.Lock()
	defer x.mu.Unlock()
	x.cancels = append(x.cancels, cancel)
}

// stop tells nothing of what comes, such as the end that the user has asked for.
func (x *explainer) stop() {
	if x == nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, cancel := range x.cancels {
		cancel()
	}
	x.cancels = nil
}

// end returns when all has been told, to a terminal that takes it.
func (x *explainer) end() {
	if x == nil {
		return
	}
	x.stop()
	close(x.lines)
	select {
	case <-x.done:
	case <-time.After(time.Second): // a terminal that was stopped
	}
}
