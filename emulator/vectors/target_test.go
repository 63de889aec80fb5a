package vectors_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/vectors"
	"nrf91emu/testvectors"
)

// A target is made as its vector needs it: each need is met in one vector at
// least.
func TestTarget(t *testing.T) {
	scripts, err := testvectors.Load(testvectors.All())
	require.NoError(t, err)
	missing := map[string]bool{
		"fresh=": true, "writes=": true, "keygen=": true, "keygen=fails": true, "store=full": true, "attach-delay=0": true,
		"network=home": true, "network=roaming": true, "network=none": true, "network=denied": true, "reject-status=3": true, "reject-type=1": true, "address=ipv6": true, "address=ipv4v6": true, "router=silent": true, "edrx=none": true, "search-time=5s": true, "sim=ready": true, "sim=none": true, "sim=pin": true,
	}
	for _, s := range scripts {
		var meets []string
		for need, value := range s.Device.Needs {
			if missing[need+"="+value] {
				meets = append(meets, need+"="+value)
			}
		}
		p, dialect := holdsFor(s)
		if len(meets) == 0 || dialect == nil {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				target, err := vectors.NewTarget(s, p, dialect)
				require.NoError(t, err)
				defer func() { require.NoError(t, target.Close()) }()
				r, err := testvectors.Play(t.Context(), s, target.Target)
				require.NoError(t, err)
				require.True(t, r.OK(), r.String())
				if r.Played() {
					for _, need := range meets {
						delete(missing, need)
					}
				}
			})
		})
	}
	require.Empty(t, missing)
}

// holdsFor returns the newest profile that a vector holds for, and an application.
func holdsFor(s *testvectors.Script) (p profile.Profile, d *app.Dialect) {
	for _, one := range profile.All() {
		for _, a := range dialects.All() {
			if s.HoldsFor(one.Name, a.Name) {
				p, d = one, a
			}
		}
	}
	return p, d
}

func TestTargetLacks(t *testing.T) {
	s, err := testvectors.Parse("lacks.txt", []byte("# It needs a strange thing.\ndevice profile=* app=* weather=fine\n\nchosen by this test\n> AT\n< OK\n"))
	require.NoError(t, err)
	target, err := vectors.NewTarget(s, profile.All()[0], dialects.All()[0])
	require.NoError(t, err)
	defer target.Close()
	r, err := testvectors.Play(t.Context(), s, target.Target)
	require.NoError(t, err)
	require.False(t, r.Played())
	require.Contains(t, r.String(), "weather=fine")
}
