package audit

import (
	"fmt"
	"slices"

	"nrf91emu/emulator/event"
)

var p35 = &Rule{
	ID: "P35", Name: "no-handshake-succeeds",
	Level: Error, Topic: TLS,
	Title:  "No handshake with a server succeeds",
	Sees:   "TLS or DTLS handshakes with one server, of which none has succeeded at the end of the run, or none since the program changed what is stored under their tags, and the last failed for the credentials: no usable CA under the tag, an unknown CA, a client certificate that is missing or refused, a pre-shared key or identity that the server does not know, another host name than the certificate's",
	Why:    "All that was stored is of no use if the device cannot connect with it. The application sees one errno for every cause; here the reason stands.",
	Source: "forum threads in which the wrong CA was looked for in the network (reported by users)",
	Fix:    "Store what the reason asks for, under the tag that the socket uses. If a test lets the handshake fail on purpose, switch this rule off for it.",
	Bad: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca2> -> OK
AT+CFUN=1 -> OK
* TLS: peer=broker.example:8883 tag=24 verify=2 host=broker.example fault=unknown-ca`,
	Good: `
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca2> -> OK
AT+CFUN=1 -> OK
* TLS: peer=broker.example:8883 tag=24 verify=2 host=broker.example fault=unknown-ca
AT+CFUN=4 -> OK
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK
AT+CFUN=1 -> OK
* TLS: peer=broker.example:8883 tag=24 verify=2 host=broker.example`,
	watch: func(a *Audit, _ foundFunc) hooks {
		a.failing, a.altered = map[string]*failing{}, map[uint32]uint64{}
		return hooks{credential: func(c *event.Credential, cred *credential) {
			if changes(c) && c.Before != c.After && (len(a.altered) < maxFindings || a.altered[cred.key.SecTag] != 0) {
				a.altered[cred.key.SecTag] = a.mem.seq
			}
		}, handshake: func(h *event.Handshake) {
			f := a.failing[h.Peer]
			if f == nil {
				if len(a.failing) == maxFindings {
					return
				}
				f = &failing{peer: h.Peer}
				a.failing[h.Peer] = f
				a.peers = append(a.peers, f)
			}
			if h.OK {
				f.succeeded, f.count, f.places = a.mem.seq, 0, nil
				return
			}
			f.fault, f.reason, f.tags = h.Fault, h.Reason, slices.Clone(h.SecTags)
			f.count++
			if len(f.places) < maxPlaces {
				f.places = append(f.places, a.mem.here(h.ID))
			}
		}}
	},
}

// failing is a server with which no handshake has succeeded.
type failing struct {
	peer string
	// succeeded is the event that tells of the last handshake that did, 0 if none has; what
	// follows is since then.
	succeeded uint64

	count  int
	fault  event.HandshakeFault // of the last one
	reason string
	tags   []uint32
	places []Place // the first few
}

// since says that handshakes have succeeded before; empty if none has.
func (f *failing) since() string {
	if f.succeeded == 0 {
		return ""
	}
	return " since the program changed what is stored"
}

// alteredSince reports whether the program has changed what is stored under a tag of a server's
// handshakes after the last one that has succeeded.
func (a *Audit) alteredSince(f *failing) bool {
	return slices.ContainsFunc(f.tags, func(n uint32) bool { return a.altered[n] > f.succeeded })
}

// explains are the rules beside those of content that say why a handshake fails.
var explains = []*Rule{p20, p21, p22}

// judgeHandshakes reports servers with which no handshake succeeds. Where another
// finding has the cause, that one is an error now and quotes the reason.
func (a *Audit) judgeHandshakes(b *book) {
	for _, f := range a.peers {
		if f.count == 0 || !f.fault.Credentials() || f.succeeded != 0 && !a.alteredSince(f) {
			continue
		}
		if cause := a.causeOf(b, f); cause != nil {
			if _, fixed := a.opt.Levels[cause.Rule]; !fixed {
				cause.Level = Error
			}
			cause.What += fmt.Sprintf(" No handshake with %s has succeeded%s: %s.", f.peer, f.since(), f.reason)
			continue
		}
		for i, at := range f.places {
			count := 1
			if i == len(f.places)-1 {
				count = f.count - i
			}
			a.enter(b, p35, sighting{subject: f.peer, at: at, count: count, fix: handshakeFix(f.fault), what: func() string {
				if f.count == 1 {
					return fmt.Sprintf("The handshake%s failed: %s.", f.since(), f.reason)
				}
				return fmt.Sprintf("None of %d handshakes%s succeeded; the last one failed: %s.", f.count, f.since(), f.reason)
			}})
		}
	}
}

// causeOf returns a finding about a tag of the handshakes that says why they fail. That a
// certificate expires is none, unless the server has refused the device's for it.
func (a *Audit) causeOf(b *book, f *failing) *Finding {
	i := slices.IndexFunc(b.order, func(o *Finding) bool {
		if o.SecTag == nil || o.Level < Warning || !slices.Contains(f.tags, *o.SecTag) {
			return false
		}
		rule := Lookup(o.Rule)
		return slices.Contains(explains, rule) || rule.Topic == Content && (rule != p16 || f.fault == event.FaultClientCertificate && a.mem.expired(o))
	})
	if i < 0 {
		return nil
	}
	return b.order[i]
}

// expired reports whether a finding is about a client certificate that has expired.
func (m *memory) expired(f *Finding) bool {
	if f.SecTag == nil || f.Type == nil || *f.Type != event.ClientCertificate {
		return false
	}
	cred := m.creds[Key{*f.SecTag, *f.Type}]
	return cred != nil && cred.content != nil && slices.ContainsFunc(cred.content.Certificates, func(c event.Certificate) bool {
		return c.NotAfter.Before(m.now)
	})
}

// handshakeFix says what to do about a fault; empty for what the rule says of all.
func handshakeFix(fault event.HandshakeFault) string {
	const onPurpose = " If a test lets the handshake fail on purpose, switch this rule off for it."
	switch fault {
	case event.FaultUnknownCA:
		return "Store the root that the server's certificate is issued by, under the tag that the socket uses; openssl s_client -showcerts shows which one that is." + onPurpose
	case event.FaultClientCertificate:
		return "Store the client certificate and its private key under the tag that the socket uses, of a CA that the server trusts." + onPurpose
	case event.FaultPSK:
		return "Store the identity that the server knows as type 4, and its key, in hexadecimal digits, as type 3 of the same tag." + onPurpose
	case event.FaultServerName:
		return "Give the socket the host name that the server's certificate is for, and connect to that server; the credentials are not to blame." + onPurpose
	}
	return ""
}
