package provisioning

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"nrf91emu/emulator/host"
	"nrf91emu/keystore"
)

// A Program is firmware as far as it provisions.
type Program struct {
	Name string
	// Habit is the name that people give what the program does; empty if it has none.
	Habit string
	What  string // in a sentence
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

// programs has room for all, which are added when any program starts that has this
// package in it.
var programs = make([]Program, 0, 128)

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

// Habits returns the programs whose habit has a name, the one worth having first.
func Habits() []Program {
	var all []Program
	for _, habit := range []string{"exists-compare-write", "rewrite", "delete-write"} {
		i := slices.IndexFunc(programs, func(p Program) bool { return p.Habit == habit })
		all = append(all, programs[i])
	}
	return all
}

// Firmware is what a program has at hand in a boot.
type Firmware struct {
	*host.Host
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

// With returns a function that runs a boot of the program at each call, with what it
// is to provision.
func (p *Program) With(m *Material) func(*host.Host) error {
	f := &Firmware{Material: m}
	return func(h *host.Host) error {
		f.Host = h
		f.Boot++
		return p.Run(f)
	}
}

// at sends a command and returns the answer.
func (f *Firmware) at(format string, args ...any) host.Answer {
	a, err := f.Do(fmt.Sprintf(format, args...))
	if err != nil {
		panic(noAnswer{err})
	}
	return a
}

// ok sends a command that must succeed.
func (f *Firmware) ok(format string, args ...any) error {
	a := f.at(format, args...)
	if a.OK {
		return nil
	}
	name, _, _ := strings.Cut(fmt.Sprintf(format, args...), `,"`) // without a content
	if a.CME != 0 {
		return fmt.Errorf("%s was answered by +CME ERROR: %d", name, a.CME)
	}
	return fmt.Errorf("%s was answered by ERROR", name)
}

// verbose makes errors say why.
func (f *Firmware) verbose() error { return f.ok("AT+CMEE=1") }

// digest asks for the digest of a credential, empty if there is none.
func (f *Firmware) digest(k keystore.Key) string {
	return quoted(f.at("AT%%CMNG=1,%d,%d", k.SecTag, k.Type))
}

// quoted returns what stands in the first quotes of an answer.
func quoted(a host.Answer) string {
	_, rest, _ := bytes.Cut(a.Text, quote)
	text, _, _ := bytes.Cut(rest, quote)
	return string(text)
}

var quote = []byte(`"`)

// exists asks whether a credential is there.
func (f *Firmware) exists(k keystore.Key) bool { return f.digest(k) != "" }

// read asks for the content of a credential; ok is false if it was refused.
func (f *Firmware) read(k keystore.Key) (content string, ok bool) {
	return content2(f.at("AT%%CMNG=2,%d,%d", k.SecTag, k.Type))
}

// content2 returns the second quoted text of an answer: the first is the digest.
func content2(a host.Answer) (string, bool) {
	parts := bytes.SplitN(a.Text, quote, 5)
	if !a.OK || len(parts) < 5 {
		return "", false
	}
	return string(parts[3]), true
}

// writeCommand is the command that stores a credential.
const writeCommand = `AT%%CMNG=0,%d,%d,"%s"`

// write stores a credential, whatever comes of it.
func (f *Firmware) write(k keystore.Key, content string) host.Answer {
	return f.at(writeCommand, k.SecTag, k.Type, content)
}

// store stores a credential and looks at the answer.
func (f *Firmware) store(k keystore.Key, content string) error {
	return f.ok(writeCommand, k.SecTag, k.Type, content)
}

// remove deletes a credential.
func (f *Firmware) remove(k keystore.Key) host.Answer {
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
