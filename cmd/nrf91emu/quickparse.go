package main

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// quickParse sets the flags and arguments of a command from a command line that is plain
// and right. It reads the same struct tags as kong, whose parser takes longer to build than
// a short command to run. It reports false if anything is not plain: then kong has to parse
// the line, and to say what is wrong with it. arguments are those that were given, as kong
// names them: " <command>".
func quickParse(command any, args []string) (arguments string, ok bool) {
	q := &quickParser{}
	if !q.fields(reflect.ValueOf(command).Elem()) {
		return "", false
	}
	for i := 0; i < len(args); i++ {
		flag, isFlag := strings.CutPrefix(args[i], "--")
		if flag == "" || !isFlag && !strings.HasPrefix(args[i], "-") {
			if q.rest == nil {
				return "", false
			}
			if !utf8.ValidString(strings.Join(args[i:], "")) {
				return "", false
			}
			q.rest.Set(reflect.ValueOf(slices.Clone(args[i:])))
			q.needed = slices.DeleteFunc(q.needed, func(name string) bool { return name == "" })
			arguments = " <" + q.restName + ">"
			break
		}
		name, text, given := strings.Cut(flag, "=")
		f, known := q.flags[name]
		if !isFlag || !known {
			return "", false
		}
		switch {
		case given && text == "":
			return "", false
		case given:
		case f.value.Kind() == reflect.Bool:
			text = "true"
		case i+1 == len(args) || args[i+1] == "" || args[i+1][0] == '-':
			return "", false
		default:
			i++
			text = args[i]
		}
		if !f.plain() || !f.set(text) {
			return "", false
		}
		q.needed = slices.DeleteFunc(q.needed, func(n string) bool { return n == name })
	}
	return arguments, len(q.needed) == 0
}

// A quickParser is what a command takes.
type quickParser struct {
	flags  map[string]quickFlag
	rest   *reflect.Value // takes the line from the first argument on; nil if nothing does
	needed []string       // flags that must be given, and "" for rest

	restName string
}

type quickFlag struct {
	value reflect.Value
	tag   reflect.StructTag
}

// fields adds the fields of a struct, set to their defaults. It reports false if there is
// one that only kong understands.
func (q *quickParser) fields(v reflect.Value) bool {
	if q.flags == nil {
		q.flags = make(map[string]quickFlag)
	}
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		tag := field.Tag
		if field.Anonymous {
			if field.Type.Kind() != reflect.Struct || tag != "" || !q.fields(value) {
				return false
			}
			continue
		}
		if !field.IsExported() {
			continue
		}
		for _, key := range []string{"kong", "cmd", "embed", "env", "xor", "and", "lastwins", "prefix", "set"} {
			if _, has := tag.Lookup(key); has {
				return false
			}
		}
		f := quickFlag{value, tag}
		_, passthrough := tag.Lookup("passthrough")
		_, isArg := tag.Lookup("arg")
		name := tag.Get("name")
		if name == "" {
			name = strings.ToLower(dashed(field.Name))
		}
		if isArg {
			if !passthrough || value.Type() != reflect.TypeFor[[]string]() || q.rest != nil {
				return false
			}
			q.rest, q.restName = &value, name
			if _, optional := tag.Lookup("optional"); !optional {
				q.needed = append(q.needed, "")
			}
			continue
		}
		q.flags[name] = f
		if _, required := tag.Lookup("required"); required {
			q.needed = append(q.needed, name)
		}
		value.SetZero()
		if text, has := tag.Lookup("default"); has {
			if variable, ok := strings.CutPrefix(text, "${"); ok {
				text = helpVars[strings.TrimSuffix(variable, "}")]
			}
			if text == "" || strings.Contains(text, "$") || !f.plain() || !f.set(text) {
				return false
			}
		}
	}
	return true
}

// plain reports whether the flag is one that set knows. Others are left to kong when they
// are given.
func (f quickFlag) plain() bool {
	for _, key := range []string{"enum", "negatable"} {
		if _, has := f.tag.Lookup(key); has {
			return false
		}
	}
	t := f.value.Type()
	if t.Kind() == reflect.Pointer && t.Elem().Kind() != reflect.Bool {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[time.Duration](), t == reflect.TypeFor[[]string]() && f.tag.Get("type") == "":
		return true
	case t.PkgPath() != "" || f.tag.Get("type") != "" && (f.tag.Get("type") != "path" || f.value.Kind() != reflect.String):
		return false
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Uint32, reflect.Uint64, reflect.Float64:
		return true
	}
	return false
}

// set sets the flag, and reports false for what is not plain.
func (f quickFlag) set(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	v := f.value
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if d, ok := v.Addr().Interface().(*time.Duration); ok {
		var err error
		*d, err = time.ParseDuration(text)
		return err == nil
	}
	var err error
	switch v.Kind() {
	case reflect.String:
		if f.tag.Get("type") == "path" && text != "-" {
			text = kong.ExpandPath(text)
		}
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(text == "true")
		return text == "true" || text == "false"
	case reflect.Slice:
		sep := f.tag.Get("sep")
		if text == "" || sep != "none" && (sep != "" || strings.ContainsAny(text, `,\`)) {
			return false
		}
		v.Set(reflect.Append(v, reflect.ValueOf(text)))
	case reflect.Float64:
		var n float64
		n, err = strconv.ParseFloat(text, 64)
		v.SetFloat(n)
	default:
		var n uint64
		if n, err = strconv.ParseUint(text, 10, v.Type().Bits()); text[0] == '0' && text != "0" {
			return false // kong takes it for octal or hexadecimal
		}
		if v.Kind() == reflect.Int {
			if int64(n) < 0 {
				return false
			}
			v.SetInt(int64(n))
		} else {
			v.SetUint(n)
		}
	}
	return err == nil
}

// dashed returns the words in the name of a field with dashes between them, as kong
// does: PrintDevice becomes Print-Device, and HTMLPage HTML-Page.
func dashed(name string) string {
	class := func(i int) int {
		switch {
		case i >= len(name):
			return 0
		case 'a' <= name[i] && name[i] <= 'z':
			return 1
		case 'A' <= name[i] && name[i] <= 'Z':
			return 2
		}
		return 3
	}
	var b strings.Builder
	for i := range len(name) {
		if i > 0 {
			before, here := class(i-1), class(i)
			if before != here && !(before == 2 && here == 1) || before == 2 && here == 2 && class(i+1) == 1 {
				b.WriteByte('-')
			}
		}
		b.WriteByte(name[i])
	}
	return b.String()
}
