package cmake

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nrf91emu/emulator/firmware/build/diag"
)

func (f *flags) addIncludes(c *call, items []string) {
	for _, dir := range items {
		if dir == "SYSTEM" || dir == "BEFORE" || dir == "AFTER" {
			continue
		}
		if dir = c.abs(dir); ofSDK(dir) {
			c.add(diag.Note, "", "The folder %s belongs to the SDK and is passed over; the host SDK has headers of its own.", strings.TrimPrefix(dir, ZephyrBase+"/"))
			continue
		}
		f.includes = append(f.includes, dir)
	}
}

func (f *flags) addDefines(_ *call, items []string) {
	for _, d := range items {
		f.defines = append(f.defines, strings.TrimPrefix(d, "-D"))
	}
}

// addOptions keeps the options that mean the same for a host's compiler.
func (f *flags) addOptions(c *call, items []string) {
	for _, o := range items {
		switch {
		case strings.HasPrefix(o, "-D"):
			f.defines = append(f.defines, o[2:])
		case strings.HasPrefix(o, "-I"):
			f.addIncludes(c, []string{o[2:]})
		case strings.HasPrefix(o, "-W"), strings.HasPrefix(o, "-std="), strings.HasPrefix(o, "-O"), strings.HasPrefix(o, "-fno-"), strings.HasPrefix(o, "-g"):
			f.options = append(f.options, o)
		default:
			c.add(diag.Note, "", "The option %s is for the chip's compiler and is passed over.", o)
		}
	}
}

type adder func(f *flags, c *call, items []string)

// intoAll makes a command whose arguments count for all sources.
func intoAll(add adder) handler {
	return func(c *call) error { add(&c.global, c, c.args); return nil }
}

// intoLibrary makes a command whose arguments count for the library begun last, which
// is the application to begin with.
func intoLibrary(add adder) handler {
	return func(c *call) error { add(&c.targets[c.library].private, c, c.args); return nil }
}

// intoTarget makes a command that names a target first, and who sees its arguments.
func intoTarget(add adder) handler {
	return func(c *call) error {
		if len(c.args) == 0 {
			return c.badCall("needs the name of a target")
		}
		t := c.targetNamed(c.args[0])
		if t == nil {
			return nil
		}
		scope := "PRIVATE"
		for _, a := range c.args[1:] {
			switch a {
			case "PRIVATE", "PUBLIC", "INTERFACE":
				scope = a
				continue
			}
			if scope != "INTERFACE" {
				add(&t.private, c, []string{a})
			}
			if scope != "PRIVATE" {
				add(&t.public, c, []string{a})
			}
		}
		return nil
	}
}

// targetNamed returns a target, or nil and a finding. The targets of Zephyr stand for
// the application as a whole.
func (c *call) targetNamed(name string) *target {
	if t := c.targets[name]; t != nil {
		return t
	}
	if name == "zephyr_interface" || name == "zephyr" || name == "kernel" {
		return c.targets["app"]
	}
	c.add(c.severity(), "Correct the name, or make the target with zephyr_library_named().", "There is no target %s.", name)
	return nil
}

func (c *call) targetSources() error {
	if len(c.args) == 0 {
		return c.badCall("needs the name of a target")
	}
	if c.targetNamed(c.args[0]) != nil {
		c.sources(c.args[0], c.args[1:])
	}
	return nil
}

// targetSourcesIfdef is target_sources_ifdef(CONFIG_X app PRIVATE file).
func (c *call) targetSourcesIfdef() error { return ifdef((*call).targetSources)(c) }

func (c *call) librarySources() error {
	c.sources(c.library, c.args)
	return nil
}

// sources adds files to a target. Headers may stand among them.
func (c *call) sources(name string, files []string) {
	for _, f := range files {
		switch f {
		case "PRIVATE", "PUBLIC", "INTERFACE":
			continue
		}
		path := c.abs(f)
		info, err := os.Stat(path)
		switch ext := filepath.Ext(f); {
		case ofSDK(path):
			c.add(c.severity(), "Leave it out, or copy what it does into the application.", "%s belongs to the SDK, which is not there.", strings.TrimPrefix(path, ZephyrBase+"/"))
		case ext == ".h" || ext == ".hpp" || ext == ".ld":
		case ext != ".c":
			c.add(c.severity(), "Only C is compiled.", "%s is no C source.", f)
		case err != nil || info.IsDir():
			c.add(diag.Error, "Correct the name, or write the file.", "%s is not there.", f)
		case !slices.ContainsFunc(c.Sources, func(s Source) bool { return s.Path == path && s.Target == name }):
			c.Sources = append(c.Sources, Source{path, name, c.pos})
		}
	}
}

