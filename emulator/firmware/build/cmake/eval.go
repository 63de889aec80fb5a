package cmake

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nrf91emu/emulator/firmware/build/diag"
)

// ZephyrBase stands for the folder of Zephyr, which is not there.
const ZephyrBase = "/zephyr"

// Source is a file to compile.
type Source struct {
	Path   string // absolute
	Target string // "app", or the library that it belongs to
	Pos    diag.Pos
}

// Include is a file that generate_inc_file makes: the bytes of From as C numbers.
type Include struct {
	From, To string
	Gzip     bool
	Pos      diag.Pos
}

// flags are what a target is compiled with.
type flags struct {
	includes, defines, options []string
}

// A target is the application, or a library that it is made of.
type target struct {
	private, public flags
	links           []string
	pos             diag.Pos
}

// Run is the run of an application's CMakeLists.txt. Set the fields in front, call Do, and
// read those behind.
type Run struct {
	Dir    string            // of the application, absolute
	Binary string            // the build folder, absolute
	Vars   map[string]string // BOARD and the like, and what was given on the command line
	Diag   *diag.List
	// Lenient makes what is not understood a warning instead of an error.
	Lenient bool
	// Configure is called at find_package(Zephyr) with the variables set until then, and
	// returns the CONFIG_ variables.
	Configure func(get func(string) string) (map[string]string, error)

	Project   string
	Version   string
	Sources   []Source
	Generated []Include
	Files     []string // all CMake files that were read

	targets    map[string]*target
	global     flags
	library    string // the one that zephyr_library() began last
	macros     map[string]node
	configured bool
	steps      int
	scope      *scope
	dir        string // the folder of the file in hand
	binary     string
	file       string
	depth      int
	files      map[string]int
}

// A scope has the variables of a folder or a function.
type scope struct {
	vars  map[string]string
	outer *scope
}

var (
	errReturn   = errors.New("return")
	errBreak    = errors.New("break")
	errContinue = errors.New("continue")
)

// maxSteps bounds the commands of a run, so that a loop without end ends.
const maxSteps = 200_000

// Do runs the CMakeLists.txt in Dir. What is not understood is in Diag; the error is
// one that ends the run.
func (r *Run) Do() error {
	r.targets = map[string]*target{"app": {}}
	r.library = "app"
	r.macros = make(map[string]node)
	r.files = make(map[string]int)
	r.scope = &scope{vars: map[string]string{
		"CMAKE_SOURCE_DIR": r.Dir, "CMAKE_CURRENT_SOURCE_DIR": r.Dir, "APPLICATION_SOURCE_DIR": r.Dir, "PROJECT_SOURCE_DIR": r.Dir,
		"CMAKE_BINARY_DIR": r.Binary, "CMAKE_CURRENT_BINARY_DIR": r.Binary, "APPLICATION_BINARY_DIR": r.Binary, "PROJECT_BINARY_DIR": r.Binary,
		"ZEPHYR_BASE": ZephyrBase, "ZEPHYR_NRF_MODULE_DIR": ZephyrBase + "/../nrf", "ZEPHYR_NRFXLIB_MODULE_DIR": ZephyrBase + "/../nrfxlib",
		"NRF_DIR": ZephyrBase + "/../nrf", "NRFXLIB_DIR": ZephyrBase + "/../nrfxlib",
		"CMAKE_C_COMPILER_ID": "GNU", "UNIX": "1", "CMAKE_VERSION": "3.28.0", "CMAKE_HOST_SYSTEM_NAME": "Linux", "CMAKE_SYSTEM_NAME": "Generic",
		"ARCH": "arm", "SYSBUILD": "",
	}}
	maps.Copy(r.scope.vars, r.Vars)
	r.dir, r.binary = r.Dir, r.Binary
	err := r.runFile(filepath.Join(r.Dir, "CMakeLists.txt"))
	if errors.Is(err, errReturn) {
		err = nil
	}
	if err == nil && !r.configured {
		return &Error{diag.Pos{File: "CMakeLists.txt"}, "there is no find_package(Zephyr): it is not the folder of an application for Zephyr"}
	}
	return err
}

// runFile runs a file with the variables in hand.
func (r *Run) runFile(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if r.depth++; r.depth > maxNesting {
		return errors.New(r.show(path) + ": files include each other without end")
	}
	defer func() { r.depth-- }()
	if r.files[path]++; r.files[path] == 1 {
		r.Files = append(r.Files, path)
	}
	nodes, err := parse(r.show(path), string(content))
	if err != nil {
		return err
	}
	saved := r.file
	r.file = path
	defer func() {
		r.file = saved
		r.set("CMAKE_CURRENT_LIST_FILE", saved)
		r.set("CMAKE_CURRENT_LIST_DIR", filepath.Dir(saved))
	}()
	r.set("CMAKE_CURRENT_LIST_FILE", path)
	r.set("CMAKE_CURRENT_LIST_DIR", filepath.Dir(path))
	return r.run(nodes)
}

// show returns a path as findings name it: relative to the application.
func (r *Run) show(path string) string {
	if rel, err := filepath.Rel(r.Dir, path); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return path
}

func (r *Run) run(nodes []node) error {
	for _, n := range nodes {
		if r.steps++; r.steps > maxSteps {
			return &Error{n.pos, "the file runs without end"}
		}
		if err := r.step(n); err != nil {
			return err
		}
	}
	return nil
}

