package network

import (
	"net/netip"
	"strings"
	"time"
)

// Network is what the emulated modem finds on the air, and its SIM. All answers
// about registration, addresses, signal and time come from here, so that none
// contradicts another. Fields that are left zero get the value that is named
// with them. A file in YAML makes one, see [Load].
type Network struct {
	SIM SIM
	// PIN is what the card asks for; empty means that it asks for none. PUK
	// unblocks it; empty means DefaultPUK.
	PIN, PUK string
	// Number is the subscriber's telephone number on the card, with a plus sign if it is
	// international; empty means that the card has none. ServiceCentre is the number of
	// the network's service centre for short messages; empty means
	// DefaultServiceCentre.
	Number, ServiceCentre string

	// AttachDelay is the time from +CFUN=1 to the registration; half of it passes
	// until the SIM is ready. Zero registers at once, after OK.
	AttachDelay time.Duration
	// ReleaseAfter is how long the radio connection stays without traffic; zero
	// means DefaultReleaseAfter.
	ReleaseAfter time.Duration
	// SearchTime is how long AT+COPS=? takes; zero means that it answers at once.
	SearchTime time.Duration

	// Absent says that there is no network at all, until RestoreNetwork.
	Absent bool
	// RejectCause is the EMM cause with which the network refuses the modem
	// (3GPP TS 24.301), such as 11, PLMN not allowed. Zero lets it in.
	RejectCause uint8
	// RejectType is the type of that cause as +CEREG has it: 0 for an EMM cause, 1 for one
	// of the manufacturer's own (3GPP TS 27.007).
	RejectType uint8
	// Denied lets a refusal end in the status 3, denied, which no recorded modem has told.
	Denied bool
	// Outages are times at which the network is gone, counted from power-on.
	Outages []Outage
	// Roaming says that the network is not the SIM's own.
	Roaming bool

	// Operator is the network itself. An empty PLMN means that of the SIM, or
	// 26201 when roaming; empty names mean the PLMN's digits.
	Operator Operator
	// Others are the networks that AT+COPS=? finds besides.
	Others []Operator

	// TrackingArea and Cell are the <tac> and <ci> of +CEREG.
	TrackingArea uint16
	Cell         uint32
	// AttachCause is an EMM cause that comes with a registration that succeeds,
	// such as 18, no circuit-switched service, as in a recorded session
	// (fact registration/attach-nb-iot). Zero sends none.
	AttachCause uint8
	// TimingAdvance is that of the cell in units of Ts, 0 to 20512.
	TimingAdvance uint16
	// Neighbours are the cells around it, of which %NCELLMEAS and %NBRGRSRP tell.
	Neighbours []Neighbour
	// Band, EARFCN and PhysicalCell say where the cell is on the air; a zero Band
	// means 20 with EARFCN 6400.
	Band         uint8
	EARFCN       uint32
	PhysicalCell uint16
	// NTNBand and NTNEARFCN are the same of the satellite's cell; a zero NTNBand means 255
	// with EARFCN 228841, as in a recorded session (fact registration/ntn).
	NTNBand   uint16
	NTNEARFCN uint32
	// SearchSignal is the first measurement of a cell, Signal what it settles to.
	// Zero values mean those of a recorded session (fact registration/recorded-cell).
	SearchSignal, Signal Signal

	// APN is the access point name of a context that asks for none; empty means
	// "internet".
	APN string
	// IPv4 and IPv6 are the modem's addresses in context 0; another context has
	// one that is higher by its number. If neither is set, IPv4 is 10.160.148.98.
	IPv4, IPv6 netip.Addr
	// IPv6Fails says that a context is granted IPv6, but that no router answers: it never
	// gets that address.
	IPv6Fails bool
	// DNS are the name servers; none means 10.0.0.1 and 10.0.0.2 for IPv4.
	DNS []netip.Addr
	// MTU is in bytes; zero means 1280.
	MTU uint16

	// NoPSM says that the network grants no power saving mode. ActiveTime and
	// PeriodicTAU are what it grants in place of what the modem asks for, as bit
	// strings of eight; empty means what the modem asks for.
	NoPSM                   bool
	ActiveTime, PeriodicTAU string
	// T3412 is the network's own time of the periodic update as %XMONITOR has it last, a
	// bit string of eight; empty means 54 minutes, the value most often seen.
	T3412 string
	// EDRX is the eDRX cycle that the network grants in place of what the modem
	// asks for, a bit string of four. NoEDRX says that it grants none.
	EDRX   string
	NoEDRX bool

	// NoTime says that the network does not tell the time.
	NoTime bool
	// Time is the network's time when the modem is switched on; zero means the
	// host's clock.
	Time time.Time
	// Zone is the difference of local time to UTC in quarters of an hour, summer
	// time included; DST is the part of it that is summer time, in hours.
	Zone, DST int
}

// Operator is a network of an operator.
type Operator struct {
	// PLMN is the country code and the network code, five or six digits.
	PLMN string
	// Name and ShortName are the texts of +COPS and %XMONITOR. The modem has them from
	// the network; without them %XMONITOR has empty texts and +COPS the digits (fact
	// signal/xmonitor-names).
	Name, ShortName string
	// Forbidden says that the SIM may not use it.
	Forbidden bool
}