func (c *call) zephyrLibrary() error {
	name := "lib_" + strings.ReplaceAll(filepath.ToSlash(c.show(c.dir)), "/", "_")
	if len(c.args) > 0 && !strings.HasPrefix(c.args[0], "DROP") {
		name = c.args[0]
	}
	c.library = name
	if c.targets[name] == nil {
		c.targets[name] = &target{pos: c.pos}
	}
	return nil
}

// addLibrary is add_library(name [STATIC|INTERFACE...] files).
func (c *call) addLibrary() error {
	if len(c.args) == 0 {
		return c.badCall("needs a name")
	}
	if slices.Contains(c.args, "IMPORTED") {
		c.add(c.severity(), "Nordic's and other binary libraries are for the chip.", "The library %s is binary.", c.args[0])
		return nil
	}
	c.targets[c.args[0]] = &target{pos: c.pos}
	files := slices.DeleteFunc(slices.Clone(c.args[1:]), func(a string) bool {
		return a == "STATIC" || a == "OBJECT" || a == "INTERFACE" || a == "SHARED" || a == "MODULE" || a == "EXCLUDE_FROM_ALL"
	})
	c.sources(c.args[0], files)
	return nil
}

func (c *call) linkLibraries() error {
	if len(c.args) == 0 {
		return c.badCall("needs the name of a target")
	}
	t := c.targetNamed(c.args[0])
	if t == nil {
		return nil
	}
	for _, a := range c.args[1:] {
		switch a {
		case "PRIVATE", "PUBLIC", "INTERFACE", "zephyr_interface", "zephyr", "kernel", "app", "m", "-lm", "c":
			continue
		}
		if c.targets[a] == nil {
			c.add(c.severity(), "Delete it if the program does not need it.", "The library %s is not there.", a)
			continue
		}
		t.links = append(t.links, a)
	}
	return nil
}

// incFileForTarget is generate_inc_file_for_target(target from to [gzip options]).
func (c *call) incFileForTarget() error {
	if len(c.args) < 3 {
		return c.badCall("needs a target, a file, and the name of the file that it makes")
	}
	if c.targetNamed(c.args[0]) == nil {
		return nil
	}
	c.args = c.args[1:]
	return c.incFile()
}

func (c *call) incFile() error {
	if len(c.args) < 2 {
		return c.badCall("needs a file, and the name of the file that it makes")
	}
	inc := Include{From: c.abs(c.args[0]), To: c.args[1], Pos: c.pos, Gzip: slices.Contains(c.args[2:], "--gzip")}
	if !filepath.IsAbs(inc.To) {
		inc.To = filepath.Join(c.binary, inc.To)
	}
	if rel, err := filepath.Rel(c.Binary, inc.To); err != nil || strings.HasPrefix(rel, "..") {
		c.add(diag.Error, "Make it under ${CMAKE_CURRENT_BINARY_DIR}.", "%s is not in the build folder.", c.show(inc.To))
		return nil
	}
	if _, err := os.Stat(inc.From); err != nil {
		c.add(diag.Error, missing(c.args[0]), "%s is not there.", c.args[0])
		return nil
	}
	c.Generated = append(c.Generated, inc)
	return nil
}

// missing says what to do about a file that is turned into bytes.
func missing(name string) string {
	switch filepath.Ext(name) {
	case ".pem", ".crt", ".cer":
		return fmt.Sprintf("It is the certificate that the firmware carries: save the root certificate of the server there, and look at it with nrf91emu cert inspect %s.", name)
	}
	return "Put it there, or correct the name."
}

// Flags are what a source is compiled with beside what counts for all.
type Flags struct {
	Includes, Defines, Options []string
}

// FlagsOf returns what the sources of a target are compiled with: what counts for
// all first, then its own, then what the libraries it links make public.
func (r *Run) FlagsOf(name string) Flags {
	var f Flags
	add := func(g flags) {
		f.Includes = append(f.Includes, g.includes...)
		f.Defines = append(f.Defines, g.defines...)
		f.Options = append(f.Options, g.options...)
	}
	add(r.global)
	seen := map[string]bool{name: true}
	t := r.targets[name]
	if t == nil {
		return f
	}
	add(t.private)
	for queue := slices.Clone(t.links); len(queue) > 0; queue = queue[1:] {
		if l := r.targets[queue[0]]; l != nil && !seen[queue[0]] {
			seen[queue[0]] = true
			add(l.public)
			queue = append(queue, l.links...)
		}
	}
	return f
}
