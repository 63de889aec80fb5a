package assume

import (
	"slices"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/profile"
	"nrf91emu/keystore"
)

// A Question is something that no source settles.
type Question struct {
	// Name is that of the fact, such as "cmng/overwrite".
	Name string
	// Answers are what is possible; the first is what the emulator does by itself.
	Answers []Answer
	// Open is set for those on which provisioning hangs: All asks these.
	Open bool
	// met reports whether the answer could have made a difference to what an event
	// tells of. warned is whether the power-off warning is active.
	met func(e *event.Event, warned bool) bool
}

// An Answer is one of a Question.
type Answer struct {
	Name  string // a word: "replace", "519"
	Words string // what it says, in a sentence
	apply func(*profile.Facts)
}

// Questions returns all questions, the open ones first.
func Questions() []Question { return slices.Clone(questions) }

// Settled are the facts about %CMNG, +CFUN and wear that are chosen or deviate and
// have no switch, each with the reason.
var Settled = map[string]string{
	"cmng/system-digests": "no program can know them",
	"cmng/digest-since":   "another --profile has the other answer",
	"cmng/encrypted-key":  "there is no other form to try",
	"cmng/slots":          "it is the size that belongs to cmng/store-full=16-slots",
	"wear/layout":         "each lifetime is given for both ends",
	"wear/floor":          "each lifetime is given for both ends",
}

