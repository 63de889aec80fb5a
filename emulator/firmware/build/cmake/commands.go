package cmake

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"nrf91emu/emulator/firmware/build/diag"
)

// A call is a command with its arguments expanded.
type call struct {
	*Run
	command
	args []string
}

// handler does a command. Its error ends the run; what is only not understood is a finding.
type handler func(c *call) error

var commands map[string]handler

func init() { // not in the declaration, because conditions look into it
	commands = map[string]handler{
		"set": (*call).setVariable, "unset": (*call).unset, "option": (*call).option, "list": (*call).list,
		"math": (*call).math, "string": (*call).str, "message": (*call).message, "file": (*call).fileCommand,
		"get_filename_component": (*call).filenameComponent, "cmake_path": (*call).unknown,
		"include": (*call).include, "add_subdirectory": (*call).addSubdirectory, "add_subdirectory_ifdef": ifdef((*call).addSubdirectory),
		"return":   func(*call) error { return errReturn },
		"break":    func(*call) error { return errBreak },
		"continue": func(*call) error { return errContinue },

		"project": (*call).project, "find_package": (*call).findPackage, "configure_file": (*call).configureFile,
		"add_custom_command": (*call).customCommand, "add_custom_target": (*call).customCommand,

		"target_sources": (*call).targetSources, "target_sources_ifdef": (*call).targetSourcesIfdef,
		"target_include_directories":        intoTarget((*flags).addIncludes),
		"target_compile_definitions":        intoTarget((*flags).addDefines),
		"target_compile_options":            intoTarget((*flags).addOptions),
		"target_link_libraries":             (*call).linkLibraries,
		"add_library":                       (*call).addLibrary,
		"include_directories":               intoAll((*flags).addIncludes),
		"add_definitions":                   intoAll((*flags).addDefines),
		"add_compile_definitions":           intoAll((*flags).addDefines),
		"add_compile_options":               intoAll((*flags).addOptions),
		"zephyr_include_directories":        intoAll((*flags).addIncludes),
		"zephyr_compile_definitions":        intoAll((*flags).addDefines),
		"zephyr_compile_options":            intoAll((*flags).addOptions),
		"zephyr_system_include_directories": intoAll((*flags).addIncludes),

		"zephyr_include_directories_ifdef": ifdef(intoAll((*flags).addIncludes)),
		"zephyr_compile_definitions_ifdef": ifdef(intoAll((*flags).addDefines)),
		"zephyr_compile_options_ifdef":     ifdef(intoAll((*flags).addOptions)),

		"zephyr_sources": (*call).librarySources, "zephyr_sources_ifdef": ifdef((*call).librarySources),
		"zephyr_library": (*call).zephyrLibrary, "zephyr_library_named": (*call).zephyrLibrary, "zephyr_interface_library_named": (*call).addLibrary,
		"zephyr_library_sources": (*call).librarySources, "zephyr_library_sources_ifdef": ifdef((*call).librarySources),
		"zephyr_library_include_directories":       intoLibrary((*flags).addIncludes),
		"zephyr_library_include_directories_ifdef": ifdef(intoLibrary((*flags).addIncludes)),
		"zephyr_library_compile_definitions":       intoLibrary((*flags).addDefines),
		"zephyr_library_compile_definitions_ifdef": ifdef(intoLibrary((*flags).addDefines)),
		"zephyr_library_compile_options":           intoLibrary((*flags).addOptions),
		"zephyr_library_compile_options_ifdef":     ifdef(intoLibrary((*flags).addOptions)),
		"set_ifndef":                               (*call).setIfndef, "set_ifdef": ifdef((*call).setVariable),

		"generate_inc_file_for_target": (*call).incFileForTarget, "generate_inc_file_for_gen_target": (*call).incFileForTarget,
		"generate_inc_file": (*call).incFile,
	}
	for _, name := range harmless {
		commands[name] = func(*call) error { return nil }
	}
	for _, name := range noted {
		commands[name] = (*call).note
	}
}

// harmless commands say nothing about the program on a host.
var harmless = []string{
	"cmake_minimum_required", "cmake_policy", "enable_language", "enable_testing", "include_guard", "mark_as_advanced",
	"target_link_options", "zephyr_link_libraries", "zephyr_ld_options", "zephyr_linker_sources_ifdef",
	"set_property", "get_property", "set_target_properties", "get_target_property", "add_dependencies", "target_compile_features",
	"zephyr_library_link_libraries", "zephyr_append_cmake_library", "zephyr_cc_option", "zephyr_library_cc_option", "add_compile_definitions_ifdef",
	"source_group", "install", "zephyr_boilerplate_watch", "assert", "assert_exists", "dt_nodelabel", "dt_alias", "dt_prop", "dt_chosen", "dt_node_exists",
}

// noted commands are about the memory or the image of a chip.
var noted = []string{
	"zephyr_linker_sources", "zephyr_linker_section", "zephyr_code_relocate", "zephyr_dt_import", "ncs_add_partition_manager_config", "add_overlay_config", "add_overlay_dts",
	"zephyr_iterable_section", "target_linker_file", "zephyr_linker_section_configure",
}

