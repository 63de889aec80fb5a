package emulator_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "nrf91emu/"

// imports are the rules: the package from and those below it, but not except and
// those below that, import of the project only what is allowed: a package and those
// below it, or one alone if it stands in exact.
var imports = []struct {
	from   string
	allow  []string
	except []string
}{
	{from: "atcmd"},
	{from: "keystore/flash"},
	{from: "keystore/provision", allow: []string{"atcmd", "keystore"}},
	{from: "keystore", allow: []string{"keystore/flash"}, except: []string{"keystore/provision"}},
	{from: "testvectors", allow: []string{"atcmd"}},
	{from: "emulator/facts", allow: []string{"emulator/lazyregexp"}},
	{from: "emulator/lazyregexp"},
	{from: "emulator/timer"},
	{from: "emulator/pkcs8"},
	{from: "emulator/process"},
	{from: "emulator/link"},
	{from: "emulator/cloud", allow: []string{"emulator/cloud/pki", "emulator/pkcs8"}},
	{from: "emulator/event", allow: []string{"atcmd", "emulator/pkcs8", "emulator/lazyregexp"}},
	{from: "emulator/audit/junit"},
	{from: "emulator/audit", allow: []string{"emulator/event", "emulator/audit/junit", "emulator/yamlform", "emulator/lazyregexp"}},
	{from: "emulator/yamlform", allow: []string{"emulator/lazyregexp"}},
	{from: "emulator/profile", allow: []string{"keystore", "emulator/event", "emulator/lazyregexp"}},
	{from: "emulator/network", allow: []string{"keystore", "emulator/event", "emulator/yamlform"}},
	{from: "emulator/socket", allow: []string{"keystore", "emulator/event", "emulator/pkcs8"}},
	{from: "emulator/modem", allow: []string{
		"atcmd", "keystore", "keystore/flash", "emulator/socket", "emulator/profile", "emulator/network", "emulator/event", "emulator/timer",
		"emulator/modem/card", "emulator/modem/sms", "emulator/modem/keys", "emulator/pkcs8",
	}},
	{from: "emulator/app/dialects", allow: []string{"atcmd", "emulator/app", "emulator/app/"}},
	{from: "emulator/app", allow: append([]string{"emulator/app", "emulator/app/sock"}, below...), except: []string{"emulator/app/dialects", "emulator/app/apptest"}},
	{from: "emulator/libmodem", allow: append([]string{"emulator/gnss"}, below...)},
	{from: "emulator/gnss", allow: []string{"emulator/event", "emulator/timer"}},
	{from: "emulator/lab", allow: []string{
		"keystore", "keystore/flash", "emulator", "emulator/ageing", "emulator/app/dialects", "emulator/audit", "emulator/cloud", "emulator/control",
		"emulator/event", "emulator/firmware", "emulator/lazyregexp", "emulator/link", "emulator/network", "emulator/process", "emulator/profile",
	}},
	{from: "emulator/firmware/build", allow: []string{"emulator/firmware/build", "emulator/lazyregexp"}},
}

// below is what stands below applications and the library interface.
var below = []string{
	"atcmd", "keystore", "keystore/flash", "emulator/modem", "emulator/socket", "emulator/profile", "emulator/network", "emulator/event", "emulator/timer", "emulator/lazyregexp",
}

// exact are allowed names that stand for themselves and not for what is below them.
var exact = []string{"emulator", "emulator/app", "emulator/app/sock", "keystore"}

func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, module+"...").Output()
	require.NoError(t, err)
	text, err := os.ReadFile("ARCHITECTURE.md")
	require.NoError(t, err)
	packages := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		from := strings.TrimPrefix(fields[0], module)
		packages++
		named := strings.Contains(string(text), "`"+from+"`") ||
			strings.Contains(string(text), "`"+strings.TrimPrefix(from, "emulator/")+"`")
		for _, part := range []string{"firmware/build/", "firmware/examples/"} {
			named = named || strings.HasPrefix(from, "emulator/"+part) && strings.Contains(string(text), strings.TrimSuffix(part, "/"))
		}
		if !named {
			t.Errorf("ARCHITECTURE.md does not say what %s is", from)
		}
		if from == "emulator/app" {
			for _, to := range fields[1:] {
				if strings.HasPrefix(to, module+"emulator/app/") {
					t.Errorf("the application must not know the service %s", to)
				}
			}
		}
		for _, rule := range imports {
			if !in(from, rule.from) || slices.ContainsFunc(rule.except, func(e string) bool { return in(from, e) }) {
				continue
			}
			for _, to := range fields[1:] {
				to, own := strings.CutPrefix(to, module)
				if own && !slices.ContainsFunc(rule.allow, func(a string) bool { return allowed(to, a) }) {
					t.Errorf("%s must not import %s", from, to)
				}
			}
		}
		for _, to := range fields[1:] {
			if strings.HasPrefix(to, module+"cmd/") {
				t.Errorf("%s must not import %s", from, to)
			}
		}
	}
	require.Greater(t, packages, 30)
}

// TestPackagesAreDocumented wants the documentation of each package where a reader
// looks for it.
func TestPackagesAreDocumented(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{if .Doc}}documented{{end}}{{range .GoFiles}} {{.}}{{end}}`, module+"...").Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if !slices.Contains(fields, "documented") || !slices.Contains(fields, "doc.go") {
			t.Errorf("%s has no doc.go with the documentation of the package", fields[0])
		}
	}
}

// in reports whether a package is the named one or below it.
func in(name, of string) bool {
	return name == of || strings.HasPrefix(name, strings.TrimSuffix(of, "/")+"/")
}

func allowed(name, by string) bool {
	return name == by || !slices.Contains(exact, by) && in(name, by)
}
