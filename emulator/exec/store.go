package exec

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// A stored is one credential in a flash.
type stored struct {
	content   []byte
	generated bool // the modem made it
}

// publicKey is what certificates and private keys that belong together share.
func (s stored) publicKey() string {
	d := event.Describe(s.content, true)
	if d.PublicKey == "" && len(d.Certificates) > 0 {
		return d.Certificates[0].PublicKey
	}
	return d.PublicKey
}

// contents reads all credentials in a flash.
func contents(f *flash.Flash) (map[keystore.Key]stored, error) {
	f = f.Clone()
	f.PowerOn()
	store, err := keystore.Open(f, keystore.Rules{}, nil)
	if err != nil {
		return nil, err
	}
	all := make(map[keystore.Key]stored)
	for e := range store.All() {
		content, err := store.Secret(e.Key)
		if err != nil {
			return nil, err
		}
		all[e.Key] = stored{content, e.Generated}
	}
	return all, nil
}

// sortedKeys makes a report not depend on chance.
func sortedKeys[V any](m map[keystore.Key]V) []keystore.Key {
	return slices.SortedFunc(maps.Keys(m), keystore.Key.Compare)
}

// name returns such as "tag 24, root CA certificate".
func name(k keystore.Key) string { return fmt.Sprintf("tag %d, %v", k.SecTag, k.Type) }

// inventory returns such as "tag 24, PSK; tag 24, PSK identity", or "nothing".
func inventory(all map[keystore.Key]stored) string {
	if len(all) == 0 {
		return "nothing"
	}
	var words []string
	for _, k := range sortedKeys(all) {
		words = append(words, name(k))
	}
	return strings.Join(words, "; ")
}

// A wrong is what is wrong with a credential after a power cut.
type wrong uint8

const (
	missing     wrong = iota // it is not there, and is without a cut
	superfluous              // it is there, and is not without a cut
	different                // its content is another one
	unpaired                 // it does not belong to the key that the modem has made
)

// A difference is between what is stored after a run with a power cut and after the one
// without.
type difference struct {
	key keystore.Key
	wrong
}

// String says so in words.
func (d difference) String() string {
	return name(d.key) + map[wrong]string{
		missing:     " is not there at the end, and is without a cut",
		superfluous: " is there at the end, and is not without a cut",
		different:   " holds something else at the end than without a cut",
		unpaired:    " does not belong to the private key that the modem has made, as it does without a cut",
	}[d.wrong]
}

// compareStores compares what is stored. A key that the modem makes is another one in each
// run, and so is the certificate that is issued for it: it counts that they are there and
// belong to each other.
func compareStores(want, got map[keystore.Key]stored) []difference {
	var list []difference
	for _, k := range sortedKeys(want) {
		w, g := want[k], got[k]
		switch _, there := got[k]; {
		case !there:
			list = append(list, difference{k, missing})
		case w.generated && g.generated:
		case issued(want, k):
			if !issued(got, k) {
				list = append(list, difference{k, unpaired})
			}
		case w.generated != g.generated || !bytes.Equal(w.content, g.content):
			list = append(list, difference{k, different})
		}
	}
	for _, k := range sortedKeys(got) {
		if _, there := want[k]; !there {
			list = append(list, difference{k, superfluous})
		}
	}
	slices.SortStableFunc(list, func(a, b difference) int { return cmp.Or(cmp.Compare(a.wrong, b.wrong), a.key.Compare(b.key)) })
	return list
}

// issued reports whether a certificate is for the key under its tag that the modem has made.
func issued(all map[keystore.Key]stored, k keystore.Key) bool {
	key := all[keystore.Key{SecTag: k.SecTag, Type: keystore.PrivateKey}]
	if k.Type != keystore.ClientCertificate || !key.generated {
		return false
	}
	public := key.publicKey()
	return public != "" && public == all[k].publicKey()
}
