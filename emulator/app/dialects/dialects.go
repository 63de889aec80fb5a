package dialects

import (
	"slices"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/filter"
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

// serialModemMain is what was to become v2.0.0.
var serialModemMain = app.Dialect{
	Name:     "serial-modem-main",
	What:     "Serial Modem, main branch of 2026-06 (1.99.0)",
	Copied:   "commit e23c2bd of main, 2026-06-15",
	Services: []*app.Kind{generic.SMMain, sockets.SMMain, mqtt.SM10},
	Framing: atcmd.Framing{
		Terminator: atcmd.TerminatorCR, Limit: 8190, Overflow: atcmd.OverflowAtOnce,
		AwaitAT: true, QuoteOnErase: true, KeepNUL: true,
	},
	Banner: "Ready\r\n",
	Echo:   true, EchoLimit: 4096,
	Framed: true, Grammar: true,
	Parser:            atcmd.LibraryParser,
	Delivery:          app.DeliverWhenIdle, // fact serial-modem/notifications
	URCDelay:          100 * time.Millisecond,
	URCDelayEcho:      time.Second,
	ResponseLimit:     4096,
	NotificationLimit: 4096,
	RestartModem:      true,
	Sockets:           8, // fact sockets/limit
}

// serialModem20 is that with what the documents of v2.0.0 say otherwise.
func serialModem20() app.Dialect {
	d := serialModemMain
	d.Name = "serial-modem-2.0"
	d.What = "Serial Modem v2.0.0: its documents and release notes as of 2026-07, the rest as in the main branch before it"
	d.Copied = "documents and release notes of v2.0.0, looked at in 2026-07; source of commit e23c2bd, 2026-06-15"
	d.Services = []*app.Kind{generic.SM20, sockets.SMMain, mqtt.SM20, filter.SM20}
	return d
}

// table names the fact that each line rests on.
var table = []*app.Dialect{
	app.NewDialect(app.Dialect{
		Name:   "at-client",
		What:   "AT Client sample of nRF Connect SDK: hands everything to the modem and copies its answers",
		Copied: "lib/at_host of sdk-nrf; release and date were not noted",
		Framing: atcmd.Framing{
			Terminator: atcmd.TerminatorCR, Limit: 4095, Overflow: atcmd.OverflowDrop,
		}, // facts at-host/terminator, at-host/length, at-host/nul and at-host/quote-on-erase
		Banner:        "The AT host sample started\r\nReady\r\n", // fact at-host/banner
		LoseInput:     true,                                      // fact at-host/busy
		Delivery:      app.DeliverAtOnce,                         // fact at-host/response
		ResponseLimit: 4095,                                      // facts at-host/response-limit and at-host/long-answer
	}),
	app.NewDialect(app.Dialect{
		Name:     "serial-modem",
		What:     "Serial Modem v1.0.x (ncs-serial-modem)",
		Copied:   "tags v1.0.0 (2026-02) and v1.0.1 (2026-03)",
		Services: []*app.Kind{generic.SM10, sockets.SM10, mqtt.SM10},
		Framing: atcmd.Framing{
			Terminator: atcmd.TerminatorCR, Limit: 4095, Overflow: atcmd.OverflowAtEnd,
			AwaitAT: true, QuoteOnErase: true, KeepNUL: true,
		}, // facts serial-modem/terminator, serial-modem/seek-at, serial-modem/editing and serial-modem/overlong
		Banner: "Ready\r\n",           // fact serial-modem/banner
		Echo:   true, EchoLimit: 4096, // fact serial-modem/echo
		Framed: true, Grammar: true, // facts serial-modem/layout and serial-modem/grammar
		Parser:            atcmd.LibraryParser,     // fact serial-modem/parameters
		Delivery:          app.DeliverAfterCommand, // fact serial-modem/notifications
		URCDelayEcho:      time.Second,             // fact serial-modem/notifications
		ResponseLimit:     4096,                    // fact serial-modem/response-limit
		NotificationLimit: 4096,                    // fact serial-modem/notifications
		RestartModem:      true,                    // fact serial-modem/generic
		Sockets:           7,                       // fact sockets/limit
	}),
	app.NewDialect(serialModemMain),
	app.NewDialect(serialModem20()),
	app.NewDialect(app.Dialect{
		Name:     "slm",
		What:     "Serial LTE Modem of nRF Connect SDK 3.1, the application before Serial Modem",
		Copied:   "sdk-nrf 3.1.0 (2025-08)",
		Services: []*app.Kind{generic.NCS31, slm.NCS31, mqtt.NCS31},
		Framing: atcmd.Framing{
			Terminator: atcmd.TerminatorCRLF, Limit: 4095, Overflow: atcmd.OverflowAtEnd,
			QuoteOnErase: true, KeepNUL: true,
		}, // facts serial-modem/terminator, serial-modem/bare-cr, serial-modem/editing and serial-modem/overlong
		SeekAT: true,                // fact serial-modem/not-at-slm
		Banner: "Ready\r\n",         // fact serial-modem/banner
		Framed: true, Grammar: true, // facts serial-modem/layout and serial-modem/grammar
		Parser:        atcmd.LibraryParser, // fact serial-modem/parameters
		Delivery:      app.DeliverAtOnce,   // fact serial-modem/notifications
		ResponseLimit: 4096,                // fact serial-modem/response-limit
		RestartModem:  true,                // fact serial-modem/generic
		InlineLimit:   1024,                // fact serial-modem/inline-limit
		DataModeErrno: true,                // fact serial-modem/data-mode
		SendFailure:   app.FailureLoses,    // fact slm/data-mode-drops
		Sockets:       7,                   // fact sockets/limit
	}),
	app.NewDialect(app.Dialect{
		Name:     "slm-2.4",
		What:     "Serial LTE Modem of nRF Connect SDK 2.4, the version that Nordic's course was written for",
		Copied:   "sdk-nrf 2.4; the date was not noted",
		Services: []*app.Kind{generic.NCS24, slm.NCS24, mqtt.NCS24},
		Framing: atcmd.Framing{
			Terminator: atcmd.TerminatorCRLF, Limit: 4095, Overflow: atcmd.OverflowAtEnd,
			QuoteOnErase: true, KeepNUL: true,
		},
		SeekAT: true,
		Banner: "Ready\r\n",
		Framed: true, Grammar: true,
		Parser:        atcmd.OldLibraryParser, // fact serial-modem/parameters
		Delivery:      app.DeliverAtOnce,
		ResponseLimit: 4096,
		RestartModem:  true,
		InlineLimit:   1024,
		DataModeErrno: true,
		SendFailure:   app.FailureEnds, // fact slm/data-mode-ends
		Sockets:       7,
	}),
}
