package lab

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Limits of the code that a student uploads.
const (
	maxUpload    = 1 << 20 // compressed or one file
	maxCode      = 4 << 20 // all of it
	maxCodeFiles = 200
	maxCodePath  = 160
)

// writeCode writes the code of an exercise into a folder, which it makes.
func writeCode(code fs.FS, dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".new-")
	if err != nil {
		return err
	}
	err = os.CopyFS(tmp, code)
	if err == nil {
		// Embedded files can only be read; these are to be changed.
		err = filepath.WalkDir(tmp, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Chmod(p, map[bool]os.FileMode{true: 0o755, false: 0o644}[d.IsDir()])
		})
	}
	if err == nil {
		err = os.Rename(tmp, dir)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(tmp))
	}
	return nil
}

// notCode are folders that are made by a build or by an editor.
func notCode(name string) bool {
	return name == "build" || strings.HasPrefix(name, ".")
}

// walkCode calls do for each regular file of the code in a folder; links are left
// out.
func walkCode(dir string, do func(name string, size int64) error) error {
	return filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil || rel == "." {
			return err
		}
		if notCode(d.Name()) {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return do(filepath.ToSlash(rel), info.Size())
	})
}

// listCode returns the names of the code's files.
func listCode(dir string) []string {
	var names []string
	walkCode(dir, func(name string, _ int64) error {
		names = append(names, name)
		return nil
	})
	return names
}

// readCode reads the code in a folder, as far as the limits go.
func readCode(dir string) (map[string][]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	files, total := map[string][]byte{}, int64(0)
	err = walkCode(dir, func(name string, size int64) error {
		if total += size; total > maxCode || len(files) == maxCodeFiles {
			return fmt.Errorf("the code is more than %d files or %d MB", maxCodeFiles, maxCode>>20)
		}
		content, err := root.ReadFile(filepath.FromSlash(name)) // never through a link that leads out
		if err == nil {
			files[name] = content
		}
		return err
	})
	return files, err
}

// checkName says what is wrong with the name of an uploaded file.
func checkName(name string) error {
	switch {
	case !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\:\x00") || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }):
		return fmt.Errorf("%q is no name of a file inside the application", name)
	case len(name) > maxCodePath:
		return fmt.Errorf("the name %q... is too long", name[:40])
	}
	for part := range strings.SplitSeq(name, "/") {
		if notCode(part) {
			return fmt.Errorf("%q is made by a build or hidden, and is not uploaded", name)
		}
	}
	return nil
}

// placeOf is where a single file of that name belongs.
func placeOf(name string) string {
	if strings.Contains(name, "/") {
		return name
	}
	switch path.Ext(name) {
	case ".c", ".h":
		return "src/" + name
	case ".pem":
		return "credentials/" + name
	}
	return name
}

// unzip reads an archive. A folder in which everything lies is left out.
func unzip(archive []byte) (map[string][]byte, error) {
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, fmt.Errorf("this is no ZIP archive: %w", err)
	}
	if len(r.File) > 4*maxCodeFiles {
		return nil, fmt.Errorf("the archive has %d entries; an application has at most %d files", len(r.File), maxCodeFiles)
	}
	files, left := map[string][]byte{}, int64(maxCode)
	for _, f := range r.File {
		name := f.Name
		if strings.HasSuffix(name, "/") {
			continue
		}
		if !f.Mode().IsRegular() {
			return nil, fmt.Errorf("%q is no plain file; links are not taken", name)
		}
		if !fs.ValidPath(name) {
			return nil, fmt.Errorf("%q leads out of the archive", name)
		}
		if slices.ContainsFunc(strings.Split(name, "/"), notCode) || strings.HasPrefix(name, "__MACOSX/") {
			continue
		}
		if err := checkName(name); err != nil {
			return nil, err
		}
		if len(files) == maxCodeFiles {
			return nil, fmt.Errorf("the archive has more than %d files", maxCodeFiles)
		}
		in, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		content, err := io.ReadAll(io.LimitReader(in, left+1)) // whatever its header says
		in.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if left -= int64(len(content)); left < 0 {
			return nil, fmt.Errorf("the archive is larger than %d MB when it is unpacked", maxCode>>20)
		}
		files[name] = content
	}
	return outOfFolder(files)
}

// outOfFolder takes the folder off in which the application lies.
func outOfFolder(files map[string][]byte) (map[string][]byte, error) {
	top := ""
	for _, name := range sortedNames(files) {
		if dir, file := path.Split(name); file == "CMakeLists.txt" && (top == "" || len(dir) < len(top)) || name == "CMakeLists.txt" {
			top = dir
			if dir == "" {
				return files, nil
			}
		}
	}
	if top == "" {
		return nil, errors.New("the archive has no CMakeLists.txt: pack the application's folder")
	}
	out := map[string][]byte{}
	for name, content := range files {
		if rest, ok := strings.CutPrefix(name, top); ok {
			out[rest] = content
		}
	}
	return out, nil
}

// zipCode packs the code in a folder.
func zipCode(w io.Writer, folder, dir string) error {
	files, err := readCode(dir)
	if err != nil {
		return err
	}
	z := zip.NewWriter(w)
	for _, name := range sortedNames(files) {
		f, err := z.Create(folder + "/" + name)
		if err != nil {
			return err
		}
		if _, err := f.Write(files[name]); err != nil {
			return err
		}
	}
	return z.Close()
}

func sortedNames(files map[string][]byte) []string {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// replaceCode puts files in place of the code in a folder.
func replaceCode(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	for name, content := range files {
		if err := putCode(tmp, name, content); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Rename(tmp, dir)
}

// putCode writes one file of the code.
func putCode(dir, name string, content []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if parent := path.Dir(name); parent != "." {
		if err := root.MkdirAll(parent, 0o755); err != nil {
			return err
		}
	}
	return root.WriteFile(name, content, 0o644)
}
