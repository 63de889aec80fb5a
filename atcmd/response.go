package atcmd

import (
	"fmt"
	"iter"
)

// A Response collects what a command answers before its final result. It is
// reused from command to command; a handler must not keep it, unless it has
// called Later.
type Response struct {
	buf   []byte
	parts []part
	late  func(error)
	busy  bool
}

// part is a piece of buf that ends at end.
type part struct {
	end  int
	data bool
}

// Reset empties the response for the next command. The function is called with
// the final result of a command whose handler uses Later; it may be nil for a
// caller that supports none.
func (w *Response) Reset(late func(error)) {
	w.buf, w.parts = w.buf[:0], w.parts[:0]
	w.late, w.busy = late, false
}

// Printf adds an information line, given without its line end.
func (w *Response) Printf(format string, args ...any) {
	w.buf = fmt.Appendf(w.buf, format, args...)
	w.parts = append(w.parts, part{end: len(w.buf)})
}

// Line adds an information line, given without its line end.
func (w *Response) Line(text string) {
	w.buf = append(w.buf, text...)
	w.parts = append(w.parts, part{end: len(w.buf)})
}

// Append adds an information line that fn appends to the slice it is given.
func (w *Response) Append(fn func([]byte) []byte) {
	w.buf = fn(w.buf)
	w.parts = append(w.parts, part{end: len(w.buf)})
}

// Data adds payload that is sent as it is, without line ends, such as the bytes
// after a #XRECV header.
func (w *Response) Data(p []byte) {
	w.buf = append(w.buf, p...)
	w.parts = append(w.parts, part{end: len(w.buf), data: true})
}

// Parts yields the information lines and payloads in order; data is true for a
// payload.
func (w *Response) Parts() iter.Seq2[[]byte, bool] {
	return func(yield func([]byte, bool) bool) {
		start := 0
		for _, p := range w.parts {
			if !yield(w.buf[start:p.end], p.data) {
				return
			}
			start = p.end
		}
	}
}

// Len returns the number of lines and payloads.
func (w *Response) Len() int { return len(w.parts) }

// Size returns the bytes in all lines and payloads, line ends not counted.
func (w *Response) Size() int { return len(w.buf) }

// Later says that the command goes on after its handler has returned: the
// handler's own result is ignored, the port stays busy, and the function must be
// called exactly once with the final result, by code that holds the device's
// lock. It returns nil if the caller supports no late results.
func (w *Response) Later() (finish func(error)) {
	if w.late == nil {
		return nil
	}
	w.busy = true
	return w.late
}

// Busy reports whether Later was called for the command in hand.
func (w *Response) Busy() bool { return w.busy }
