package modem

import (
	"cmp"
	"slices"
	"strings"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/network"
)

// operators is the choice of a network.
type operators struct {
	format operatorFormat // as a difference, see shownFormat
	search func(error)    // ends an AT+COPS=? that is running
}

var operatorSettings = map[string]string{"+COPS": "0"}

// operatorCommands choose the network (fact registration/cops).
var operatorCommands = map[string]*forms{
	"+COPS": {Set: (*Modem).setOperator, Read: (*Modem).readOperator, Test: (*Modem).searchOperators},
	// As AT+COPS=?, also while there is a radio connection.
	"%COPS":    {Test: (*Modem).searchForced},
	"%XOPERID": {Bare: atcmd.Text[*Modem]("%XOPERID: 0")},
	"+COPN":    {Bare: func(*Modem, *atcmd.Response, *atcmd.Command) error { return nil }},
}

// operatorFormat is what AT+COPS=3 sets: 0 long, 1 short, 2 digits. The guide's
// examples read 2 where nothing was set (fact registration/cops-format).
type operatorFormat uint8

const formatDigits operatorFormat = 2

func (f operatorFormat) text(o *network.Operator) string {
	text := [...]string{o.Name, cmp.Or(o.ShortName, o.Name), o.PLMN}[f]
	return cmp.Or(text, o.PLMN)
}

// setOperator is AT+COPS=<mode>[,<format>[,"<oper>"[,<AcT>]]]. Its page lists no
// codes for the set form.
func (m *Modem) setOperator(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	value := "0"
	switch args.Int(0, 3, "the mode: 0 automatic, 1 with a network, 3 with a format") {
	case 0: // what follows is passed over
		args.Skip()
		args.Skip()
		args.Skip()
	case 1:
		args.OneOf("the format of a network, its digits", 2)
		plmn := string(args.Text(0, "the digits of the network"))
		if !network.IsPLMN(plmn) {
			args.Fail(`a network is five or six digits, as in AT+COPS=1,2,"24201"`)
		}
		value = `1,2,"` + plmn + `"`
		if args.Has() {
			args.OneOf("the access technology", 7, 9)
		} else {
			args.Skip()
		}
	case 2:
		return atcmd.Errorf("mode 2 of +COPS can be read only: AT+CFUN=4 ends the registration")
	case 3:
		format := args.Int(0, 2, "the format")
		if err := args.End(); err != nil {
			return err
		}
		m.operators.format = formatDigits - operatorFormat(format)
		return nil
	}
	if err := args.End(); err != nil {
		return err
	}
	m.set("+COPS", value)
	if m.radio.lte && !m.radio.receive && m.reg.started && (m.reg.operator == nil || m.reg.operator != m.selectOperator()) {
		m.soon = append(m.soon, func() {
			m.detach("another network was chosen")
			m.startSearch()
		})
	}
	return nil
}

// shownFormat returns the <format> of AT+COPS?. It is kept as a difference, so
// that zero is the default.
func (m *Modem) shownFormat() operatorFormat { return formatDigits - m.operators.format }

// chosenPLMN returns the network of a manual selection, "" for automatic.
func (m *Modem) chosenPLMN() string {
	_, plmn, _ := strings.Cut(m.setting("+COPS"), `"`)
	return strings.TrimSuffix(plmn, `"`)
}

// selectOperator returns the network that the modem attaches to, nil if there is
// none.
func (m *Modem) selectOperator() *network.Operator {
	n := m.cfg.Network
	chosen := m.chosenPLMN()
	switch {
	case m.coverage.absent || m.bandLocked():
		return nil
	case chosen == "" && !slices.Contains(m.reg.retry.refused, n.Operator.PLMN), chosen == n.Operator.PLMN:
		return &n.Operator
	}
	for i := range n.Others {
		o := &n.Others[i]
		if o.PLMN == chosen || chosen == "" && !o.Forbidden && !slices.Contains(m.reg.retry.refused, o.PLMN) {
			return o
		}
	}
	return nil
}

// roams reports whether the network in use is not the SIM's own.
func (m *Modem) roams() bool {
	if m.reg.operator == &m.cfg.Network.Operator {
		return m.cfg.Network.Roaming
	}
	return m.reg.operator.PLMN != m.cfg.Identity.HomePLMN()
}

func (m *Modem) readOperator(w *atcmd.Response, _ *atcmd.Command) error {
	mode := m.setting("+COPS")[:1]
	if !m.reg.registered() {
		w.Line("+COPS: " + mode)
		return nil
	}
	f := m.shownFormat()
	w.Printf("+COPS: %s,%d,%q,%d", mode, f, f.text(m.reg.operator), m.accessTechnology())
	return nil
}

// searchOperators is AT+COPS=?: 516 while there is a radio connection.
func (m *Modem) searchOperators(w *atcmd.Response, cmd *atcmd.Command) error {
	if m.conn.connected {
		return atcmd.CME(event.CMERadioActive, "a radio connection is active: wait for +CSCON: 0, or use %%COPS=?")
	}
	return m.searchForced(w, cmd)
}

func (m *Modem) searchForced(w *atcmd.Response, _ *atcmd.Command) error {
	if !m.radio.lte {
		return atcmd.Errorf("LTE is off: AT+CFUN=1 switches it on")
	}
	m.disconnect()
	if m.cfg.Network.SearchTime <= 0 {
		m.listOperators(w)
		return nil
	}
	finish := w.Later()
	if finish == nil {
		m.listOperators(w)
		return nil
	}
	m.operators.search = finish
	m.after(m.cfg.Network.SearchTime, func() {
		if m.operators.search != nil {
			m.operators.search = nil
			m.listOperators(w)
			finish(nil)
		}
	})
	return nil
}

// interruptSearch ends a search of AT+COPS=? with 521. That the partial result is
// not sent is a free choice.
func (m *Modem) interruptSearch() {
	if finish := m.operators.search; finish != nil {
		m.operators.search = nil
		finish(atcmd.CME(event.CMESearchInterrupted, "the network search was interrupted"))
	}
}

// listOperators writes the answer of a search. The names are left empty, as in
// the guide's example.
func (m *Modem) listOperators(w *atcmd.Response) {
	n := m.cfg.Network
	if m.coverage.absent {
		w.Line("+COPS: ") // fact registration/cops-search-empty
		return
	}
	w.Append(func(b []byte) []byte {
		b = append(b, "+COPS: "...)
		b = m.appendOperator(b, &n.Operator)
		for i := range n.Others {
			b = m.appendOperator(append(b, ','), &n.Others[i])
		}
		return b
	})
}

func (m *Modem) appendOperator(b []byte, o *network.Operator) []byte {
	stat := byte('1') // available
	switch {
	case m.reg.registered() && m.reg.operator == o:
		stat = '2'
	case o.Forbidden:
		stat = '3'
	}
	b = append(b, '(', stat)
	b = append(append(append(b, `,"","","`...), o.PLMN...), `",`...)
	return append(b, '0'+byte(m.accessTechnology()), ')')
}
