package modemtest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"nrf91emu/keystore"
	"nrf91emu/keystore/provision"
)

var (
	psk      = keystore.Key{SecTag: 24, Type: keystore.PSK}
	identity = keystore.Key{SecTag: 24, Type: keystore.PSKIdentity}
)

// ensure stores a credential as one should.
func ensure(ctx context.Context, m *Modem) error {
	_, err := provision.New(m.Client()).Ensure(ctx, keystore.Key{SecTag: 24, Type: keystore.RootCA}, []byte(testCA))
	return err
}

func TestCutEvery(t *testing.T) {
	boots := func(ctx context.Context, m *Modem) error {
		if err := ensure(ctx, m); err != nil {
			return err
		}
		m.PowerCycle()
		_, err := provision.New(m.Client()).Ensure(ctx, keystore.Key{SecTag: 25, Type: keystore.RootCA}, []byte(testCA))
		return err
	}
	runs := 0
	for _, tt := range []struct {
		name string
		run  func(context.Context, *Modem) error
		want []string // of the failure; none if all is well
	}{
		{"asks for each", ensure, nil},
		{"with a boot in between", boots, nil},
		{"a key of the modem's own", func(ctx context.Context, m *Modem) error {
			list, err := m.Client().Do(ctx, "AT%CMNG=1,24,2")
			if err == nil && len(list.Lines) == 0 {
				_, err = m.Client().Do(ctx, "AT%KEYGEN=24,2,0")
			}
			return err
		}, nil},
		{"something else beside a key of the modem's own", func(ctx context.Context, m *Modem) error {
			list, err := m.Client().Do(ctx, "AT%CMNG=1,24,2")
			if err == nil && len(list.Lines) == 0 {
				_, err = m.Client().Do(ctx, "AT%KEYGEN=24,2,0")
			}
			name := "device"
			if m.Device().Boot() > 1 {
				name = "another"
			}
			manager := provision.New(m.Client())
			if err == nil {
				_, err = manager.Ensure(ctx, identity, []byte(name))
			}
			if err == nil {
				_, err = manager.Ensure(ctx, psk, []byte("c0ffee00"))
			}
			return err
		}, []string{"tag 24, PSK identity holds something else at the end than without a cut"}},
		{"a pair, by the list of its tag", func(ctx context.Context, m *Modem) error {
			list, err := m.Client().Do(ctx, "AT%CMNG=1,24")
			if err != nil {
				return err
			}
			there := strings.Join(list.Lines, "\n")
			for _, k := range []struct{ mark, content string }{{"24,4,", "device"}, {"24,3,", "c0ffee00"}} {
				if strings.Contains(there, "%CMNG: "+k.mark) {
					continue
				}
				if _, err := m.Client().Do(ctx, "AT%CMNG=0,"+k.mark+`"`+k.content+`"`); err != nil {
					return err
				}
			}
			return nil
		}, nil},
		{"takes one for all", func(ctx context.Context, m *Modem) error {
			manager := provision.New(m.Client())
			if there, err := manager.Exists(ctx, identity); err != nil || there {
				return err
			}
			if err := manager.Write(ctx, identity, []byte("device")); err != nil {
				return err
			}
			return manager.Write(ctx, psk, []byte("c0ffee00"))
		}, []string{"power cuts not all was well", "cut during each of the flash steps ", "AT%CMNG=0,24,3,", "tag 24, PSK is not there at the end", "what happened last"}},
		{"fails once it was cut", func(ctx context.Context, m *Modem) error {
			if m.Device().Boot() > 1 {
				return errors.New("not again")
			}
			return ensure(ctx, m)
		}, []string{"it failed at each of 3 starts after the cut: not again"}},
		{"not the same each time", func(ctx context.Context, m *Modem) error {
			if runs++; runs > 1 {
				return nil
			}
			return ensure(ctx, m)
		}, []string{"before the cut: it does not do the same each time"}},
		{"takes no step", func(ctx context.Context, m *Modem) error {
			_, err := m.Client().Do(ctx, "AT")
			return err
		}, []string{"the run takes no flash step"}},
		{"fails anyway", func(ctx context.Context, m *Modem) error {
			_, err := m.Client().Do(ctx, "AT+NO")
			return err
		}, []string{"the run without a power cut failed: ", "+NO is not a command of this modem"}},
		{"unsound anyway", func(ctx context.Context, m *Modem) error {
			for range 3 {
				if _, err := m.Client().Do(ctx, `AT%CMNG=0,24,4,"device"`); err != nil {
					return err
				}
				m.PowerCycle()
			}
			return nil
		}, []string{"the run without a power cut is not well", "error P"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := report{TB: t}
				r.run(func() { CutEvery(&r, tt.run) })
				require.Equal(t, tt.want != nil, r.failed, r.text)
				for _, want := range tt.want {
					require.Contains(t, r.text, want)
				}
				for _, fn := range slices.Backward(r.cleanups) {
					fn()
				}
			})
		})
	}
}

// A program that reads the port is released when the power goes.
func TestCutEveryUnplugs(t *testing.T) {
	CutEvery(t, func(_ context.Context, m *Modem) error {
		port := m.Port()
		for _, command := range []string{"AT%CMNG=1,24,0\r", "AT%CMNG=0,24,0,\"" + testCA + "\"\r"} {
			if _, err := port.Write([]byte(command)); err != nil {
				return err
			}
			got, buf := "", make([]byte, 100)
			for len(got) < 4 || got[len(got)-4:] != "OK\r\n" {
				n, err := port.Read(buf)
				if err != nil {
					return err
				}
				got += string(buf[:n])
			}
			if strings.Contains(got, "%CMNG:") {
				return nil // it is there
			}
		}
		return nil
	})
}
