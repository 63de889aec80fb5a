package profile

import (
	"fmt"
	"slices"
	"strings"

	"nrf91emu/keystore"
)

// A Version is the version of a modem firmware, such as 1.3.7. The versions of
// both chips stand in one line: whatever 1.3.x brought, 2.0.0 has.
type Version struct{ Major, Minor, Patch int }

// String returns the version with dots.
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// AtLeast reports whether v is w or later.
func (v Version) AtLeast(w Version) bool {
	return slices.Compare([]int{v.Major, v.Minor, v.Patch}, []int{w.Major, w.Minor, w.Patch}) >= 0
}

// A Chip is a device in which the modem is built in.
type Chip struct {
	Name string // "nRF9160"
	// Model is what AT+CGMM answers and Hardware what stands behind
	// "%HWVERSION: ".
	Model, Hardware string
	// DeviceType is the number of the chip in attestation tokens (fact
	// keys/device-types).
	DeviceType int
	// TypeAllocation (fact identity/type-allocation) is the first eight digits of the IMEIs given to emulated
	// devices.
	TypeAllocation string
	// Family is how the chip is called in the firmware's name.
	Family string
}

// The chips. The models of nRF9161 and nRF9131 are inferred from %HWVERSION, the
// others are seen, as are the hardware texts but for nRF9131's. The type
// allocation code of the first is seen in a trace; no source has one for the
// others.
var (
	nRF9160 = Chip{"nRF9160", "nRF9160-SICA", "nRF9160 SICA B1A", 3, "35265610", "nrf9160"}
	nRF9161 = Chip{"nRF9161", "nRF9161-LACA", "nRF9161 LACA A0A", 4, "35265661", "nrf91x1"}
	nRF9131 = Chip{"nRF9131", "nRF9131-LACA", "nRF9131 LACA A0A", 5, "35265631", "nrf91x1"}
	nRF9151 = Chip{"nRF9151", "nRF9151-LACA", "nRF9151 LACA ADA", 6, "35265651", "nrf91x1"}
)

// Facts are the facts about a modem that depend on its firmware. Each one is set
// by one entry of [Changes], where its source is named.
type Facts struct {
	// Store is what the firmware's %CMNG allows.
	Store keystore.Rules
	// ReceiveOnly is functional mode 2.
	ReceiveOnly bool
	// PowerWarning blocks credential writes with 528 while the power-off warning
	// is active.
	PowerWarning bool
	// PowerWarningOn is the level in millivolts of the power-off warning from
	// boot on, 0 where it is off.
	PowerWarningOn int
	// FactoryCredentials are the modem's own entries in the list.
	FactoryCredentials bool
	// SystemModes is the number of fields of %XSYSTEMMODE?.
	SystemModes int
	// LTEModesAtOnce is how many of LTE-M and NB-IoT can be on together.
	LTEModesAtOnce int
	// Preference is the highest <LTE_preference> of %XSYSTEMMODE.
	Preference int
	// SIMCause adds the cause to %XSIM: 0.
	SIMCause bool
	// HighestContext is the highest <cid>, Contexts how many there can be.
	HighestContext, Contexts int
	// NonIP is the context type Non-IP.
	NonIP bool
	// UndefinedType is the type that an undefined context reads.
	UndefinedType string
	// UnknownCell fills +CEREG: 2 and 4 up with values that stand for an unknown cell,
	// cause and timers.
	UnknownCell bool
	// EarlyCard has the card ready at once, before any cell.
	EarlyCard bool
	// BareContexts answers +CGDCONT? and +CGACT? with OK alone as long as no context is
	// defined and the modem is not attached.
	BareContexts bool
	// AttachEvents are +CGEV: EXCE STATUS and +CGEV: IPV6 at an attach.
	AttachEvents bool
	// QuietDetach says nothing of the initial context when LTE is switched off.
	QuietDetach bool
	// ReadXRAI and ReadXEPCO are the read forms of %XRAI and %XEPCO.
	ReadXRAI, ReadXEPCO bool
	// CellMeasurements is the highest type of %NCELLMEAS.
	CellMeasurements int
	// Restrictions tells by +CGEV: RESTR that the modem pauses.
	Restrictions bool
	// Personalisation is the facilities of +CLCK but SC.
	Personalisation bool
	// MonitorTAU is the last field of %XMONITOR.
	MonitorTAU bool
	// DefaultClock is a date of 2015 while the time is not known, instead of ERROR.
	DefaultClock bool
	// EventLevels is the highest mode of %MDMEV, ReleaseAssistance that of %RAI.
	EventLevels, ReleaseAssistance int
	// ResetLimit is how many resets without +CFUN=0 bring the reset loop
	// restriction; 0 means that there is none.
	ResetLimit int
	// ReceivingStatus has statuses of +CEREG of its own for functional mode 2 and for
	// a search that ended without a suitable cell.
	ReceivingStatus bool
	// ContextSuspend is functional modes 45 and 46.
	ContextSuspend bool
	// ExplicitNull puts an explicit NULL into the signature algorithm of certificate
	// signing requests, where RFC 5758 has nothing.
	ExplicitNull bool
	// PowerWarningReads refuses lists and reads with 528, too, while the power-off
	// warning is active. Like the facts from here to ActiveByNumber it is off in every
	// profile: no source settles it, see the package assume.
	PowerWarningReads bool
	// MalformedZero answers 0 in place of 50 to a malformed %CMNG.
	MalformedZero bool
	// BootsOffline has +CFUN? read 4 after boot, in place of 0.
	BootsOffline bool
	// ReadsNumber has +CFUN? read the last number sent.
	ReadsNumber bool
	// NeedsSIM answers ERROR to +CFUN=1, 21 and 41 without a SIM.
	NeedsSIM bool
	// ActiveByNumber has credentials refused after +CFUN=1, 2 and 21 only until any
	// other mode was sent.
	ActiveByNumber bool
	// EndorsementTokens lets %JWT sign with a key of type 8.
	EndorsementTokens bool
}

