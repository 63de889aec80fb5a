package build

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"nrf91emu/emulator/firmware/build/cmake"
	"nrf91emu/emulator/firmware/build/diag"
	"nrf91emu/emulator/firmware/build/kconfig"
)

// Options say what to build and how.
type Options struct {
	Dir   string            // the application's folder
	Out   string            // the build folder; "" is Dir/build
	Conf  []string          // further .conf files, over prj.conf
	Board string            // such as nrf9151dk/nrf9151/ns; "" is a development kit that the release has
	NCS   NCS               // 0: what the application asks for
	Vars  map[string]string // CMake variables, as -DNAME=VALUE sets them
	SDK   fs.FS             // the host SDK, see package firmware

	// SDKDir is a folder with the host SDK, to be used instead of SDK.
	SDKDir string
	// Cache is the folder in which the SDK and its objects are kept for the next build; ""
	// is the user's cache folder.
	Cache    string
	Compiler string // "" is $CC, else cc
	// Flags are further options for the compiler and linker, such as -fsanitize=address.
	Flags []string
	// Lenient builds all the same where a CMake command is not understood.
	Lenient bool
	Jobs    int // compilers at once; 0 is one per core
}

// Project is an application that was read.
type Project struct {
	Name      string // of project() in its CMakeLists.txt
	Dir, Out  string // absolute
	NCS       NCS
	WhyNCS    string // what told the release
	Board     string
	Config    *kconfig.Config
	Sources   []Source
	Generated []cmake.Include
	Findings  []diag.Finding

	opt     Options
	run     *cmake.Run
	version string // of the application, from project() or the file VERSION
	sdk     sdk
}

// Source is a file that is compiled.
type Source struct {
	Path  string // absolute
	Flags cmake.Flags
}

// Load reads an application. An error is returned together with the project if files
// were read but not understood; its text has a line for each finding.
func Load(opt Options) (*Project, error) {
	dir, err := filepath.Abs(opt.Dir)
	if err != nil {
		return nil, err
	}
	if err := isApplication(dir); err != nil {
		return nil, err
	}
	p := &Project{Dir: dir, Out: opt.Out, NCS: opt.NCS, Board: opt.Board, opt: opt}
	if p.Out == "" {
		p.Out = filepath.Join(dir, "build")
	} else if p.Out, err = filepath.Abs(p.Out); err != nil {
		return nil, err
	}
	if p.sdk, err = openSDK(opt); err != nil {
		return nil, err
	}
	if p.NCS == 0 {
		p.NCS, p.WhyNCS = p.detect()
	} else {
		p.WhyNCS = "asked for"
	}
	if p.Board == "" {
		p.Board = "nrf9151dk/nrf9151/ns"
		if p.NCS < release(2, 7) {
			p.Board = "nrf9160dk_nrf9160_ns"
		}
	}
	var found diag.List
	p.run = &cmake.Run{Dir: dir, Binary: p.Out, Vars: map[string]string{"BOARD": p.Board}, Diag: &found, Lenient: opt.Lenient}
	for k, v := range opt.Vars {
		p.run.Vars[k] = v
	}
	p.run.Configure = func(get func(string) string) (map[string]string, error) { return p.configure(get, &found) }
	if err := p.run.Do(); err != nil {
		p.Findings = found.All()
		return p, errors.Join(found.Err(), err)
	}
	p.Name, p.Generated = p.run.Project, p.run.Generated
	for _, s := range p.run.Sources {
		p.Sources = append(p.Sources, Source{s.Path, p.run.FlagsOf(s.Target)})
	}
	if len(p.Sources) > 0 && !p.hasMain() {
		found.Add(diag.Warning, diag.Pos{File: "CMakeLists.txt"}, "See whether its file is in target_sources().", "There is no main() in the sources: only threads, and what registers itself, run.")
	}
	if p.Name == "" {
		found.Add(diag.Warning, diag.Pos{File: "CMakeLists.txt"}, "Write one behind find_package(Zephyr), such as project(my_application).", "There is no project().")
	}
	if len(p.Sources) == 0 && found.Err() == nil {
		found.Add(diag.Error, diag.Pos{File: "CMakeLists.txt"}, "Name them: target_sources(app PRIVATE src/main.c).", "There are no sources.")
	}
	p.version = p.run.Version
	if text, err := os.ReadFile(filepath.Join(dir, "VERSION")); err == nil {
		p.version = versionFile(text)
	}
	p.noteDevicetree(&found)
	p.Findings = found.All()
	return p, found.Err()
}

// hasMain reports whether a source has something that may be main. One that cannot be read is not
// to blame.
func (p *Project) hasMain() bool {
	return slices.ContainsFunc(p.Sources, func(s Source) bool {
		text, err := os.ReadFile(s.Path)
		return err != nil || anyMain().Match(comment().ReplaceAll(text, nil))
	})
}

// isApplication says what a folder lacks.
func isApplication(dir string) error {
	if info, err := os.Stat(dir); err != nil {
		return err
	} else if !info.IsDir() {
		return fmt.Errorf("%s is no folder; name the folder of an application, with CMakeLists.txt and prj.conf", dir)
	}
	if _, err := os.Stat(filepath.Join(dir, "CMakeLists.txt")); err != nil {
		var inside []string
		for _, pattern := range []string{"*", "*/*"} {
			m, _ := filepath.Glob(filepath.Join(dir, pattern, "prj.conf"))
			for _, f := range m {
				inside = append(inside, filepath.Dir(f))
			}
		}
		if len(inside) > 0 {
			return fmt.Errorf("%s has no CMakeLists.txt: name one of the applications in it, such as %s", dir, inside[0])
		}
		return fmt.Errorf("%s has no CMakeLists.txt: name the folder of an application, with CMakeLists.txt and prj.conf", dir)
	}
	return nil
}

