package modem

import (
	"strconv"
	"strings"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/network"
)

// searchCommands say how and where the modem looks for networks, and how loud it is. They
// are kept, and the emulated search is the same with all of them (fact
// settings/stored-only).
var searchCommands = map[string]*forms{
	"%PERIODICSEARCHCONF": {Set: (*Modem).configureSearch},
	"%XDEEPSEARCH": {
		Set:  stored(func(_ *Modem, args *atcmd.ArgReader) { args.Bool("1 to allow it or 0") }).Set,
		Read: readKept,
		Test: (*Modem).searchDeeply,
	},
	"%XCOUNTRYDATA": {Set: (*Modem).setCountryData, Read: func(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
		if m.setting("%XCOUNTRYDATA") == "" {
			return nil
		}
		return readKept(m, w, cmd)
	}},
	"%PALL":  {Set: (*Modem).setAccessList},
	"%XEMPR": {Bare: (*Modem).setPower, Set: (*Modem).setPower, Read: (*Modem).readPower},
}

// configureSearch is AT%PERIODICSEARCHCONF=<mode>[,<loop>,<return>,<bands>,"<pattern>"...]
// (fact cells/periodicsearchconf).
func (m *Modem) configureSearch(w *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	mode := args.Int(0, 3, "0 to write, 1 to read, 2 to clear or 3 to search now")
	bad := ""
	if mode == 0 && args.Err() == nil {
		args.Bool("1 to repeat the last pattern or 0")
		args.Int(0, 4, "the pattern to return to")
		args.Int(0, 20, "how often all bands are searched")
		for i := 0; i < 4 && (i == 0 || args.Len() > 0); i++ {
			if text := string(args.Text(64, "a pattern")); args.Err() == nil && !isSearchPattern(text) {
				bad = text
			}
		}
	}
	if err := args.End(); err != nil {
		return err
	}
	kept := m.setting("%PERIODICSEARCHCONF")
	switch {
	case bad != "":
		return atcmd.CME(event.CMEInvalidContent, "%q is not a search pattern", bad)
	case mode == 0:
		_, text, _ := strings.Cut(written(cmd), ",")
		m.set("%PERIODICSEARCHCONF", text)
	case mode == 1 && kept == "":
		return atcmd.CME(event.CMENotFound, "no search is configured")
	case mode == 1:
		w.Line("%PERIODICSEARCHCONF: " + kept)
	case mode == 2:
		m.set("%PERIODICSEARCHCONF", "")
	}
	return nil
}

// isSearchPattern reports whether a text is a range, 0,<s>,<s>,[<min>],<min>, or a table,
// 1,<s> with up to four more.
func isSearchPattern(text string) bool {
	parts := strings.Split(text, ",")
	number := func(i, most int) (int, bool) {
		v, err := strconv.Atoi(parts[i])
		return v, err == nil && v >= 0 && v <= most
	}
	switch {
	case parts[0] == "0" && len(parts) == 5:
		_, ok1 := number(1, 65535)
		_, ok2 := number(2, 65535)
		end, ok3 := number(4, 1080)
		if parts[3] == "" {
			return ok1 && ok2 && ok3
		}
		reached, ok4 := number(3, 1080)
		return ok1 && ok2 && ok3 && ok4 && reached <= end
	case parts[0] == "1" && len(parts) >= 2 && len(parts) <= 6:
		for i := range parts[1:] {
			if _, ok := number(i+1, 65535); !ok {
				return false
			}
		}
		return true
	}
	return false
}

// searchDeeply is AT%XDEEPSEARCH=?, which triggers the search (fact cells/deepsearch).
func (m *Modem) searchDeeply(w *atcmd.Response, _ *atcmd.Command) error {
	if m.setting("%XDEEPSEARCH") != "1" {
		return atcmd.Errorf("the deep search is not allowed: AT%%XDEEPSEARCH=1 allows it")
	}
	w.Line("%XDEEPSEARCH")
	return nil
}

// maxCountries is how many countries %XCOUNTRYDATA takes.
const maxCountries = 70