// Neighbour is a cell that the modem hears beside the serving one.
type Neighbour struct {
	EARFCN       uint32
	PhysicalCell uint16
	// RSRP and RSRQ are in the steps of Signal.
	RSRP, RSRQ uint8
	// TimeDifference is by how much it is later than the serving cell, in milliseconds.
	TimeDifference int
	// Cell and TrackingArea are its global identity; a zero Cell is one that the modem
	// does not know. An empty PLMN means that of the serving cell, a zero TrackingArea too.
	Cell         uint32
	TrackingArea uint16
	PLMN         string
}

// Signal is a measurement of the serving cell.
type Signal struct {
	// RSRP is in the steps of 3GPP TS 27.007: 0 for -140 dBm or less, 97 for
	// -44 dBm or more.
	RSRP uint8
	// RSRQ is in the steps of 3GPP TS 27.007: 0 for -19.5 dB or less, 34 for -3 dB
	// or more.
	RSRQ uint8
	// SNR is in the steps of %XSNRSQ, with 24 for 0 dB.
	SNR uint8
}

// Outage is a time without network.
type Outage struct {
	// After is the time from power-on; For is how long it lasts, zero for ever.
	After, For time.Duration
}

// Values that stand in for what a Network leaves out: fact registration/times, and
// free choices.
const (
	DefaultPUK          = "12345678"
	DefaultReleaseAfter = 10 * time.Second
	// DefaultServiceCentre is from the range that Ofcom keeps for drama.
	DefaultServiceCentre = "+447700900000"
	defaultAPN           = "internet"
	defaultMTU           = 1280
	defaultT3412         = "01001001"
	roamingPLMN          = "26201"
)

// Default returns a home network that is found in two seconds. Tracking
// area and cell are those of a recorded session (fact registration/recorded-cell).
func Default() Network {
	return Network{AttachDelay: 2 * time.Second, SearchTime: 5 * time.Second, TrackingArea: 0xB4DC, Cell: 0x000AE520}
}

// Complete sets what was left out. home is the SIM's own network.
func (n *Network) Complete(home string) {
	if n.PUK == "" {
		n.PUK = DefaultPUK
	}
	if n.ReleaseAfter <= 0 {
		n.ReleaseAfter = DefaultReleaseAfter
	}
	if n.Operator.PLMN == "" {
		n.Operator.PLMN = home
		if n.Roaming {
			n.Operator.PLMN = roamingPLMN
		}
	}
	if n.ServiceCentre == "" {
		n.ServiceCentre = DefaultServiceCentre
	}
	if n.T3412 == "" {
		n.T3412 = defaultT3412
	}
	if n.Band == 0 {
		n.Band, n.EARFCN = 20, 6400
	}
	if n.NTNBand == 0 {
		n.NTNBand, n.NTNEARFCN = 255, 228841
	}
	if n.SearchSignal == (Signal{}) {
		n.SearchSignal = Signal{RSRP: 52, RSRQ: 4, SNR: 30}
	}
	if n.Signal == (Signal{}) {
		n.Signal = Signal{RSRP: 56, RSRQ: 17, SNR: 39}
	}
	if n.APN == "" {
		n.APN = defaultAPN
	}
	if !n.IPv4.IsValid() && !n.IPv6.IsValid() {
		n.IPv4 = netip.AddrFrom4([4]byte{10, 160, 148, 98})
	}
	if n.MTU == 0 {
		n.MTU = defaultMTU
	}
	if len(n.DNS) == 0 && n.IPv4.IsValid() {
		n.DNS = defaultDNS
	}
}

var defaultDNS = []netip.Addr{netip.AddrFrom4([4]byte{10, 0, 0, 1}), netip.AddrFrom4([4]byte{10, 0, 0, 2})}

// SIMDelay is the time from power for the card until it is ready.
func (n *Network) SIMDelay() time.Duration { return n.AttachDelay / 2 }

// SIM is the state of the card in the emulated device.
type SIM uint8

// The cards.
const (
	SIMPresent SIM = iota // a card; Network.PIN says whether it asks for a PIN
	SIMAbsent             // no card: AT+CPIN? answers 13, as on real devices (fact sim/absent)
	SIMFailed             // +CFUN=1 answers ERROR (fact cfun/sim-failed)
)

// IsPLMN reports whether text can be the digits of a network: five or six.
func IsPLMN(text string) bool { return (len(text) == 5 || len(text) == 6) && isDigits(text) }

// IsNumber reports whether text can be a telephone number: up to 20 digits, with a plus
// sign or not.
func IsNumber(text string) bool {
	digits := strings.TrimPrefix(text, "+")
	return len(digits) <= 20 && isDigits(digits)
}

// IsPIN reports whether text can be a PIN: four to eight digits.
func IsPIN(text string) bool { return len(text) >= 4 && len(text) <= 8 && isDigits(text) }

// IsBits reports whether text has n characters, each 0 or 1.
func IsBits(text string, n int) bool { return len(text) == n && strings.Trim(text, "01") == "" }

func isDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }
