package cmake

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"nrf91emu/emulator/firmware/build/diag"
)

// list is list(APPEND x a b) and the like.
func (c *call) list() error {
	if len(c.args) < 2 {
		return c.badCall("needs what to do and the name of a list")
	}
	op, name, rest := c.args[0], c.args[1], c.args[2:]
	items := split(c.get(name))
	switch op {
	case "APPEND":
		items = append(items, rest...)
	case "PREPEND":
		items = append(slices.Clone(rest), items...)
	case "REMOVE_ITEM":
		items = slices.DeleteFunc(items, func(s string) bool { return slices.Contains(rest, s) })
	case "REMOVE_DUPLICATES":
		var kept []string
		for _, s := range items {
			if !slices.Contains(kept, s) {
				kept = append(kept, s)
			}
		}
		items = kept
	case "REVERSE":
		slices.Reverse(items)
	case "SORT":
		slices.Sort(items)
	case "FILTER":
		if len(rest) != 3 {
			return c.unknown()
		}
		re, err := regexp.Compile(rest[2])
		if err != nil {
			return c.unknown()
		}
		items = slices.DeleteFunc(items, func(s string) bool { return re.MatchString(s) != (rest[0] == "INCLUDE") })
	case "LENGTH", "FIND", "GET", "JOIN":
		return c.listResult(op, items, rest)
	default:
		return c.unknown()
	}
	if value := strings.Join(items, ";"); len(value) <= maxText {
		c.set(name, value)
	}
	return nil
}

func (c *call) listResult(op string, items, rest []string) error {
	if len(rest) == 0 {
		return c.badCall("needs the name of a variable")
	}
	value := ""
	switch {
	case op == "LENGTH":
		value = itoa(len(items))
	case op == "JOIN" && len(rest) == 2:
		value = strings.Join(items, rest[0])
	case op == "FIND" && len(rest) == 2:
		value = itoa(slices.Index(items, rest[0]))
	case op == "GET" && len(rest) == 2:
		i, err := strconv.Atoi(rest[0])
		if i < 0 {
			i += len(items)
		}
		if err != nil || i < 0 || i >= len(items) {
			return c.badCall("asks for an element that is not there")
		}
		value = items[i]
	default:
		return c.unknown()
	}
	c.set(rest[len(rest)-1], value)
	return nil
}

// math is math(EXPR x "1 + 2"), for one operation.
func (c *call) math() error {
	if len(c.args) < 3 || c.args[0] != "EXPR" {
		return c.unknown()
	}
	words := strings.Fields(c.args[2])
	n, err := strconv.ParseInt(words0(words), 0, 64)
	if err != nil {
		return c.unknown()
	}
	for words = words[1:]; len(words) >= 2; words = words[2:] {
		m, err := strconv.ParseInt(words[1], 0, 64)
		if err != nil || (words[0] == "/" || words[0] == "%") && m == 0 {
			return c.unknown()
		}
		switch words[0] {
		case "+":
			n += m
		case "-":
			n -= m
		case "*":
			n *= m
		case "/":
			n /= m
		case "%":
			n %= m
		default:
			return c.unknown()
		}
	}
	if len(words) > 0 {
		return c.unknown()
	}
	c.set(c.args[1], strconv.FormatInt(n, 10))
	return nil
}