var questions = []Question{
	{
		Name: "cmng/overwrite", Open: true,
		Answers: []Answer{
			{"replace", "a write onto an existing credential replaces it", nil},
			{"519", "a write onto an existing credential is refused with 519: it has to be deleted first", func(f *profile.Facts) { f.Store.RefuseOverwrite = true }},
		},
		met: func(e *event.Event, _ bool) bool {
			c := e.Credential
			return c != nil && c.Op == event.CredentialWrite && c.ID != 0 && c.Before != "" && (!c.Error || c.CME == event.CMEAlreadyExists)
		},
	},
	{
		Name: "cmng/read-client-certificate", Open: true,
		Answers: []Answer{
			{"readable", "a client certificate can be read back, from modem firmware 1.3.0 on", nil},
			{"514", "reading a client certificate is refused with 514", func(f *profile.Facts) { f.Store.ClientCertificateUnreadable = true }},
		},
		met: func(e *event.Event, _ bool) bool {
			c := e.Credential
			return c != nil && c.Op == event.CredentialRead && c.Type != nil && *c.Type == event.ClientCertificate && c.Before != ""
		},
	},
	{
		Name: "cmng/power-warning-reads", Open: true,
		Answers: []Answer{
			{"answered", "credentials are listed and read while the power-off warning is active", nil},
			{"528", "lists and reads are refused with 528 while the power-off warning is active", func(f *profile.Facts) { f.PowerWarningReads = true }},
		},
		met: func(e *event.Event, warned bool) bool {
			c := e.Credential
			return warned && c != nil && (c.Op == event.CredentialList || c.Op == event.CredentialRead)
		},
	},
	{
		Name: "wear/same-content", Open: true,
		Answers: []Answer{
			{"writes", "a write of what is stored already programs the flash", nil},
			{"nothing", "a write of what is stored already leaves the flash alone", func(f *profile.Facts) { f.Store.SkipEqual = true }},
		},
		met: func(e *event.Event, _ bool) bool {
			c := e.Credential
			return c != nil && c.Op == event.CredentialWrite && c.ID != 0 && c.Before != "" && c.Before == c.After && !c.Error
		},
	},
	{
		Name: "cmng/generated-protected",
		Answers: []Answer{
			{"replace", "a write replaces a key that the modem has made", nil},
			{"519", "a write onto a key that the modem has made is refused with 519", func(f *profile.Facts) { f.Store.ProtectGenerated = true }},
		},
		met: func(e *event.Event, _ bool) bool {
			c := e.Credential
			return c != nil && c.Op == event.CredentialWrite && c.ID != 0 && c.Type != nil && *c.Type == event.PrivateKey && c.Before != ""
		},
	},
	{
		Name: "cmng/malformed-code",
		Answers: []Answer{
			{"50", "a malformed %CMNG is answered +CME ERROR: 50", nil},
			{"0", "a malformed %CMNG is answered +CME ERROR: 0", func(f *profile.Facts) { f.MalformedZero = true }},
		},
		met: func(e *event.Event, _ bool) bool {
			r := e.Response
			return r != nil && r.Error && (r.CME == event.CMEIncorrectParameter || r.CME == event.CMEPhoneFailure)
		},
	},
	{
		Name: "cmng/active-is-state",
		Answers: []Answer{
			{"state", "518 lasts until LTE is switched off", nil},
			{"number", "518 lasts until another mode than 1, 2 or 21 is sent", func(f *profile.Facts) { f.ActiveByNumber = true }},
		},
		met: func(e *event.Event, _ bool) bool {
			m := e.Mode
			return m != nil && m.Requested > 21
		},
	},
	{
		Name: "cmng/largest-content",
		Answers: []Answer{
			{"4096", "where content is checked, a certificate above 4,096 bytes is refused with 527", nil},
			{"none", "where content is checked, its length is not", func(f *profile.Facts) { f.Store.MaxCertificate = keystore.MaxContent }},
		},
		met: func(e *event.Event, _ bool) bool {
			c := e.Credential
			return c != nil && c.Op == event.CredentialWrite && c.Content != nil && c.Content.Bytes > 4096
		},
	},
	{
		Name: "cmng/oversize-crash",
		Answers: []Answer{
			{"crash", "reading a credential above 4,096 bytes crashes the modem", nil},
			{"read", "a credential above 4,096 bytes can be read", func(f *profile.Facts) { f.Store.MaxReadable = keystore.MaxContent }},
		},
		met: func(e *event.Event, _ bool) bool {
			c := e.Credential
			return c != nil && c.Op == event.CredentialRead && c.Before != ""
		},
	},
	{
		Name: "cmng/store-full",
		Answers: []Answer{
			{"flash", "as much is stored as the flash takes", nil},
			{"16-slots", "there are 16 slots, and a credential takes one for each 2 kB", func(f *profile.Facts) { f.Store.Slots = 16 }},
		},
		met: func(e *event.Event, _ bool) bool {
			c := e.Credential
			return c != nil && (c.Op == event.CredentialWrite || c.Op == event.CredentialGenerate)
		},
	},
	{
		Name: "cfun/boot",
		Answers: []Answer{
			{"0", "+CFUN? reads 0 after boot", nil},
			{"4", "+CFUN? reads 4 after boot", func(f *profile.Facts) { f.BootsOffline = true }},
		},
		met: func(e *event.Event, _ bool) bool { return asked(e, "+CFUN") },
	},
	{
		Name: "cfun/read-derived",
		Answers: []Answer{
			{"derived", "+CFUN? reads 0, 1, 2 or 4 by what is switched on, and 44 to 46 after these", nil},
			{"number", "+CFUN? reads the last number that was sent", func(f *profile.Facts) { f.ReadsNumber = true }},
		},
		met: func(e *event.Event, _ bool) bool { return asked(e, "+CFUN") },
	},
	{
		Name: "cfun/starts-without-sim",
		Answers: []Answer{
			{"ok", "+CFUN=1 is answered OK without a SIM", nil},
			{"error", "+CFUN=1, 21 and 41 are answered ERROR without a SIM", func(f *profile.Facts) { f.NeedsSIM = true }},
		},
		met: func(e *event.Event, _ bool) bool { return e.Mode != nil },
	},
}

// asked reports whether an event is the read form of a command.
func asked(e *event.Event, name string) bool {
	return e.Command != nil && e.Command.Name == name && e.Command.Form == "read"
}
