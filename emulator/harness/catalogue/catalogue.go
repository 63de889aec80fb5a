// Package catalogue is a collection of provisioning programs, good and bad, as
// they are found in firmware: each is a small function in a file of its own, named
// by what it does, with what the judge has to say about it.
//
// The tests of package harness run each of them on an emulated device over three
// boots and hold the verdict against [Program.Finds], and cut the power at every
// flash step to see that what is sound heals.
package catalogue

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"nrf91emu/emulator/harness"
	"nrf91emu/keystore"
)

// A Program is firmware as far as it provisions.
type Program struct {
	Name string
	What string // in a sentence
	// Finds are the rules that have to find something at the level of a warning or
	// an error when the program runs over three boots, in order; none for a sound
	// program.
	Finds []string
	// Notes are the rules that have to note something at the level of information.
	// Others may.
	Notes []string
	// Boot is called once in each boot.
	Boot func(*Firmware) error

	// Profile and App are the modem that the program is for; empty for the usual.
	Profile, App string
	// Stored is in the store before the first boot.
	Stored func(*Material) map[keystore.Key]string
	// Renewed gives the program another CA to provision from the second boot on, as
	// a firmware update does.
	Renewed bool
	// Made are credentials that the program makes itself, whose content differs
	// from run to run.
	Made []keystore.Key
}

// Sound reports whether the judge should have no complaint.
func (p *Program) Sound() bool { return len(p.Finds) == 0 }

var programs []Program

// add is called by the programs' files.
func add(p Program) bool {
	programs = append(programs, p)
	return true
}

// Programs returns all programs, by name.
func Programs() []Program {
	all := slices.Clone(programs)
	slices.SortFunc(all, func(a, b Program) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Firmware is what a program has at hand in a boot.
type Firmware struct {
	*harness.Host
	*Material
	Boot int // from 1
}

// tag is the security tag of most programs, that of Nordic's course.
const tag keystore.SecTag = 24

// item is a credential to provision.
type item struct {
	key     keystore.Key
	content string
}

func key(tag keystore.SecTag, typ keystore.CredentialType) keystore.Key {
	return keystore.Key{SecTag: tag, Type: typ}
}

var (
	caKey   = key(tag, keystore.RootCA)
	certKey = key(tag, keystore.ClientCertificate)
	keyKey  = key(tag, keystore.PrivateKey)
	pskKey  = key(tag, keystore.PSK)
	idKey   = key(tag, keystore.PSKIdentity)
)

// errRefused is what a program ends with that looks at what the modem answers and
// is not content.
var errRefused = errors.New("the modem refused")

// noAnswer unwinds a program whose modem has no power any more: on a device both
// share the supply.
type noAnswer struct{ err error }

// Run runs a boot of the program. The error is what made it give up.
func (p *Program) Run(f *Firmware) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case noAnswer:
			err = r.err
		default:
			panic(r)
		}
	}()
	return p.Boot(f)
}

// at sends a command and returns the answer.
func (f *Firmware) at(format string, args ...any) harness.Answer {
	a, err := f.Do(fmt.Sprintf(format, args...))
	if err != nil {
		panic(noAnswer{err})
	}
	return a
}

// ok sends a command that must succeed.
func (f *Firmware) ok(format string, args ...any) error {
	if a := f.at(format, args...); !a.OK {
		return fmt.Errorf("%w: %.16s", errRefused, fmt.Sprintf(format, args...))
	}
	return nil
}

// digest asks for the digest of a credential, empty if there is none.
func (f *Firmware) digest(k keystore.Key) string {
	return quoted(f.at("AT%%CMNG=1,%d,%d", k.SecTag, k.Type))
}

// quoted returns what stands in the first quotes of an answer.
func quoted(a harness.Answer) string {
	_, rest, _ := strings.Cut(string(a.Text), `"`)
	text, _, _ := strings.Cut(rest, `"`)
	return text
}

// exists asks whether a credential is there.
func (f *Firmware) exists(k keystore.Key) bool { return f.digest(k) != "" }

// read asks for the content of a credential; ok is false if it was refused.
func (f *Firmware) read(k keystore.Key) (content string, ok bool) {
	return content2(f.at("AT%%CMNG=2,%d,%d", k.SecTag, k.Type))
}

// content2 returns the second quoted text of an answer: the first is the digest.
func content2(a harness.Answer) (string, bool) {
	parts := strings.Split(string(a.Text), `"`)
	if !a.OK || len(parts) < 5 {
		return "", false
	}
	return parts[3], true
}

// write stores a credential, whatever comes of it.
func (f *Firmware) write(k keystore.Key, content string) harness.Answer {
	return f.at(`AT%%CMNG=0,%d,%d,"%s"`, k.SecTag, k.Type, content)
}

// store stores a credential and looks at the answer.
func (f *Firmware) store(k keystore.Key, content string) error {
	if a := f.write(k, content); !a.OK {
		return fmt.Errorf("%w to store tag %d, %v: +CME ERROR: %d", errRefused, k.SecTag, k.Type, a.CME)
	}
	return nil
}

// remove deletes a credential.
func (f *Firmware) remove(k keystore.Key) harness.Answer {
	return f.at("AT%%CMNG=3,%d,%d", k.SecTag, k.Type)
}

// ensure is the habit worth having, by digest.
func (f *Firmware) ensure(k keystore.Key, content string) error {
	if f.digest(k) == sha(content) {
		return nil
	}
	return f.store(k, content)
}

// sha returns the digest of a content as the modem lists it.
func sha(content string) string { return keystore.Digest(sha256.Sum256([]byte(content))).String() }
