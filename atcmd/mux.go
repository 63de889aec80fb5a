package atcmd

import (
	"maps"
	"slices"
)

// A Handler answers a command for a device of type D. It writes information
// lines to w; the error it returns is the final result, see [ResultOf].
//
// The device is an argument, so that one table of handlers serves thousands of
// devices: a method expression such as (*Modem).readCMEE is a HandlerFunc.
type Handler[D any] interface {
	ServeAT(dev D, w *Response, cmd *Command) error
}

// HandlerFunc is a function as a Handler.
type HandlerFunc[D any] func(dev D, w *Response, cmd *Command) error

// ServeAT calls f.
func (f HandlerFunc[D]) ServeAT(dev D, w *Response, cmd *Command) error { return f(dev, w, cmd) }

// Forms is a Handler with a function for each form of a command. A form that is
// left out answers ERROR, as the modem does for a form that a command does not have
// (fact at/unknown-command), and so does a line with a second command behind a
// semicolon (fact at/concatenation).
type Forms[D any] struct {
	Bare HandlerFunc[D] // AT+CGMR
	Set  HandlerFunc[D] // AT+CFUN=1
	Read HandlerFunc[D] // AT+CFUN?
	Test HandlerFunc[D] // AT+CFUN=?
	PDU  HandlerFunc[D] // AT+CMGS=<length><CR><pdu><Ctrl-Z>
}

// ServeAT calls the function for the command's form.
func (f *Forms[D]) ServeAT(dev D, w *Response, cmd *Command) error {
	fn := f.Bare
	switch cmd.Form {
	case FormSet:
		fn = f.Set
	case FormRead:
		fn = f.Read
	case FormTest:
		fn = f.Test
	}
	if cmd.PDU != nil {
		if fn = f.PDU; fn == nil {
			return Errorf("%s takes no message behind a CR", cmd.Name)
		}
	}
	if cmd.Tail != nil {
		return Errorf("a second command cannot follow %s after a semicolon; send it on a line of its own", cmd.Name)
	}
	if fn == nil {
		return Errorf("%s has no %s form", cmd.Name, cmd.Form)
	}
	return fn(dev, w, cmd)
}

// Text returns a HandlerFunc that answers one fixed information line, as most
// test forms do.
func Text[D any](line string) HandlerFunc[D] {
	return func(_ D, w *Response, _ *Command) error {
		w.Line(line)
		return nil
	}
}

// A Mux routes commands to handlers by name, whatever the case in which the name
// is written. It is built once and then safe for concurrent use.
type Mux[D any] struct {
	routes map[string]Handler[D]
	// NotFound answers commands without a route; nil means a plain ERROR.
	NotFound Handler[D]
}

// NewMux returns an empty Mux.
func NewMux[D any]() *Mux[D] { return &Mux[D]{routes: make(map[string]Handler[D])} }

// Handle registers the handler for a name with its prefix, such as "+CFUN". It
// panics if the name is taken or not in upper case.
func (m *Mux[D]) Handle(name string, h Handler[D]) {
	for i := range len(name) {
		if name[i] != upper(name[i]) {
			panic("atcmd: name not in upper case: " + name)
		}
	}
	if _, ok := m.routes[name]; ok {
		panic("atcmd: two handlers for " + name)
	}
	m.routes[name] = h
}

// Handler returns the handler for the command, nil if there is none.
func (m *Mux[D]) Handler(cmd *Command) Handler[D] { return m.routes[string(cmd.Name)] }

// ServeAT routes the command.
func (m *Mux[D]) ServeAT(dev D, w *Response, cmd *Command) error {
	if h := m.Handler(cmd); h != nil {
		return h.ServeAT(dev, w, cmd)
	}
	if m.NotFound != nil {
		return m.NotFound.ServeAT(dev, w, cmd)
	}
	return Errorf("%s is not a command of this device", cmd.Name)
}

// Names returns the registered names, sorted.
func (m *Mux[D]) Names() []string {
	return slices.Sorted(maps.Keys(m.routes))
}
