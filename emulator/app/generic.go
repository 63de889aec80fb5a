package app

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nrf91emu/atcmd"
)

// genericCommands are the commands of section 1.11 of serial-modem-at.md.
var genericCommands = []command{
	{"#XSMVER", &forms{Bare: (*App).version}},
	{"#XSLEEP", &forms{Set: (*App).sleep, Test: atcmd.Text[*App]("#XSLEEP: (1,2)")}},
	{"#XSHUTDOWN", &forms{Bare: (*App).shutdown}},
	{"#XRESET", &forms{Bare: (*App).reset}},
	{"#XMODEMRESET", &forms{Bare: (*App).resetModem}},
	{"#XUUID", &forms{Bare: (*App).uuid}},
	{"#XCLAC", &forms{Bare: (*App).listCommands}},
	{"#XDATACTRL", &forms{
		Set: (*App).setDataControl, Read: (*App).readDataControl,
		Test: atcmd.Text[*App]("#XDATACTRL=<time_limit>"), // with =, section 8
	}},
	{"E", &forms{Bare: (*App).setEcho}},
	{"+IPR", &forms{Set: (*App).setRate, Read: (*App).readRate, Test: (*App).testRate}},
}

const (
	// actionDelay is how long after OK the application resets or sleeps (seen in
	// source).
	actionDelay = 50 * time.Millisecond
	// restartTime is how long the modem takes to start anew (about a second,
	// serial-modem-at 6.1).
	restartTime = time.Second
	// faultCounter stands for the modem's program counter at a crash (chosen).
	faultCounter = 0x2c1b6
)

func (a *App) version(w *atcmd.Response, _ *atcmd.Command) error {
	w.Printf("#XSMVER: %q,%q", a.cfg.Dialect.Version, a.cfg.Dialect.SDK)
	return nil
}

// uuid asks the modem, which must be alive for it.
func (a *App) uuid(w *atcmd.Response, _ *atcmd.Command) error {
	if !a.cfg.Modem.Alive() {
		return atcmd.Errorf("the modem has crashed")
	}
	w.Printf("#XUUID: %s", a.cfg.Device.UUID())
	return nil
}

func (a *App) reset(*atcmd.Response, *atcmd.Command) error {
	a.after(actionDelay, a.cfg.Device.Reset)
	return nil
}

func (a *App) shutdown(*atcmd.Response, *atcmd.Command) error {
	a.after(actionDelay, func() { a.cfg.Device.Shutdown("AT#XSHUTDOWN: a reset or new power starts the device again") })
	return nil
}

// sleep is AT#XSLEEP: 1 switches off until a reset, 2 switches the UART off.
func (a *App) sleep(_ *atcmd.Response, cmd *atcmd.Command) error {
	mode, ok := cmd.Int(0, 1, 2)
	switch {
	case !ok:
		return atcmd.Errorf("#XSLEEP takes 1, deep sleep, or 2, idle")
	case mode == 1:
		a.after(actionDelay, func() { a.cfg.Device.Shutdown("AT#XSLEEP=1: a reset or new power wakes the device") })
	default:
		a.after(actionDelay, func() { a.asleep = a.running == nil && a.data == nil })
	}
	return nil
}

// wake ends AT#XSLEEP=2. The host does that with the DTR line, which not every
// link has: here whatever it sends is taken for it and is lost (chosen). Ready
// comes before anything that has waited (serial-modem-at 1.2).
func (a *App) wake(lost int) {
	a.problem("lost", lost, "the UART was off after AT#XSLEEP=2; what was sent has woken the device and is lost")
	a.asleep = false
	a.out = append(a.out, a.cfg.Dialect.Banner...)
	a.deliver()
}

// resetModem is AT#XMODEMRESET: the modem comes back in functional mode 0 and
// without sockets.
func (a *App) resetModem(w *atcmd.Response, _ *atcmd.Command) error {
	a.endSockets()
	wait := a.later()
	a.after(restartTime, func() {
		a.cfg.Device.ResetModem()
		if wait.live() {
			w.Line("#XMODEMRESET: 0")
			wait.finish(nil)
		}
	})
	return nil
}

// ModemCrashed is called when the modem has crashed. Serial Modem starts it
// again and says so; behind the AT Client it stays silent.
func (a *App) ModemCrashed(reason uint32) {
	if !a.cfg.Dialect.RestartModem {
		return
	}
	a.endSockets()
	a.notify(fmt.Appendf(nil, "#XMODEM: FAULT,0x%x,0x%x", reason, faultCounter), "application")
	a.after(restartTime, func() {
		if a.cfg.Modem.Alive() {
			return // #XMODEMRESET was quicker
		}
		a.notify([]byte("#XMODEM: SHUTDOWN,0"), "application")
		a.cfg.Device.ResetModem()
		a.notify([]byte("#XMODEM: INIT,0"), "application")
	})
}

// rates are those of AT+IPR (serial-modem-at 1.1, seen in source).
var rates = []int{defaultRate, 230400, 460800, 921600, 1000000}

const defaultRate = 115200

func (a *App) rate() int {
	if a.baud == 0 {
		return defaultRate
	}
	return a.baud
}

// setRate only keeps the rate: what the link does is not the application's.
func (a *App) setRate(_ *atcmd.Response, cmd *atcmd.Command) error {
	v, ok := cmd.Int(0, 0, 1<<30)
	if !ok || !slices.Contains(rates, int(v)) {
		return atcmd.Errorf("the UART has no such rate; AT+IPR=? lists those that it has")
	}
	a.baud = int(v)
	return nil
}

func (a *App) readRate(w *atcmd.Response, _ *atcmd.Command) error {
	w.Printf("+IPR: %d", a.rate())
	return nil
}

func (a *App) testRate(w *atcmd.Response, _ *atcmd.Command) error {
	all := make([]string, len(rates))
	for i, r := range rates {
		all[i] = strconv.Itoa(r)
	}
	w.Printf("+IPR: (),(%s)", strings.Join(all, ","))
	return nil
}
