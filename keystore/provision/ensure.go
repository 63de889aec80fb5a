package provision

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"nrf91emu/keystore"
)

// Method is how two contents were compared.
type Method uint8

// The methods of comparison.
const (
	NotCompared Method = iota // there was nothing to compare with, or no way
	ByDigest                  // by the SHA-256 that the modem lists
	ByReading                 // by the content, where the firmware lists no digest
)

// String returns the method in words.
func (m Method) String() string {
	return [...]string{"not compared", "by digest", "by reading"}[m]
}

// An Outcome is what Ensure found and what it did.
type Outcome struct {
	Key keystore.Key

	Found  State  // before anything was done
	How    Method // how Found was learnt
	Wrote  bool   // the flash was written
	Verify Method // how the write was verified; NotCompared when there was no way, or no write

	Wanted keystore.Digest // of the content given to Ensure
	Before keystore.Digest // as listed before, if How is ByDigest
	After  keystore.Digest // as listed after the write, if Verify is ByDigest

	// TookOffline is the functional mode that Ensure left for the write and set
	// again after it; 0 if it left none.
	TookOffline int
}

// String returns the outcome as a sentence.
func (o Outcome) String() string {
	text := fmt.Sprintf("credential %s (%s) was %s", o.Key, o.Key.Type, o.Found)
	if o.How != NotCompared {
		text += " (compared " + o.How.String() + ")"
	}
	switch {
	case !o.Wrote:
		return text + "; nothing was written"
	case o.Verify == NotCompared:
		return text + "; it was written and could not be verified"
	default:
		return text + "; it was written and verified " + o.Verify.String()
	}
}

// Ensure makes sure that the modem holds a content, and writes only if it does
// not: it asks whether there is a credential, compares by digest, which works for
// private keys and PSKs as well, and verifies what it has written. Where old
// firmware lists placeholders it reads instead; where that is not allowed either
// the error is ErrIncomparable and nothing is written, because writing at every
// start is what this call is there to avoid.
//
// A line feed more or less at the end of a certificate or private key changes
// nothing in its use: such a credential is left as it is, with SameButLinefeed in
// the outcome. In a PSK or an identity it is a difference.
//
// A modem that is active refuses the write; the error wraps EPERM and says so. See
// Manager.Offline. The outcome is valid with an error, too, as far as Ensure came.
func (m *Manager) Ensure(ctx context.Context, key keystore.Key, content []byte) (Outcome, error) {
	o := Outcome{Key: key, Wanted: sha256.Sum256(content)}
	if err := m.check(key, content); err != nil {
		return o, err
	}
	err := m.session(ctx, func() error {
		var err error
		if o.Found, o.How, o.Before, err = m.inspect(ctx, key, content); err != nil {
			return err
		}
		if o.Found == Present || o.Found == SameButLinefeed && isPEM(key.Type) {
			return nil
		}
		return m.replace(ctx, &o, content)
	})
	return o, err
}

// isPEM reports whether contents of the type are PEM text.
func isPEM(t keystore.CredentialType) bool {
	return t == keystore.RootCA || t == keystore.ClientCertificate || t == keystore.PrivateKey
}

// inspect learns how the stored credential compares with a content.
func (m *Manager) inspect(ctx context.Context, key keystore.Key, want []byte) (State, Method, keystore.Digest, error) {
	answer, err := m.client.Do(ctx, listCommand(key))
	if err != nil {
		return Absent, NotCompared, keystore.Digest{}, translate("list", key, err)
	}
	entry, found, err := find(answer.Lines, key)
	switch {
	case err != nil:
		return Absent, NotCompared, keystore.Digest{}, err
	case !found:
		return Absent, NotCompared, keystore.Digest{}, nil
	case !entry.Placeholder:
		return compareDigest(entry.Digest, want), ByDigest, entry.Digest, nil
	}
	answer, err = m.client.Do(ctx, readCommand(key))
	if err := translate("read", key, err); errors.Is(err, EACCES) {
		return Unknown, NotCompared, keystore.Digest{}, &Error{"read", key, 514, EACCES, ErrIncomparable}
	} else if err != nil {
		return Unknown, NotCompared, keystore.Digest{}, err
	}
	stored, err := content(answer.Lines, key)
	if err != nil {
		return Unknown, NotCompared, keystore.Digest{}, err
	}
	return compare(stored, want), ByReading, keystore.Digest{}, nil
}

// replace writes the content and verifies it, offline if it may see to that.
func (m *Manager) replace(ctx context.Context, o *Outcome, content []byte) error {
	if m.Offline {
		mode, err := m.goOffline(ctx)
		if err != nil {
			return err
		}
		o.TookOffline = mode
	}
	if _, err := m.client.Do(ctx, writeCommand(o.Key, content)); err != nil {
		return translate("write", o.Key, err)
	}
	o.Wrote = true
	state, method, after, err := m.inspect(ctx, o.Key, content)
	switch {
	case errors.Is(err, ErrIncomparable): // written, and that is all one can know
	case err != nil:
		return err
	case state != Present:
		o.After = after
		return &Error{"write", o.Key, -1, EIO, ErrNotVerified}
	default:
		o.Verify, o.After = method, after
	}
	if o.TookOffline != 0 {
		if err := m.setMode(ctx, o.TookOffline); err != nil {
			return fmt.Errorf("the credential is in place, but the modem did not go back to functional mode %d: %w", o.TookOffline, err)
		}
	}
	return nil
}

// active are the functional modes in which credentials cannot be changed
// (fact cmng/offline-only).
var active = []int{1, 2, 21}

// goOffline takes an active modem offline and returns the mode it was in, or 0. Old
// firmware answers 1 for LTE and GNSS alike (fact cfun/read), so that 1 is set again
// where 31 may have been before.
func (m *Manager) goOffline(ctx context.Context) (mode int, err error) {
	answer, err := m.client.Do(ctx, "AT+CFUN?")
	if err != nil {
		return 0, fmt.Errorf("cannot learn whether the modem is active: %w", err)
	}
	if len(answer.Lines) != 1 {
		return 0, fmt.Errorf("cannot learn whether the modem is active from %q", answer.Lines)
	}
	if _, err := fmt.Sscanf(answer.Lines[0], "+CFUN: %d", &mode); err != nil {
		return 0, fmt.Errorf("cannot learn whether the modem is active from %q", answer.Lines)
	}
	if !slices.Contains(active, mode) {
		return 0, nil
	}
	if err := m.setMode(ctx, 4); err != nil {
		return 0, fmt.Errorf("the modem is active and did not go offline: %w", err)
	}
	return mode, nil
}

func (m *Manager) setMode(ctx context.Context, mode int) error {
	ctx, cancel := context.WithTimeout(ctx, cfunTime)
	defer cancel()
	_, err := m.client.Do(ctx, fmt.Sprintf("AT+CFUN=%d", mode))
	return err
}
