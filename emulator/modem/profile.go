package modem

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
	// DeviceType is the number of the chip in attestation tokens.
	DeviceType int
	// TypeAllocation is the first eight digits of the IMEIs given to emulated
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
	// ConnectionStatus is +CSCON.
	ConnectionStatus bool
	// ContextSuspend is functional modes 45 and 46.
	ContextSuspend bool
}

// A Change is what a firmware version changed in what a host can see.
type Change struct {
	Since  Version
	NTN    bool // only in the satellite firmware of nRF9151
	What   string
	Source string // of nrf91-at.md, with its mark
	apply  func(*Facts)
}

// Changes is the table of all facts that depend on the firmware, oldest first.
var Changes = []Change{
	{Version{1, 0, 0}, false, "types 0 to 5; a placeholder in place of digests; types 1, 2 and 3 cannot be read; nothing is checked",
		"section 12, documented; 2.7, seen", func(f *Facts) {
			f.Store.PlaceholderDigest = true
			f.Store.ClientCertificateUnreadable = true
			f.SystemModes, f.LTEModesAtOnce = 4, 1
		}},
	{Version{1, 1, 0}, false, "+CSCON", "section 12, documented", func(f *Facts) { f.ConnectionStatus = true }},
	{Version{1, 3, 0}, false, "+CFUN=2; LTE-M and NB-IoT at once, with preferences 0 to 4", "section 3.1, 6.3, documented", func(f *Facts) {
		f.ReceiveOnly = true
		f.LTEModesAtOnce, f.Preference = 2, 4
	}},
	{Version{1, 3, 0}, false, "the modem's own keys stand in the list; keys can be made on the device", "section 2.3, seen", func(f *Facts) {
		f.FactoryCredentials = true
	}},
	{Version{1, 3, 0}, false, "%XSIM: 0 names its cause", "section 3.5, seen in source; the version is inferred", func(f *Facts) { f.SIMCause = true }},
	{Version{1, 3, 0}, false, "a client certificate can be read back", "section 2.5, inferred", func(f *Facts) { f.Store.ClientCertificateUnreadable = false }},
	{Version{1, 3, 2}, false, "digests are the SHA-256 of what is stored", "section 2.7, documented; the exact version is not known", func(f *Facts) { f.Store.PlaceholderDigest = false }},
	{Version{1, 3, 2}, false, "credential writes are refused with 528 while the power-off warning is active", "section 2.4, documented", func(f *Facts) { f.PowerWarning = true }},
	{Version{2, 0, 0}, false, "the power-off warning is on at 3.0 V from boot", "section 8, documented", func(f *Facts) { f.PowerWarningOn = 3000 }},
	{Version{2, 0, 0}, false, "tags 2147483648 to 2147483667 can be written", "section 2.2, documented", func(f *Facts) { f.Store.DecryptTags = true }},
	{Version{2, 0, 2}, false, "types 0 and 1 are parsed when they are written (527)", "section 2.9, documented", func(f *Facts) { f.Store.CheckCertificates = true }},
	{Version{2, 0, 0}, true, "+CFUN=45 and 46; five fields in %XSYSTEMMODE", "section 3.1, 6.3, documented", func(f *Facts) {
		f.ContextSuspend = true
		f.SystemModes = 5
	}},
}

// A Profile is a modem: a chip with a firmware.
type Profile struct {
	// Name is the profile's name, such as "nrf9151-2.0.4".
	Name     string
	Chip     Chip
	Firmware Version
	// Revision is what AT+CGMR answers.
	Revision string
	Facts
}

func newProfile(chip Chip, v Version) Profile {
	p := Profile{
		Name:     strings.ToLower(chip.Name) + "-" + v.String(),
		Chip:     chip,
		Firmware: v,
		Revision: fmt.Sprintf("mfw_%s_%s", chip.Family, v),
	}
	p.apply(v, false)
	return p
}

// newNTNProfile returns the satellite firmware of nRF9151, which has a version
// number of its own and what mfw_nrf91x1 2.0.2 has (section 2.9).
func newNTNProfile(v Version) Profile {
	p := Profile{
		Name:     "nrf9151-ntn-" + v.String(),
		Chip:     nRF9151,
		Firmware: Version{2, 0, 2},
		Revision: fmt.Sprintf("mfw_nrf9151-ntn_%s", v),
	}
	p.apply(p.Firmware, true)
	return p
}

func (p *Profile) apply(v Version, ntn bool) {
	for _, c := range Changes {
		if v.AtLeast(c.Since) && (ntn || !c.NTN) {
			c.apply(&p.Facts)
		}
	}
}

// Profiles returns all profiles, oldest firmware first.
func Profiles() []Profile {
	var all []Profile
	for _, v := range []Version{{1, 1, 5}, {1, 2, 7}, {1, 3, 0}, {1, 3, 1}, {1, 3, 2}, {1, 3, 4}, {1, 3, 5}, {1, 3, 7}} {
		all = append(all, newProfile(nRF9160, v))
	}
	for _, v := range []Version{{2, 0, 0}, {2, 0, 1}, {2, 0, 2}, {2, 0, 4}} {
		for _, c := range []Chip{nRF9161, nRF9131, nRF9151} {
			all = append(all, newProfile(c, v))
		}
	}
	return append(all, newNTNProfile(Version{1, 0, 0}))
}

// DefaultProfile is the profile of a device of which nothing is said: the newest
// firmware of the development kit that is sold now.
const DefaultProfile = "nrf9151-2.0.4"

// LookupProfile returns the profile of that name.
func LookupProfile(name string) (Profile, error) {
	all := Profiles()
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
