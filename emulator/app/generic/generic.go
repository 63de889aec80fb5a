package generic

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/event"
)

// Facts are what differs between releases.
type Facts struct {
	// VersionCommand is the command that asks for the version, and Version and SDK
	// its answer.
	VersionCommand, Version, SDK string
	// NoModemReset says that there is no #XMODEMRESET.
	NoModemReset bool
	// UARTCommands says that there are ATE0, ATE1 and +IPR.
	UARTCommands bool
	// BootInfo says that there is #XBOOTINFO.
	BootInfo bool
	// LogModes is the highest mode of #XLOG; 0 says that there is none.
	LogModes int
}

// The releases.
var (
	// NCS24 is that of Serial LTE Modem of nRF Connect SDK 2.4; #XMODEMRESET came
	// with 2.5.
	NCS24 = New(Facts{
		VersionCommand: "#XSLMVER", Version: "2.4.0", SDK: "2.3.0", // the second, of the modem library, is chosen
		NoModemReset: true,
	})
	// NCS31 is that of Serial LTE Modem of nRF Connect SDK 3.1.
	NCS31 = New(Facts{
		VersionCommand: "#XSLMVER", Version: "3.1.0", SDK: "3.1.0", // the second, of the modem library, is chosen
	})
	// SM10 is that of Serial Modem v1.0.x.
	SM10 = New(Facts{
		VersionCommand: "#XSMVER",
		Version:        "v1.0.1", // fact serial-modem/versions
		SDK:            "3.2.4",  // the same
		UARTCommands:   true,
	})
	// SMMain is that of Serial Modem's main branch of 2026-06.
	SMMain = New(Facts{
		VersionCommand: "#XSMVER",
		Version:        "v1.99.0-67-ga9e396bc3d58", SDK: "3.3.99", // fact serial-modem/generic
		UARTCommands: true,
		BootInfo:     true,
		LogModes:     1,
	})
	// SM20 is that of Serial Modem v2.0.0.
	SM20 = New(Facts{
		VersionCommand: "#XSMVER",
		Version:        "v2.0.0", SDK: "3.4.0", // fact serial-modem/version-of-v2
		UARTCommands: true,
		BootInfo:     true,
		LogModes:     2,
	})
)

type service struct {
	facts *Facts
	host  *app.Host
	log   int // the mode of #XLOG
}

func (*service) Stop()           {}
func (*service) ModemGone(error) {}

type command = app.Command[*service]

// New returns a release of the service.
func New(facts Facts) *app.Kind {
	restart := command{Name: "#XMODEMRESET", Shows: app.Numbers, Bare: (*service).resetModem}
	commands := []command{
		{Name: facts.VersionCommand, Shows: app.Numbers, Bare: (*service).version},
		{Name: "#XSLEEP", Shows: app.Numbers, Set: (*service).sleep, Test: app.Text[*service]("#XSLEEP: (1,2)")},
		{Name: "#XSHUTDOWN", Shows: app.Numbers, Bare: (*service).shutdown},
		{Name: "#XRESET", Shows: app.Numbers, Bare: (*service).reset},
	}
	if facts.UARTCommands {
		commands = append(commands, restart)
	}
	commands = append(commands,
		command{Name: "#XUUID", Shows: app.Numbers, Bare: (*service).uuid},
		command{Name: "#XCLAC", Shows: app.Numbers, Bare: (*service).listCommands},
		command{
			Name: "#XDATACTRL", Shows: app.Numbers, Set: (*service).setDataControl, Read: (*service).readDataControl,
			Test: app.Text[*service]("#XDATACTRL=<time_limit>"), // with =, fact serial-modem/xdatactrl
		})
	switch {
	case facts.UARTCommands:
		commands = append(commands,
			command{Name: "E", Shows: app.Numbers, Bare: (*service).setEcho},
			command{Name: "+IPR", Shows: app.Numbers, Set: (*service).setRate, Read: (*service).readRate, Test: (*service).testRate})
	case !facts.NoModemReset:
		commands = append(commands, restart)
	}
	if facts.BootInfo {
		commands = append(commands, command{
			Name: "#XBOOTINFO", Shows: app.Numbers, Set: (*service).bootInfo, Test: app.Text[*service]("#XBOOTINFO: (0,1)"),
		})
	}
	if n := facts.LogModes; n > 0 {
		test := [...]string{1: "#XLOG: (0,1)", 2: "#XLOG: (0,1,2)"}[n]
		commands = append(commands, command{
			Name: "#XLOG", Shows: app.Numbers, Set: (*service).setLog, Read: (*service).readLog, Test: app.Text[*service](test),
		})
	}
	return app.NewKind("generic commands", func(h *app.Host) *service { return &service{facts: &facts, host: h} }, commands...)
}

// actionDelay is how long after OK the application resets or sleeps (fact
// serial-modem/action-delay).
const actionDelay = 50 * time.Millisecond

func (s *service) version(x *app.Exchange) error {
	x.Printf("%s: %q,%q", s.facts.VersionCommand, s.facts.Version, s.facts.SDK)
	return nil
}

// uuid asks the modem for a token, which has the UUID in it (fact serial-modem/xuuid).
func (s *service) uuid(x *app.Exchange) error {
	switch m := s.host.Modem(); {
	case !m.Alive():
		return atcmd.Errorf("the modem has crashed")
	case !m.Profile().HasCommand("%JWT"):
		return atcmd.Errorf("the application reads the UUID out of a token of AT%%JWT, which this modem firmware does not have")
	}
	x.Printf("#XUUID: %s", s.host.Board().UUID())
	return nil
}

