package event

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"
)

// A Writer writes events as JSON Lines, each as soon as it comes and in one piece: a
// file then has all of them when the program is killed. The first error stops it and is
// kept.
type Writer struct {
	mu  sync.Mutex
	enc *json.Encoder
	err error
}

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer {
	enc := json.NewEncoder(w) // makes one Write of each event
	enc.SetEscapeHTML(false)
	return &Writer{enc: enc}
}

// Add writes an event. It suits [Log.Subscribe].
func (w *Writer) Add(e *Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = w.enc.Encode(e)
	}
}

// Err returns the first error there was.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// maxLine bounds a line of a trace: a response of some kilobytes, escaped, is
// far shorter.
const maxLine = 1 << 20

// Read yields the events of a trace. A line that is not an event ends it with an
// error that names the line.
func Read(r io.Reader) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		sc := bufio.NewScanner(r)
		sc.Buffer(make([]byte, 0, 4096), maxLine)
		for n := 1; sc.Scan(); n++ {
			if len(sc.Bytes()) == 0 {
				continue
			}
			e := new(Event)
			if err := json.Unmarshal(sc.Bytes(), e); err != nil {
				yield(nil, fmt.Errorf("line %d of the trace is not an event: %w", n, err))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
		if err := sc.Err(); errors.Is(err, bufio.ErrTooLong) {
			yield(nil, fmt.Errorf("the trace has a line of more than %d bytes: is it JSON Lines, as --trace writes?", maxLine))
		} else if err != nil {
			yield(nil, fmt.Errorf("reading the trace: %w", err))
		}
	}
}
