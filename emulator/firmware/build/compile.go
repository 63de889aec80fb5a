package build

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"nrf91emu/emulator/lazyregexp"
)

// Result is what a build did.
type Result struct {
	Program  string // the path of the program
	Compiled int    // sources that were compiled, the SDK's included
	Reused   int    // objects that were there
	Linked   bool   // false: the program was there and is right
}

// A unit is one source to compile.
type unit struct {
	source string // as the compiler gets it
	object string
	args   []string   // for the compiler, without -o, -MF and the source
	sdk    *sdkSource // nil for the application's
}

// commonFlags are for application and SDK. Firmware is written for a chip on which
// char is unsigned, and for gcc's extensions. Without optimisation it compiles in two thirds of
// the time; who wants speed adds -O2.
var commonFlags = []string{"-std=gnu11", "-D_GNU_SOURCE", "-D_FILE_OFFSET_BITS=64", "-funsigned-char", "-fno-common", "-fno-strict-aliasing", "-O0"}

// appFlags pass over what is right on the chip; of formats, see [dropFormats]. An array that is
// written beyond its end is told when the function returns.
var appFlags = []string{"-g", "-fno-omit-frame-pointer", "-fstack-protector-strong", "-Wall", "-Werror=implicit-function-declaration", "-Wno-error=incompatible-pointer-types", "-Wno-main", "-Wno-pointer-sign", "-Wno-unused", "-Wno-sign-compare", "-Wno-missing-field-initializers"}

var sdkFlags = []string{"-g1", "-fno-omit-frame-pointer", "-Wall", "-Wextra"}

var linkFlags = []string{"-lpthread", "-lm"}

// units returns what is compiled. The SDK has been placed.
func (p *Project) units() ([]unit, error) {
	gen := filepath.Join(p.Out, generated)
	version := fmt.Sprintf("-DNCSHOST_VER=0x%06x", uint32(p.NCS))
	common := append(append([]string{}, commonFlags...), version, "-include", filepath.Join(gen, "autoconf.h"))
	var list []unit
	taken := make(map[string]int)
	for _, s := range p.Sources {
		rel, err := filepath.Rel(p.Dir, s.Path)
		if err != nil {
			return nil, err
		}
		args := append(append([]string{}, common...), appFlags...)
		args = append(args, renameMain(s.Path, gen)...)
		args = append(args, s.Flags.Options...)
		if slices.Contains(args, "-Werror") {
			args = append(args, "-Wno-format") // what is right on the chip must not end the build
		}
		args = append(args, p.opt.Flags...)
		for _, d := range s.Flags.Defines {
			args = append(args, "-D"+d)
		}
		for _, dir := range s.Flags.Includes {
			args = append(args, "-I"+dir)
		}
		args = append(args, "-I"+gen, "-I"+filepath.Join(p.sdk.dir, "include"))
		object := filepath.Join(p.Out, "obj", strings.ReplaceAll(strings.TrimSuffix(rel, ".c"), "..", "up"))
		if n := taken[object]; n > 0 {
			object += fmt.Sprintf("-%d", n)
		}
		taken[object]++
		list = append(list, unit{source: rel, object: object + ".o", args: args})
	}
	for i := range p.sdk.sources {
		s := &p.sdk.sources[i]
		yes, err := p.includes(s)
		if err != nil {
			return nil, err
		}
		if !yes {
			continue
		}
		args := append(append([]string{}, common...), sdkFlags...)
		args = append(args, p.opt.Flags...)
		args = append(args, "-I"+gen)
		if !s.host {
			args = append(args, "-I"+filepath.Join(p.sdk.dir, "include"))
		}
		args = append(args, "-I"+filepath.Join(p.sdk.dir, "src"))
		list = append(list, unit{filepath.Join(p.sdk.dir, filepath.FromSlash(s.path)), "", args, s})
	}
	return list, nil
}

// voidMain is how main was defined until NCS 2.3, intMain how it is since then.
var (
	voidMain = lazyregexp.New(`\bvoid\s+main\s*\(`)
	anyMain  = lazyregexp.New(`\bmain\s*\(`)
	intMain  = lazyregexp.New(`\bint\s+main\s*\(`)
)

// renameMain returns what gives an application's main another name for the linker: main
// is the SDK's, which calls it. For the compiler it stays main, which needs no return
// statement; one that returns nothing cannot be called main here. The host SDK tells of an int that
// is no 0.
func renameMain(source, gen string) []string {
	header := []string{"-include", filepath.Join(gen, "app_main.h")}
	text, err := os.ReadFile(source)
	switch {
	case err != nil:
		return header
	case voidMain().Match(text):
		return []string{"-Dmain=app_main"}
	case intMain().Match(comment().ReplaceAll(text, nil)):
		return append(header, "-DAPP_MAIN_RETURNS_INT")
	}
	return header
}

