package build

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// A plan is what a build comes to, for those who do it themselves.
type plan struct {
	compiler string
	units    []unit // with objects in the build folder, the SDK's too
	program  string
}

// plan writes what the build generates, and returns the rest.
func (p *Project) plan() (*plan, error) {
	c, err := p.prepare()
	if err != nil {
		return nil, err
	}
	units, err := p.units()
	if err != nil {
		return nil, err
	}
	for i, u := range units {
		if u.sdk != nil {
			rel, err := filepath.Rel(filepath.Join(p.sdk.dir, "src"), u.source)
			if err != nil {
				return nil, err
			}
			units[i].object = filepath.Join(p.Out, "obj", "sdk", strings.TrimSuffix(rel, ".c")+".o")
		} else {
			units[i].source = filepath.Join(p.Dir, u.source)
		}
	}
	return &plan{c.path, units, filepath.Join(p.Out, "app")}, nil
}

// Commands returns the commands of the build as lines for a shell. What the build
// generates is written; so are the folders for the objects.
func (p *Project) Commands() (string, error) {
	plan, err := p.plan()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	dirs := make(map[string]bool)
	var objects []string
	for _, u := range plan.units {
		if dir := filepath.Dir(u.object); !dirs[dir] {
			dirs[dir] = true
			fmt.Fprintf(&b, "mkdir -p %s\n", shell(dir))
		}
		fmt.Fprintf(&b, "%s %s -c -o %s %s\n", shell(plan.compiler), shell(u.args...), shell(u.object), shell(u.source))
		objects = append(objects, u.object)
	}
	fmt.Fprintf(&b, "%s -o %s %s %s\n", shell(plan.compiler), shell(plan.program), shell(objects...), shell(append(p.opt.Flags, linkFlags...)...))
	return b.String(), nil
}

// shell quotes words for a POSIX shell.
func shell(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		if w == "" || strings.ContainsFunc(w, func(r rune) bool { return !strings.ContainsRune(plain, r) }) {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		quoted[i] = w
	}
	return strings.Join(quoted, " ")
}

const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+./,:@%"

// sameFlags returns the options that all units have, in the order of the first.
func sameFlags(units []unit) []string {
	var common []string
	if len(units) == 0 {
		return nil
	}
	for _, a := range units[0].args {
		everywhere := true
		for _, u := range units[1:] {
			everywhere = everywhere && slices.Contains(u.args, a)
		}
		if everywhere && a != "-include" && !strings.HasSuffix(a, "autoconf.h") {
			common = append(common, a)
		}
	}
	return common
}

func without(words, common []string) []string {
	var rest []string
	for _, w := range words {
		if !slices.Contains(common, w) {
			rest = append(rest, w)
		}
	}
	return rest
}

// Makefile returns a Makefile that builds the program as Build does.
func (p *Project) Makefile() ([]byte, error) {
	plan, err := p.plan()
	if err != nil {
		return nil, err
	}
	esc := strings.NewReplacer("$", "$$", "#", `\#`).Replace
	target := strings.NewReplacer("$", "$$", "#", `\#`, " ", `\ `, ":", `\:`).Replace
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s with nRF Connect SDK %s, written by nrf91emu firmware build --makefile.\n", p.Name, p.NCS)
	fmt.Fprintf(&b, "# It has the options and sources of when it was written: prj.conf, Kconfig and\n# CMakeLists.txt are not read again.\n\n")
	common := sameFlags(plan.units)
	fmt.Fprintf(&b, "CC ?= %s\nCOMMON = %s\n\n", shell(plan.compiler), esc(shell(common...)))
	fmt.Fprintf(&b, "%s:", target(plan.program))
	for _, u := range plan.units {
		fmt.Fprintf(&b, " \\\n  %s", target(u.object))
	}
	fmt.Fprintf(&b, "\n\t$(CC) -o $@ $^ %s\n\n", esc(shell(append(p.opt.Flags, linkFlags...)...)))
	for _, u := range plan.units {
		fmt.Fprintf(&b, "%s: %s\n\t@mkdir -p $(@D)\n\t$(CC) $(COMMON) %s -MMD -c -o $@ $<\n\n", target(u.object), target(u.source), esc(shell(without(u.args, common)...)))
	}
	fmt.Fprintf(&b, "clean:\n\trm -f %s", target(plan.program))
	for _, u := range plan.units {
		fmt.Fprintf(&b, " \\\n  %s", target(u.object))
	}
	fmt.Fprintf(&b, "\n\n.PHONY: clean\n")
	for _, u := range plan.units {
		fmt.Fprintf(&b, "-include %s\n", target(strings.TrimSuffix(u.object, ".o")+".d"))
	}
	return b.Bytes(), nil
}

// CMakeFragment returns a file for CMake that makes the program a target named after the
// application; include() it from a CMakeLists.txt of one's own.
func (p *Project) CMakeFragment() ([]byte, error) {
	plan, err := p.plan()
	if err != nil {
		return nil, err
	}
	name := targetName(p.Name)
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s with nRF Connect SDK %s, written by nrf91emu firmware build --cmake-fragment.\n", p.Name, p.NCS)
	fmt.Fprintf(&b, "# include() it after project(... C). It has the options and sources of when it was\n# written: prj.conf, Kconfig and the application's CMakeLists.txt are not read again.\n\n")
	fmt.Fprintf(&b, "add_executable(%s)\ntarget_link_libraries(%s PRIVATE pthread m)\n", name, name)
	groups := make(map[string]int)
	for _, u := range plan.units {
		key := strings.Join(u.args, "\x00")
		n, ok := groups[key]
		if !ok {
			n = len(groups)
			groups[key] = n
			fmt.Fprintf(&b, "\nadd_library(%s_%d OBJECT)\ntarget_compile_options(%s_%d PRIVATE", name, n, name, n)
			for i := 0; i < len(u.args); i++ {
				if u.args[i] == "-include" { // CMake leaves out what stands twice
					fmt.Fprintf(&b, "\n  %s", cmakeQuote("SHELL:-include "+shell(u.args[i+1])))
					i++
					continue
				}
				fmt.Fprintf(&b, "\n  %s", cmakeQuote(u.args[i]))
			}
			fmt.Fprintf(&b, ")\ntarget_sources(%s PRIVATE $<TARGET_OBJECTS:%s_%d>)\n", name, name, n)
		}
		fmt.Fprintf(&b, "target_sources(%s_%d PRIVATE %s)\n", name, n, cmakeQuote(u.source))
	}
	return b.Bytes(), nil
}

func targetName(project string) string {
	name := strings.Map(func(r rune) rune {
		if r < 0x80 && isWordByte(byte(r)) {
			return r
		}
		return '_'
	}, project)
	if name == "" {
		return "firmware"
	}
	return name
}

func isWordByte(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func cmakeQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`).Replace(s) + `"`
}
