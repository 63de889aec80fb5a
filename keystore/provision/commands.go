package provision

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"nrf91emu/keystore"
)

// An Entry is a line of the modem's list of credentials.
type Entry struct {
	keystore.Key
	// Digest is the SHA-256 of the content as stored.
	Digest keystore.Digest
	// Placeholder says that Digest is none: see ErrPlaceholder.
	Placeholder bool
}

// State is how a stored credential compares with a content.
type State uint8

// The states of a credential.
const (
	Absent          State = iota // there is none
	Present                      // the same bytes
	SameButLinefeed              // the same but for one line feed at the end, which the newest library forgives
	Different                    // other bytes
	Unknown                      // there is one, and no way to learn what it holds
)

// String returns the state in words.
func (s State) String() string {
	return [...]string{"absent", "present", "present but for a line feed at the end", "different", "of unknown content"}[s]
}

// Exists asks whether there is a credential (modem_key_mgmt_exists).
func (m *Manager) Exists(ctx context.Context, key keystore.Key) (bool, error) {
	lines, err := m.one(ctx, "list", key, listCommand(key))
	if err != nil {
		return false, err
	}
	_, found, err := find(lines, key)
	return found, err
}

// Digest returns the SHA-256 of a credential's content (modem_key_mgmt_digest). It
// works for private keys and PSKs as well. The error wraps ENOENT when there is
// none, EINVAL when the answer holds no digest and ErrPlaceholder when it holds a
// placeholder.
func (m *Manager) Digest(ctx context.Context, key keystore.Key) (keystore.Digest, error) {
	lines, err := m.one(ctx, "list", key, listCommand(key))
	if err != nil {
		return keystore.Digest{}, err
	}
	entry, found, err := find(lines, key)
	switch {
	case err != nil:
		return keystore.Digest{}, err
	case !found:
		return keystore.Digest{}, &Error{"list", key, -1, ENOENT, errors.New("there is no such credential")}
	case entry.Placeholder:
		return keystore.Digest{}, &Error{"list", key, -1, EINVAL, ErrPlaceholder}
	}
	return entry.Digest, nil
}

// Read returns a credential's content (modem_key_mgmt_read). The error wraps
// EACCES for types that cannot be read: private keys and PSKs, and client
// certificates on old firmware.
func (m *Manager) Read(ctx context.Context, key keystore.Key) ([]byte, error) {
	lines, err := m.one(ctx, "read", key, readCommand(key))
	if err != nil {
		return nil, err
	}
	return content(lines, key)
}

// Compare reads a credential and compares it with a content (modem_key_mgmt_cmp).
// The answer is Present, SameButLinefeed or Different; the newest library takes the
// second for equal, older ones for different. A credential that is absent or cannot
// be read is an error: use Ensure, or Digest, for private keys and PSKs.
func (m *Manager) Compare(ctx context.Context, key keystore.Key, want []byte) (State, error) {
	if len(want) == 0 {
		return Absent, &Error{"read", key, -1, EINVAL, errEmpty}
	}
	stored, err := m.Read(ctx, key)
	if err != nil {
		return Absent, err
	}
	return compare(stored, want), nil
}

// Write stores a content, over what there is (modem_key_mgmt_write). It does not
// ask first and costs the flash a write each time: see Ensure. A content that
// cannot go over the port is refused before anything is sent.
func (m *Manager) Write(ctx context.Context, key keystore.Key, content []byte) error {
	if err := m.check(key, content); err != nil {
		return err
	}
	_, err := m.one(ctx, "write", key, writeCommand(key, content))
	return err
}

// Delete removes a credential (modem_key_mgmt_delete). The error wraps ENOENT when
// there is none.
func (m *Manager) Delete(ctx context.Context, key keystore.Key) error {
	_, err := m.one(ctx, "delete", key, deleteCommand(key))
	return err
}

// List returns the credentials of users, with tags below 2147483648, in the
// modem's order (modem_key_mgmt_list).
func (m *Manager) List(ctx context.Context) ([]Entry, error) {
	lines, err := m.one(ctx, "list", keystore.Key{}, "AT%CMNG=1")
	if err != nil {
		return nil, err
	}
	entries, err := parseList(lines)
	if err != nil {
		return nil, err
	}
	users := entries[:0]
	for _, e := range entries {
		if e.SecTag <= keystore.MaxUserTag {
			users = append(users, e)
		}
	}
	return users, nil
}

// Clear deletes all credentials of a tag, one by one, and returns how many
// (modem_key_mgmt_clear). It stops at the first failure.
func (m *Manager) Clear(ctx context.Context, tag keystore.SecTag) (deleted int, err error) {
	err = m.session(ctx, func() error {
		key := keystore.Key{SecTag: tag}
		// The library writes a blank after this comma (fact key-mgmt/commands).
		answer, err := m.client.Do(ctx, fmt.Sprintf("AT%%CMNG=1, %d", tag))
		if err != nil {
			return translate("list", key, err)
		}
		entries, err := parseList(answer.Lines)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.SecTag != tag {
				continue
			}
			if _, err := m.client.Do(ctx, deleteCommand(e.Key)); err != nil {
				return translate("delete", e.Key, err)
			}
			deleted++
		}
		return nil
	})
	return deleted, err
}