// A Change is what a firmware version changed in what a host can see.
type Change struct {
	Since Version
	NTN   bool // only in the satellite firmware of nRF9151
	What  string
	Fact  string // its name in emulator/facts, which has mark and source
	// Commands are the commands that came with it: unknown before. Gone are those that
	// went.
	Commands, Gone []string
	apply          func(*Facts)
}

// changes is the table of all facts that depend on the firmware, oldest first. It names
// each command that any firmware has.
var changes = []Change{
	{Since: Version{1, 0, 0}, What: "the commands of the first firmware", Fact: "at/firmware-table", Commands: strings.Fields(`
		+CGMI +CGMM +CGMR +CGSN +CIMI %SHORTSWVER %HWVERSION %XMODEMUUID %XICCID +ODIS +ODISNTF +CFUN +CPIN +CPINR +CLAC +CESQ %CESQ
		+CSQ %XSNRSQ +CRSM +CSIM +CPAS +CIND +CGPIAF %XCBAND %NBRGRSRP +CEMODE %XSIM %XSUDO %XPMNG %XBANDLOCK %XDATAPRFL %XCONNSTAT
		%XVBAT %XPRODDONE %CMNG %XTEMP %XTEMPHIGHLVL +CCLK %XMODEMTRACE %XSMSFALLBACK %XSYSTEMMODE %XPTW %XCOEX0 %XMAGPIO
		%XMIPIRFFEDEV %XMIPIRFFECTRL +CGDCONT +CGEREP +CGACT %XNEWCID %XGETPDNID +CGEQOSRDP +CGPADDR +CGCONTRDP +CGATT +CEPPI
		%XPCO %XEPCO %XAPNCLASS %XIPV6FAIL +CGAUTH +COPS +CPSMS +CEDRXS +CEDRXRDP +CNUM +COPN +CLCK +CPWD +CEREG %XOPNAME %XTIME
		%XRAI %XOPERID %XMONITOR +CMEE +CNEC +CEER +CMGF +CNMI +CMGS +CNMA +CPMS +CGSMS %XSMMA`)},
	{Since: Version{1, 0, 0}, What: "types 0 to 5 (fact cmng/types-by-firmware); a placeholder in place of digests; types 1, 2 and 3 cannot be read; nothing is checked",
		Fact: "cmng/unchecked-firmware", apply: func(f *Facts) {
			f.Store.PlaceholderDigest = true
			f.Store.ClientCertificateUnreadable = true
			f.SystemModes, f.LTEModesAtOnce = 4, 1
		}},
	{Since: Version{1, 0, 0}, What: "contexts 0 to 11", Fact: "pdn/context-range", apply: func(f *Facts) {
		f.HighestContext, f.Contexts = 11, 12
	}},
	{Since: Version{1, 0, 0}, What: "a context that was not defined reads the type IP", Fact: "pdn/undefined-type", apply: func(f *Facts) {
		f.UndefinedType = "IP"
	}},
	{Since: Version{1, 0, 0}, What: "+CEREG: 2 and 4 have place-holders for what is not known", Fact: "registration/cereg-placeholders", apply: func(f *Facts) {
		f.UnknownCell = true
	}},
	{Since: Version{1, 0, 0}, What: "the card is ready before the first cell", Fact: "sim/before-cell", apply: func(f *Facts) { f.EarlyCard = true }},
	{Since: Version{1, 1, 0}, What: "+CSCON, forced search, clock with summer time, battery level and others", Fact: "at/firmware-table",
		Commands: strings.Fields("+CSCON %COPS %CCLK %XVBATLVL %XVBATLOWLVL %XUSIMLCK %XNETTIME %XDEEPSEARCH %XANTDETMAGPIO")},
	{Since: Version{1, 1, 0}, What: "the read form of %XRAI", Fact: "saving/xrai", apply: func(f *Facts) { f.ReadXRAI = true }},
	{Since: Version{1, 1, 3}, What: "%XANTCFG, %XOPCONF and the read form of %XEPCO", Fact: "at/firmware-table",
		Commands: []string{"%XANTCFG", "%XOPCONF"}, apply: func(f *Facts) { f.ReadXEPCO = true }},
	{Since: Version{1, 2, 0}, What: "transmission power, CE information, files and the states of access points", Fact: "at/firmware-table",
		Commands: []string{"%XEMPR", "%XFILEWRITE", "+CEINFO", "%XAPNSTATUS"}},
	{Since: Version{1, 2, 0}, What: "+CLCK has PN, PU, PP, PC and PS", Fact: "sim/clck", apply: func(f *Facts) { f.Personalisation = true }},
	{Since: Version{1, 1, 0}, What: "+CGEV: RESTR", Fact: "registration/reject-retry", apply: func(f *Facts) { f.Restrictions = true }},
	{Since: Version{1, 1, 3}, What: "the power-off warning; of 1.2.x only from 1.2.1 on", Fact: "supply/xpofwarn-since", Commands: []string{"%XPOFWARN"}},
	{Since: Version{1, 2, 0}, What: "the last field of %XMONITOR, the periodic update", Fact: "signal/xmonitor", apply: func(f *Facts) {
		f.MonitorTAU = true
	}},
	{Since: Version{1, 3, 0}, What: "+CFUN=2; LTE-M and NB-IoT at once, with preferences 0 to 4", Fact: "cfun/mode-2-since", apply: func(f *Facts) {
		f.ReceiveOnly = true
		f.LTEModesAtOnce, f.Preference = 2, 4
	}},
	{Since: Version{1, 2, 1}, What: "%XPDNCFG", Fact: "at/firmware-table", Commands: []string{"%XPDNCFG"}},
	{Since: Version{1, 2, 1}, What: "+CGDCONT? and +CGACT? answer OK alone before the attach while no context is defined", Fact: "pdn/bare-before-attach", apply: func(f *Facts) {
		f.BareContexts = true
	}},
	{Since: Version{1, 3, 0}, What: "+CGDCONT? and +CGACT? always have context 0", Fact: "pdn/bare-before-attach", apply: func(f *Facts) { f.BareContexts = false }},
	{Since: Version{1, 3, 0}, What: "+CEREG: 2 and 4 without a cell stand alone", Fact: "registration/cereg-placeholders", apply: func(f *Facts) { f.UnknownCell = false }},
	{Since: Version{1, 3, 0}, What: "the card is ready after the first cell", Fact: "sim/before-cell", apply: func(f *Facts) { f.EarlyCard = false }},
	{Since: Version{1, 3, 0}, What: "the modem's own keys stand in the list", Fact: "cmng/system-entries", apply: func(f *Facts) {
		f.FactoryCredentials = true
	}},
	{Since: Version{1, 3, 0}, What: "keys can be made on the device", Fact: "at/firmware-table",
		Commands: []string{"%KEYGEN", "%JWT", "%ATTESTTOKEN", "%KEYINJECT"}},
	{Since: Version{1, 3, 0}, What: "%JWT signs with keys of type 2 and 8", Fact: "keys/jwt-key-types", apply: func(f *Facts) {
		f.EndorsementTokens = true
	}},
	{Since: Version{1, 3, 0}, What: "the signature algorithm of certificate signing requests has an explicit NULL",
		Fact: "keys/csr-null", apply: func(f *Facts) { f.ExplicitNull = true }},
	{Since: Version{1, 3, 0}, What: "factory reset, events, sleep, connection evaluation, release 14 and release assistance", Fact: "at/firmware-table",
		Commands: []string{"%XFACTORYRESET", "%MDMEV", "%XMODEMSLEEP", "%CONEVAL", "%REL14FEAT", "%RAI"}, apply: func(f *Facts) {
			f.EventLevels, f.ReleaseAssistance = 1, 1
		}},
	{Since: Version{1, 3, 0}, What: "reset loop restriction after 5 resets", Fact: "settings/reset-loop", apply: func(f *Facts) { f.ResetLimit = 5 }},
	{Since: Version{1, 3, 0}, What: "%XSIM: 0 names its cause", Fact: "sim/xsim-cause", apply: func(f *Facts) { f.SIMCause = true }},
	{Since: Version{1, 3, 0}, What: "a client certificate can be read back", Fact: "cmng/read-client-certificate", apply: func(f *Facts) { f.Store.ClientCertificateUnreadable = false }},
	{Since: Version{1, 3, 0}, What: "+CCLK has a date of 2015 while the time is not known", Fact: "clock/unknown", apply: func(f *Facts) {
		f.DefaultClock = true
	}},
	{Since: Version{1, 3, 0}, What: "a context that was not defined reads no type", Fact: "pdn/undefined-type", apply: func(f *Facts) {
		f.UndefinedType = ""
	}},
	{Since: Version{1, 3, 0}, What: "digests are the SHA-256 of what is stored", Fact: "cmng/digest-since", apply: func(f *Facts) { f.Store.PlaceholderDigest = false }},
	{Since: Version{1, 3, 0}, What: "%RAI in the place of %XRAI", Fact: "saving/xrai", Gone: []string{"%XRAI"}},
	{Since: Version{1, 3, 0}, What: "neighbour cells, periodic search, country data, logical channels of the card", Fact: "at/firmware-table",
		Commands: strings.Fields("%XT3412 %NCELLMEAS %NCELLMEASSTOP %PERIODICSEARCHCONF %XCOUNTRYDATA +CCHO +CGLA +CCHC")},
	{Since: Version{1, 3, 0}, What: "+CMMS", Fact: "sms/cmms", Commands: []string{"+CMMS"}},
	{Since: Version{1, 3, 1}, What: "%NCELLMEAS takes types 1 and 2 and tells when the timing advance was measured", Fact: "cells/ncellmeas-types", apply: func(f *Facts) {
		f.CellMeasurements = 2
	}},
	{Since: Version{1, 3, 1}, What: "reset loop restriction after 7 resets", Fact: "settings/reset-loop", apply: func(f *Facts) { f.ResetLimit = 7 }},
	{Since: Version{1, 3, 2}, What: "credential writes are refused with 528 while the power-off warning is active", Fact: "cmng/power-warning", apply: func(f *Facts) { f.PowerWarning = true }},
	{Since: Version{1, 3, 4}, What: "%NCELLMEAS takes types 3 to 5: cells with their global identity", Fact: "cells/ncellmeas-types", apply: func(f *Facts) {
		f.CellMeasurements = 5
	}},
	{Since: Version{1, 3, 4}, What: "%CSUS, %USATEV and %USATINFO", Fact: "sim/csus-since", Commands: []string{"%CSUS", "%USATEV", "%USATINFO"}},
	{Since: Version{1, 3, 4}, What: "claim tokens", Fact: "at/firmware-table", Commands: []string{"%CLAIMTOKEN"}},
	{Since: Version{2, 0, 0}, What: "%JWT signs with keys of type 2 only", Fact: "keys/jwt-key-types", apply: func(f *Facts) {
		f.EndorsementTokens = false
	}},
	{Since: Version{2, 0, 0}, What: "the signature algorithm of certificate signing requests has no parameters",
		Fact: "keys/csr-null", apply: func(f *Facts) { f.ExplicitNull = false }},
	{Since: Version{2, 0, 0}, What: "%DEVICEUUID", Fact: "at/firmware-table", Commands: []string{"%DEVICEUUID"}},
	{Since: Version{2, 0, 0}, What: "%FEACONF, %REDMOB and %UICCPOWERSAVE", Fact: "at/newer-commands",
		Commands: []string{"%FEACONF", "%REDMOB", "%UICCPOWERSAVE"}},
	{Since: Version{2, 0, 0}, What: "+CGEV: EXCE STATUS and IPV6 at an attach; nothing of the initial context at a detach", Fact: "registration/attach-2", apply: func(f *Facts) {
		f.AttachEvents, f.QuietDetach = true, true
	}},
	{Since: Version{2, 0, 0}, What: "%MDMEV=2", Fact: "events/mdmev", apply: func(f *Facts) { f.EventLevels = 2 }},
	{Since: Version{2, 0, 0}, What: "contexts 0 to 10, four at most, Non-IP among them", Fact: "pdn/context-range", apply: func(f *Facts) {
		f.HighestContext, f.Contexts, f.NonIP = 10, 4, true
	}},
	{Since: Version{2, 0, 0}, What: "the power-off warning is on at 3.0 V from boot", Fact: "supply/xpofwarn-since", apply: func(f *Facts) { f.PowerWarningOn = 3000 }},
	{Since: Version{2, 0, 0}, What: "tags 2147483648 to 2147483667 can be written", Fact: "cmng/decrypt-tags", apply: func(f *Facts) { f.Store.DecryptTags = true }},
	{Since: Version{2, 0, 2}, What: "types 0 and 1 are parsed when they are written (527)", Fact: "cmng/content-checked", apply: func(f *Facts) { f.Store.CheckCertificates = true }},
	{Since: Version{2, 0, 2}, What: "%RAI=2", Fact: "saving/rai", apply: func(f *Facts) { f.ReleaseAssistance = 2 }},
	{Since: Version{2, 0, 3}, What: "%ENVEVAL and %PALL", Fact: "cells/enveval-since", Commands: []string{"%ENVEVAL", "%ENVEVALSTOP", "%PALL"}},
	{Since: Version{2, 0, 4}, What: "%CERTEXPIRY", Fact: "keys/certexpiry-since",
		Commands: []string{"%CERTEXPIRY"}},
	{Since: Version{2, 0, 0}, NTN: true, What: "+CFUN=45 and 46; five fields in %XSYSTEMMODE; %LOCATION, %CELLULARPRFL and %SKYLO; %ENVEVAL", Fact: "cfun/modes-45-46",
		Commands: []string{"%LOCATION", "%CELLULARPRFL", "%SKYLO"}, apply: func(f *Facts) {
			f.ContextSuspend = true
			f.SystemModes = 5
		}},
	{Since: Version{2, 0, 0}, NTN: true, What: "+CEREG: 50 to 55 in +CFUN=2, and 91", Fact: "registration/cereg-satellite", apply: func(f *Facts) {
		f.ReceivingStatus = true
	}},
}

