package provision

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/keystore"
)

// A Manager works on the credentials of one modem. It may be used by many
// goroutines; its calls take turns. The fields may be set before the first call.
type Manager struct {
	// MaxLine is the longest command line that the port takes, in bytes without the
	// terminator. Zero means 4095, that of Nordic's applications (fact
	// key-mgmt/command-length).
	MaxLine int
	// Offline lets Ensure send AT+CFUN=4 before a write to a modem that is active,
	// and set the mode that it found when the credential is in place. After a
	// failure the modem stays offline: one must not go online with a wrong
	// credential. By default +CFUN is never touched.
	Offline bool

	client *atcmd.Client
	turn   chan struct{}
}

const (
	defaultMaxLine = 4095
	restoreTime    = 5 * time.Second // for AT+CMEE=0 at the end, also when the context is done
	cfunTime       = time.Minute     // +CFUN may have to detach from the network
)

// New returns a Manager that uses the client. Other users of the same client
// should not change +CMEE meanwhile.
func New(client *atcmd.Client) *Manager {
	return &Manager{client: client, turn: make(chan struct{}, 1)}
}

// session runs fn with +CME ERROR codes switched on, as modem_key_mgmt does:
// AT+CMEE?, AT+CMEE=1 if that says 0, the commands, and AT+CMEE=0 if it was 0
// (fact key-mgmt/cmee).
func (m *Manager) session(ctx context.Context, fn func() error) (err error) {
	select {
	case m.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("waiting for another credential operation: %w", ctx.Err())
	}
	release := func() { <-m.turn }
	defer func() { release() }()
	answer, err := m.client.Do(ctx, "AT+CMEE?")
	if err != nil && !refused(err) {
		return err
	}
	var level int
	for _, line := range answer.Lines {
		// An answer that cannot be read counts as 0, as in the library.
		_, _ = fmt.Sscanf(line, "+CMEE: %d", &level)
	}
	if level != 0 {
		return fn()
	}
	switch _, failure := m.client.Do(ctx, "AT+CMEE=1"); {
	case failure == nil:
		defer func() {
			release = func() {} // restore does it
			err = errors.Join(err, m.restore(ctx))
		}()
	case !refused(failure):
		return failure
	}
	return fn()
}

// restore sends AT+CMEE=0 and ends the turn. If the context is done it does so later,
// and only then has the next one its turn.
func (m *Manager) restore(ctx context.Context) error {
	restored := make(chan error, 1)
	go func() {
		defer func() { <-m.turn }()
		later, cancel := context.WithTimeout(context.WithoutCancel(ctx), restoreTime)
		defer cancel()
		_, err := m.client.Do(later, "AT+CMEE=0")
		restored <- err
	}()
	select {
	case err := <-restored:
		if err != nil {
			return fmt.Errorf("AT+CMEE=0 was to follow and failed: %w", err)
		}
	case <-ctx.Done():
	}
	return nil
}

// refused reports whether err is a final result of the device.
func refused(err error) bool {
	_, ok := errors.AsType[*atcmd.Error](err)
	return ok
}

// one is a session of one command.
func (m *Manager) one(ctx context.Context, op string, key keystore.Key, command string) (lines []string, err error) {
	err = m.session(ctx, func() error {
		answer, err := m.client.Do(ctx, command)
		lines = answer.Lines
		return translate(op, key, err)
	})
	return lines, err
}
