// Package dialects is the table of applications: each is the facts of its lines and
// a list of services with their releases. A new release of an application is one
// entry here, and a release of each service that has changed with it.
package dialects

import (
	"slices"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/generic"
	"nrf91emu/emulator/app/mqtt"
	"nrf91emu/emulator/app/slm"
	"nrf91emu/emulator/app/sockets"
)

// Default is the application of a device of which nothing is said.
const Default = "at-client"

// All returns all applications.
func All() []*app.Dialect { return slices.Clone(table) }

// Lookup returns the application of that name, whatever its case.
func Lookup(name string) (*app.Dialect, error) { return app.Find(table, name) }

// table has the source of each fact in serial-modem-at.md and nrf91-at.md.
var table = []*app.Dialect{
	app.NewDialect(app.Dialect{
		Name: "at-client",
		What: "AT Client sample of nRF Connect SDK: hands everything to the modem and copies its answers",
		Framing: atcmd.Framing{
			Terminator: atcmd.TerminatorCR, Limit: 4095, Overflow: atcmd.OverflowDrop,
		}, // nrf91-at 1.5, seen in source
		Banner:        "The AT host sample started\nReady\n", // serial-modem-at 1.14, seen in source
		LoseInput:     true,                                  // nrf91-at 1.5, seen in source
		Delivery:      app.DeliverAtOnce,                     // nrf91-at 1.5, seen in source
		ResponseLimit: 4095,                                  // nrf91-at 1.5, seen in source
	}),
	app.NewDialect(app.Dialect{
		Name:     "serial-modem",
		What:     "Serial Modem v1.0.x (ncs-serial-modem)",
		Services: []*app.Kind{generic.SM10, sockets.SM10, mqtt.SM10},
		Framing: atcmd.Framing{
			Terminator: atcmd.TerminatorCR, Limit: 4095, Overflow: atcmd.OverflowAtEnd,
			AwaitAT: true, QuoteOnErase: true, KeepNUL: true,
		}, // serial-modem-at 1.3, 1.7, seen in source
		Banner: "Ready\r\n",           // 1.2, seen in source
		Echo:   true, EchoLimit: 4096, // 1.8, 1.7, seen in source
		Framed: true, Grammar: true, // 1.5, 1.4, seen in source
		Delivery:          app.DeliverAfterCommand, // 1.9, seen in source
		URCDelayEcho:      time.Second,             // 1.9, seen in source
		ResponseLimit:     4096,                    // 1.7, seen in source
		NotificationLimit: 4096,                    // 1.9, seen in source
		RestartModem:      true,                    // 1.11, seen in source
		Sockets:           7,                       // 7, seen in source
	}),
	app.NewDialect(app.Dialect{
		Name:     "serial-modem-main",
		What:     "Serial Modem, main branch of 2026-06 (1.99.0)",
		Services: []*app.Kind{generic.SMMain, sockets.SMMain, mqtt.SM10},
		Framing: atcmd.Framing{
			Terminator: atcmd.TerminatorCR, Limit: 8190, Overflow: atcmd.OverflowAtOnce,
			AwaitAT: true, QuoteOnErase: true, KeepNUL: true,
		},
		Banner: "Ready\r\n",
		Echo:   true, EchoLimit: 4096,
		Framed: true, Grammar: true,
		Delivery:          app.DeliverWhenIdle, // 1.9, seen in source
		URCDelay:          100 * time.Millisecond,
		URCDelayEcho:      time.Second,
		ResponseLimit:     4096,
		NotificationLimit: 4096,
		RestartModem:      true,
		Sockets:           8, // 7, seen in source
	}),
	app.NewDialect(app.Dialect{
		Name:     "slm",
		What:     "Serial LTE Modem of nRF Connect SDK 3.1, the application before Serial Modem",
		Services: []*app.Kind{generic.NCS31, slm.NCS31, mqtt.NCS31},
		Framing: atcmd.Framing{
			Terminator: atcmd.TerminatorCRLF, Limit: 4095, Overflow: atcmd.OverflowAtEnd,
			QuoteOnErase: true, KeepNUL: true,
		}, // 1.3, 1.7, seen in source
		SeekAT: true,                // 1.3, seen in source
		Banner: "Ready\r\n",         // 1.2, seen in source
		Framed: true, Grammar: true, // 1.5, 1.4, seen in source
		Delivery:      app.DeliverAtOnce, // 1.9, seen in source
		ResponseLimit: 4096,              // 1.7, documented
		RestartModem:  true,              // 1.11, seen in source
		InlineLimit:   1024,              // 1.7, seen in source
		DataModeErrno: true,              // 1.10, seen in source
		Sockets:       7,                 // 7, seen in source
	}),
	app.NewDialect(app.Dialect{
		Name:     "slm-2.4",
		What:     "Serial LTE Modem of nRF Connect SDK 2.4, the version that Nordic's course was written for",
		Services: []*app.Kind{generic.NCS24, slm.NCS24, mqtt.NCS24},
		Framing: atcmd.Framing{
			Terminator: atcmd.TerminatorCRLF, Limit: 4095, Overflow: atcmd.OverflowAtEnd,
			QuoteOnErase: true, KeepNUL: true,
		},
		SeekAT: true,
		Banner: "Ready\r\n",
		Framed: true, Grammar: true,
		Delivery:      app.DeliverAtOnce,
		ResponseLimit: 4096,
		RestartModem:  true,
		InlineLimit:   1024,
		DataModeErrno: true,
		Sockets:       7,
	}),
}
