package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A module is something that the program contains and others have made.
type module struct {
	path, version, sum string
	url                string // where it can be had
	licence            string // SPDX
	texts              []file // of licences and notices
}

// readModules finds out what is inside the program: modules, Go's own library, and what
// the page of the lab brings along.
func (r *release) readModules() error {
	root, err := run("go", "env", "GOROOT")
	if err != nil {
		return err
	}
	std := module{path: "std", version: r.info.GoVersion, url: "https://go.dev/dl/"}
	if err := std.read(strings.TrimSpace(root)); err != nil {
		return err
	}
	r.modules = append(r.modules, std)
	for _, dep := range r.info.Deps {
		if dep.Replace != nil {
			dep = dep.Replace
		}
		dir, err := run("go", "list", "-m", "-f", "{{.Dir}}", dep.Path)
		if err != nil {
			return err
		}
		m := module{path: dep.Path, version: dep.Version, sum: dep.Sum, url: "https://" + dep.Path}
		if err := m.read(strings.TrimSpace(dir)); err != nil {
			return err
		}
		r.modules = append(r.modules, m)
	}
	return r.readVendored("emulator/lab/page/vendor")
}

// readVendored adds the programs in JavaScript that VENDORED.md in a folder lists. Their
// licences stand beside it, by the names of the packages.
func (r *release) readVendored(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, "VENDORED.md"))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, " | ")
		if len(cells) != 5 || cells[1] == "package" {
			continue
		}
		name, inside, _ := strings.Cut(strings.TrimSuffix(cells[1], ")"), " (with ")
		if slices.ContainsFunc(r.modules, func(m module) bool { return m.path == name }) {
			continue // another file of it
		}
		m := module{
			path: name, version: cells[2], url: "https://www.npmjs.com/package/" + name,
			licence: strings.ReplaceAll(cells[3], ", ", " AND "),
		}
		for _, n := range []string{name, inside} {
			if n == "" {
				continue
			}
			file := file{name: "licence of " + n}
			if file.content, err = os.ReadFile(filepath.Join(dir, "licences", filepath.Base(n))); err != nil {
				return err
			}
			if id := recognize(file.content); !strings.Contains(m.licence, id) {
				return fmt.Errorf("%s is said to have the licence %s, but it is %s", n, m.licence, id)
			}
			m.texts = append(m.texts, file)
		}
		r.modules = append(r.modules, m)
	}
	return nil
}

// read finds the licence in a module's folder.
func (m *module) read(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		if e.IsDir() || !slices.ContainsFunc([]string{"LICENSE", "LICENCE", "COPYING", "NOTICE", "EPL-", "EDL-"}, func(p string) bool { return strings.HasPrefix(name, p) }) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		m.texts = append(m.texts, file{name: e.Name(), content: text})
		if id := recognize(text); id != "" && m.licence == "" {
			m.licence = id
		}
	}
	if m.licence == "" {
		return fmt.Errorf("%s %s: no licence that is known here, in %s", m.path, m.version, dir)
	}
	return nil
}

// licences are texts and the licences that they are, the more special first.
var licences = []struct{ id, words string }{
	{"EPL-2.0 OR BSD-3-Clause", "dual licensed under the terms of the EPL 2.0 and EDL 1.0"},
	{"EPL-2.0 OR BSD-3-Clause", "Eclipse Public License 2.0 and Eclipse Distribution License 1.0"},
	{"EPL-2.0", "Eclipse Public License - v 2.0"},
	{"MPL-2.0", "Mozilla Public License Version 2.0"},
	{"Apache-2.0", "Apache License Version 2.0"},
	{"BSD-3-Clause", "may be used to endorse or promote products derived"},
	{"BSD-2-Clause", "Redistributions in binary form must reproduce the above copyright"},
	{"ISC", "distribute this software for any purpose with or without fee"},
	{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy"},
}

// recognize returns the SPDX name of a licence, empty if it is not known here.
func recognize(text []byte) string {
	words := strings.ToLower(strings.Join(strings.Fields(string(text)), " "))
	for _, l := range licences {
		if strings.Contains(words, strings.ToLower(l.words)) {
			return l.id
		}
	}
	return ""
}

// licences returns the texts of all licences in one.
func (r *release) licences() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "nrf91emu %s contains the following, made by others.\n\n", r.version)
	for _, m := range r.modules {
		fmt.Fprintf(&b, "%s %s (%s)\n", m.path, m.version, m.licence)
	}
	for _, m := range r.modules {
		for _, t := range m.texts {
			fmt.Fprintf(&b, "\n%s\n%s %s: %s\n\n%s\n", strings.Repeat("=", 80), m.path, m.version, t.name, bytes.TrimSpace(t.content))
		}
	}
	return b.Bytes()
}
