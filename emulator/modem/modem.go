package modem

import (
	"errors"
	"sync"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/timer"
	"nrf91emu/keystore"
)

// Config is what a Modem is made of.
type Config struct {
	Profile  *profile.Profile  // shared, and not changed
	Identity *profile.Identity // shared, and not changed
	// Network is what is on the air. New completes it; nothing else changes it.
	Network *network.Network
	// Store keeps the credentials and the settings. It must have been opened with
	// the profile's Store rules.
	Store *keystore.Store
	// FlashCost returns what the flash has been through so far, for the record. It
	// may be nil.
	FlashCost func() event.Cost
	// Log is the event record; it may be nil.
	Log *event.Log
	// Run calls a function with the device's lock held, and has what it produced
	// sent afterwards. Timers use it.
	Run func(func())
	// Notify takes a notification, a line without its end. It is called with the
	// device's lock held and must not keep the slice.
	Notify func(line []byte)
	// Crashed is called when the modem has crashed. It may be nil.
	Crashed func(reason uint32)
	// OnNetwork is called when the modem has come online or has gone offline, and
	// when its functional mode has changed: sockets close at +CFUN=0 and 4 and
	// when the network is gone. It is called with the device's lock held and may
	// be nil.
	OnNetwork func(online bool, mode FunctionalMode)
	// Retained is what outlives a loss of power beside the flash: one for each
	// device. Nil means a new one.
	Retained *Retained
}

// A Modem is one emulated modem.
type Modem struct {
	cfg Config
	cmd atcmd.Command
	// exchange is the number of the command in hand, for the event record.
	exchange int
	// soon is what the command in hand wants done after its final result.
	soon []func()
	// busy is set while a command runs or what it left is done: what is told
	// meanwhile by others waits for its turn.
	busy bool

	timers  *timer.Group // they end with the power
	on      bool
	crashed bool

	cmee        bool
	radio       radio
	sim         sim
	reg         reg
	conn        connection
	contexts    contexts
	signal      signal
	coverage    coverage
	cells       cells
	extras      extras
	sms         smsClient
	cardSlot    int // of %CSUS
	profiles    cellularProfiles
	saving      saving
	edrx        edrx
	clock       clock
	events      events
	lastCause   lastCause
	supply      supply
	environment environment
	loop        resetLoop
	settings    settings
	told        networkState
	operators   operators
	bands       bands
	location    location
}

// New returns a modem without power.
func New(cfg Config) *Modem {
	if cfg.Retained == nil {
		cfg.Retained = new(Retained)
	}
	cfg.Network.Complete(cfg.Identity.HomePLMN())
	m := &Modem{cfg: cfg, timers: timer.NewGroup(cfg.Run)}
	m.coverage = coverage{absent: cfg.Network.Absent, signal: cfg.Network.Signal}
	m.supply.millivolts = DefaultSupply
	return m
}

// Profile returns what the modem is.
func (m *Modem) Profile() *profile.Profile { return m.cfg.Profile }

// Store returns the modem's credential store.
func (m *Modem) Store() *keystore.Store { return m.cfg.Store }

// PowerOn starts the modem: functional mode 0, +CMEE 0, no subscriptions, and
// the settings that were last stored (fact cfun/no-store-on-cut).
func (m *Modem) PowerOn() {
	m.stop()
	m.on = true
	m.clock.started = time.Now()
	m.loadSettings()
	m.checkResets()
	m.startSupply()
	m.startOutages()
	m.startPeriodicSave()
	m.saving.offline = true
	if m.cfg.Profile.BootsOffline {
		m.radio.offline = ModeOffline // fact cfun/boot
	}
}

// PowerOff ends the modem without storing anything, as a loss of power does.
// Settings that were changed and not stored are lost; the record says which.
func (m *Modem) PowerOff() {
	if m.on {
		m.reportLostSettings()
		m.countReset()
	}
	m.stop()
}