// do runs a command.
func (r *Run) do(cmd command) error {
	c := &call{r, cmd, r.expandAll(cmd.args)}
	h := commands[cmd.name]
	if h == nil {
		return c.unknown()
	}
	for _, a := range c.args {
		if strings.Contains(a, "$<") {
			c.args = c.generatorExpressions()
			break
		}
	}
	return h(c)
}

func (c *call) add(sev diag.Severity, do, format string, args ...any) {
	c.Diag.Add(sev, c.pos, do, format, args...)
}

// unknown is for a command that may change the program.
func (c *call) unknown() error {
	sev := diag.Error
	if c.Lenient {
		sev = diag.Warning
	}
	do := "Write what it does by hand, or pass over it with --ignore-unknown."
	least := min(3, len(c.name)/4+1)
	for _, name := range slices.Sorted(maps.Keys(commands)) {
		if d := diag.Edits(c.name, name, least); d > 0 && d < least {
			do, least = "Is "+name+"() meant?", d
		}
	}
	c.add(sev, do, "%s() is not understood.", c.name)
	return nil
}

func (c *call) note() error {
	c.add(diag.Note, "", "%s() is about the chip's memory or devicetree; it is passed over.", c.name)
	return nil
}

func (c *call) badCall(what string) error {
	return &Error{c.pos, c.name + "() " + what}
}

// abs returns a path relative to the folder in hand as an absolute one.
func (r *Run) abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(r.dir, path)
}

// ofSDK reports whether a path leads into the SDK, which is not there.
func ofSDK(path string) bool {
	return path == ZephyrBase || strings.HasPrefix(path, ZephyrBase+"/") || strings.HasPrefix(path, "/nrf/") || strings.HasPrefix(path, "/nrfxlib/")
}

// ifdef makes a command that is done if the variable named first is true.
func ifdef(h handler) handler {
	return func(c *call) error {
		if len(c.args) == 0 {
			return c.badCall("needs the name of an option")
		}
		cond := &condition{r: c.Run}
		if !cond.truth(arg{text: c.args[0]}) {
			return nil
		}
		c.args = c.args[1:]
		return h(c)
	}
}

func (c *call) project() error {
	if len(c.args) == 0 {
		return c.badCall("needs a name")
	}
	c.Project = c.args[0]
	c.set("PROJECT_NAME", c.args[0])
	if i := slices.Index(c.args, "VERSION"); i >= 0 && i+1 < len(c.args) {
		c.Version = c.args[i+1]
		c.set("PROJECT_VERSION", c.args[i+1])
	}
	return nil
}

// findPackage configures the application at find_package(Zephyr). Other packages
// are of Zephyr's modules.
func (c *call) findPackage() error {
	if len(c.args) == 0 {
		return c.badCall("needs the name of a package")
	}
	if c.args[0] != "Zephyr" {
		c.add(diag.Note, "", "The package %s is passed over.", c.args[0])
		return nil
	}
	if c.configured {
		return nil
	}
	c.configured = true
	vars, err := c.Configure(c.get)
	if err != nil {
		return err
	}
	for name, value := range vars {
		c.set(name, value)
	}
	return nil
}

func (c *call) include() error {
	if len(c.args) == 0 {
		return c.badCall("needs a file")
	}
	path := c.abs(c.args[0])
	if ofSDK(path) || !strings.ContainsAny(c.args[0], "./") {
		c.add(diag.Note, "", "%s belongs to the SDK and is passed over.", strings.TrimPrefix(c.args[0], ZephyrBase+"/"))
		return nil
	}
	if _, err := os.Stat(path); err != nil {
		if slices.Contains(c.args, "OPTIONAL") {
			return nil
		}
		return c.badCall(fmt.Sprintf("names %s, which is not there", c.args[0]))
	}
	if err := c.runFile(path); err != nil && err != errReturn {
		return err
	}
	return nil
}

func (c *call) addSubdirectory() error {
	if len(c.args) == 0 {
		return c.badCall("needs a folder")
	}
	dir := c.abs(c.args[0])
	file := filepath.Join(dir, "CMakeLists.txt")
	if ofSDK(dir) {
		c.add(diag.Note, "", "%s belongs to the SDK and is passed over.", c.args[0])
		return nil
	}
	if _, err := os.Stat(file); err != nil {
		return c.badCall(fmt.Sprintf("names %s, which has no CMakeLists.txt", c.args[0]))
	}
	binary := filepath.Join(c.binary, filepath.Base(dir))
	saved, savedBinary, savedLibrary := c.dir, c.binary, c.library
	defer func() { c.dir, c.binary, c.library = saved, savedBinary, savedLibrary }()
	c.dir, c.binary = dir, binary
	err := c.inScope(func() error {
		c.set("CMAKE_CURRENT_SOURCE_DIR", dir)
		c.set("CMAKE_CURRENT_BINARY_DIR", binary)
		return c.runFile(file)
	})
	if err == errReturn {
		err = nil
	}
	return err
}

