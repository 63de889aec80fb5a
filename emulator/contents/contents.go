package contents

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

// An Entry is one credential in a flash.
type Entry struct {
	Content   []byte
	Generated bool // the modem made it
}

// All are the credentials in a flash.
type All map[keystore.Key]Entry

// publicKey is what certificates and private keys that belong together share.
func (e Entry) publicKey() string {
	d := event.Describe(e.Content, true)
	if d.PublicKey == "" && len(d.Certificates) > 0 {
		return d.Certificates[0].PublicKey
	}
	return d.PublicKey
}

// Read returns all credentials in a flash, which stays as it is. The error is that of
// [keystore.Open].
func Read(f *flash.Flash) (All, error) {
	f = f.Clone()
	f.PowerOn()
	store, err := keystore.Open(f, keystore.Rules{}, nil)
	if err != nil {
		return nil, err
	}
	all := make(All)
	for e := range store.All() {
		content, err := store.Secret(e.Key)
		if err != nil {
			return nil, err
		}
		all[e.Key] = Entry{content, e.Generated}
	}
	return all, nil
}

// SortedKeys returns the keys in the order of tag and type, so that a report does not
// depend on chance.
func SortedKeys[V any](m map[keystore.Key]V) []keystore.Key {
	return slices.SortedFunc(maps.Keys(m), keystore.Key.Compare)
}

// Name returns such as "tag 24, root CA certificate".
func Name(k keystore.Key) string { return fmt.Sprintf("tag %d, %v", k.SecTag, k.Type) }

// String returns such as "tag 24, PSK; tag 24, PSK identity", or "nothing".
func (all All) String() string {
	if len(all) == 0 {
		return "nothing"
	}
	var words []string
	for _, k := range SortedKeys(all) {
		words = append(words, Name(k))
	}
	return strings.Join(words, "; ")
}

// A Wrong is what is wrong with a credential after a power cut.
type Wrong uint8

// What may be wrong.
const (
	Missing     Wrong = iota // it is not there, and is without a cut
	Superfluous              // it is there, and is not without a cut
	Different                // its content is another one
	Unpaired                 // it does not belong to the key that the modem has made
)

// A Difference is between what is stored after a run with a power cut and after the one
// without.
type Difference struct {
	Key keystore.Key
	Wrong
}

// String says so in words.
func (d Difference) String() string {
	return Name(d.Key) + map[Wrong]string{
		Missing:     " is not there at the end, and is without a cut",
		Superfluous: " is there at the end, and is not without a cut",
		Different:   " holds something else at the end than without a cut",
		Unpaired:    " does not belong to the private key that the modem has made, as it does without a cut",
	}[d.Wrong]
}

// Compare compares what is stored. A key that the modem makes is another one in each
// run, and so is the certificate that is issued for it: it counts that they are there and
// belong to each other.
func Compare(want, got All) []Difference {
	var list []Difference
	for _, k := range SortedKeys(want) {
		w, g := want[k], got[k]
		switch _, there := got[k]; {
		case !there:
			list = append(list, Difference{k, Missing})
		case w.Generated && g.Generated:
		case issued(want, k):
			if !issued(got, k) {
				list = append(list, Difference{k, Unpaired})
			}
		case w.Generated != g.Generated || !bytes.Equal(w.Content, g.Content):
			list = append(list, Difference{k, Different})
		}
	}
	for _, k := range SortedKeys(got) {
		if _, there := want[k]; !there {
			list = append(list, Difference{k, Superfluous})
		}
	}
	slices.SortStableFunc(list, func(a, b Difference) int { return cmp.Or(cmp.Compare(a.Wrong, b.Wrong), a.Key.Compare(b.Key)) })
	return list
}

// issued reports whether a certificate is for the key under its tag that the modem has made.
func issued(all All, k keystore.Key) bool {
	key := all[keystore.Key{SecTag: k.SecTag, Type: keystore.PrivateKey}]
	if k.Type != keystore.ClientCertificate || !key.Generated {
		return false
	}
	public := key.publicKey()
	return public != "" && public == all[k].publicKey()
}
