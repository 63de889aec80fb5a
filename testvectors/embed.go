package testvectors

import (
	"embed"
	"errors"
	"io/fs"
	"path"
	"strings"
)

//go:embed data
var embedded embed.FS

// All returns the project's own vectors: the folders modem and app, with a folder
// for each command and some about all commands, and certificates.
func All() fs.FS {
	data, err := fs.Sub(embedded, "data")
	if err != nil {
		panic(err) // the name is well-formed
	}
	return data
}

// Load parses all vectors of a file system, which are its files with the ending
// .txt, in lexical order. The error names every faulty line of every file; the
// scripts that are well-formed are returned beside it. Folders named testdata
// are left out.
func Load(fsys fs.FS) ([]*Script, error) {
	var (
		scripts []*Script
		errs    []error
	)
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "testdata":
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".txt" || strings.HasPrefix(d.Name(), "."):
			return nil
		}
		s, err := ParseFS(fsys, name)
		if err != nil {
			errs = append(errs, err)
			return nil
		}
		scripts = append(scripts, s)
		return nil
	})
	return scripts, errors.Join(append(errs, err)...)
}