// customCommand passes over what is done by name, or before or after a target: it is about the
// image for the chip, or tells something. One that makes a file is not understood.
func (c *call) customCommand() error {
	if c.name == "add_custom_command" && (len(c.args) == 0 || c.args[0] != "TARGET") {
		return c.unknown()
	}
	c.add(diag.Note, "", "What %s() does is passed over.", c.name)
	return nil
}

func (c *call) configureFile() error {
	c.add(c.severity(), "Write the file by hand.", "configure_file() is not done: %s is not made.", strings.Join(c.args[min(1, len(c.args)):min(2, len(c.args))], ""))
	return nil
}

// severity is that of what changes the program.
func (c *call) severity() diag.Severity {
	if c.Lenient {
		return diag.Warning
	}
	return diag.Error
}

func (c *call) setVariable() error {
	if len(c.args) == 0 {
		return c.badCall("needs the name of a variable")
	}
	name, values := c.args[0], c.args[1:]
	scope := c.scope
	if n := len(values); n > 0 && values[n-1] == "PARENT_SCOPE" {
		values = values[:n-1]
		if scope.outer != nil {
			scope = scope.outer
		}
	}
	if i := slices.Index(values, "CACHE"); i >= 0 {
		values = values[:i]
		if c.defined(name) && !slices.Contains(c.args, "FORCE") {
			return nil
		}
	}
	if env, ok := strings.CutPrefix(name, "ENV{"); ok {
		name = env
	}
	if value := strings.Join(values, ";"); len(value) <= maxText {
		scope.vars[name] = value
	}
	return nil
}

func (c *call) setIfndef() error {
	if len(c.args) > 0 && c.defined(c.args[0]) {
		return nil
	}
	return c.setVariable()
}

func (c *call) unset() error {
	if len(c.args) > 0 {
		for s := c.scope; s != nil; s = s.outer {
			delete(s.vars, c.args[0])
		}
	}
	return nil
}

func (c *call) option() error {
	if len(c.args) > 0 && !c.defined(c.args[0]) {
		value := "OFF"
		if len(c.args) > 2 {
			value = c.args[2]
		}
		c.set(c.args[0], value)
	}
	return nil
}

func (c *call) message() error {
	if len(c.args) == 0 {
		return nil
	}
	text := strings.Join(c.args[1:], "")
	switch c.args[0] {
	case "FATAL_ERROR", "SEND_ERROR":
		if board := c.get("BOARD"); strings.Contains(strings.ToLower(text), "board") && !strings.Contains(text, board) {
			text += fmt.Sprintf(" (the board is %s; --board chooses another)", board)
		}
		return &Error{c.pos, text}
	case "WARNING", "AUTHOR_WARNING", "DEPRECATION":
		c.add(diag.Warning, "", "%s", text)
	}
	return nil
}

// generatorExpressions evaluates the few $<...> that stand in lists of files and macros.
func (c *call) generatorExpressions() []string {
	var all []string
	for _, a := range c.args {
		v, err := generator(a, 0)
		if err != nil {
			c.add(c.severity(), "Write what it comes to.", "%s is not understood.", a)
			continue
		}
		all = append(all, split(v)...)
	}
	return all
}

var errGenerator = errors.New("generator expression")

// generator evaluates the first $<...> in a text and what follows it.
func generator(text string, depth int) (string, error) {
	start := strings.Index(text, "$<")
	if start < 0 {
		return text, nil
	}
	if depth > 20 {
		return "", errGenerator
	}
	end, open := -1, 0
	for i := start + 1; i < len(text) && end < 0; i++ {
		switch {
		case text[i] == '<' && text[i-1] == '$':
			open++
		case text[i] == '>':
			if open--; open == 0 {
				end = i
			}
		}
	}
	if end < 0 {
		return "", errGenerator
	}
	inner, err := generator(text[start+2:end], depth+1)
	if err != nil {
		return "", err
	}
	rest, err := generator(text[end+1:], depth+1)
	if err != nil {
		return "", err
	}
	op, value, _ := strings.Cut(inner, ":")
	switch op {
	case "1", "BUILD_INTERFACE":
	case "0", "INSTALL_INTERFACE":
		value = ""
	case "BOOL", "COMPILE_LANGUAGE", "C_COMPILER_ID", "CONFIG", "NOT":
		yes, isConst := constant(value)
		switch op {
		case "BOOL":
			yes = yes || !isConst
		case "COMPILE_LANGUAGE":
			yes = value == "C"
		case "C_COMPILER_ID":
			yes = strings.Contains(value, "GNU")
		case "CONFIG":
			yes = false
		case "NOT":
			yes = !yes
		}
		value = strconv.Itoa(map[bool]int{true: 1}[yes])
	default:
		return "", errGenerator
	}
	return text[:start] + value + rest, nil
}

func itoa(n int) string { return strconv.Itoa(n) }
