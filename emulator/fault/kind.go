package fault

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"nrf91emu/emulator"
)

// An Opportunity is what a kind of fault counts.
type Opportunity string

// The opportunities.
const (
	EachByte         Opportunity = "byte"
	EachLine         Opportunity = "line"         // at its first byte
	EachCommand      Opportunity = "command"      // before the device gets its end
	EachAnswer       Opportunity = "answer"       // at its first information line
	EachResult       Opportunity = "final result" //
	EachNotification Opportunity = "notification" // between commands
	EachBoot         Opportunity = "boot"         // at the first bytes after it
)

// A Kind is a kind of fault.
type Kind struct {
	Name string
	Help string // in a line: what goes wrong
	// On is what it counts. A kind whose parameters decide names the usual one.
	On     Opportunity
	Params []Param // beside RuleParams

	// arm returns what the fault does, with parameters that have been checked.
	arm func(v values) action
}

// An action is what a fault does, once it is known how it was asked for.
type action struct {
	on Opportunity
	to Direction // of bytes, lines and boots
	// happen decides on what is to come and returns it in words for the record. It
	// is called with the set locked. It may leave everything to moment.do.
	happen func(m *moment) (what string)
}

// A moment is an opportunity at which a fault happens, and what becomes of what is
// passing through the port at that time. Several faults may meet in one.
type moment struct {
	random *rand.Rand               // of the fault
	where  string                   // for the record: which byte, in which command
	layout func(line string) []byte // as the application lays a notification out

	wait   time.Duration // before it
	before []byte        // goes out in front of it
	after  []byte        // goes out behind it
	copies int           // how often it goes out itself
	hold   bool          // it goes out after the next final result
	do     deed          // to the device, before it; nil for nothing
	boot   int           // number of the boot
}

// A deed is what a fault does to a device. It returns what happened in words. If
// it returns undo, that is called when the fault ends: after a time, or 0 for when
// it is removed.
type deed func(d *emulator.Device) (what string, lasts time.Duration, undo func())

// Kinds are all kinds of faults.
var Kinds = []*Kind{
	&lostByte, &doubledByte, &splitLine, &lateLine,
	&lateResult, &insertedURC, &lateURC, &doubledURC, &bootNoise,
	&crash, &powerWarning, &networkLoss, &storeFull, &wornPage, &resetLoop,
}

func lookup(name string) (*Kind, error) {
	names := make([]string, len(Kinds))
	for i, k := range Kinds {
		if k.Name == name {
			return k, nil
		}
		names[i] = k.Name
	}
	return nil, fmt.Errorf("there is no fault %q; choose one of %s", name, strings.Join(names, ", "))
}