func listCommand(key keystore.Key) string   { return "AT%CMNG=1," + key.String() }
func readCommand(key keystore.Key) string   { return "AT%CMNG=2," + key.String() }
func deleteCommand(key keystore.Key) string { return "AT%CMNG=3," + key.String() }

func writeCommand(key keystore.Key, content []byte) string {
	return "AT%CMNG=0," + key.String() + `,"` + string(content) + `"`
}

var errEmpty = errors.New("there is no content; check that the file was read")

// check refuses a content that cannot be sent.
func (m *Manager) check(key keystore.Key, content []byte) error {
	refuse := func(errno Errno, format string, args ...any) error {
		return &Error{"write", key, -1, errno, fmt.Errorf(format, args...)}
	}
	if len(content) == 0 {
		return refuse(EINVAL, "%w", errEmpty)
	}
	for i, c := range content {
		switch c {
		case '"':
			return refuse(EINVAL, "the content holds a quotation mark at byte %d, and the AT language has no way to send one inside a string; take it out", i)
		case 0:
			return refuse(EINVAL, "the content holds a NUL at byte %d, which ends the command; send the text without its C terminator, and a certificate as PEM, not DER", i)
		case '\b', 0x7f:
			return refuse(EINVAL, "the content holds the control character %#02x at byte %d, which the port takes for a deletion; take it out", c, i)
		}
	}
	limit := m.MaxLine
	if limit <= 0 {
		limit = defaultMaxLine
	}
	if n := len(writeCommand(key, content)); n > limit {
		return refuse(E2BIG, "the command would have %d bytes and the port takes lines of %d; store a single certificate, for a CA the root alone", n, limit)
	}
	return nil
}

// parseList reads the lines of a list. Blanks after the commas, as the guides print
// them, are accepted.
func parseList(lines []string) ([]Entry, error) {
	var entries []Entry
	for _, line := range lines {
		rest, ok := strings.CutPrefix(line, "%CMNG:")
		if !ok {
			continue
		}
		fields := strings.Split(rest, ",")
		if len(fields) < 2 {
			return nil, fmt.Errorf("the modem's list has a line without tag and type: %q", line)
		}
		tag, err := strconv.ParseUint(strings.TrimSpace(fields[0]), 10, 32)
		if err != nil {
			return nil, fmt.Errorf("the modem's list has a line with a bad tag: %q", line)
		}
		typ, err := strconv.ParseUint(strings.TrimSpace(fields[1]), 10, 8)
		if err != nil {
			return nil, fmt.Errorf("the modem's list has a line with a bad type: %q", line)
		}
		e := Entry{Key: keystore.Key{SecTag: keystore.SecTag(tag), Type: keystore.CredentialType(typ)}, Placeholder: true}
		if len(fields) > 2 {
			text := strings.Trim(strings.TrimSpace(fields[2]), `"`)
			if n, err := hex.Decode(e.Digest[:], []byte(text[:min(len(text), 64)])); err != nil || n != sha256.Size {
				return nil, &Error{"list", e.Key, -1, EINVAL, fmt.Errorf("the digest is not of 64 hexadecimal digits: %q", line)}
			}
			e.Placeholder = e.Digest == placeholder(e.Type)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// find returns the entry of a key.
func find(lines []string, key keystore.Key) (Entry, bool, error) {
	entries, err := parseList(lines)
	for _, e := range entries {
		if e.Key == key {
			return e, true, nil
		}
	}
	return Entry{}, false, err
}

// placeholder is what old firmware lists in place of a digest (fact
// cmng/digest-placeholder).
func placeholder(t keystore.CredentialType) (d keystore.Digest) {
	for i := range d {
		d[i] = byte(t)
	}
	return d
}

// content returns what stands between the third quotation mark and the fourth, as
// the library does (fact key-mgmt/compare).
func content(lines []string, key keystore.Key) ([]byte, error) {
	for _, line := range lines {
		if !strings.HasPrefix(line, "%CMNG:") {
			continue
		}
		if parts := strings.Split(line, `"`); len(parts) >= 5 {
			return []byte(parts[3]), nil
		}
	}
	return nil, &Error{"read", key, -1, ENOENT, errors.New("the modem's answer holds no content")}
}

// compare forgives one line feed at the end of either side, as the newest library
// does (fact key-mgmt/compare).
func compare(stored, want []byte) State {
	switch {
	case bytes.Equal(stored, want):
		return Present
	case bytes.Equal(bytes.TrimSuffix(stored, lf), bytes.TrimSuffix(want, lf)):
		return SameButLinefeed
	default:
		return Different
	}
}

// compareDigest is compare for a stored content of which only the digest is known.
func compareDigest(stored keystore.Digest, want []byte) State {
	if stored == sha256.Sum256(want) {
		return Present
	}
	other := append(bytes.Clone(want), '\n')
	if bytes.HasSuffix(want, lf) {
		other = want[:len(want)-1]
	}
	if stored == sha256.Sum256(other) {
		return compare(other, want)
	}
	return Different
}

var lf = []byte("\n")