// Changes returns the table of all facts that depend on the firmware, oldest first.
func Changes() []Change { return slices.Clone(changes) }

// introduced and removed say with which change a command came and went.
var introduced, removed = func() (came, went map[string]*Change) {
	came, went = make(map[string]*Change), make(map[string]*Change)
	for i := range changes {
		for _, name := range changes[i].Commands {
			came[name] = &changes[i]
		}
		for _, name := range changes[i].Gone {
			went[name] = &changes[i]
		}
	}
	return came, went
}()

// A Profile is a modem: a chip with a firmware.
type Profile struct {
	// Name is the profile's name, such as "nrf9151-2.0.4".
	Name     string
	Chip     Chip
	Firmware Version
	// NTN is the satellite firmware.
	NTN bool
	// Revision is what AT+CGMR answers: the release that the profile copies.
	Revision string
	// Copied is what the profile was made from and when that was looked at.
	Copied string
	Facts
}

func newProfile(chip Chip, v Version) Profile {
	p := Profile{
		Name:     strings.ToLower(chip.Name) + "-" + v.String(),
		Chip:     chip,
		Firmware: v,
		Revision: fmt.Sprintf("mfw_%s_%s", chip.Family, v),
		Copied:   sources(v),
	}
	p.apply()
	return p
}

