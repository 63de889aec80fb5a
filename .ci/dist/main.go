// Dist packs a program that Go has built: dist PROGRAM DIR, in the module's folder,
// writes an archive of it into DIR, for Linux a container image too. All times are that
// of the commit, so that the same program makes the same bytes.
package main

import (
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A release is a program and what is known about it.
type release struct {
	program  []byte
	name     string // of the program's file
	info     *buildinfo.BuildInfo
	version  string
	commit   string
	os, arch string
	time     time.Time // of the commit
	modules  []module
}

// A file is what goes into an archive.
type file struct {
	name    string
	content []byte
	mode    int64
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: dist PROGRAM DIR")
		os.Exit(2)
	}
	if err := dist(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintf(os.Stderr, "dist: %v\n", err)
		os.Exit(1)
	}
}

func dist(path, dir string) error {
	r, err := read(path)
	if err != nil {
		return err
	}
	sbom, err := r.sbom()
	if err != nil {
		return err
	}
	licences := r.licences()
	files := []file{
		{r.name, r.program, 0o755},
		{"LICENSE", nil, 0o644},
		{"README.md", nil, 0o644},
		{"CHANGELOG.md", nil, 0o644},
		{"THIRD-PARTY-LICENCES.txt", licences, 0o644},
		{"sbom.spdx.json", sbom, 0o644},
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		files = append(files, file{"completion/nrf91emu." + shell, nil, 0o644})
	}
	for i, f := range files {
		from := map[string]string{"LICENSE": "LICENSE", "README.md": "README.md"}[f.name]
		if from == "" {
			from = "cmd/nrf91emu/" + f.name
		}
		if f.content == nil {
			if files[i].content, err = os.ReadFile(from); err != nil {
				return err
			}
		}
	}
	base := fmt.Sprintf("nrf91emu_%s_%s_%s", strings.TrimPrefix(r.version, "v"), r.os, r.arch)
	if r.os == "windows" {
		err = r.zip(filepath.Join(dir, base+".zip"), base, files)
	} else {
		err = r.tarball(filepath.Join(dir, base+".tar.gz"), base, files)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, base+".spdx.json"), sbom, 0o666)
	}
	if err == nil && r.os == "linux" {
		err = r.image(filepath.Join(dir, base+"_image.tar"), files)
	}
	return err
}

// read looks at a program. It must have been built from a commit without changes.
func read(path string) (*release, error) {
	r := &release{name: filepath.Base(path)}
	var err error
	if r.program, err = os.ReadFile(path); err != nil {
		return nil, err
	}
	if r.info, err = buildinfo.ReadFile(path); err != nil {
		return nil, err
	}
	settings := make(map[string]string)
	for _, s := range r.info.Settings {
		settings[s.Key] = s.Value
	}
	r.version, r.commit, r.os, r.arch = r.info.Main.Version, settings["vcs.revision"], settings["GOOS"], settings["GOARCH"]
	switch {
	case r.commit == "" || r.version == "":
		return nil, errors.New("the program does not know its commit")
	case settings["vcs.modified"] == "true":
		return nil, errors.New("the program was built from a commit with changes")
	}
	if r.time, err = time.Parse(time.RFC3339, settings["vcs.time"]); err != nil {
		return nil, err
	}
	return r, r.readModules()
}

// run returns what a command prints.
func run(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("%s: %w: %s", strings.Join(append([]string{name}, args...), " "), err, exit.Stderr)
	}
	return string(out), err
}
