package vectors_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/vectors"
	"nrf91emu/testvectors"
)

var update = flag.Bool("update", false, "rewrite the vectors whose expectations differ from what the modem answers")

// The project's vectors hold for the emulated modem, in every profile and
// application that they name.
func TestVectors(t *testing.T) {
	scripts, err := testvectors.Load(testvectors.All())
	require.NoError(t, err)
	plays, skips := 0, 0
	for n, s := range scripts {
		t.Run(s.Name, func(t *testing.T) {
			var results []*testvectors.Result
			for i, p := range profile.All() {
				if (n+i)%stride != 0 {
					continue
				}
				for _, a := range dialects.All() {
					if d := a; s.HoldsFor(p.Name, d.Name) {
						synctest.Test(t, func(t *testing.T) {
							target, err := vectors.NewTarget(s, p, d)
							require.NoError(t, err)
							r, err := testvectors.Play(t.Context(), s, target.Target)
							require.NoError(t, errors.Join(err, target.Close()))
							results = append(results, r)
						})
					}
				}
			}
			plays += len(results)
			for _, r := range results {
				if !r.Played() {
					skips++
				}
			}
			judge(t, s, results)
		})
	}
	t.Logf("%d vectors, played %d times in all, skipped %d times", len(scripts), plays-skips, skips)
}

// judge fails the test for each difference, or rewrites the vector.
func judge(t *testing.T, s *testvectors.Script, results []*testvectors.Result) {
	seen := map[string]bool{}
	played, differ := false, false
	for _, r := range results {
		played = played || r.Played()
		differ = differ || !r.OK()
		for i := range r.Differences {
			// The same difference on many profiles is told once.
			if text := r.Differences[i].String(); !seen[text] && !*update {
				seen[text] = true
				t.Errorf("%s with %s:\n%s", r.Profile, r.App, text)
			}
		}
	}
	switch {
	case len(results) == 0:
		t.Skip("no profile or application of the emulator is meant")
	case !played:
		t.Skip(results[0].String())
	case *update && differ:
		text, err := s.Updated(results...)
		require.NoError(t, err)
		require.NotEqual(t, s.String(), text, "rewriting does not help:\n%s", results[0])
		require.NoError(t, os.WriteFile(filepath.Join("../../testvectors/data", filepath.FromSlash(s.Name)), []byte(text), 0o644))
		t.Logf("rewritten: %s", s.Name)
	}
}
