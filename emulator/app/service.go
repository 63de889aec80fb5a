package app

import (
	"slices"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
)

// A Service is a part of the application with commands or without: the socket
// commands, the MQTT client, the proxies of SLM. It is made when it is first
// needed, so that a modem that does not use it pays nothing, and made anew after
// each start. All methods are called with the device's lock held.
//
// A service can have more than these two methods: see [Resumer],
// [Notifier], [Orphan], [Interceptor].
type Service interface {
	// Stop ends the service without a word, as the application ends.
	Stop()
	// ModemGone ends what the service has open, and tells the host what the device
	// would tell: the modem starts anew and has closed the sockets.
	ModemGone(why error)
}

// A Resumer is a service that can be held back, see [Context.Hold].
type Resumer interface {
	// Resume goes on.
	Resume()
}

// A Notifier is a service that tells things only when a context is idle, and asks
// what they are only then.
type Notifier interface {
	// Waiting reports whether there may be something to tell a context.
	Waiting(*Context) bool
	// Notify tells it, with Context.URC and Context.Write.
	Notify(*Context)
	// DataEnded is called when a context has left data mode and has said so.
	DataEnded(*Context)
}

// An Orphan is a service with contexts in its hands.
type Orphan interface {
	// ContextClosed is called when the context c has ended. What concerned it goes to
	// heir from now on.
	ContextClosed(c, heir *Context)
}

// A Kind is what a service is: how it is made and which commands it has. The
// dialects that have the same release of a service share its Kind.
type Kind struct {
	name     string
	make     func(*Host) Service
	commands []command
	// takes are the commands of the modem that the services, Interceptors, answer otherwise
	// than the modem.
	takes []string
}

// command is a command of a service, with its handler for the Mux.
type command struct {
	name  string
	forms *atcmd.Forms[*Exchange]
}

// A HandlerFunc answers a command of the service s. Lines go to x; the error is
// the final result, see [atcmd.ResultOf].
type HandlerFunc[S Service] func(s S, x *Exchange) error

// A Command is a command of a service of type S, with a function for each form
// that it has; the others answer ERROR. What the record shows of it stands in package
// event, which masks the parameters of commands that it does not know.
type Command[S Service] struct {
	Name string // with its prefix, in upper case
	// Shows says which parameters the event record shows, see [event.Show]; all are
	// masked if it is empty. Numbers and Values are for commands without secrets.
	Shows string
	// A command with Bare alone ignores parameters that are given all the same.
	Bare, Set, Read, Test HandlerFunc[S]
}

// What the record shows of a command without secrets.
const (
	Numbers = "n*" // all parameters are numbers
	Values  = "v*" // numbers, and texts in quotes
)

// NewKind returns a kind of service. The name is for people. make makes a service
// for one application; it must do no more than that.
func NewKind[S Service](name string, make func(*Host) S, commands ...Command[S]) *Kind {
	k := &Kind{name: name, make: func(h *Host) Service { return make(h) }}
	handler := func(fn HandlerFunc[S]) atcmd.HandlerFunc[*Exchange] {
		if fn == nil {
			return nil
		}
		return func(x *Exchange, _ *atcmd.Response, _ *atcmd.Command) error {
			return fn(x.context.host.Service(k).(S), x)
		}
	}
	for _, c := range commands {
		if c.Set == nil {
			c.Set = c.Bare // fact serial-modem/parameters: surplus ones are ignored
		}
		if c.Shows != "" {
			event.Show(c.Name, c.Shows)
		}
		k.commands = append(k.commands, command{c.Name, &atcmd.Forms[*Exchange]{
			Bare: handler(c.Bare), Set: handler(c.Set), Read: handler(c.Read), Test: handler(c.Test),
		}})
	}
	return k
}

// Taking says which commands of the modem the services answer in another way than the
// modem, such as +CEREG. They are Interceptors, which see all others, too.
func (k *Kind) Taking(names ...string) *Kind {
	k.takes = names
	return k
}

// Name returns what the service is called.
func (k *Kind) Name() string { return k.name }

// Text returns a HandlerFunc that answers one fixed line, as most test forms do.
func Text[S Service](line string) HandlerFunc[S] {
	return func(_ S, x *Exchange) error {
		x.Line(line)
		return nil
	}
}

// Service returns the application's service of a kind, made if there is none yet.
func (h *Host) Service(k *Kind) Service {
	if s := h.Existing(k); s != nil {
		return s
	}
	s := k.make(h)
	// Whatever was used first: what all of them tell comes in the same order.
	place := func(k *Kind) int { return slices.Index(h.cfg.Dialect.Services, k) }
	i := 0
	for i < len(h.services) && place(h.services[i].kind) <= place(k) {
		i++
	}
	h.services = slices.Insert(h.services, i, running{k, s})
	return s
}

// Existing is Service that makes none: it returns nil.
func (h *Host) Existing(k *Kind) Service {
	for i := range h.services {
		if h.services[i].kind == k {
			return h.services[i].service
		}
	}
	return nil
}

// resumeServices lets services go on that a context has held back.
func (h *Host) resumeServices() {
	for _, r := range h.services {
		if s, ok := r.service.(Resumer); ok {
			s.Resume()
		}
	}
}