// setCountryData is AT%XCOUNTRYDATA=<0|1>[,"<act>,<mcc>,<band>,<earfcn>..."...] (fact
// settings/countrydata).
func (m *Modem) setCountryData(_ *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	write := args.Bool("1 to write or 0 to delete")
	for n := 0; write && args.Err() == nil && (n == 0 || args.Len() > 0); n++ {
		if text := string(args.Text(200, "the bands of a country")); args.Err() == nil && (n == maxCountries || !isCountry(text)) {
			args.Fail("%q is not a country of %%XCOUNTRYDATA, or one too many", text)
		}
	}
	switch err := args.End(); {
	case err != nil:
		return err
	case m.radio.active:
		return atcmd.CME(event.CMEActiveState, "%%XCOUNTRYDATA is allowed only with the modem offline: send AT+CFUN=4 first")
	}
	value := ""
	if write {
		_, value, _ = strings.Cut(written(cmd), ",")
	}
	if m.set("%XCOUNTRYDATA", value); m.settings.changed && !m.settings.countryTimer {
		m.settings.countryTimer = true
		m.after(countryDataEvery, func() {
			m.settings.countryTimer = false
			if m.settings.changed {
				_ = m.saveSettings(event.NVMPeriodic) // the record says why it could not
			}
		})
	}
	return nil
}

func isCountry(text string) bool {
	parts := strings.Split(text, ",")
	if len(parts) < 4 || len(parts)%2 != 0 || parts[0] != "4" && parts[0] != "5" || len(parts[1]) != 3 {
		return false
	}
	for _, p := range parts {
		if v, err := strconv.Atoi(p); err != nil || v < 0 {
			return false
		}
	}
	return true
}

// setAccessList is AT%PALL=<0 write|1 read|2 clear>[,<type>,"<plmn>",<act>...] (fact
// cells/pall). A list that has something is read without a blank behind the colon.
func (m *Modem) setAccessList(w *atcmd.Response, cmd *atcmd.Command) error {
	args := atcmd.ReadArgs(cmd)
	mode := args.Int(0, 2, "0 to write, 1 to read or 2 to clear")
	if mode == 0 && args.Err() == nil {
		args.Int(0, 1, "the type of list")
		for first := true; args.Err() == nil && (first || args.Len() > 0); first = false {
			if plmn := string(args.Text(6, "a network")); args.Err() == nil && !network.IsPLMN(plmn) {
				args.Fail("%q is not a network: five or six digits", plmn)
			}
			args.Int(1, 7, "its technologies")
		}
	}
	if err := args.End(); err != nil {
		return err
	}
	switch mode {
	case 0:
		_, text, _ := strings.Cut(written(cmd), ",")
		m.set("%PALL", text)
	case 1:
		if list := m.setting("%PALL"); list != "" {
			w.Line("%PALL:" + list)
		} else {
			w.Line("%PALL: ")
		}
	case 2:
		m.set("%PALL", "")
	}
	return nil
}

// setPower is AT%XEMPR[=<mode>,<k>,<band>,<reduction>...] and AT%XEMPR=<mode>,0,<reduction>
// for all bands; alone it deletes (fact settings/empr).
func (m *Modem) setPower(_ *atcmd.Response, cmd *atcmd.Command) error {
	switch {
	case m.setting("%XPRODDONE") != "":
		return atcmd.Errorf("%%XPRODDONE has blocked %%XEMPR for good")
	case m.radio.active:
		return atcmd.Errorf("%%XEMPR is allowed only before the activation")
	case cmd.Form == atcmd.FormBare:
		m.set("%XEMPR", "")
		return nil
	}
	args := atcmd.ReadArgs(cmd)
	mode := args.Int(0, 1, "0 for NB-IoT or 1 for LTE-M")
	n := args.Int(0, maxBand, "the number of bands, 0 for all")
	if n == 0 {
		args.Int(0, 2, "the reduction")
	}
	for ; n > 0 && args.Err() == nil; n-- {
		args.Int(1, maxBand, "a band")
		args.Int(0, 2, "its reduction")
	}
	if err := args.End(); err != nil {
		return err
	}
	groups := map[int]string{mode: written(cmd)}
	for g := range strings.SplitSeq(m.setting("%XEMPR"), ";") {
		if g != "" && int(g[0]-'0') != mode {
			groups[1-mode] = g
		}
	}
	m.set("%XEMPR", strings.Trim(groups[0]+";"+groups[1], ";"))
	return nil
}

func (m *Modem) readPower(w *atcmd.Response, _ *atcmd.Command) error {
	w.Line("%XEMPR:")
	for g := range strings.SplitSeq(m.setting("%XEMPR"), ";") {
		if g != "" {
			w.Line(g)
		}
	}
	return nil
}
