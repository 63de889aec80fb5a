package exec

import (
	"fmt"
	"slices"
	"strings"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/contents"
	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// A story follows a run with a planned power cut, so that what went wrong can be told: in
// which exchange the power went, what came before, and what the firmware did afterwards. It
// listens to the record.
type story struct {
	command   event.Command // the last
	answered  bool
	operation *event.Credential // that failed last, of the command in hand
	settings  bool              // the modem was storing its settings
	stored    string            // what was changed last before the cut

	cut      bool
	boot     int
	exchange int
	text     string // of the command
	during   string

	after *flash.Flash // the flash as the cut has left it

	asked   map[keystore.Key]bool // after the cut, each by itself
	askedOf map[uint32]bool       // and as a tag
	askAll  bool
	tried   map[keystore.Key]bool // written or generated after the cut, refused ones too
	deeds   []string              // after the cut
	more    int                   // further ones
}

// maxDeeds is how much is told of what the firmware did after a cut.
const maxDeeds = 8

// add takes note of an event.
func (s *story) add(e *event.Event) {
	switch {
	case e.Power != nil && e.Power.Step > 0 && !s.cut:
		s.fell(e)
	case e.Command != nil:
		s.command, s.answered, s.operation, s.settings = *e.Command, false, nil, false
		s.command.Text = audit.Brief(e.Command.Text)
		if s.cut && e.Command.Name == "+CFUN" && e.Command.Form == "set" {
			s.deed("sent " + s.command.Text)
		}
	case e.Response != nil:
		s.answered = s.answered || e.Response.ID == s.command.ID
	case e.NVM != nil:
		s.settings = e.NVM.Error && e.NVM.Cause != event.NVMLost
	case e.Credential != nil && e.Credential.Op != event.CredentialUse && e.Credential.ID != 0:
		s.credential(e.Credential)
	}
}

// fell notes where the power went.
func (s *story) fell(e *event.Event) {
	s.cut, s.boot = true, e.Boot
	s.asked, s.askedOf, s.tried = map[keystore.Key]bool{}, map[uint32]bool{}, map[keystore.Key]bool{}
	switch {
	case e.Power.Action == event.PowerOff || s.command.ID == 0:
		s.during = "while the modem was mounting its flash"
		return
	case s.operation != nil:
		s.during = "while " + subject(s.operation) + " was being " + past[s.operation.Op]
	case s.settings:
		s.during = "while the modem was storing its settings"
	default:
		s.during = "while the modem wrote its flash"
	}
	s.exchange, s.text = s.command.ID, s.command.Text
	if s.stored != "" {
		s.during += ", after " + s.stored
	}
}

var past = map[event.CredentialOp]string{
	event.CredentialWrite: "written", event.CredentialDelete: "deleted", event.CredentialGenerate: "generated",
	event.CredentialErase: "erased", event.CredentialList: "listed", event.CredentialRead: "read",
}

var did = map[event.CredentialOp]string{
	event.CredentialWrite: "wrote", event.CredentialDelete: "deleted", event.CredentialGenerate: "generated",
	event.CredentialErase: "erased", event.CredentialList: "listed", event.CredentialRead: "read",
}

// subject says which credentials an operation is about.
func subject(c *event.Credential) string {
	switch {
	case c.SecTag != nil && c.Type != nil:
		return contents.Name(keyOf(c))
	case c.SecTag != nil:
		return fmt.Sprintf("tag %d", *c.SecTag)
	}
	return "everything"
}

// keyOf returns the name of the credential that an operation is about, which has both parts.
func keyOf(c *event.Credential) keystore.Key {
	return keystore.Key{SecTag: keystore.SecTag(*c.SecTag), Type: keystore.CredentialType(*c.Type)}
}

// credential takes note of an operation of the firmware.
func (s *story) credential(c *event.Credential) {
	one := c.SecTag != nil && c.Type != nil
	asks := c.Op == event.CredentialList || c.Op == event.CredentialRead
	if !s.cut {
		if c.Error {
			kept := *c
			s.operation = &kept
		} else if !asks {
			s.stored = subject(c) + " had been " + past[c.Op]
		}
		return
	}
	deed := did[c.Op] + " " + subject(c)
	switch {
	case asks && one:
		s.asked[keyOf(c)] = true
	case asks && c.SecTag != nil:
		s.askedOf[*c.SecTag] = true
	case asks:
		s.askAll = true
	case one:
		s.tried[keyOf(c)] = true
	}
	switch {
	case c.Error:
		deed += " in vain"
	case asks && c.Found == 0:
		deed += " and found nothing"
	case asks && c.Found > 1:
		deed += fmt.Sprintf(" and found %d", c.Found)
	case asks:
		deed += " and found it"
	case c.Before != "" && c.Before == c.After:
		deed += " as it was"
	}
	s.deed(deed)
}

func (s *story) deed(what string) {
	switch {
	case len(s.deeds) < maxDeeds:
		s.deeds = append(s.deeds, what)
	default:
		s.more++
	}
}

// next says what the firmware did after the cut.
func (s *story) next() string {
	deeds := slices.Clone(s.deeds)
	if s.more > 0 {
		deeds = append(deeds, fmt.Sprintf("and %d more", s.more))
	}
	if len(deeds) == 0 {
		return "nothing with credentials"
	}
	return strings.Join(deeds, "; ")
}

// askedAbout reports whether the firmware asked for a credential after the cut, in whatever
// way.
func (s *story) askedAbout(k keystore.Key) bool {
	return s.asked[k] || s.askedOf[uint32(k.SecTag)] || s.askAll
}

// cure says what to change so that a difference does not come about.
func (s *story) cure(d contents.Difference) string {
	k := contents.Name(d.Key)
	asked, tried := s.askedAbout(d.Key), s.tried[d.Key]
	var others []string
	for _, o := range contents.SortedKeys(s.asked) {
		if o != d.Key {
			others = append(others, contents.Name(o))
		}
	}
	switch {
	case d.Wrong == contents.Superfluous:
		return fmt.Sprintf("Delete %s in the boot after the cut too: ask for what is to go, and not for a sign that it has gone.", k)
	case d.Wrong == contents.Unpaired:
		return fmt.Sprintf("After a restart compare the public key of %s with that of the private key there, and have a new certificate issued if they differ.", k)
	case tried:
		return fmt.Sprintf("%s was written again after the restart, but not as without the cut: do not decide what to store by what happened before the power went.", k)
	case d.Wrong == contents.Different:
		return fmt.Sprintf("Compare the content of %s with what it is to be at each start, and not only that it is there.", k)
	case asked:
		return fmt.Sprintf("The firmware asked for %s after the restart and wrote nothing: write it when the answer is that it is not there.", k)
	case len(others) > 0:
		return fmt.Sprintf("At each start ask for %s itself: the firmware took %s for a sign that it is there too.", k, strings.Join(others, " and "))
	}
	return fmt.Sprintf("At each start ask whether %s is there, and write it if it is not.", k)
}
