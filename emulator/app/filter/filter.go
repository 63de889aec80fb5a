package filter

import (
	"bytes"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
)

// SM20 is the filter of Serial Modem v2.0.0.
var SM20 = app.NewKind("filter of notifications", func(h *app.Host) *service { return &service{host: h} }).Taking("+CGEREP", "+CEREG", "%XTIME")

// subscription is a command that the application has for itself, and the notification.
type subscription struct{ command, line string }

// subscriptions are in the order in which the application subscribes.
var subscriptions = [...]subscription{
	{"+CGEREP", "+CGEV: "},
	{"+CEREG", "+CEREG: "},
	{"%XTIME", "%XTIME:"},
}

type service struct {
	host *app.Host
	// told says, for each subscription, that the host has asked for it.
	told [len(subscriptions)]bool
}

// Stop implements [app.Service].
func (*service) Stop() {}

// ModemGone implements [app.Service]. What the host has asked for stays.
func (*service) ModemGone(error) {}

// The functional modes that the filter looks for.
const (
	modeOff   = 0
	modeFull  = 1
	modeLTEOn = 21
	highest   = 1<<32 - 1
)

// Intercept implements [app.Interceptor].
func (s *service) Intercept(x *app.Exchange) (handled bool, err error) {
	cmd := x.Command()
	name := string(cmd.Name)
	if name == "+CFUN" && cmd.Form == atcmd.FormSet {
		return true, s.setMode(x, cmd)
	}
	for i := range subscriptions {
		if subscriptions[i].command == name {
			return true, s.subscribe(x, cmd, i)
		}
	}
	return false, nil
}

// setMode subscribes for the application when LTE is switched on, whatever the host has
// asked for before, and forgets the host's subscriptions when the modem is switched off.
func (s *service) setMode(x *app.Exchange, cmd *atcmd.Command) error {
	mode, _ := cmd.Int(0, 0, highest)
	whole := len(cmd.Args) > 0 && cmd.Args[0].Kind == atcmd.ArgInt
	if err := x.Pass(); err != nil || !whole {
		return err
	}
	switch mode {
	case modeFull, modeLTEOn:
		for _, one := range subscriptions {
			if err := s.host.Order("AT" + one.command + "=1"); err != nil {
				return err
			}
		}
	case modeOff:
		s.told = [len(subscriptions)]bool{}
	}
	return nil
}

// subscribe answers one of the commands. The end of a subscription does not reach the
// modem, and the read form shows the host's own.
func (s *service) subscribe(x *app.Exchange, cmd *atcmd.Command, i int) error {
	mode, set := cmd.Int(0, 0, highest)
	empty := cmd.Form == atcmd.FormBare || cmd.Form == atcmd.FormSet && len(cmd.Params) == 0
	switch {
	case empty:
		x.Own()
		return atcmd.Errorf("the application does not take AT%s without a number: send AT%s=0", cmd.Name, cmd.Name)
	case set && mode == 0:
		s.told[i] = false
		return nil
	}
	if err := x.Pass(); err != nil {
		return err
	}
	if cmd.Form == atcmd.FormRead {
		s.showOwn(x, i)
	}
	if set {
		s.told[i] = true
	}
	return nil
}

// showOwn puts what the host has asked for in the place of the number in front.
func (s *service) showOwn(x *app.Exchange, i int) {
	head := subscriptions[i].command + ": "
	for line := range x.Lines {
		switch {
		case len(line) <= len(head):
		case !s.told[i]:
			line[len(head)] = '0'
		case subscriptions[i].command != "+CEREG": // which has levels
			line[len(head)] = '1'
		}
		return
	}
}

// ModemLine implements [app.Interceptor].
func (s *service) ModemLine(line []byte) (keep bool) {
	for i := range subscriptions {
		if bytes.HasPrefix(line, []byte(subscriptions[i].line)) {
			return s.told[i]
		}
	}
	return true
}
