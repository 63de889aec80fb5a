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
	// RestartModem starts a crashed modem again and tells the host.
	RestartModem bool
	// Version and SDK are the answer to the command that asks for the version.
	Version, SDK string
	// Sockets is how many sockets can be open.
	Sockets int
	// RawServer lets a raw socket have role 1.
	RawServer bool
	// SocketOptions and SecureOptions are the option numbers of #XSOCKETOPT and
	// #XSSOCKETOPT.
	SocketOptions, SecureOptions []int

	// SeekAT has a command begin at the first AT in its line.
	SeekAT bool
	// InlineLimit is the longest text that a command can send, in bytes; 0 is as
	// long as a line can be.
	InlineLimit int
	// DataModeErrno ends data mode after a failure with its errno; without it, the
	// number is -1.
	DataModeErrno bool
	// MQTTClientID is the client id unless one is set.
	MQTTClientID string
	// MQTTIDInConnect has the client id in #XMQTTCON; there is no #XMQTTCFG.
	MQTTIDInConnect bool

	slm *slmFacts // of SLM alone
	own *commands // those that the application answers itself
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
		Delivery:          DeliverAfterCommand,                                        // 1.9, seen in source
		URCDelayEcho:      time.Second,                                                // 1.9, seen in source
		ResponseLimit:     4096,                                                       // 1.7, seen in source
		NotificationLimit: 4096,                                                       // 1.9, seen in source
		RestartModem:      true,                                                       // 1.11, seen in source
		MQTTClientID:      "sm_default_client_id",                                     // 4.1, seen in source
		Version:           "v1.0.1",                                                   // 0.1, documented
		SDK:               "3.2.1",                                                    // chosen: the releases do not say in one place
		Sockets:           7,                                                          // 7, seen in source
		SocketOptions:     []int{2, 20, 21, 30, 31, 32, 40, 61, 62},                   // 2.4, seen in source
		SecureOptions:     []int{2, 4, 5, 12, 13, 14, 15, 18, 22},                     // 2.5, seen in source
		own:               newCommands(genericCommands, socketCommands, mqttCommands), // 0.2, seen in source
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
		RestartModem:      true,
		MQTTClientID:      "sm_default_client_id",
		Version:           "v1.99.0-67-ga9e396bc3d58", SDK: "3.3.99", // 1.11, documented
		RawServer:     true,                                             // 2.1, seen in source
		Sockets:       8,                                                // 7, seen in source
		SocketOptions: []int{2, 20, 21, 30, 31, 32, 34, 40, 55, 61, 62}, // 2.4, seen in source
		SecureOptions: []int{2, 4, 5, 12, 13, 14, 15, 18, 19, 20, 22},   // 2.5, seen in source
		own:           newCommands(genericCommands, socketCommands, listenCommands, mqttCommands),
	},
	{
		Name: "slm",
		What: "Serial LTE Modem of nRF Connect SDK 3.1, the application before Serial Modem",
		Framing: atcmd.Framing{
			Terminator: atcmd.TerminatorCRLF, Limit: 4095, Overflow: atcmd.OverflowAtEnd,
			QuoteOnErase: true, KeepNUL: true,
		}, // 1.3, 1.7, seen in source
		SeekAT: true,                // 1.3, seen in source
		Banner: "Ready\r\n",         // 1.2, seen in source
		Framed: true, Grammar: true, // 1.5, 1.4, seen in source
		Delivery:      DeliverAtOnce,           // 1.9, seen in source
		ResponseLimit: 4096,                    // 1.7, documented
		RestartModem:  true,                    // 1.11, seen in source
		InlineLimit:   1024,                    // 1.7, seen in source
		DataModeErrno: true,                    // 1.10, seen in source
		MQTTClientID:  "slm_default_client_id", // 4.1, seen in source
		Version:       "3.1.0", SDK: "3.1.0",   // the second, of the modem library, is chosen
		Sockets:       7,                                            // 7, seen in source
		SocketOptions: []int{2, 20, 21, 30, 31, 32, 40, 55, 61, 62}, // 3.2, seen in source
		SecureOptions: []int{2, 4, 5, 12, 13, 14, 15, 18},           // 3.2, seen in source
		slm: &slmFacts{
			PortInReceiveFrom: true, // 3.4, documented: from 2.5
			ProxyVerify:       true, // 0.1, documented: from 2.6
			ProxyContext:      true, // 0.1, documented: from 3.1
			SendFlags:         true, // 3.4, documented: from 3.1
			TellLoss:          true, // 1.10, documented: from 2.8
		},
		own: newCommands(slmGenericCommands, slmCommandsFrom25, slmSocketCommands, slmPollingCommands,
			slmTCPCommands("#XTCPCLI: (0,1,2),<url>,<port>,<sec_tag>,<peer_verify>,<hostname_verify>,<cid>"),
			slmUDPCommands("#XUDPCLI: (0,1,2),<url>,<port>,<sec_tag>,<use_dtls_cid>,<peer_verify>,<hostname_verify>"),
			mqttCommands), // 0.2, 3.8
	},
	{
		Name: "slm-2.4",
		What: "Serial LTE Modem of nRF Connect SDK 2.4, the version that Nordic's course was written for",
		Framing: atcmd.Framing{
			Terminator: atcmd.TerminatorCRLF, Limit: 4095, Overflow: atcmd.OverflowAtEnd,
			QuoteOnErase: true, KeepNUL: true,
		},
		SeekAT: true,
		Banner: "Ready\r\n",
		Framed: true, Grammar: true,
		Delivery:        DeliverAtOnce,
		ResponseLimit:   4096,
		RestartModem:    true,
		InlineLimit:     1024,
		DataModeErrno:   true,
		MQTTIDInConnect: true,                  // 4.1, documented: until 2.6
		Version:         "2.4.0", SDK: "2.3.0", // the second, of the modem library, is chosen
		Sockets:       7,
		SocketOptions: []int{2, 20, 21, 30, 31, 32, 40, 50, 51, 52, 53, 54, 55}, // 2.4, documented
		SecureOptions: []int{2, 4, 5, 12, 13, 14},                               // 2.5: what came with 2.5 is missing
		slm: &slmFacts{
			TimeoutIs14: true, // 0.1, documented that 2.5 has given it another number; 14 is inferred
		},
		own: newCommands(slmGenericCommands, slmSocketCommands,
			slmTCPCommands("#XTCPCLI: (0,1,2),<url>,<port>,<sec_tag>"),
			slmUDPCommands("#XUDPCLI: (0,1,2),<url>,<port>,<sec_tag>"),
			mqttCommandsBefore26), // 0.1; the test forms are inferred
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
