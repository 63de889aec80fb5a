package testvectors

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every status of +CEREG is told and read by a vector at every level, with each of the
// forms that newer firmware has for it (facts registration/cereg-tails,
// registration/cereg-denied and registration/cereg-satellite).
func TestEveryStatusIsToldAndRead(t *testing.T) {
	scripts, err := Load(All())
	require.NoError(t, err)
	held := map[string]bool{}
	for _, s := range scripts {
		if path.Base(path.Dir(s.Name)) != "cereg" {
			continue
		}
		level := "0"
		for _, l := range s.Lines {
			if n, ok := strings.CutPrefix(l.Arg, "AT+CEREG="); ok && l.Verb == Send {
				level = n
			}
			if line, ok := strings.CutPrefix(l.Arg, "+CEREG: "); ok && l.Verb == URC {
				held["told "+level+","+line] = true
			} else if ok && l.Verb == Expect {
				held["read "+line] = true
			}
		}
	}
	const (
		alone  = iota
		cell   // with a cell
		cause8 // with a cell and an EMM cause
		cause11
		cause2
		cause18
	)
	causes := map[int]int{cause8: 8, cause11: 11, cause2: 2, cause18: 18}
	var missing []string
	for _, c := range []struct {
		status, fields int
		reads          bool // the state lasts long enough
	}{
		{0, alone, true}, {0, cell, true}, {0, cause8, true},
		{1, cell, true}, {1, cause2, true}, {5, cell, true}, {5, cause18, true},
		{2, alone, true}, {2, cell, true}, {2, cause11, false},
		{3, alone, true}, {4, alone, true}, {90, alone, true}, {91, alone, true},
		{50, cell, true}, {51, cell, true}, {52, alone, true}, {53, alone, true}, {54, alone, true}, {55, cell, true},
	} {
		for level := 1; level <= 5; level++ {
			line := fmt.Sprint(level, ",", c.status)
			if c.fields != alone && level >= 2 {
				line += `,"{tac}","{ci}",7`
				registered := c.status%10 == 1 || c.status%10 == 5
				cause := causes[c.fields]
				switch {
				case cause != 0 && level%2 == 1:
					line += fmt.Sprint(",0,", cause)
				case registered && level >= 4:
					line += ",,"
				}
				if registered && level >= 4 {
					line += `,"11100000","11100000"`
				}
			}
			for _, how := range []string{"told ", "read "} {
				if (how == "told " || c.reads) && !held[how+line] {
					missing = append(missing, how+line)
				}
			}
		}
	}
	require.Empty(t, missing)
}