// detect finds out the release from what the application is made of. Its list of
// sources is not known yet, so all C files are looked at.
func (p *Project) detect() (NCS, string) {
	conf, _ := os.ReadFile(filepath.Join(p.Dir, "prj.conf"))
	var sources [][]byte
	filepath.WalkDir(p.Dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || len(sources) >= 200:
			return filepath.SkipAll
		case d.IsDir() && (path == p.Out || path != p.Dir && strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case filepath.Ext(path) == ".c" || filepath.Ext(path) == ".h":
			if info, err := d.Info(); err == nil && info.Size() < 1<<20 {
				if text, err := os.ReadFile(path); err == nil {
					sources = append(sources, text)
				}
			}
		}
		return nil
	})
	var found diag.List
	return detectNCS(p.Dir, conf, sources, &found)
}

// configure reads Kconfig and .conf files, at find_package(Zephyr).
func (p *Project) configure(get func(string) string, found *diag.List) (map[string]string, error) {
	k := &kconfig.Parser{Reader: reader{p}, Diag: found, Vars: map[string]string{
		"ZEPHYR_BASE": sdkPrefix, "ZEPHYR_NRF_MODULE_DIR": sdkPrefix, "ZEPHYR_NRFXLIB_MODULE_DIR": sdkPrefix,
		"APPLICATION_SOURCE_DIR": p.Dir, "BOARD": boardName(p.Board), "KCONFIG_BINARY_DIR": p.Out,
	}}
	k.Parse("(board)", p.boardOptions())
	if name := filepath.Join(p.Dir, "Kconfig"); exists(name) {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		k.Parse("Kconfig", content)
	} else {
		content, _, _ := (reader{p}).ReadConfig("Kconfig.zephyr", "", false)
		k.Parse("Kconfig.zephyr", content)
	}
	files, err := p.confFiles(get, found)
	if err != nil {
		return nil, err
	}
	p.Config = k.Load(files)
	vars := make(map[string]string)
	for _, name := range p.Config.Names() {
		vars["CONFIG_"+name] = p.Config.String(name)
	}
	return vars, nil
}

// confFiles returns the .conf files in the order of Zephyr's build: the board's, the
// application's, overlays.
func (p *Project) confFiles(get func(string) string, found *diag.List) ([]kconfig.Conf, error) {
	names := strings.FieldsFunc(get("CONF_FILE"), func(r rune) bool { return r == ';' || r == ' ' })
	if len(names) == 0 {
		names = []string{"prj.conf"}
		if !exists(filepath.Join(p.Dir, "prj.conf")) {
			return nil, fmt.Errorf("prj.conf: the application has none; write one, which may be empty")
		}
		for _, board := range boardFiles(p.Board) {
			if name := filepath.Join("boards", board+".conf"); exists(filepath.Join(p.Dir, name)) {
				names = append(names, name)
			}
		}
	}
	for _, v := range []string{"OVERLAY_CONFIG", "EXTRA_CONF_FILE"} {
		names = append(names, strings.FieldsFunc(get(v), func(r rune) bool { return r == ';' || r == ' ' })...)
	}
	var files []kconfig.Conf
	read := func(name, path string) error {
		content, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("%s: there is no such file of options", name)
		}
		files = append(files, kconfig.Conf{Name: filepath.ToSlash(name), Content: content})
		return nil
	}
	for _, name := range names {
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(p.Dir, name)
		}
		if err := read(name, path); err != nil {
			return nil, err
		}
	}
	for _, name := range p.opt.Conf {
		path := name // as the shell sees it, or as the application does
		if !exists(path) && !filepath.IsAbs(path) {
			path = filepath.Join(p.Dir, name)
		}
		if err := read(name, path); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// noteDevicetree says that overlays are not read.
func (p *Project) noteDevicetree(found *diag.List) {
	var names []string
	for _, board := range append(boardFiles(p.Board), "../app", "app") {
		names = append(names, filepath.Join("boards", board+".overlay"))
	}
	for _, name := range slices.Compact(names) {
		if exists(filepath.Join(p.Dir, name)) {
			found.Add(diag.Note, diag.Pos{File: filepath.ToSlash(name)}, "", "Devicetree overlays are not read: LEDs and buttons are those of a development kit.")
		}
	}
}

// sdkPrefix stands for the SDK in names of Kconfig files.
const sdkPrefix = "sdk:"

// reader finds Kconfig files: an absolute or relative name in the application, else in the SDK.
type reader struct{ p *Project }

func (r reader) ReadConfig(name, from string, relative bool) ([]byte, string, bool) {
	name = filepath.ToSlash(name)
	inSDK := strings.HasPrefix(name, sdkPrefix)
	name = strings.TrimPrefix(strings.TrimPrefix(name, sdkPrefix), "/")
	if relative {
		if rest, ok := strings.CutPrefix(from, sdkPrefix); ok {
			inSDK, name = true, path.Join(path.Dir(rest), name)
		} else {
			name = path.Join(path.Dir(from), name)
		}
	}
	if !relative || inSDK {
		if content, err := fs.ReadFile(r.p.sdk.fs, path.Clean(name)); err == nil {
			return content, sdkPrefix + name, true
		}
	}
	if inSDK {
		return nil, sdkPrefix + name, false
	}
	file := filepath.FromSlash(name)
	if !filepath.IsAbs(file) {
		file = filepath.Join(r.p.Dir, file)
	}
	if info, err := os.Stat(file); err != nil || info.Size() > 1<<20 {
		return nil, "", false
	}
	content, err := os.ReadFile(file)
	return content, name, err == nil
}
