package exec

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"nrf91emu/emulator/contents"
	"nrf91emu/keystore"
)

// An Expectation is what must be stored under a tag at the end of a run.
type Expectation struct {
	Key keystore.Key
	// Content is what must be there; nil: nothing may be. A line end at its end does not
	// count.
	Content []byte
}

// String returns such as "tag 24, root CA".
func (e Expectation) String() string {
	if e.Content == nil {
		return fmt.Sprintf("tag %d, %v absent", e.Key.SecTag, e.Key.Type)
	}
	return fmt.Sprintf("tag %d, %v", e.Key.SecTag, e.Key.Type)
}

// An Expected is what became of an expectation.
type Expected struct {
	Name string `json:"name"`
	// Wrong says what was there in its place; empty if it was met. Fix says what to do then.
	Wrong string `json:"wrong,omitempty"`
	Fix   string `json:"fix,omitempty"`
}

// expect compares the stores to what must be in them, and to what was changed from outside.
func (s *session) expect(r *Result) {
	var wrong, fixes []string
	for _, u := range s.units {
		if len(s.cfg.Expect)+len(s.cfg.Changes) == 0 {
			break
		}
		got, err := contents.Read(u.flash)
		if err != nil {
			r.Fail(fmt.Errorf("the store cannot be read at the end: %w", err))
			return
		}
		var list []Expected
		for _, e := range s.cfg.Expect {
			x := Expected{Name: e.String(), Wrong: e.compare(got)}
			if x.Wrong != "" {
				x.Fix = "Have the firmware store what is expected under that tag, or change the expectation."
			}
			list = append(list, x)
		}
		list = append(list, u.outside.ignored(s.cfg.Expect, got)...)
		for _, x := range list {
			x.Name = s.prefix(u) + x.Name
			if x.Wrong != "" {
				wrong = append(wrong, x.Name+": "+x.Wrong)
				fixes = append(fixes, x.Fix)
			}
			r.Expected = append(r.Expected, x)
		}
	}
	if len(wrong) > 0 {
		r.fail(Failure{
			Kind: KindExpectation, ExitCode: ExitFindings, Fix: strings.Join(slices.Compact(fixes), " "),
			What: "at the end the store does not hold what it should: " + strings.Join(wrong, "; "),
		})
	}
}

// compare says what is wrong, without what is secret.
func (e Expectation) compare(all contents.All) string {
	got, there := all[e.Key]
	switch {
	case e.Content == nil && there:
		return fmt.Sprintf("%s are stored, and nothing should be", count(len(got.Content), "byte"))
	case e.Content == nil:
		return ""
	case !there:
		return "nothing is stored"
	case !bytes.Equal(bytes.TrimRight(got.Content, "\r\n"), bytes.TrimRight(e.Content, "\r\n")):
		return fmt.Sprintf("something else is stored, of %s where %d are expected", count(len(got.Content), "byte"), len(e.Content))
	}
	return ""
}
