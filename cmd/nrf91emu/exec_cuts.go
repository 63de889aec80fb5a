package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// replay returns the command line of this run with a power cut during one step alone. It
// leaves the files of this run alone.
func (c *execCmd) replay(args []string, step int) string {
	words := []string{"nrf91emu", "exec", "--power-cut=" + strconv.Itoa(step)}
	seeded := false
	ours := len(args) - len(c.Command) // what stands before the command
	for i := 1; i < len(args); i++ {
		flag, _, inOne := strings.Cut(args[i], "=")
		if i < ours && slices.Contains([]string{"--power-cut", "--jobs", "--json", "--junit", "--trace"}, flag) {
			if !inOne {
				i++
			}
			continue
		}
		seeded = seeded || i < ours && flag == "--seed"
		if i == ours && c.Seed != nil && !seeded {
			// The flag before the command is --, which ends ours.
			at := len(words)
			if words[at-1] == "--" {
				at--
			}
			words = slices.Insert(words, at, "--seed="+strconv.FormatUint(*c.Seed, 10))
		}
		words = append(words, args[i])
	}
	return shellLine(words)
}

// shellLine returns words as a shell takes them.
func shellLine(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		plain := func(r rune) bool {
			return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("-_=+./:,@%", r)
		}
		if quoted[i] = w; w == "" || strings.TrimFunc(w, plain) != "" {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

// A progress shows on a terminal how far the power cuts are.
type progress struct {
	to    io.Writer
	began time.Time // when the first was made
	told  time.Time
}

// tellEvery is how often it is brought up to date.
const tellEvery = 100 * time.Millisecond

// tell is told after each run with a power cut.
func (p *progress) tell(done, all, failed int) {
	now := time.Now()
	if p.began.IsZero() {
		p.began = now
	}
	if done == all {
		fmt.Fprint(p.to, "\r\x1b[K")
		return
	}
	if now.Sub(p.told) < tellEvery || done < 2 {
		return
	}
	p.told = now
	left := now.Sub(p.began) / time.Duration(done-1) * time.Duration(all-done)
	line := fmt.Sprintf("power cuts: %d of %d made", done, all)
	if failed > 0 {
		line += fmt.Sprintf(", %d did harm", failed)
	}
	fmt.Fprintf(p.to, "\r%s, some %v left\x1b[K", line, left.Round(time.Second))
}
