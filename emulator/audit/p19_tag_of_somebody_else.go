package audit

import (
	"fmt"
	"strings"

	"nrf91emu/emulator/event"
)

const (
	nrfCloudTag = 16842753
	// firstReserved begins the tags of the modem itself; the first twenty are for
	// sessions that trace tools can decrypt.
	firstReserved = 1 << 31
)

var p19 = &Rule{
	ID: "P19", Name: "tag-of-somebody-else",
	Level: Error, Topic: Order,
	Title:  "A security tag that belongs to somebody else",
	Sees:   "a change of, or a TLS socket with, tag 2147483648 and up (error); tag 16842753 with a CA that is not nRF Cloud's, or towards another server (warning)",
	Why:    "Tags from 2147483648 on are the modem's own; the first twenty are writable, but anybody with Nordic's trace tools can decrypt their sessions. 16842753 is the default of nRF Cloud, whose installer deletes and rewrites it.",
	Source: "Nordic's AT command guides and nrf_socket.h (documented); nRF Cloud's tag and installer (seen in source)",
	Fix:    "Choose a tag of your own below 2147483648.",
	Bad: `
AT%CMNG=1,2147483650,0 -> OK
AT%CMNG=0,2147483650,0,<ca> -> OK`,
	Good: `
AT%CMNG=1,4294967293 -> OK
AT%CMNG=1,24,0 -> OK
AT%CMNG=0,24,0,<ca> -> OK`,
	watch: func(a *Audit, found foundFunc) hooks {
		tags := func(id int, list []uint32, protocol, peer, host string) {
			if protocol != "tls" && protocol != "dtls" {
				return
			}
			for _, n := range list {
				switch {
				case n >= firstReserved:
					found(sighting{tag: &n, id: id, what: func() string {
						return fmt.Sprintf("A TLS socket used tag %d, which is reserved for the modem.", n)
					}})
				case n == nrfCloudTag && !ofNRFCloud(peer) && !ofNRFCloud(host):
					found(sighting{tag: &n, id: id, level: Warning, what: func() string {
						return fmt.Sprintf("A TLS socket to %s used nRF Cloud's tag.", peer)
					}})
				}
			}
		}
		return hooks{
			credential: func(c *event.Credential, cred *credential) {
				if c.Op != event.CredentialWrite && c.Op != event.CredentialDelete && c.Op != event.CredentialGenerate {
					return
				}
				switch {
				case cred.key.SecTag >= firstReserved:
					found(sighting{key: &cred.key, id: c.ID, what: func() string {
						return fmt.Sprintf("The %s is about a tag that is reserved for the modem.", opNoun(c.Op))
					}})
				case cred.key.SecTag == nrfCloudTag && c.Op == event.CredentialWrite && cred.key.Type == event.RootCA && c.Content != nil && !nrfCloudCA(c.Content):
					found(sighting{key: &cred.key, id: c.ID, level: Warning, what: func() string {
						return "A CA that is not nRF Cloud's was written to nRF Cloud's tag."
					}})
				}
			},
			socket: func(s *event.Socket) {
				if s.Op == event.SocketConnect {
					tags(s.ID, s.SecTags, s.Protocol, s.Peer, s.HostName)
				}
			},
		}
	},
}

func ofNRFCloud(name string) bool {
	host, _, _ := strings.Cut(strings.ToLower(name), ":")
	return host == "nrfcloud.com" || strings.HasSuffix(host, ".nrfcloud.com")
}

// nrfCloudCA reports whether content is a CA that nRF Cloud's servers use:
// Amazon's for MQTT and REST, one that names Nordic or nRF Cloud for CoAP (fact
// cmng/nrf-cloud-ca).
func nrfCloudCA(c *event.Content) bool {
	for _, cert := range c.Certificates {
		for _, s := range []string{"Amazon Root CA", "Starfield", "Nordic", "nRF", "nrf"} {
			if strings.Contains(cert.Subject, s) {
				return true
			}
		}
	}
	return false
}
