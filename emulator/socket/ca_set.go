package socket

import (
	"crypto/sha256"
	"crypto/x509"
	"runtime"
	"sync"
	"weak"
)

// A caSet is what one CA credential holds, parsed.
type caSet struct {
	certs   []*x509.Certificate
	pool    *x509.CertPool // of the timeless copies
	problem string         // what could not be read
}

// caSets remembers parsed credentials for as long as somebody uses them or the
// garbage collector leaves them: many modems share a CA, and each connects again
// and again. Parsing costs some 5 % of a handshake.
var caSets sync.Map // [sha256.Size]byte to weak.Pointer[caSet]

// parseCAs returns the parsed credential.
func parseCAs(content []byte) *caSet {
	key := sha256.Sum256(content)
	if known, ok := caSets.Load(key); ok {
		if set := known.(weak.Pointer[caSet]).Value(); set != nil {
			return set
		}
	}
	set := &caSet{pool: x509.NewCertPool()}
	set.certs, set.problem = parseCertificates(content)
	for _, c := range set.certs {
		set.pool.AddCert(timeless(c))
	}
	entry := weak.Make(set)
	caSets.Store(key, entry)
	runtime.AddCleanup(set, func(entry weak.Pointer[caSet]) { caSets.CompareAndDelete(key, entry) }, entry)
	return set
}