func (r *Run) step(n node) error {
	switch n.name {
	case "if":
		for _, b := range n.branches {
			yes := b.name == "else"
			if !yes {
				var err error
				if yes, err = r.condition(b.command); err != nil {
					return err
				}
			}
			if yes {
				return r.run(b.body)
			}
		}
		return nil
	case "foreach":
		return r.foreach(n)
	case "while":
		for {
			yes, err := r.condition(n.command)
			if err != nil || !yes {
				return err
			}
			if r.steps++; r.steps > maxSteps {
				return &Error{n.pos, "the loop has no end"}
			}
			if err := r.run(n.body); err != nil && err != errContinue {
				if err == errBreak {
					return nil
				}
				return err
			}
		}
	case "block":
		return r.inScope(func() error { return r.run(n.body) })
	case "function", "macro":
		if args := r.expandAll(n.args); len(args) > 0 {
			r.macros[strings.ToLower(args[0])] = n
		}
		return nil
	}
	if m, ok := r.macros[n.name]; ok {
		return r.call(m, n.command)
	}
	return r.do(n.command)
}

func (r *Run) inScope(f func() error) error {
	r.scope = &scope{make(map[string]string), r.scope}
	defer func() { r.scope = r.scope.outer }()
	return f()
}

// call runs a function or macro of the application. A macro's arguments are
// variables here as a function's are, which differs only in what it sets outside.
func (r *Run) call(m node, c command) error {
	if r.depth++; r.depth > maxNesting {
		return &Error{c.pos, c.name + "() calls itself without end"}
	}
	defer func() { r.depth-- }()
	names := r.expandAll(m.args)[1:]
	args := r.expandAll(c.args)
	body := func() error {
		var rest []string
		for i, a := range args {
			r.set("ARGV"+itoa(i), a)
			if i < len(names) {
				r.set(names[i], a)
			} else {
				rest = append(rest, a)
			}
		}
		r.set("ARGC", itoa(len(args)))
		r.set("ARGV", strings.Join(args, ";"))
		r.set("ARGN", strings.Join(rest, ";"))
		err := r.run(m.body)
		if err == errReturn {
			err = nil
		}
		return err
	}
	if m.name == "macro" {
		return body()
	}
	return r.inScope(body)
}

func (r *Run) foreach(n node) error {
	args := r.expandAll(n.args)
	if len(args) == 0 {
		return &Error{n.pos, "foreach needs the name of a variable"}
	}
	name, items := args[0], args[1:]
	switch {
	case len(items) > 0 && items[0] == "RANGE":
		var err error
		if items, err = rangeOf(items[1:]); err != nil {
			return &Error{n.pos, err.Error()}
		}
	case len(items) > 0 && items[0] == "IN":
		var all []string
		lists := false
		for _, it := range items[1:] {
			switch {
			case it == "LISTS":
				lists = true
			case it == "ITEMS":
				lists = false
			case lists:
				all = append(all, split(r.get(it))...)
			default:
				all = append(all, it)
			}
		}
		items = all
	}
	for _, it := range items {
		r.set(name, it)
		if err := r.run(n.body); err != nil && err != errContinue {
			if err == errBreak {
				return nil
			}
			return err
		}
	}
	return nil
}

func (r *Run) get(name string) string {
	for s := r.scope; s != nil; s = s.outer {
		if v, ok := s.vars[name]; ok {
			return v
		}
	}
	return ""
}

func (r *Run) defined(name string) bool {
	for s := r.scope; s != nil; s = s.outer {
		if _, ok := s.vars[name]; ok {
			return true
		}
	}
	return false
}

func (r *Run) set(name, value string) { r.scope.vars[name] = value }

// expandAll returns the arguments of a command with variables replaced, split at
// semicolons where they are not in quotes.
func (r *Run) expandAll(args []arg) []string {
	var all []string
	for _, a := range args {
		if a.raw {
			all = append(all, a.text)
			continue
		}
		t := r.expand(a.text, 0)
		if a.quoted {
			all = append(all, t)
		} else {
			all = append(all, split(t)...)
		}
	}
	return all
}

// split returns the elements of a list, empty ones left out.
func split(list string) []string {
	return slices.DeleteFunc(strings.Split(list, ";"), func(s string) bool { return s == "" })
}

var escapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r'}

// maxText bounds what a variable may grow to.
const maxText = 1 << 20

// expand replaces ${NAME}, $ENV{NAME} and @NAME@, and escapes.
func (r *Run) expand(text string, depth int) string {
	if !strings.ContainsAny(text, `$\`) || depth > 20 {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text) && b.Len() < maxText; i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			if c, ok := escapes[text[i]]; ok {
				b.WriteByte(c)
			} else {
				b.WriteByte(text[i])
			}
		case strings.HasPrefix(text[i:], "${"), strings.HasPrefix(text[i:], "$ENV{"):
			start := i + strings.IndexByte(text[i:], '{') + 1
			end := closing(text, start)
			if end < 0 {
				b.WriteString(text[i:])
				return b.String()
			}
			name := r.expand(text[start:end], depth+1)
			if text[i+1] == 'E' {
				if name == "ZEPHYR_BASE" {
					b.WriteString(ZephyrBase)
				} else {
					b.WriteString(os.Getenv(name))
				}
			} else {
				b.WriteString(r.get(name))
			}
			i = end
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

// closing returns the index of the brace that closes the one before start, or -1.
func closing(text string, start int) int {
	depth := 1
	for i := start; i < len(text); i++ {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