// Shutdown ends the modem in good order, as the application does with AT+CFUN=0
// before the power is taken away.
func (m *Modem) Shutdown() {
	if m.Alive() {
		m.radio = radio{}
		m.pauseRestriction()
		m.keepRestriction()
		m.clearResets()
		m.saveSettings(event.NVMModeOff)
		m.networkChanged()
	}
}

// stop forgets all that is not kept over a loss of power.
func (m *Modem) stop() {
	if m.cfg.Retained != nil {
		m.putBack()
	}
	m.timers.Stop()
	cfg, timers, around, millivolts, degrees := m.cfg, m.timers, m.coverage, m.supply.millivolts, m.environment.degrees
	*m = Modem{cfg: cfg, timers: timers, coverage: around}
	m.supply.millivolts, m.environment.degrees = millivolts, degrees
}

// Alive reports whether the modem answers: it has power and has not crashed.
func (m *Modem) Alive() bool { return m.on && !m.crashed }

// Execute runs one command line and returns its final result. The lines go to w. One
// command runs at a time (fact at/one-at-a-time), and none is echoed (fact at/no-echo).
// The exchange number is for the event record.
func (m *Modem) Execute(w *atcmd.Response, line []byte, exchange int) error {
	m.exchange = exchange
	m.busy = true
	defer func() { m.busy = false }()
	if err := m.cmd.Parse(line); err != nil {
		return err
	}
	if m.cmd.Tail != nil {
		// Only %XSUDO is documented to take a second command (fact at/concatenation).
		if string(m.cmd.Name) != sudoName {
			return atcmd.Errorf("commands cannot be joined with a semicolon")
		}
		return m.executeSigned(w, &m.cmd)
	}
	return m.execute(w, &m.cmd)
}

// execute runs one command.
func (m *Modem) execute(w *atcmd.Response, cmd *atcmd.Command) error {
	if len(cmd.Name) == 0 {
		return nil // AT
	}
	if !m.cfg.Profile.HasCommand(string(cmd.Name)) {
		return unknown(m, w, cmd)
	}
	return commands().ServeAT(m, w, cmd)
}

// Settle does what the last command left to be done after its final result. The
// application calls it when it has laid out the response.
func (m *Modem) Settle() {
	m.busy = true
	defer func() { m.busy = false }()
	for len(m.soon) > 0 {
		todo := m.soon
		m.soon = nil
		for _, fn := range todo {
			fn()
		}
	}
}

// Visible returns the final result that the host gets for err: with +CMEE=0 a
// code becomes a plain ERROR (fact errors/cmee), with +CMEE=1 each failure has a code, which
// is 0 where there is no better one (fact errors/code-0).
func (m *Modem) Visible(err error) atcmd.Result {
	r := atcmd.ResultOf(err)
	switch {
	case r.Kind == atcmd.ResultCME && !m.cmee:
		return atcmd.Result{Kind: atcmd.ResultError}
	case r.Kind == atcmd.ResultError && m.cmee:
		return atcmd.Result{Kind: atcmd.ResultCME, Code: event.CMEPhoneFailure}
	}
	return r
}

// after calls fn with the device's lock held when d has passed, unless the modem
// has been switched off by then. With d zero it is done after the final result
// of the command in hand.
func (m *Modem) after(d time.Duration, fn func()) (stop func()) {
	if d <= 0 {
		done := false
		m.soon = append(m.soon, func() {
			if !done {
				done = true
				fn()
			}
		})
		return func() { done = true }
	}
	return m.timers.After(d, func() {
		if m.crashed {
			return
		}
		exchange := m.exchange
		m.exchange = 0 // what happens now belongs to no command
		fn()
		m.Settle()
		m.exchange = exchange
	}).Stop
}

// notify sends an unsolicited line (fact at/notification), if the modem still can.
func (m *Modem) notify(line []byte) {
	if m.Alive() && m.cfg.Notify != nil {
		m.cfg.Notify(line)
	}
}

