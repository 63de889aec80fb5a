package lab

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/yuin/goldmark"

	"nrf91emu/emulator/lazyregexp"
)

// An Exercise is one lab: a folder with lab.md and one file per step.
type Exercise struct {
	ID    string `json:"id"` // the folder's name
	Title string `json:"title"`
	Intro string `json:"intro"` // HTML
	Steps []Step `json:"steps"`
	// setup prepares the modem when the exercise begins.
	setup []action
	// code is the application in C with which a student begins; nil if the exercise
	// is done by AT commands.
	code fs.FS
	Code bool `json:"code"` // there is one
	// script is what is done to a submitted application, see [Lab.Check].
	script string
}

// A Step is something to do, with what tells that it was done.
type Step struct {
	ID    string   `json:"id"` // the file's name without number and ending
	Title string   `json:"title"`
	Text  string   `json:"text"`  // HTML
	Hints []string `json:"hints"` // HTML, shown on request, one after the other
	// checks must all hold.
	checks []check
}

// stepName is a step's file: a number gives the order.
var stepName = lazyregexp.New(`^[0-9]+-([a-z0-9-]+)\.md$`)

// loadExercises reads all exercises of a file system, in the order of their
// folders' names.
func loadExercises(fsys fs.FS) ([]Exercise, error) {
	dirs, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	var list []Exercise
	for _, d := range dirs {
		if !d.IsDir() {
			continue
		}
		if _, err := fs.Stat(fsys, path.Join(d.Name(), "lab.md")); err != nil {
			continue // not an exercise
		}
		e, err := loadExercise(fsys, d.Name())
		if err != nil {
			return nil, err
		}
		list = append(list, *e)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no exercise was found: each is a folder with a file lab.md and its steps, such as 10-first.md")
	}
	return list, nil
}

func loadExercise(fsys fs.FS, dir string) (*Exercise, error) {
	page, err := readPage(fsys, path.Join(dir, "lab.md"))
	if err != nil {
		return nil, err
	}
	e := &Exercise{ID: strings.TrimLeft(dir, "0123456789-"), Title: page.title, Intro: page.body}
	if e.ID == "" {
		e.ID = dir
	}
	for _, f := range page.fields {
		switch f.key {
		case "setup":
			a, err := parseAction(f.value)
			if err != nil {
				return nil, page.errorf(f, "%w", err)
			}
			e.setup = append(e.setup, a)
		case "code":
			if e.code, err = codeFolder(fsys, dir, f.value); err != nil {
				return nil, page.errorf(f, "%w", err)
			}
			e.Code = true
		default:
			return nil, page.errorf(f, "there is no field %q in lab.md: use setup or code", f.key)
		}
	}
	if text, err := fs.ReadFile(fsys, path.Join(dir, scriptFile)); err == nil {
		e.script = string(text)
		if _, err := parseScript(e.script); err != nil {
			return nil, fmt.Errorf("%s: %w", path.Join(dir, scriptFile), err)
		}
	}
	files, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, err
	}
	for _, f := range files { // by name, so by number
		m := stepName().FindStringSubmatch(f.Name())
		if m == nil {
			continue
		}
		s, err := loadStep(fsys, path.Join(dir, f.Name()))
		if err != nil {
			return nil, err
		}
		s.ID = m[1]
		if slices.ContainsFunc(e.Steps, func(o Step) bool { return o.ID == s.ID }) {
			return nil, fmt.Errorf("%s: there are two steps %q", dir, s.ID)
		}
		e.Steps = append(e.Steps, *s)
	}
	if len(e.Steps) == 0 {
		return nil, fmt.Errorf("%s has no steps: a step is a file such as 10-first.md", dir)
	}
	return e, nil
}

// scriptFile is what is done to a submitted application in C.
const scriptFile = "check.script"

// codeFolder returns the folder with an exercise's application.
func codeFolder(fsys fs.FS, dir, name string) (fs.FS, error) {
	if !fs.ValidPath(name) || name == "." {
		return nil, fmt.Errorf("code: write the name of a folder beside lab.md, such as code: app")
	}
	for _, file := range []string{"CMakeLists.txt", "prj.conf"} {
		if _, err := fs.Stat(fsys, path.Join(dir, name, file)); err != nil {
			return nil, fmt.Errorf("code: %s has no %s; it is to be an application as nrf91emu firmware build takes it", name, file)
		}
	}
	return fs.Sub(fsys, path.Join(dir, name))
}

func loadStep(fsys fs.FS, name string) (*Step, error) {
	page, err := readPage(fsys, name)
	if err != nil {
		return nil, err
	}
	s := &Step{Title: page.title, Text: page.body, Hints: []string{}}
	for _, f := range page.fields {
		switch f.key {
		case "check":
			c, err := parseCheck(f.value)
			if err != nil {
				return nil, page.errorf(f, "%w", err)
			}
			s.checks = append(s.checks, c)
		case "hint":
			html, err := toHTML(f.value)
			if err != nil {
				return nil, page.errorf(f, "%w", err)
			}
			s.Hints = append(s.Hints, html)
		default:
			return nil, page.errorf(f, "there is no field %q in a step: use check or hint", f.key)
		}
	}
	if len(s.checks) == 0 {
		return nil, fmt.Errorf("%s: a step needs a line such as: check: stored 24 0 ca.pem", name)
	}
	return s, nil
}

// A page is a file of an exercise: "# Title", then lines "key: value", then, behind
// a blank line, Markdown.
type page struct {
	name, title, body string
	fields            []field
}

type field struct {
	line       int
	key, value string
}

func (p *page) errorf(f field, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", p.name, f.line, fmt.Errorf(format, args...))
}

var fieldLine = lazyregexp.New(`^([a-z]+):\s*(.*)$`)

func readPage(fsys fs.FS, name string) (*page, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	p := &page{name: name}
	title, ok := strings.CutPrefix(lines[0], "# ")
	if p.title = strings.TrimSpace(title); !ok || p.title == "" {
		return nil, fmt.Errorf("%s:1: the first line must be a title: # Title", name)
	}
	n := 1
	for ; n < len(lines); n++ {
		m := fieldLine().FindStringSubmatch(lines[n])
		if m == nil {
			break
		}
		p.fields = append(p.fields, field{n + 1, m[1], strings.TrimSpace(m[2])})
	}
	p.body, err = toHTML(strings.Join(lines[n:], "\n"))
	return p, err
}

// toHTML turns Markdown into HTML. Raw HTML and links that run something are left
// out by goldmark, unless told otherwise.
func toHTML(markdown string) (string, error) {
	var out bytes.Buffer
	err := goldmark.Convert([]byte(markdown), &out)
	return strings.TrimSpace(out.String()), err
}