// includes reports whether a source of the SDK belongs to the program.
func (p *Project) includes(s *sdkSource) (bool, error) {
	if s.condition == "" {
		return true, nil
	}
	yes, err := p.Config.Eval(s.condition)
	if err != nil {
		return false, fmt.Errorf("host SDK, %s: build: if %s: %w", s.path, s.condition, err)
	}
	return yes, nil
}

// Build compiles and links what changed. What the compiler says goes to w, followed by what it
// means; color makes the compiler use colours. The error then says that it failed.
func (p *Project) Build(ctx context.Context, w io.Writer, color bool) (Result, error) {
	res := Result{Program: filepath.Join(p.Out, "app")}
	c, err := p.prepare()
	if err != nil {
		return res, err
	}
	c.color = color
	units, err := p.units()
	if err != nil {
		return res, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	jobs := p.opt.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	type outcome struct {
		object, said string
		reused       bool
		err          error
	}
	for i := range units {
		if u := &units[i]; u.sdk != nil { // not below: to evaluate options is not for several goroutines
			u.object = filepath.Join(c.cache, c.sdkKey(*u)+".o")
		}
	}
	outcomes := make([]outcome, len(units))
	slots := make(chan struct{}, jobs)
	var wg sync.WaitGroup
	for i, u := range units {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			o := &outcomes[i]
			o.object, o.reused, o.said, o.err = c.compile(ctx, u)
		})
	}
	wg.Wait()
	var said strings.Builder
	var objects []string
	failed := 0
	for _, o := range outcomes {
		io.WriteString(w, o.said)
		said.WriteString(o.said)
		var exit *exec.ExitError
		switch {
		case errors.As(o.err, &exit):
			failed++
		case o.err != nil:
			return res, o.err
		case o.reused:
			res.Reused++
		default:
			res.Compiled++
		}
		objects = append(objects, o.object)
	}
	if failed > 0 {
		p.explain(w, said.String())
		return res, fmt.Errorf("%d of %d sources do not compile", failed, len(units))
	}
	linked, text, err := c.link(ctx, objects, res.Program)
	io.WriteString(w, text)
	if err != nil {
		p.explain(w, text)
		return res, fmt.Errorf("the program cannot be linked: %w", err)
	}
	p.explain(w, said.String())
	res.Linked = linked
	return res, nil
}

// A compiler runs cc and knows what is up to date.
type compiler struct {
	p     *Project
	path  string
	ident string // what its --version says
	cache string // the folder of SDK objects
	color bool

	mu     sync.Mutex
	hashes map[string]string // of files, by path
}

// prepare finds the compiler, places the SDK, and writes what is generated.
func (p *Project) prepare() (*compiler, error) {
	path, err := findCompiler(p.opt.Compiler)
	if err != nil {
		return nil, err
	}
	ident, err := exec.Command(path, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("%s --version: %w", path, err)
	}
	cache := p.opt.Cache
	if cache == "" {
		if cache, err = os.UserCacheDir(); err != nil {
			cache = p.Out
		}
		cache = filepath.Join(cache, "nrf91emu")
	}
	prune(cache, time.Now())
	if err := p.sdk.place(cache); err != nil {
		cache = filepath.Join(p.Out, "sdk") // the user's cache cannot be written
		if err := p.sdk.place(cache); err != nil {
			return nil, err
		}
	}
	if err := p.writeGenerated(); err != nil {
		return nil, err
	}
	c := &compiler{p: p, path: path, ident: string(ident), cache: filepath.Join(cache, "objects"), hashes: make(map[string]string)}
	return c, os.MkdirAll(c.cache, 0o777)
}