// Crash makes the modem stop answering until the next power-on, as it does after a
// fault of its own: its state is gone, and so are settings that were not stored. The
// reason goes to Config.Crashed, why to the record. Reason 0x4 is what the modem
// library reports for an oversize credential (fact cmng/oversize-read). It does
// nothing when the modem does not answer anyway.
func (m *Modem) Crash(reason uint32, why string) {
	if !m.Alive() {
		return
	}
	m.crashed = true
	m.cfg.Log.Add(event.Event{Power: &event.Power{Action: event.PowerCrash, Reason: why}})
	if m.cfg.Crashed != nil {
		m.cfg.Crashed(reason)
	}
}

// flashCost returns what the flash has been through so far.
func (m *Modem) flashCost() event.Cost {
	if m.cfg.FlashCost == nil {
		return event.Cost{}
	}
	return m.cfg.FlashCost()
}

// commands returns the table of the modem's commands, the same for all modems, which is
// made when it is first wanted. It is set by init, since AT+CLAC is one of them.
var commands func() *atcmd.Mux[*Modem]

func init() { commands = sync.OnceValue(newCommands) }

// ErrUnknownCommand is wrapped by what a command answers that the modem does not have.
var ErrUnknownCommand = errors.New("is not a command of this modem")

// unknown answers a command that the modem does not have: ERROR is seen, 0 with
// +CMEE=1 is what nrfcredstore expects (fact at/unknown-command-code). Some commands
// of real modems are unknown to this one (fact at/not-emulated).
func unknown(_ *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
	return atcmd.CME(event.CMEPhoneFailure, "%s %w", cmd.Name, ErrUnknownCommand)
}

type forms = atcmd.Forms[*Modem]

// takes returns a set form of one number from lo to hi, which what says in words.
func takes(lo, hi int, what string, do func(m *Modem, n int)) func(*Modem, *atcmd.Response, *atcmd.Command) error {
	return func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
		args := atcmd.ReadArgs(cmd)
		n := args.Int(lo, hi, what)
		if err := args.End(); err != nil {
			return err
		}
		do(m, n)
		return nil
	}
}

// subscribes returns a command's forms with those that take one number from 0 to hi
// added. It may be left out, with the equals sign too, and then is 0 (facts at/empty-list
// and at/bare-subscription).
func subscribes(hi int, what string, do func(m *Modem, n int), f forms) *forms {
	f.Set = func(m *Modem, _ *atcmd.Response, cmd *atcmd.Command) error {
		args := atcmd.ReadArgs(cmd)
		n := args.IntOr(0, 0, hi, what)
		if err := args.End(); err != nil {
			return err
		}
		do(m, n)
		return nil
	}
	f.Bare = f.Set
	return &f
}

// bitsArg reads a text of n bits, which needs its quotes: digits without them are a
// number (fact at/unquoted-text).
func bitsArg(args *atcmd.ArgReader, n int, what string) string {
	bits := string(args.Text(n, what))
	if args.Err() == nil && !network.IsBits(bits, n) {
		args.Fail("%s must be %d characters 0 and 1, not %q", what, n, bits)
	}
	return bits
}

// bitsOr is bitsArg for bits that may be left out, and then are missing.
func bitsOr(args *atcmd.ArgReader, missing string, n int, what string) string {
	if !args.Has() {
		args.Skip()
		return missing
	}
	return bitsArg(args, n, what)
}

func newCommands() *atcmd.Mux[*Modem] {
	mux := atcmd.NewMux[*Modem]()
	mux.NotFound = atcmd.HandlerFunc[*Modem](unknown)
	for _, family := range []map[string]*forms{
		generalCommands, identityCommands, modeCommands, simCommands, pinCommands,
		registrationCommands, operatorCommands, connectionCommands, contextCommands,
		signalCommands, powerSavingCommands, edrxCommands, sleepCommands, clockCommands, eventCommands,
		bandCommands, environmentCommands, factoryResetCommands,
		credentialCommands, supplyCommands, keyCommands, locationCommands, cellCommands,
		pinoutCommands, storedCommands, answeredCommands, cardCommands, searchCommands, smsCommands, cellularProfileCommands,
	} {
		for name, f := range family {
			mux.Handle(name, f)
		}
	}
	return mux
}