func words0(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// str is string(TOUPPER x out) and the like.
func (c *call) str() error {
	if len(c.args) < 3 {
		return c.unknown()
	}
	op, a := c.args[0], c.args[1:]
	switch {
	case op == "TOUPPER":
		c.set(a[1], strings.ToUpper(a[0]))
	case op == "TOLOWER":
		c.set(a[1], strings.ToLower(a[0]))
	case op == "STRIP":
		c.set(a[1], strings.TrimSpace(a[0]))
	case op == "LENGTH":
		c.set(a[1], itoa(len(a[0])))
	case op == "HEX":
		c.set(a[1], hex.EncodeToString([]byte(a[0])))
	case op == "APPEND" && len(c.get(a[0])) < maxText:
		c.set(a[0], c.get(a[0])+strings.Join(a[1:], ""))
	case op == "CONCAT":
		c.set(a[0], strings.Join(a[1:], ""))
	case op == "JOIN":
		c.set(a[1], strings.Join(a[2:], a[0]))
	case op == "REPLACE" && len(a) >= 4:
		out := strings.ReplaceAll(strings.Join(a[3:], ""), a[0], a[1])
		if len(out) <= maxText {
			c.set(a[2], out)
		}
	case op == "FIND" && len(a) >= 3:
		c.set(a[2], itoa(strings.Index(a[0], a[1])))
	case op == "MAKE_C_IDENTIFIER":
		c.set(a[1], regexp.MustCompile(`\W`).ReplaceAllString(a[0], "_"))
	case op == "REGEX" && len(a) >= 4:
		return c.regex(a)
	default:
		return c.unknown()
	}
	return nil
}

func (c *call) regex(a []string) error {
	re, err := regexp.Compile(a[1])
	if err != nil {
		return c.unknown()
	}
	switch {
	case a[0] == "MATCH":
		c.set(a[2], re.FindString(strings.Join(a[3:], "")))
	case a[0] == "MATCHALL":
		c.set(a[2], strings.Join(re.FindAllString(strings.Join(a[3:], ""), -1), ";"))
	case a[0] == "REPLACE" && len(a) >= 5:
		with := regexp.MustCompile(`\\(\d)`).ReplaceAllString(strings.ReplaceAll(a[2], "$", "$$"), "$${$1}")
		out := re.ReplaceAllString(strings.Join(a[4:], ""), with)
		if len(out) <= maxText {
			c.set(a[3], out)
		}
	default:
		return c.unknown()
	}
	return nil
}

func rangeOf(args []string) ([]string, error) {
	n := make([]int, len(args))
	for i, a := range args {
		var err error
		if n[i], err = strconv.Atoi(a); err != nil {
			return nil, fmt.Errorf("RANGE takes numbers, not %q", a)
		}
	}
	start, stop, step := 0, 0, 1
	switch len(n) {
	case 1:
		stop = n[0]
	case 3:
		step = n[2]
		fallthrough
	case 2:
		start, stop = n[0], n[1]
	default:
		return nil, fmt.Errorf("RANGE takes one to three numbers")
	}
	if step <= 0 || stop-start > maxSteps {
		return nil, fmt.Errorf("RANGE has too many steps")
	}
	var items []string
	for i := start; i <= stop; i += step {
		items = append(items, itoa(i))
	}
	return items, nil
}

// fileCommand is file(GLOB x src/*.c) and the like.
func (c *call) fileCommand() error {
	if len(c.args) < 2 {
		return c.unknown()
	}
	switch op, a := c.args[0], c.args[1:]; op {
	case "GLOB", "GLOB_RECURSE":
		return c.glob(a, op == "GLOB_RECURSE")
	case "STRINGS", "READ":
		if len(a) < 2 {
			return c.unknown()
		}
		content, err := os.ReadFile(c.abs(a[0]))
		if err != nil {
			return c.badCall(fmt.Sprintf("names %s, which is not there", a[0]))
		}
		text := string(content[:min(len(content), maxText)])
		if op == "STRINGS" {
			text = strings.Join(split(strings.ReplaceAll(strings.ReplaceAll(text, "\r", ""), "\n", ";")), ";")
		}
		c.set(a[1], text)
	case "TO_CMAKE_PATH", "TO_NATIVE_PATH":
		c.set(a[len(a)-1], filepath.ToSlash(a[0]))
	case "MAKE_DIRECTORY":
	case "WRITE", "APPEND":
		c.writeFile(op == "APPEND", a[0], strings.Join(a[1:], ""))
	case "RELATIVE_PATH":
		if len(a) != 3 {
			return c.unknown()
		}
		rel, err := filepath.Rel(a[1], a[2])
		if err != nil {
			return c.unknown()
		}
		c.set(a[0], rel)
	default:
		c.add(c.severity(), "Write the file by hand.", "file(%s) is not done.", op)
	}
	return nil
}

// writeFile writes a file of the application or of its build folder, and no other, also by no
// link. One that has the text already stays as it is, so that nothing is compiled anew for it.
func (c *call) writeFile(add bool, name, text string) {
	path := c.abs(name)
	for _, dir := range []string{c.Binary, c.Dir} {
		rel, err := filepath.Rel(dir, path)
		if err != nil || !filepath.IsLocal(rel) {
			continue
		}
		if err := writeUnder(dir, rel, text, add); err != nil {
			c.add(diag.Error, "See whether the folder may be written to.", "file() cannot write %s: %v.", c.show(path), err)
		}
		return
	}
	c.add(c.severity(), "Make it under ${CMAKE_CURRENT_BINARY_DIR}.", "file() is to write %s, which is not in the application's folder.", name)
}

func writeUnder(dir, name, text string, add bool) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	old, err := root.ReadFile(name)
	if err == nil {
		if add {
			text = string(old) + text
		}
		if string(old) == text {
			return nil
		}
	}
	if len(text) > maxText {
		return errors.New("the text is too long")
	}
	if err := root.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return root.WriteFile(name, []byte(text), 0o666)
}

// glob lists files, sorted as CMake does, relative ones made absolute.
func (c *call) glob(a []string, recurse bool) error {
	name := a[0]
	relative := ""
	var found []string
	for i := 1; i < len(a); i++ {
		switch a[i] {
		case "CONFIGURE_DEPENDS", "FOLLOW_SYMLINKS":
			continue
		case "RELATIVE", "LIST_DIRECTORIES":
			if i+1 < len(a) && a[i] == "RELATIVE" {
				relative = c.abs(a[i+1])
			}
			i++
			continue
		}
		pattern := c.abs(a[i])
		if !recurse {
			m, err := filepath.Glob(pattern)
			if err != nil {
				return c.badCall("has a pattern that is not understood: " + a[i])
			}
			found = append(found, m...)
			continue
		}
		dir, base := filepath.Split(pattern)
		filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && path == c.Binary {
				return filepath.SkipDir
			}
			if ok, _ := filepath.Match(base, filepath.Base(path)); err == nil && ok && !d.IsDir() {
				found = append(found, path)
			}
			return nil
		})
	}
	slices.Sort(found)
	if found == nil {
		c.add(diag.Warning, "See whether the folder is right.", "file(GLOB %s) finds no file.", name)
	}
	if relative != "" {
		for i, f := range found {
			if rel, err := filepath.Rel(relative, f); err == nil {
				found[i] = rel
			}
		}
	}
	c.set(name, strings.Join(found, ";"))
	return nil
}

func (c *call) filenameComponent() error {
	if len(c.args) < 3 {
		return c.unknown()
	}
	name, path := c.args[0], c.args[1]
	base := filepath.Base(path)
	switch c.args[2] {
	case "DIRECTORY", "PATH":
		c.set(name, filepath.Dir(path))
	case "NAME":
		c.set(name, base)
	case "NAME_WE":
		short, _, _ := strings.Cut(base, ".")
		c.set(name, short)
	case "NAME_WLE":
		c.set(name, strings.TrimSuffix(base, filepath.Ext(base)))
	case "EXT", "LAST_EXT":
		c.set(name, filepath.Ext(base))
	case "ABSOLUTE", "REALPATH":
		c.set(name, c.abs(path))
	default:
		return c.unknown()
	}
	return nil
}
