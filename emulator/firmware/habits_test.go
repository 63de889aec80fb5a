package firmware_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/exec"
)

// habits are the forms of credential_habits, each with the rules that have to find something at
// the level of a warning or an error over three boots; none for one that is sound.
var habits = map[string][]string{
	"compares_then_writes":             nil,
	"compares_several_tags":            nil,
	"provisions_when_the_modem_starts": nil,
	"goes_offline_for_a_write":         nil,
	"makes_its_key_once":               nil,
	"deletes_and_writes":               {"P06"},
	"clears_the_tag_and_writes":        {"P06"},
	"writes_while_online":              {"P01"},
	"stores_a_key_without_identity":    {"P22"},
	"takes_private_for_public":         {"P14"},
	"alternates_two_roots":             {"P05"},
	"takes_0_for_different":            {"P04"},
	"compares_with_the_nul":            {"P04"},
	"makes_its_key_every_boot":         {"P32"},
}

// The judge says of each habit what it has to, and nothing else.
func TestHabits(t *testing.T) {
	compiler(t, "cc")
	for _, file := range glob(t, "examples/credential_habits/src/*.c") {
		name := strings.TrimSuffix(filepath.Base(file), ".c")
		if name == "main" {
			continue
		}
		want, known := habits[name]
		if !known {
			t.Errorf("%s has no verdict here", file)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := exampleRun{app: "credential_habits", conf: "CONFIG_" + strings.ToUpper(name) + "=y\n"}.config(t, startCloud(t))
			cfg.Boots, cfg.BootEnd = 3, exec.BootEnd{Text: "Done: "}
			res, err := exec.Run(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			var rules []string
			for _, f := range res.Findings {
				if f.Level >= audit.Warning && !slices.Contains(rules, f.Rule) {
					rules = append(rules, f.Rule)
				}
			}
			slices.Sort(rules)
			if !slices.Equal(rules, want) || len(want) == 0 && !res.Sound {
				t.Errorf("found %v, want %v:\n%+v\n%s", rules, want, res.Findings, res.Boots[0].Stdout)
			}
		})
	}
}