// sdkKey names the object of a source of the SDK: by everything that it depends on. Of
// the options only those count that it, or a header that it includes, looks at.
func (c *compiler) sdkKey(u unit) string {
	h := sha256.New()
	fmt.Fprintln(h, "1", c.ident, c.p.sdk.digest, c.p.opt.SDKDir, uint32(c.p.NCS), c.p.version)
	fmt.Fprintln(h, strings.TrimPrefix(u.source, c.p.sdk.dir))
	for _, a := range u.args {
		if !strings.Contains(a, c.p.Out) {
			fmt.Fprintln(h, strings.ReplaceAll(a, c.p.sdk.dir, "SDK"))
		}
	}
	for _, o := range u.sdk.options {
		if c.p.Config.Defined(o) {
			fmt.Fprintln(h, o, c.p.Config.Macro(o))
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:40]
}

// compile makes an object if it is not there, and returns its path and what the compiler said.
// A source with warnings is compiled again each time, so that they are not lost.
func (c *compiler) compile(ctx context.Context, u unit) (object string, reused bool, said string, err error) {
	if u.sdk != nil && exists(u.object) || u.sdk == nil && c.fresh(u) {
		if u.sdk != nil {
			touch(u.object)
		}
		return u.object, true, "", nil
	}
	if err := os.MkdirAll(filepath.Dir(u.object), 0o777); err != nil {
		return "", false, "", err
	}
	tmp, err := os.CreateTemp(filepath.Dir(u.object), "new-*.o")
	if err != nil {
		return "", false, "", err
	}
	tmp.Close()
	defer os.Remove(tmp.Name())
	args := append([]string{}, u.args...)
	deps := strings.TrimSuffix(u.object, ".o") + ".d"
	if u.sdk == nil {
		args = append(args, "-MD", "-MF", deps)
	}
	if c.color {
		args = append(args, "-fdiagnostics-color=always")
	}
	said, err = c.run(ctx, append(args, "-c", "-o", tmp.Name(), u.source)...)
	said = dropFormats(said)
	if err != nil {
		os.Remove(stampOf(u))
		return "", false, said, err
	}
	if err := os.Rename(tmp.Name(), u.object); err != nil {
		return "", false, said, err
	}
	if u.sdk == nil {
		if said == "" {
			err = c.stamp(u, deps)
		} else {
			os.Remove(stampOf(u))
		}
	}
	return u.object, false, said, err
}

// run runs the compiler in the application's folder, so that it names files as
// the application does.
func (c *compiler) run(ctx context.Context, args ...string) (said string, err error) {
	cmd := exec.CommandContext(ctx, c.path, args...)
	cmd.Dir = c.p.Dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	return out.String(), err
}

func stampOf(u unit) string { return strings.TrimSuffix(u.object, ".o") + ".stamp" }

// stamp notes the content of everything that an object was made of.
func (c *compiler) stamp(u unit, deps string) error {
	files, err := readDeps(deps)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintln(&b, c.commandKey(u))
	for _, f := range files {
		fmt.Fprintln(&b, c.hash(f), f)
	}
	return os.WriteFile(stampOf(u), []byte(b.String()), 0o666)
}

// fresh reports whether an object is made of what is there now.
func (c *compiler) fresh(u unit) bool {
	text, err := os.ReadFile(stampOf(u))
	if err != nil || !exists(u.object) {
		return false
	}
	key, rest, _ := strings.Cut(string(text), "\n")
	if key != c.commandKey(u) {
		return false
	}
	for line := range strings.Lines(rest) {
		hash, file, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if c.hash(file) != hash {
			return false
		}
	}
	return true
}

func (c *compiler) commandKey(u unit) string {
	sum := sha256.Sum256([]byte(c.ident + "\x00" + strings.Join(u.args, "\x00") + "\x00" + u.source))
	return hex.EncodeToString(sum[:])
}

// hash returns the digest of a file, or "" if it cannot be read.
func (c *compiler) hash(file string) string {
	if !filepath.IsAbs(file) {
		file = filepath.Join(c.p.Dir, file)
	}
	c.mu.Lock()
	h, ok := c.hashes[file]
	c.mu.Unlock()
	if ok {
		return h
	}
	if text, err := os.ReadFile(file); err == nil {
		sum := sha256.Sum256(text)
		h = hex.EncodeToString(sum[:])
	}
	c.mu.Lock()
	c.hashes[file] = h
	c.mu.Unlock()
	return h
}

// readDeps reads the files that a rule of make, as the compiler writes it, depends on.
func readDeps(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	_, list, _ := strings.Cut(strings.ReplaceAll(string(text), "\\\n", " "), ": ")
	var files []string
	var b strings.Builder
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == '\\' && i+1 < len(list) && (list[i+1] == ' ' || list[i+1] == '#'):
			i++
			b.WriteByte(list[i])
		case c == '$' && i+1 < len(list) && list[i+1] == '$':
			i++
			b.WriteByte('$')
		case c == ' ' || c == '\n':
			if b.Len() > 0 {
				files = append(files, b.String())
				b.Reset()
			}
		default:
			b.WriteByte(c)
		}
	}
	if b.Len() > 0 {
		files = append(files, b.String())
	}
	return files, nil
}

// link makes the program if its objects are others than before.
func (c *compiler) link(ctx context.Context, objects []string, program string) (linked bool, said string, err error) {
	h := sha256.New()
	for _, o := range objects {
		fmt.Fprintln(h, o, c.hash(o))
	}
	fmt.Fprintln(h, c.ident, c.p.opt.Flags)
	key := hex.EncodeToString(h.Sum(nil))
	stamp := program + ".stamp"
	if old, err := os.ReadFile(stamp); err == nil && string(old) == key && exists(program) {
		return false, "", nil
	}
	args := append([]string{"-o", program}, objects...)
	args = append(append(args, c.p.opt.Flags...), linkFlags...)
	os.Remove(program) // it may be running
	said, err = c.run(ctx, args...)
	if err != nil {
		return false, said, err
	}
	return true, said, os.WriteFile(stamp, []byte(key), 0o666)
}
