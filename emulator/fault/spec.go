package fault

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Spec is a fault as it is asked for: its name, and parameters where the
// defaults will not do. In text it is
//
//	NAME
//	NAME:PARAMETER=VALUE,PARAMETER=VALUE
//
// such as late-ok:after=3,delay=2s. A value with a comma stands in quotation
// marks.
type Spec struct {
	Name   string
	Params map[string]string // as given; nil if none was
}

// maxSpec bounds the text of a Spec, in bytes.
const maxSpec = 1000

// Parse reads a Spec from text. The error says what there is instead.
func Parse(text string) (Spec, error) {
	if len(text) > maxSpec {
		return Spec{}, fmt.Errorf("the fault has %d characters; %d are enough for any", len(text), maxSpec)
	}
	name, rest, more := strings.Cut(text, ":")
	spec := Spec{Name: name}
	if more {
		spec.Params = make(map[string]string)
	}
	for more {
		var param, value string
		var err error
		if param, value, rest, more, err = cutParam(rest); err != nil {
			return Spec{}, fmt.Errorf("%s: %w", text, err)
		}
		if _, twice := spec.Params[param]; twice {
			return Spec{}, fmt.Errorf("%s: %s is given twice", text, param)
		}
		spec.Params[param] = value
	}
	if _, _, err := spec.resolve(); err != nil {
		return Spec{}, err
	}
	return spec, nil
}

// cutParam takes a parameter and its value off text.
func cutParam(text string) (param, value, rest string, more bool, err error) {
	param, text, ok := strings.Cut(text, "=")
	if !ok {
		return "", "", "", false, fmt.Errorf("%q is no parameter: write NAME:PARAMETER=VALUE, with commas between parameters", param)
	}
	if quoted, found := strings.CutPrefix(text, `"`); found {
		value, text, ok = strings.Cut(quoted, `"`)
		if !ok || text != "" && text[0] != ',' {
			return "", "", "", false, fmt.Errorf("the quotation mark of %s is not closed at the end of its value", param)
		}
		_, rest, more = strings.Cut(text, ",")
		return param, value, rest, more, nil
	}
	value, rest, more = strings.Cut(text, ",")
	return param, value, rest, more, nil
}

// resolve finds the kind and completes and checks the parameters.
func (s Spec) resolve() (*Kind, values, error) {
	k, err := lookup(s.Name)
	if err != nil {
		return nil, nil, err
	}
	v := make(values)
	var names []string
	for _, list := range [][]Param{k.Params, RuleParams} {
		for _, p := range list {
			names = append(names, p.Name)
			given, ok := s.Params[p.Name]
			if !ok {
				v[p.Name] = p.Default
				continue
			}
			if err := p.check(given); err != nil || strings.Contains(given, `"`) {
				if err == nil {
					err = fmt.Errorf("a quotation mark cannot be part of it")
				}
				return nil, nil, fmt.Errorf("%s: %s cannot be %q: %w", s.Name, p.Name, given, err)
			}
			v[p.Name] = given
		}
	}
	for _, given := range slices.Sorted(maps.Keys(s.Params)) {
		if !slices.Contains(names, given) {
			return nil, nil, fmt.Errorf("%s has no parameter %q; it takes %s", s.Name, given, strings.Join(names, ", "))
		}
	}
	return k, v, nil
}

// String returns the text of the Spec.
func (s Spec) String() string {
	var b strings.Builder
	b.WriteString(s.Name)
	separator := ':'
	for _, param := range slices.Sorted(maps.Keys(s.Params)) {
		value := s.Params[param]
		if strings.Contains(value, ",") {
			value = `"` + value + `"`
		}
		b.WriteRune(separator)
		b.WriteString(param + "=" + value)
		separator = ','
	}
	return b.String()
}
