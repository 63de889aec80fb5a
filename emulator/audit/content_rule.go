package audit

import (
	"nrf91emu/emulator/event"
)

// A contentFault is what is wrong with the content that a write brings. The zero
// contentFault is nothing.
type contentFault struct {
	what  string
	fix   string // empty: that of the rule
	level Level  // Off: that of the rule
}

// contentRule returns a watch function for a rule that looks at what a write
// brings, a refused one too. What was refused counts at the end of the boot, unless the
// program has written the credential then.
func contentRule(judge func(a *Audit, k Key, c *event.Content, op *event.Credential) contentFault) func(*Audit, foundFunc) hooks {
	return func(a *Audit, found foundFunc) hooks {
		refused := map[Key][]sighting{} // of this boot
		return hooks{
			credential: func(c *event.Credential, cred *credential) {
				if c.Op != event.CredentialWrite || cred.key.Type > event.PSKIdentity {
					return
				}
				k := cred.key
				if !c.Error || a.mem.unanswered(c) {
					delete(refused, k)
				}
				if c.Content == nil {
					return
				}
				fault := judge(a, k, c.Content, c)
				if fault.what == "" {
					return
				}
				s := sighting{key: &k, at: a.mem.here(c.ID), level: fault.level, fix: fault.fix, what: func() string { return fault.what }}
				switch {
				case !c.Error:
					found(s)
				case len(refused) < maxFindings && len(refused[k]) < maxFindings:
					refused[k] = append(refused[k], s)
				}
			},
			endBoot: func(found foundFunc) {
				for _, list := range inOrder(refused) {
					for _, s := range list {
						found(s)
					}
				}
			},
			newBoot: func() { clear(refused) },
		}
	}
}

// isPEMType reports whether a credential of that type is PEM text.
func isPEMType(t event.CredentialType) bool { return t <= event.PrivateKey }

// looksPEM reports whether content is PEM or was meant to be.
func looksPEM(k Key, c *event.Content) bool { return isPEMType(k.Type) || c.BeginLines > 0 }

// oneLine reports whether PEM content lost its line feeds.
func oneLine(c *event.Content) bool {
	return c.BeginLines > 0 && c.LF == 0 && c.CR == 0 && c.EscapedLF == 0
}
