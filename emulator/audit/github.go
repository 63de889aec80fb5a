package audit

import (
	"fmt"
	"io"
	"strings"
)

// WriteGitHub writes the findings as workflow commands, which GitHub shows as
// annotations of the run: errors, warnings and, for information, notices.
func (r *Report) WriteGitHub(w io.Writer) error {
	var b strings.Builder
	if r.NothingSeen {
		b.WriteString(GitHubCommand("error", NothingSeen, r.WhyNothing+"."))
	}
	for _, f := range r.Findings {
		command := "notice"
		switch f.Level {
		case Error:
			command = "error"
		case Warning:
			command = "warning"
		}
		text := f.What
		if c := f.Credential(); c != "" {
			text = c + ": " + text
		}
		if len(f.Places) > 0 {
			text += " First seen in " + f.Places[0].String() + "."
		}
		if f.Count > 1 {
			text += fmt.Sprintf(" Seen %s in %s.", times(f.Count), plural(f.Boots, "boot"))
		}
		if f.Lifetime != nil {
			text += fmt.Sprintf(" Cost: %s; %s.", costWords(f.Cost), f.Lifetime)
		}
		b.WriteString(GitHubCommand(command, f.Rule+" "+f.Name, clean(text)+" "+f.Fix))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// GitHubCommand returns a workflow command, "error", "warning" or "notice", that
// GitHub shows as an annotation.
func GitHubCommand(command, title, text string) string {
	return fmt.Sprintf("::%s title=%s::%s\n", command, githubProperty.Replace(title), githubText.Replace(text))
}

// What must be escaped in workflow commands: documented by GitHub's toolkit.
var (
	githubText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
