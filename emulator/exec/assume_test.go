package exec_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/assume"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/exec"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
	"nrf91emu/keystore/provision"
)

func init() {
	// has another content from the second boot on, and replaces what is there
	programs["update"] = func() error {
		return withClient(func(ctx context.Context, c *atcmd.Client) error {
			content := "identity"
			if os.Getenv(exec.BootVariable) != "1" {
				content = "another identity"
			}
			_, err := provision.New(c).Ensure(ctx, key, []byte(content))
			return err
		})
	}
	// deletes what has to go
	programs["update by delete"] = func() error {
		return withClient(func(ctx context.Context, c *atcmd.Client) error {
			m, content := provision.New(c), []byte("identity")
			if os.Getenv(exec.BootVariable) != "1" {
				content = []byte("another identity")
			}
			if there, err := m.Exists(ctx, key); err != nil {
				return err
			} else if there {
				if state, err := m.Compare(ctx, key, content); err != nil || state == provision.Present {
					return err
				}
				if err := m.Delete(ctx, key); err != nil {
					return err
				}
			}
			return m.Write(ctx, key, content)
		})
	}
	// takes 519 for well
	programs["write, and 519 is well"] = func() error {
		return withClient(func(ctx context.Context, c *atcmd.Client) error {
			m := provision.New(c)
			if _, err := m.Exists(ctx, key); err != nil {
				return err
			}
			_ = m.Write(ctx, key, []byte("identity"))
			return nil
		})
	}
}

func TestAssume(t *testing.T) {
	for _, test := range []struct {
		program   string
		words     string
		runs      int
		verdict   exec.Kind
		depends   []string
		text      string
		junitFail int
	}{
		{"sound", "all", 1, exec.KindSound, nil, "Assumptions: sound under all 16 (1 run made).", 0},
		{"update by delete", "all", 1, exec.KindSound, nil, "Assumptions: sound under all 16 (1 run made).", 0},
		{"update", "all", 2, exec.KindAssumption, []string{"cmng/overwrite"}, "Assumptions: depends on `cmng/overwrite`: sound under 8 of 16 (2 runs made).", 1},
		{"update", "all cmng/overwrite=replace", 1, exec.KindSound, nil, "Assumptions: sound under all 8 (1 run made).", 0},
		{"update", "all cmng/overwrite=519", 1, exec.KindCommand, nil, "Assumptions: not sound under any of 8 (1 run made).", 1},
		{"update", "cmng/overwrite", 2, exec.KindAssumption, []string{"cmng/overwrite"}, "depends on `cmng/overwrite`: sound under 1 of 2 (2 runs made).", 1},
		// The modem that refuses helps it.
		{"write, and 519 is well", "all", 3, exec.KindFindings, []string{"cmng/overwrite"}, "depends on `cmng/overwrite`: sound under 8 of 16 (3 runs made).", 2},
	} {
		t.Run(test.program+" "+test.words, func(t *testing.T) {
			plan, err := assume.ParsePlan(strings.Fields(test.words), nil)
			require.NoError(t, err)
			cfg := config(t, test.program)
			cfg.KeepGoing = true
			powered, numbers := 0, map[int]bool{}
			cfg.Record = func(e *event.Event) {
				if e.Power != nil && e.Power.Action == event.PowerOn {
					powered++
				}
				numbers[e.Run] = true
			}
			r, err := exec.Assume(t.Context(), cfg, plan, 2)
			require.NoError(t, err)
			require.Len(t, r.Assumed.Runs, test.runs)
			require.Equal(t, 3*test.runs, powered)
			require.Len(t, numbers, test.runs, "events say of which run they are")
			require.Equal(t, test.verdict, r.Verdict)
			require.Equal(t, test.depends, r.Assumed.Depends)
			total := 0
			for _, run := range r.Assumed.Runs {
				total += run.Combinations
				require.Equal(t, run.Sound, len(run.Why) == 0)
			}
			require.Equal(t, r.Assumed.Combinations, total, "each combination is in one run")

			var text, markdown, github, junit, json bytes.Buffer
			require.NoError(t, r.WriteText(&text, audit.TextOptions{}))
			require.Contains(t, text.String(), test.text)
			require.NoError(t, r.WriteMarkdown(&markdown))
			require.Contains(t, markdown.String(), "Assumptions: ")
			require.NoError(t, r.WriteGitHub(&github))
			require.Equal(t, len(test.depends) > 0, strings.Contains(github.String(), "title=assumption"))
			require.NoError(t, r.WriteJUnit(&junit, "x"))
			require.Equal(t, test.runs, strings.Count(junit.String(), `classname="x.assumption"`))
			require.Equal(t, test.junitFail, strings.Count(junit.String(), `type="assumption"`))
			require.NoError(t, r.WriteJSON(&json))
			require.Contains(t, json.String(), `"assumptions": {`)
			if test.verdict == exec.KindAssumption {
				require.Equal(t, exec.ExitFindings, r.ExitCode)
				require.Contains(t, text.String(), "cmng/overwrite=519: the command failed in boot 2")
			}
		})
	}
}

// The flash that a run begins with is the same for all, and stays as it was.
func TestAssumeLeavesTheFlash(t *testing.T) {
	plan, err := assume.ParsePlan([]string{"cmng/overwrite"}, nil)
	require.NoError(t, err)
	cfg := config(t, "update")
	cfg.Device.Flash, err = flash.New(flash.Options{})
	require.NoError(t, err)
	before := cfg.Device.Flash.Steps()
	_, err = exec.Assume(t.Context(), cfg, plan, 0)
	require.NoError(t, err)
	require.Equal(t, before, cfg.Device.Flash.Steps())
	cfg.Device.Flash.PowerOn()
	s, err := keystore.Open(cfg.Device.Flash, keystore.Rules{}, nil)
	require.NoError(t, err)
	require.Zero(t, s.Len())
}

func TestAssumeIsInterrupted(t *testing.T) {
	plan, err := assume.ParsePlan([]string{"all"}, nil)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cfg := config(t, "update")
	cfg.Record = func(e *event.Event) {
		if e.Response != nil {
			cancel()
		}
	}
	r, err := exec.Assume(ctx, cfg, plan, 0)
	require.NoError(t, err)
	require.Equal(t, exec.KindInterrupted, r.Verdict)
}

// What comes from outside is put there also where the firmware could not replace what is there.
func TestChangeUnderAssumption(t *testing.T) {
	plan, err := assume.ParsePlan([]string{"cmng/overwrite=519"}, nil)
	require.NoError(t, err)
	cfg := config(t, "asks only")
	cfg.Changes = []exec.Change{{Boot: 1, Key: key, Content: []byte("one")}, {Boot: 2, Key: key, Content: []byte("another")}}
	cfg.Expect = []exec.Expectation{{Key: key, Content: []byte("another")}}
	r, err := exec.Assume(t.Context(), cfg, plan, 1)
	require.NoError(t, err)
	require.True(t, r.Sound, r.Failures)
}
