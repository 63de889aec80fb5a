package app

import (
	"fmt"
	"strings"
	"sync"
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

// SendFailure is what comes of a send that has failed in data mode.
type SendFailure uint8

const (
	// FailureDrops drops what the host sends until its terminator, and the end tells of the
	// failure (fact serial-modem/data-mode).
	FailureDrops SendFailure = iota
	// FailureLoses loses what was to be sent, and nothing else (fact slm/data-mode-drops).
	FailureLoses
	// FailureEnds loses it and ends data mode, which tells nothing of it (fact
	// slm/data-mode-ends).
	FailureEnds
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
	// SendFailure is what comes of a send that has failed in data mode.
	SendFailure SendFailure
	// RestartModem starts a crashed modem again and tells the host.
	RestartModem bool
	// Sockets is how many sockets can be open; 0 is as many as the modem has.
	Sockets int

	// own returns what comes of the services' commands, made when it is first wanted.
	own func() *ownCommands
	// interceptor is the service that stands between host and modem, nil if none does.
	interceptor *Kind
}

// ownCommands are the commands of a dialect's services.
type ownCommands struct {
	mux  *atcmd.Mux[*Exchange] // nil if there are none
	list []string              // their names, as a host types them
}

// NewDialect completes a dialect. If two services have the same command, its first use
// panics. At most one may be an [Interceptor], beside services with commands.
func NewDialect(d Dialect) *Dialect {
	services := d.Services
	d.own = sync.OnceValue(func() *ownCommands { return commandsOf(services) })
	d.interceptor = nil
	for _, k := range services {
		if len(k.takes) > 0 {
			d.interceptor = k
		}
	}
	return &d
}

func commandsOf(services []*Kind) *ownCommands {
	own := new(ownCommands)
	for _, k := range services {
		for _, c := range k.commands {
			if own.mux == nil {
				own.mux = atcmd.NewMux[*Exchange]()
			}
			own.mux.Handle(c.name, c.forms)
			if c.name == "E" {
				own.list = append(own.list, "ATE0", "ATE1")
				continue
			}
			own.list = append(own.list, "AT"+c.name)
		}
	}
	return own
}

// Commands returns the names of the commands that the application answers itself
// (fact serial-modem/command-lists),
// with AT in front, in the order of its services. The slice is not to be changed.
func (d *Dialect) Commands() []string { return d.own().list }

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
