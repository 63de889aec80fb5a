package audit

import (
	"fmt"
	"slices"
	"strings"

	"nrf91emu/emulator/event"
)

// A Rule is one thing that the audit looks for. Its texts are the documentation
// of the rule: [WriteDoc] makes a page of them, reports quote them, and the tests
// play its examples.
type Rule struct {
	ID    string // "P01" to "P36"; budgets are "B01" to "B04"
	Name  string // the same in words: "written-without-asking"; it never changes
	Level Level  // of its findings, unless a finding says less or Options say otherwise
	Topic Topic
	Title string // a few words, as a heading
	Sees  string // what in the record makes a finding
	Why   string // what goes wrong on a real device
	// Source says where the reason is known from and how well: documented, seen in a
	// source, reported by users, or chosen here.
	Source string
	Fix    string // what to change
	// Bad and Good are short sessions, one command a line with its final result; a
	// line that begins with an asterisk is something that happens beside the port.
	Bad, Good string

	watch func(a *Audit, found foundFunc) hooks
}

// A Topic groups the rules.
type Topic string

// The topics.
const (
	Wear    Topic = "wear"    // flash that need not have been written
	Order   Topic = "order"   // the right command at the wrong time, or a result ignored
	Content Topic = "content" // what is stored can not work
	TLS     Topic = "tls"     // what is stored is not used as it should be
	Port    Topic = "port"    // how the host uses the serial port
	Budget  Topic = "budget"  // a limit that the user has set
)

// hooks are the events that a rule wants to see; nil ones cost nothing. Rules run
// before the audit's memory takes note of the event, so that they see what was
// there until then.
type hooks struct {
	power      func(*event.Power)
	link       func(*event.Link)
	input      func(*event.Input)
	response   func(*event.Response)
	mode       func(*event.Mode)
	nvm        func(*event.NVM)
	credential func(*event.Credential, *credential) // one tag and type; by the host, not from outside
	use        func(*event.Credential)              // Op "use"
	socket     func(*event.Socket)
	handshake  func(*event.Handshake)
	program    func(*event.Program)

	// endBoot and endRun report what is known only then. They must not change
	// state, since a report may be asked for in the middle of a boot; newBoot
	// forgets what belongs to the last boot.
	endBoot func(foundFunc)
	endRun  func(foundFunc)
	newBoot func()
}

var rules = []*Rule{
	p01, p02, p03, p04, p05, p06, p07, p08, p09, p10,
	p11, p12, p13, p14, p15, p16, p17, p18, p19, p20,
	p21, p22, p23, p24, p25, p26, p27, p28, p29, p30,
	p31, p32, p33, p34, p35, p36, p37,
	b01, b02, b03, b04,
}

// Rules returns all rules, in the order of their names, budgets last.
func Rules() []*Rule { return slices.Clone(rules) }

// Lookup returns the rule of a number or of words, in either case: "P03", "p03",
// "written-without-asking" or, as reports have it, "P03 written-without-asking". It
// returns nil if there is none.
func Lookup(rule string) *Rule {
	for _, r := range rules {
		if strings.EqualFold(r.ID, rule) || strings.EqualFold(r.Name, rule) || strings.EqualFold(r.String(), rule) {
			return r
		}
	}
	return nil
}

// String returns number and words, as reports name the rule.
func (r *Rule) String() string { return r.ID + " " + r.Name }

// unknownRule says that there is no such rule, and which one may be meant.
func unknownRule(name string) error {
	var like []string
	for _, r := range rules {
		if word := strings.ToLower(name); len(word) > 2 && strings.Contains(r.Name, word) {
			like = append(like, r.Name)
		}
	}
	if len(like) > 0 {
		return fmt.Errorf("there is no rule %q: do you mean %s?", name, strings.Join(like, " or "))
	}
	return fmt.Errorf("there is no rule %q: the rules are P01 to P37, the budgets B01 to B04, and each has a name in words", name)
}
