package build

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"nrf91emu/emulator/lazyregexp"
)

// sdk is the host SDK: its files, and the folder in which the compiler finds them.
type sdk struct {
	fs      fs.FS
	dir     string // "" until it is written
	digest  string // of all files
	sources []sdkSource
}

// An sdkSource is a C file of the SDK.
type sdkSource struct {
	path      string // below the SDK, with slashes
	condition string // when it belongs to the program, "" for always
	host      bool   // it sees the host's headers
	text      []byte
	options   []string // that it and the headers it includes look at, without CONFIG_
}

var (
	buildLine = lazyregexp.New(`^\s*(?://|/\*|\*)\s*build:\s*if\s+(.*?)\s*(?:\*/)?\s*$`)
	optionRef = lazyregexp.New(`\bCONFIG_(\w+)`)

	includeRef = lazyregexp.New(`(?m)^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]`)
)

// openSDK reads the host SDK.
func openSDK(opt Options) (sdk, error) {
	s := sdk{fs: opt.SDK, dir: opt.SDKDir}
	if s.dir != "" {
		dir, err := filepath.Abs(s.dir)
		if err != nil {
			return s, err
		}
		s.dir, s.fs = dir, os.DirFS(dir)
		if !exists(filepath.Join(dir, "include")) {
			return s, fmt.Errorf("%s is no host SDK: it has no folder include; nrf91emu firmware sdk writes one", dir)
		}
	}
	if s.fs == nil {
		return s, errors.New("there is no host SDK")
	}
	h := sha256.New()
	texts := make(map[string][]byte)
	err := fs.WalkDir(s.fs, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		ext := filepath.Ext(name)
		if ext != ".c" && ext != ".h" {
			return nil // the objects do not depend on it
		}
		text, err := fs.ReadFile(s.fs, name)
		if err != nil {
			return err
		}
		texts[name] = text
		fmt.Fprintf(h, "%s %d\n", name, len(text))
		h.Write(text)
		if ext == ".c" && strings.HasPrefix(name, "src/") {
			s.sources = append(s.sources, sdkSource{path: name, condition: conditionOf(text), host: strings.HasPrefix(name, "src/host/"), text: text})
		}
		return nil
	})
	s.digest = hex.EncodeToString(h.Sum(nil))[:24]
	for i := range s.sources {
		s.sources[i].options = optionsOf(s.sources[i].path, texts)
	}
	return s, err
}

// optionsOf returns the options that a source of the SDK and all that it includes look at.
func optionsOf(source string, texts map[string][]byte) []string {
	options := make(map[string]bool)
	seen := map[string]bool{source: true}
	for queue := []string{source}; len(queue) > 0; queue = queue[1:] {
		for _, m := range optionRef().FindAllSubmatch(texts[queue[0]], -1) {
			options[string(m[1])] = true
		}
		for _, m := range includeRef().FindAllSubmatch(texts[queue[0]], -1) {
			for _, dir := range []string{path.Dir(queue[0]), "include", "src"} {
				name := path.Join(dir, string(m[1]))
				if texts[name] != nil && !seen[name] {
					seen[name] = true
					queue = append(queue, name)
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(options))
}

// conditionOf returns the condition in the first lines of a source, or "".
func conditionOf(text []byte) string {
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 0; n < 10 && lines.Scan(); n++ {
		if m := buildLine().FindStringSubmatch(lines.Text()); m != nil {
			return m[1]
		}
	}
	return ""
}

// WriteSDK writes the host SDK into a folder, which it makes.
func WriteSDK(files fs.FS, dir string) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if d.IsDir() {
			return os.MkdirAll(to, 0o777)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		return writeChanged(to, text)
	})
}

// place writes the SDK where the compiler finds it, if it is not there yet. The name of the
// folder is that of the content, so it is never half or old.
func (s *sdk) place(cache string) error {
	if s.dir != "" {
		return nil
	}
	dir := filepath.Join(cache, "sdk-"+s.digest)
	if !exists(dir) {
		if err := os.MkdirAll(cache, 0o777); err != nil {
			return err
		}
		tmp, err := os.MkdirTemp(cache, "new-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		if err := WriteSDK(s.fs, tmp); err != nil {
			return err
		}
		if err := os.Rename(tmp, dir); err != nil && !exists(dir) {
			return err
		}
		os.Chmod(dir, 0o777&^0o022)
	}
	touch(dir)
	s.dir = dir
	return nil
}

// writeChanged writes a file if it has another content, so that what depends on it is not made again.
func writeChanged(path string, content []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o666)
}

// walkHeaders calls do for each header of the SDK, with the name by which it is included.
func walkHeaders(files fs.FS, do func(name string, text []byte)) {
	fs.WalkDir(files, "include", func(name string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(name) == ".h" {
			if text, err := fs.ReadFile(files, name); err == nil {
				do(strings.TrimPrefix(name, "include/"), text)
			}
		}
		return nil
	})
}