// newNTNProfile returns the satellite firmware of nRF9151, which has a version
// number of its own and what mfw_nrf91x1 2.0.2 has (fact at/ntn-firmware).
func newNTNProfile(v Version) Profile {
	p := Profile{
		Name:     "nrf9151-ntn-" + v.String(),
		Chip:     nRF9151,
		Firmware: Version{2, 0, 2},
		Revision: fmt.Sprintf("mfw_nrf9151-ntn_%s", v),
		NTN:      true,
		Copied:   "nRF91x1 AT guide with its pages on satellite networks, sdk-nrf of 2025-10, a log of 1.0.1; looked at in 2026-11",
	}
	p.apply()
	return p
}

// sources says what the profiles of a firmware line were made from.
func sources(v Version) string {
	switch {
	case v.Major == 2:
		return "nRF91x1 AT guide, sdk-nrf of 2025-10, logs of 2.0.0 to 2.0.4; looked at in 2026-11"
	case v.Minor == 3:
		return "nRF9160 AT guide for 1.3.x, a trace of 1.3.2, sdk-nrf of 2025-10; looked at in 2026-11"
	default:
		return "AT guide of 2020 for 1.0 to 1.2, logs of 1.2.0 and 1.2.3; looked at in 2026-11"
	}
}

func (p *Profile) apply() {
	for i := range changes {
		if c := &changes[i]; c.in(p) && c.apply != nil {
			c.apply(&p.Facts)
		}
	}
}