// bootInfo is AT#XBOOTINFO=<what>: 0 is the version of the bootloader MCUboot, 1 its
// active slot (fact serial-modem/xbootinfo).
func (s *service) bootInfo(x *app.Exchange) error {
	const version, slot = 1, 0
	args := x.Args()
	what := args.Int(0, 1, "0 for the bootloader's version or 1 for the active slot")
	if err := args.Err(); err != nil {
		return err
	}
	x.Printf("#XBOOTINFO: %d", [...]int{version, slot}[what])
	return nil
}

// setLog is AT#XLOG=<mode>: 0 suspends the log on the second UART, 1 lets it go on, from
// v2.0.0 on without what is sensitive and with 2 in full (fact serial-modem/xlog).
func (s *service) setLog(x *app.Exchange) error {
	args := x.Args()
	mode := args.Int(0, s.facts.LogModes, "a mode of the log that this release has")
	if err := args.Err(); err != nil {
		return err
	}
	s.log = mode
	return nil
}

func (s *service) readLog(x *app.Exchange) error {
	x.Printf("#XLOG: %d", s.log)
	return nil
}

// listCommands is AT#XCLAC: one command a line, without blank lines between
// (fact serial-modem/xclac-order).
func (s *service) listCommands(x *app.Exchange) error {
	x.Line(strings.Join(s.host.Dialect().Commands(), "\r\n"))
	return nil
}

func (s *service) reset(*app.Exchange) error {
	s.host.After(actionDelay, s.host.Board().Reset)
	return nil
}

func (s *service) shutdown(*app.Exchange) error {
	s.switchOff("AT#XSHUTDOWN: a reset or new power starts the device again")
	return nil
}

func (s *service) switchOff(reason string) {
	s.host.After(actionDelay, func() { s.host.Board().Shutdown(reason) })
}

// resetModem is AT#XMODEMRESET: the modem comes back in functional mode 0 and
// without sockets.
func (s *service) resetModem(x *app.Exchange) error {
	x.Later()
	s.host.RestartModem(func() {
		x.Line("#XMODEMRESET: 0")
		x.Finish(nil)
	})
	return nil
}

// sleep is AT#XSLEEP: 1 switches off until a reset, 2 switches the UART off.
func (s *service) sleep(x *app.Exchange) error {
	args := x.Args()
	mode := args.Int(1, 2, "the depth of sleep, 1 deep or 2 idle")
	if err := args.Err(); err != nil {
		return err
	}
	if mode == 1 {
		s.switchOff("AT#XSLEEP=1: a reset or new power wakes the device")
		return nil
	}
	c := x.Context()
	s.host.After(actionDelay, func() {
		if !s.host.Busy() && !c.InData() {
			a := &asleep{host: s.host, context: c, channel: c.Channel()}
			a.awake = a.channel.Attach(a)
		}
	})
	return nil
}

// asleep is the receiver on a channel whose UART is off after AT#XSLEEP=2.
type asleep struct {
	host    *app.Host
	context *app.Context
	channel *app.Channel
	awake   app.Receiver // who has the channel otherwise
}

// Receive wakes the device. The host does that with the DTR line, which not every
// link has: here whatever it sends is taken for it and is lost (fact serial-modem/sleep). Ready
// comes before anything that has waited (fact serial-modem/banner).
func (a *asleep) Receive(p []byte) int {
	a.host.Problem(event.ProblemLost, len(p), "the UART was off after AT#XSLEEP=2; what was sent has woken the device and is lost")
	a.channel.Attach(a.awake)
	a.channel.Write([]byte(a.host.Dialect().Banner))
	a.context.Deliver()
	return len(p)
}

// setEcho is ATE0 and ATE1 (fact serial-modem/echo). The grammar has
// refused every other number.
func (s *service) setEcho(x *app.Exchange) error {
	args := x.Args()
	x.Context().SetEcho(args.Bool("0 or 1 for the echo"))
	return args.Err()
}

// setDataControl is AT#XDATACTRL=<time_limit>, in milliseconds.
func (s *service) setDataControl(x *app.Exchange) error {
	args := x.Args()
	c := x.Context()
	limit := args.Int(int(c.ShortestDataLimit()), math.MaxUint16, "the inactivity limit in milliseconds")
	if err := args.Err(); err != nil {
		return err
	}
	c.SetDataLimit(uint16(limit))
	return nil
}

func (s *service) readDataControl(x *app.Exchange) error {
	c := x.Context()
	x.Printf("#XDATACTRL: %d,%d", c.DataLimit(), c.ShortestDataLimit())
	return nil
}

func (s *service) setRate(x *app.Exchange) error {
	args := x.Args()
	rate := args.Int(0, 1<<30, "a rate in baud")
	if !slices.Contains(s.host.Rates(), rate) {
		args.Fail("the UART has no such rate; AT+IPR=? lists those that it has")
	}
	if err := args.End(); err != nil {
		return err
	}
	s.host.SetRate(rate)
	return nil
}

func (s *service) readRate(x *app.Exchange) error {
	x.Printf("+IPR: %d", s.host.Rate())
	return nil
}

func (s *service) testRate(x *app.Exchange) error {
	all := make([]string, len(s.host.Rates()))
	for i, r := range s.host.Rates() {
		all[i] = strconv.Itoa(r)
	}
	x.Line(fmt.Sprintf("+IPR: (),(%s)", strings.Join(all, ",")))
	return nil
}
