package audit

import (
	"nrf91emu/emulator/event"
)

// contentRule returns a watch function for a rule that looks at what a write
// brings, a refused one too. what returns a sentence for each fault, or "", and
// may lower the level.
func contentRule(what func(a *Audit, k Key, c *event.Content, op *event.Credential) (string, Level)) func(*Audit, foundFunc) hooks {
	return func(a *Audit, found foundFunc) hooks {
		return hooks{credential: func(c *event.Credential, cred *credential) {
			if c.Op != event.CredentialWrite || c.Content == nil || cred.key.Type > event.PSKIdentity {
				return
			}
			if s, level := what(a, cred.key, c.Content, c); s != "" {
				found(sighting{key: &cred.key, id: c.ID, level: level, what: func() string { return s }})
			}
		}}
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
