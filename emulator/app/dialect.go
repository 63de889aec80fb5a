package app

import (
	"fmt"
	"strings"
	"time"

	"nrf91emu/atcmd"
)

// Delivery says when an application hands on notifications.
type Delivery uint8

const (
	// DeliverAtOnce writes them as they come, in AT Client and SLM (facts
	// at-host/response and serial-modem/notifications). They fall between a command and its answer if the modem sends them
	// there.
	DeliverAtOnce Delivery = iota
	// DeliverAfterCommand keeps them while a command runs, in Serial Modem v1.0.x
	// (fact serial-modem/notifications).
	DeliverAfterCommand
	// DeliverWhenIdle keeps them, in addition, until nothing has been received
	// for URCDelay, in Serial Modem main (fact serial-modem/notifications).
	DeliverWhenIdle
)

// A Dialect is an application as it differs from others in front of the same
// modem: the facts of its lines, and the services that it has. The package dialects
// has the table of them.
type Dialect struct {
	Name string
	// What says in a sentence which application and version this is.
	What string
	// Copied says which release or commit the facts were taken from and, where it is
	// known, when that was looked at.
	Copied string
	// Services are those that the application has. Their commands, in this order,
	// are what it answers itself; all others go to the modem.
	Services []*Kind

	Framing atcmd.Framing
	// SeekAT has a command begin at the first AT in its line.
	SeekAT bool
	// Banner is sent at start, byte for byte.
	Banner string
	// Echo says whether there is ATE0 and ATE1. Echo is off at start.
	Echo bool
	// EchoLimit is how many characters of a line are echoed.
	EchoLimit int
	// Framed puts CR LF in front of answers and notifications, and between the
	// information lines and the final result.
	Framed bool
	// Grammar makes the application itself answer ERROR to lines that are not AT
	// commands by its grammar; without it they go to the modem.
	Grammar bool
	// Parser reads the parameters of the application's own commands.
	Parser atcmd.Parser
	// LoseInput loses what is received while a command runs. Without it, it waits.
	LoseInput bool
	Delivery  Delivery
	// URCDelay is how long notifications wait after the last byte received, and
	// URCDelayEcho how long with echo on and a command half typed.
	URCDelay, URCDelayEcho time.Duration
	// ResponseLimit is the longest answer of the modem that the application's
	// buffer takes, in bytes, its line ends and OK included.
	ResponseLimit int
	// NotificationLimit bounds the notifications kept back, in bytes.
	NotificationLimit int
	// InlineLimit is the longest text that a command can send, in bytes; 0 is as
	// long as a line can be.
	InlineLimit int
	// DataModeErrno ends data mode after a failure with its errno; without it, the
	// number is -1.
	DataModeErrno bool
	// RestartModem starts a crashed modem again and tells the host.
	RestartModem bool
	// Sockets is how many sockets can be open; 0 is as many as the modem has.
	Sockets int

	mux  *atcmd.Mux[*Exchange] // of the services' commands, nil if there are none
	list []string              // names of the commands, as a host types them
	// interceptor is the service that stands between host and modem, nil if none does.
	interceptor *Kind
}

// NewDialect completes a dialect. It panics if two services have the same command.
// At most one may be an [Interceptor], beside services with commands.
func NewDialect(d Dialect) *Dialect {
	d.mux, d.list, d.interceptor = nil, nil, nil
	for _, k := range d.Services {
		if len(k.takes) > 0 {
			d.interceptor = k
		}
		for _, c := range k.commands {
			if d.mux == nil {
				d.mux = atcmd.NewMux[*Exchange]()
			}
			d.mux.Handle(c.name, c.forms)
			if c.name == "E" {
				d.list = append(d.list, "ATE0", "ATE1")
				continue
			}
			d.list = append(d.list, "AT"+c.name)
		}
	}
	return &d
}

// Commands returns the names of the commands that the application answers itself
// (fact serial-modem/command-lists),
// with AT in front, in the order of its services. The slice is not to be changed.
func (d *Dialect) Commands() []string { return d.list }

// Takes returns the commands of the modem that the application answers otherwise than the
// modem.
func (d *Dialect) Takes() []string {
	if d.interceptor == nil {
		return nil
	}
	return d.interceptor.takes
}

// MaxInline returns the longest text that a command can send, in bytes.
func (d *Dialect) MaxInline() int {
	if d.InlineLimit > 0 {
		return d.InlineLimit
	}
	return d.Framing.Limit
}

// Find returns the dialect of a table that has the given name, whatever its case.
func Find(table []*Dialect, name string) (*Dialect, error) {
	names := make([]string, len(table))
	for i, d := range table {
		if d.Name == strings.ToLower(name) {
			return d, nil
		}
		names[i] = d.Name
	}
	return nil, fmt.Errorf("there is no application %q; choose one of %s", name, strings.Join(names, ", "))
}
