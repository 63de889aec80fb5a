package audit

import (
	"strconv"
	"strings"

	"nrf91emu/emulator/event"
)

// unrecorded returns the operation that a failed %CMNG command was meant to be,
// if the record has no operation for it: the modem refused it before it looked at
// the store, for its parameters. A program that goes on after that makes the same
// mistake as after any other refusal.
func (m *memory) unrecorded(r *event.Response) *event.Credential {
	cmd := &m.command
	if !r.Error || r.ID == 0 || cmd.ID != r.ID || m.recorded == r.ID ||
		!isCredentialSet(cmd) {
		return nil
	}
	_, args, _ := strings.Cut(cmd.Text, "=")
	head, _, _ := strings.Cut(args, `"`)
	fields := strings.Split(head, ",")
	c := &event.Credential{ID: r.ID, Error: true, CME: r.CME, Reason: r.Reason}
	switch strings.TrimSpace(fields[0]) {
	case "0":
		c.Op = event.CredentialWrite
	case "1":
		c.Op = event.CredentialList
	case "2":
		c.Op = event.CredentialRead
	case "3":
		c.Op = event.CredentialDelete
	default:
		return nil
	}
	// An operation that cannot be told from others by its tag says nothing about
	// any of them.
	tag, ok := number(fields, 1, 32)
	if !ok {
		return nil
	}
	secTag := uint32(tag)
	c.SecTag = &secTag
	if typ, ok := number(fields, 2, 8); ok {
		t := event.CredentialType(typ)
		c.Type = &t
	}
	return c
}

// isCredentialSet reports whether a command is a set form of %CMNG. One that cannot be
// parsed has no name in the record.
func isCredentialSet(cmd *event.Command) bool {
	const set = "AT%CMNG="
	if cmd.Name == "" {
		text := strings.TrimSpace(cmd.Text)
		return len(text) > len(set) && strings.EqualFold(text[:len(set)], set)
	}
	return cmd.Form == "set" && strings.EqualFold(cmd.Name, "%CMNG")
}

func number(fields []string, i, bits int) (uint64, bool) {
	if i >= len(fields) {
		return 0, false
	}
	n, err := strconv.ParseUint(strings.TrimSpace(fields[i]), 10, bits)
	return n, err == nil
}
