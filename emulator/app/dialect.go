// Package app is what owns the UART of an nRF91: the application on the chip's
// other processor, which hands AT lines on to the modem and decides how answers
// look on the wire. The AT Client sample copies them as they are, Serial Modem
// frames them and has commands of its own.
//
// An [App] has no goroutine and no lock: its methods are called with the
// device's lock held. What it wants sent collects in its output, which the
// device hands to the port in one piece.
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
	// DeliverAtOnce writes them as they come (seen in source: AT host library,
	// SLM). They fall between a command and its answer if the modem sends them
	// there.
	DeliverAtOnce Delivery = iota
	// DeliverAfterCommand keeps them while a command runs (seen in source:
	// Serial Modem v1.0.x).
	DeliverAfterCommand
	// DeliverWhenIdle keeps them, in addition, until nothing has been received
	// for URCDelay (seen in source: Serial Modem main).
	DeliverWhenIdle
)

// A Dialect is an application as it differs from others in front of the same
// modem. All facts that depend on the application stand in [Dialects].
type Dialect struct {
	Name string
	// What says in a sentence which application and version this is.
	What    string
	Framing atcmd.Framing
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
	// LoseInput loses what is received while a command runs. Without it, it waits.
	LoseInput bool
	Delivery  Delivery
	// URCDelay is how long notifications wait after the last byte received, and
	// URCDelayEcho how long with echo on and a command half typed.
	URCDelay, URCDelayEcho time.Duration
	// ResponseLimit is the longest answer of the modem that the application's
	// buffer takes, in bytes.
	ResponseLimit int
	// NotificationLimit bounds the notifications kept back, in bytes.
	NotificationLimit int
}

// Dialects is the table of applications, with the source of each fact in
// serial-modem-at.md and nrf91-at.md.
var Dialects = []Dialect{
	{
		Name: "at-client",
		What: "AT Client sample of nRF Connect SDK: hands everything to the modem and copies its answers",
		Framing: atcmd.Framing{
			Terminator: atcmd.TerminatorCR, Limit: 4095, Overflow: atcmd.OverflowDrop,
		}, // nrf91-at 1.5, seen in source
		Banner:        "The AT host sample started\nReady\n", // serial-modem-at 1.14, seen in source
		LoseInput:     true,                                  // nrf91-at 1.5, seen in source
		Delivery:      DeliverAtOnce,                         // nrf91-at 1.5, seen in source
		ResponseLimit: 4095,                                  // nrf91-at 1.5, seen in source
	},
	{
		Name: "serial-modem",
		What: "Serial Modem v1.0.x (ncs-serial-modem)",
		Framing: atcmd.Framing{
			Terminator: atcmd.TerminatorCR, Limit: 4095, Overflow: atcmd.OverflowAtEnd,
			AwaitAT: true, QuoteOnErase: true, KeepNUL: true,
		}, // serial-modem-at 1.3, 1.7, seen in source
		Banner: "Ready\r\n",           // 1.2, seen in source
		Echo:   true, EchoLimit: 4096, // 1.8, 1.7, seen in source
		Framed: true, Grammar: true, // 1.5, 1.4, seen in source
		Delivery:          DeliverAfterCommand, // 1.9, seen in source
		URCDelayEcho:      time.Second,         // 1.9, seen in source
		ResponseLimit:     4096,                // 1.7, seen in source
		NotificationLimit: 4096,                // 1.9, seen in source
	},
	{
		Name: "serial-modem-main",
		What: "Serial Modem, main branch of 2026-06 (1.99.0)",
		Framing: atcmd.Framing{
			Terminator: atcmd.TerminatorCR, Limit: 8190, Overflow: atcmd.OverflowAtOnce,
			AwaitAT: true, QuoteOnErase: true, KeepNUL: true,
		},
		Banner: "Ready\r\n",
		Echo:   true, EchoLimit: 4096,
		Framed: true, Grammar: true,
		Delivery:          DeliverWhenIdle, // 1.9, seen in source
		URCDelay:          100 * time.Millisecond,
		URCDelayEcho:      time.Second,
		ResponseLimit:     4096,
		NotificationLimit: 4096,
	},
}

// DefaultDialect is the application of a device of which nothing is said.
const DefaultDialect = "at-client"

// LookupDialect returns the application of that name.
func LookupDialect(name string) (*Dialect, error) {
	names := make([]string, len(Dialects))
	for i := range Dialects {
		if Dialects[i].Name == strings.ToLower(name) {
			return &Dialects[i], nil
		}
		names[i] = Dialects[i].Name
	}
	return nil, fmt.Errorf("there is no application %q; choose one of %s", name, strings.Join(names, ", "))
}
