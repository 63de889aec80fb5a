package modem_test

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// bench is a modem in virtual time, with its lock, as a device has it.
type bench struct {
	t     *testing.T
	mu    sync.Mutex
	m     *modem.Modem
	flash *flash.Flash
	cfg   modem.Config
	lines []string // what came since the last take
	w     atcmd.Response
}

// inBubble runs a test with a modem in virtual time, which starts at midnight of
// 2000-01-01 UTC.
func inBubble(t *testing.T, name string, change func(*modem.Config), test func(*bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t}
		p, err := profile.Lookup(name)
		require.NoError(t, err)
		b.flash, err = flash.New(flash.Options{})
		require.NoError(t, err)
		b.cfg = modem.Config{
			Profile: &p, Identity: new(profile.NewIdentity(&p, 0)), Network: new(network.Default()), Retained: new(modem.Retained),
			Run: func(fn func()) {
				b.mu.Lock()
				defer b.mu.Unlock()
				fn()
			},
			Notify: func(line []byte) { b.lines = append(b.lines, string(line)) },
		}
		if change != nil {
			change(&b.cfg)
		}
		b.powerOn()
		defer b.powerOff()
		test(b)
	})
}

func (b *bench) powerOn() {
	store, err := keystore.Open(b.flash, b.cfg.Profile.Store, nil)
	require.NoError(b.t, err)
	b.cfg.Store = store
	b.m = modem.New(b.cfg)
	b.do(b.m.PowerOn)
}

func (b *bench) powerOff() { b.do(b.m.PowerOff) }

// cut takes the power away and gives it back.
func (b *bench) cut() {
	b.powerOff()
	b.powerOn()
}

// do runs fn with the lock held.
func (b *bench) do(fn func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fn()
}

// send sends commands; what they answer collects.
func (b *bench) send(commands ...string) {
	b.t.Helper()
	for _, command := range commands {
		b.do(func() {
			finish := func(err error) {
				for line := range b.w.Parts() {
					b.lines = append(b.lines, string(line))
				}
				b.lines = append(b.lines, b.m.Visible(err).String())
			}
			b.w.Reset(finish)
			if err := b.m.Execute(&b.w, []byte(command), 1); !b.w.Busy() {
				finish(err)
			}
			b.m.Settle()
		})
	}
}

// wait lets time pass.
func (b *bench) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// expect requires exactly these lines since the last call.
func (b *bench) expect(lines ...string) {
	b.t.Helper()
	require.Equal(b.t, strings.Join(lines, "\n"), b.take())
}

func (b *bench) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	lines := strings.Join(b.lines, "\n")
	b.lines = nil
	return lines
}

// answer sends one command and returns its answer, with what is told at once
// after it.
func (b *bench) answer(command string) string {
	b.t.Helper()
	b.take()
	b.send(command)
	return strings.ReplaceAll(b.take(), "\n", "|")
}

// run sends commands that each answer as the next element says.
func (b *bench) run(s ...string) {
	b.t.Helper()
	steps(s).run(b.t, b.answer)
}
