package modemtest

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/app"
	"nrf91emu/emulator/modem"
	"nrf91emu/testvectors"
)

var update = flag.Bool("update", false, "rewrite the vectors whose expectations differ from what the modem answers")

// The project's vectors hold for the emulated modem, in every profile and
// application that they name.
func TestVectors(t *testing.T) {
	scripts, err := testvectors.Load(testvectors.All())
	require.NoError(t, err)
	for _, s := range scripts {
		t.Run(s.Name, func(t *testing.T) {
			var results []*testvectors.Result
			for _, profile := range modem.Profiles() {
				for i := range app.Dialects {
					if d := &app.Dialects[i]; s.HoldsFor(profile.Name, d.Name) {
						synctest.Test(t, func(t *testing.T) {
							r, err := testvectors.Play(t.Context(), s, NewTarget(t, s, profile.Name, d))
							require.NoError(t, err)
							results = append(results, r)
						})
					}
				}
			}
			judge(t, s, results)
		})
	}
}

// judge fails the test for each difference that is new, or rewrites the vector.
func judge(t *testing.T, s *testvectors.Script, results []*testvectors.Result) {
	seen := map[string]bool{}
	skipped, differ := 0, false
	for _, r := range results {
		if !r.Played() {
			skipped++
		}
		differ = differ || !r.OK()
		for i := range r.Differences {
			// The same difference on many profiles is told once.
			if text := r.Differences[i].String(); !seen[text] && !*update {
				seen[text] = true
				t.Errorf("%s with %s:\n%s", r.Profile, r.App, text)
			}
		}
	}
	if len(results) == 0 || skipped == len(results) {
		reason := "no profile of the emulator is meant"
		if len(results) > 0 {
			reason = results[0].String()
		}
		t.Skip(reason)
	}
	if !*update || !differ {
		return
	}
	text, err := s.Updated(results...)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join("../../testvectors", filepath.FromSlash(s.Name)), []byte(text), 0o644))
	t.Logf("rewritten: %s", s.Name)
}
