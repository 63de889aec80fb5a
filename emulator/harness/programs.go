package harness

import (
	"bytes"
	"fmt"
	"strings"

	"nrf91emu/keystore"
)

// A Habit is a way to provision one credential, by the name that people give it.
type Habit struct {
	Name string
	What string // in a sentence
	// New returns a program of this habit that provisions a content.
	New func(k keystore.Key, content []byte) Program
}

// Habits are the ways in which firmware provisions, the one worth having first.
var Habits = []Habit{
	{"exists-compare-write", "asks whether the credential is there, reads it to compare, writes on a difference only", ExistsCompareWrite},
	{"rewrite", "writes the credential at every boot", Rewrite},
	{"delete-write", "deletes the credential and writes it anew at every boot", DeleteWrite},
}

// verbose makes errors say why.
const verbose = "AT+CMEE=1"

// ExistsCompareWrite asks whether a credential is there, reads it if so, and
// writes it if it was absent or different: what Nordic's samples do with
// modem_key_mgmt (seen in source). It is not for private keys and PSKs, which
// cannot be read.
func ExistsCompareWrite(k keystore.Key, content []byte) Program {
	list := fmt.Sprintf("AT%%CMNG=1,%d,%d", k.SecTag, k.Type)
	read := fmt.Sprintf("AT%%CMNG=2,%d,%d", k.SecTag, k.Type)
	write := writeCommand(k, content)
	tail := append([]byte(`,"`), content...)
	tail = append(tail, "\"\r\n"...)
	return func(h *Host) error {
		if _, err := h.must(verbose); err != nil {
			return err
		}
		a, err := h.must(list)
		if err != nil {
			return err
		}
		if bytes.Contains(a.Text, []byte("%CMNG: ")) {
			if a, err = h.must(read); err != nil {
				return err
			}
			if bytes.Contains(a.Text, tail) {
				return nil
			}
		}
		_, err = h.must(write)
		return err
	}
}

// Rewrite writes a credential, whatever is there.
func Rewrite(k keystore.Key, content []byte) Program {
	write := writeCommand(k, content)
	return func(h *Host) error {
		if _, err := h.must(verbose); err != nil {
			return err
		}
		_, err := h.must(write)
		return err
	}
}

// DeleteWrite deletes a credential and writes it.
func DeleteWrite(k keystore.Key, content []byte) Program {
	remove, write := fmt.Sprintf("AT%%CMNG=3,%d,%d", k.SecTag, k.Type), writeCommand(k, content)
	return func(h *Host) error {
		if _, err := h.must(verbose); err != nil {
			return err
		}
		if _, err := h.Do(remove); err != nil { // there may be nothing to delete
			return err
		}
		_, err := h.must(write)
		return err
	}
}

func writeCommand(k keystore.Key, content []byte) string {
	return fmt.Sprintf(`AT%%CMNG=0,%d,%d,"%s"`, k.SecTag, k.Type, content)
}

// must sends a command whose final result must be OK.
func (h *Host) must(command string) (Answer, error) {
	a, err := h.Do(command)
	if err != nil || a.OK {
		return a, err
	}
	name, _, _ := strings.Cut(command, `,"`) // without the content
	if a.CME != 0 {
		return a, fmt.Errorf("%s was answered by +CME ERROR: %d", name, a.CME)
	}
	return a, fmt.Errorf("%s was answered by ERROR", name)
}
