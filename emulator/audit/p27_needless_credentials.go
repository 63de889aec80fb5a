package audit

import (
	"fmt"
	"slices"
	"strings"

	"nrf91emu/emulator/event"
)

var p27 = &Rule{
	ID: "P27", Name: "needless-credentials",
	Level: Info, Topic: Wear,
	Title:  "Credentials that nothing needs",
	Sees:   "at the end of the run, one CA under several tags, or tags that the host wrote and no TLS socket used although there were TLS sockets",
	Why:    "Each copy takes room in a small store and is written and renewed on its own.",
	Source: "chosen; the store was 16 slots in 2019's firmware (documented)",
	Fix:    "Delete what is not used; a socket takes a list of up to seven tags, so that one copy of a CA can serve several connections.",
	Bad: `
AT%CMNG=1 -> OK
AT%CMNG=0,24,0,<ca> -> OK
AT%CMNG=0,25,0,<ca> -> OK`,
	Good: `
AT%CMNG=1 -> OK
AT%CMNG=0,24,0,<ca> -> OK
AT%CMNG=0,25,0,<ca2> -> OK`,
	watch: func(a *Audit, _ foundFunc) hooks {
		tls := false
		use := func(list []uint32) {
			for _, n := range list {
				tls = true
				a.mem.tag(n).used = true
			}
		}
		return hooks{
			use:       func(c *event.Credential) { tls = true },
			socket:    func(s *event.Socket) { use(s.SecTags) },
			handshake: func(h *event.Handshake) { use(h.SecTags) },
			endRun: func(found foundFunc) {
				where := map[string][]uint32{} // a CA to its tags
				var unused []uint32
				wrote := map[uint32]Place{}
				for k, cred := range inOrder(a.mem.creds) {
					if cred.stored == "" || !cred.known {
						continue
					}
					if k.Type == event.RootCA {
						where[cred.identity()] = append(where[cred.identity()], k.SecTag)
					}
					if t := a.mem.tags[k.SecTag]; tls && cred.written != 0 && (t == nil || !t.used) && !slices.Contains(unused, k.SecTag) {
						unused = append(unused, k.SecTag)
						wrote[k.SecTag] = cred.at
					}
				}
				for k, cred := range inOrder(a.mem.creds) {
					if list := where[cred.identity()]; k.Type == event.RootCA && len(list) > 1 && list[0] == k.SecTag {
						found(sighting{key: &k, at: cred.at, what: func() string {
							return fmt.Sprintf("The same CA (SHA-256 %s) is stored under the tags %s.", shortDigest(cred.stored), join(list))
						}})
					}
				}
				for _, n := range unused {
					found(sighting{tag: &n, at: wrote[n], what: func() string { return "The tag was written, and no TLS socket used it in this run." }})
				}
			},
		}
	},
}

// join returns such as "24, 25 and 3 more".
func join(list []uint32) string {
	const most = 8
	var words []string
	for _, n := range list[:min(most, len(list))] {
		words = append(words, fmt.Sprint(n))
	}
	if n := len(list) - most; n > 0 {
		words = append(words, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(words, ", ")
}

// identity tells one stored content from another: by its certificates, if it is known
// to be some, and by its bytes otherwise.
func (c *credential) identity() string {
	if c.content != nil && c.content.SHA256 == c.stored && len(c.content.Certificates) > 0 {
		return certificateIdentity(c.content)
	}
	return c.stored
}
