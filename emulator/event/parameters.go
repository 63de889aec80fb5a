package event

import (
	"maps"
	"slices"
	"strings"
)

// parameters says, of each command that the record understands, which parameters
// it shows. Those of the modem are here, an application's come from its services. A
// letter for each:
//
//	n  a number of at most ten digits
//	s  a text in quotes
//	v  either
//	t  either, or a word without quotes
//	f  the name of a facility, two letters in quotes
//	p  the name of a PIN, in quotes
//	x  never: a PIN, a password, a key
//
// An asterisk repeats the letter before it. A parameter of another form, or one too
// many, is masked, and so are all parameters of a command that is not here.
var parameters = make(map[string]string)

func init() {
	for kinds, names := range map[string]string{
		"n*": `E &F Z V Q
			+CFUN +CMEE +CEREG +CESQ +CSQ +CGMI +CGMM +CGMR +CGSN +CIMI +CLAC +CPAS +CSCON +CGEREP +CNEC +CEMODE +CEPPI
			+CGATT +CGACT +CGPADDR +CGCONTRDP +COPN +CEDRXRDP +CEER +CIND
			%CESQ %CONEVAL %DEVICEUUID %FEACONF %HWVERSION %MDMEV %RAI %REDMOB %REL14FEAT %SHORTSWVER %UICCPOWERSAVE
			%XCBAND %XCONNSTAT %XDATAPRFL %XEPCO %XFACTORYRESET %XGETPDNID %XICCID %XMAGPIO %XMODEMSLEEP %XMODEMTRACE
			%XMODEMUUID %XMONITOR %XNETTIME %XNEWCID %XOPERID %XPDNCFG %XPOFWARN %XSIM %XSNRSQ %XSYSTEMMODE %XT3412
			%XTEMP %XTEMPHIGHLVL %XTIME %XVBAT %XVBATLOWLVL %XVBATLVL %XVERSION %CERTEXPIRY %ATTESTTOKEN
			%NCELLMEAS %NCELLMEASSTOP %NBRGRSRP +CEINFO %ENVEVALSTOP %XRAI %XOPCONF %XPRODDONE %XSMSFALLBACK +CGPIAF +CGEQOSRDP
			%XPCO %XAPNCLASS %XIPV6FAIL %XOPNAME %XDEEPSEARCH %XANTDETMAGPIO %XANTCFG %XEMPR %XMIPIRFFEDEV %XMIPIRFFECTRL %CSUS
			+CCHC +CNUM %USATINFO %SKYLO %CELLULARPRFL +CMGF +CNMI +CMGS +CNMA +CMMS +CGSMS %XSMMA +ODISNTF`,
		"v*": `+CCLK %CCLK +COPS %COPS +CPSMS +CEDRXS %XPTW %XBANDLOCK +CRSM %XCOEX0 %JWT %KEYGEN %LOCATION %XSUDO
			+ODIS %XAPNSTATUS %ENVEVAL %PALL %PERIODICSEARCHCONF %XCOUNTRYDATA %USATEV +CPMS +CCHO %XFILEWRITE`,
		"ntssn*": "+CGDCONT",
		"nnsx":   "+CGAUTH",
		"p":      "+CPINR",
		"xx":     "+CPIN",
		"fnxn":   "+CLCK",
		"fxx":    "+CPWD",
		"x":      "%KEYINJECT",
		"nx":     "%CLAIMTOKEN +CSIM", // a command to the card can hold a PIN
		"nnx":    "+CGLA",
		"nfxnv":  "%XUSIMLCK",
		"":       "%CMNG #XCMNG %XPMNG #XMQTTCON", // by rules of their own
	} {
		for _, name := range strings.Fields(names) {
			Show(name, kinds)
		}
	}
}

// Show has the record show parameters of a command: kinds has a letter for each, see
// above. It is for the initialisation of packages, before anything is recorded, and
// panics if the command's parameters are to be shown in another way.
func Show(name, kinds string) {
	if before, ok := parameters[name]; ok && before != kinds {
		panic("the parameters of " + name + " are shown in two ways")
	}
	parameters[name] = kinds
}

// Commands returns the names of the commands whose parameters the record
// understands, in order.
func Commands() []string { return slices.Sorted(maps.Keys(parameters)) }