// in reports whether the profile has the change.
func (c *Change) in(p *Profile) bool {
	return p.Firmware.AtLeast(c.Since) && (p.NTN || !c.NTN)
}

// HasCommand reports whether the firmware has a command. The name is in upper case
// with its prefix.
func (p *Profile) HasCommand(name string) bool {
	c, gone := introduced[name], removed[name]
	return c != nil && (c.in(p) || p.NTN && slices.Contains(ntnToo, name)) && (gone == nil || !gone.in(p))
}

// ntnToo are the commands that the satellite firmware has though they came later to the
// other one (fact cells/enveval-since).
var ntnToo = []string{"%ENVEVAL", "%ENVEVALSTOP"}

// All returns all profiles, oldest firmware first: what Nordic had released on
// 2026-11-26.
func All() []Profile {
	var all []Profile
	for _, v := range []Version{{1, 0, 0}, {1, 1, 4}, {1, 1, 5}, {1, 2, 1}, {1, 2, 3}, {1, 2, 7}, {1, 2, 8},
		{1, 3, 0}, {1, 3, 1}, {1, 3, 2}, {1, 3, 3}, {1, 3, 4}, {1, 3, 5}, {1, 3, 6}, {1, 3, 7}} {
		all = append(all, newProfile(nRF9160, v))
	}
	for _, v := range []Version{{2, 0, 0}, {2, 0, 1}, {2, 0, 2}, {2, 0, 3}, {2, 0, 4}} {
		for _, c := range []Chip{nRF9161, nRF9131, nRF9151} {
			all = append(all, newProfile(c, v))
		}
	}
	return append(all, newNTNProfile(Version{1, 0, 0}), newNTNProfile(Version{1, 0, 1}))
}

// Default is the profile of a device of which nothing is said: the newest
// firmware of the development kit that is sold now.
const Default = "nrf9151-2.0.4"

// Lookup returns the profile of that name.
func Lookup(name string) (Profile, error) {
	all := All()
	for _, p := range all {
		if p.Name == strings.ToLower(name) {
			return p, nil
		}
	}
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.Name
	}
	return Profile{}, fmt.Errorf("there is no profile %q; choose one of %s", name, strings.Join(names, ", "))
}
