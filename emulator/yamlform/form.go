package yamlform

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"nrf91emu/emulator/lazyregexp"
)

// A Setter reads the value of a key, whose full name is given for messages.
type Setter = func(value *yaml.Node, key string) error

// Fields are what a mapping may hold: a Setter for each key.
type Fields map[string]Setter

// Document returns the one document of a file; nil if there is none, or nothing in it.
func Document(text []byte) (*yaml.Node, error) {
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		return nil, notYAML(err)
	}
	var doc, more yaml.Node
	switch err := loader.Load(&doc); {
	case errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0:
		return nil, nil
	case err != nil:
		return nil, notYAML(err)
	}
	if err := loader.Load(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one YAML document: leave out the line of three dashes between them")
	}
	return doc.Content[0], nil
}

// position is where the library says that something is wrong.
var position = lazyregexp.New(`^.* at L(\d+)\.C(\d+): `)

// notYAML leaves out of a message what is about the library.
func notYAML(err error) error {
	return fmt.Errorf("it is not YAML: %s", position().ReplaceAllString(err.Error(), "line $1, column $2: "))
}

// Load reads a mapping. It suits as a Setter.
func (f Fields) Load(node *yaml.Node, key string) error {
	return Mapping(node, key, func(name, value *yaml.Node, full string) error {
		set := f[name.Value]
		if set == nil {
			return fmt.Errorf("line %d: there is no key %q; use one of %s", name.Line, full, f.names())
		}
		return set(value, full)
	})
}

func (f Fields) names() string { return strings.Join(slices.Sorted(maps.Keys(f)), ", ") }

// Mapping reads a mapping with keys of any name, none of which stands twice.
func Mapping(node *yaml.Node, key string, each func(name, value *yaml.Node, full string) error) error {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return nil // a key with nothing behind it
	}
	if node.Kind != yaml.MappingNode {
		return At(node, key, "is a mapping of keys to values")
	}
	seen := make(map[string]bool)
	for i := 0; i+1 < len(node.Content); i += 2 {
		name := node.Content[i]
		full := name.Value
		if key != "" {
			full = key + "." + full
		}
		if seen[name.Value] {
			return At(name, full, "stands here a second time")
		}
		seen[name.Value] = true
		if err := each(name, node.Content[i+1], full); err != nil {
			return err
		}
	}
	return nil
}

// At returns the error that a key is not what it must be.
func At(node *yaml.Node, key, must string) error {
	if key == "" {
		key = "the file"
	}
	return fmt.Errorf("line %d: %s %s", node.Line, key, must)
}

// List reads a list.
func List(node *yaml.Node, key string, each Setter) error {
	if node.Kind != yaml.SequenceNode {
		return At(node, key, "is a list")
	}
	for i, item := range node.Content {
		if err := each(item, fmt.Sprintf("%s[%d]", key, i)); err != nil {
			return err
		}
	}
	return nil
}

// Value returns what reads a scalar into p; what says what it must be.
func Value[T any](p *T, what string) Setter {
	return func(node *yaml.Node, key string) error {
		if node.Kind != yaml.ScalarNode || node.Tag == "!!null" || node.Decode(p) != nil {
			return At(node, key, fmt.Sprintf("is %s, not %q", what, node.Value))
		}
		return nil
	}
}

// Text returns a scalar as it is written, so that 00101 stays what it is.
func Text(node *yaml.Node, key string) (string, error) {
	switch {
	case node.Kind != yaml.ScalarNode:
		return "", At(node, key, "is a single value")
	case node.Tag == "!!null":
		return "", At(node, key, "has no value: give it one, or leave it out")
	}
	return node.Value, nil
}

// Parsed returns what reads a scalar with a function that says whether it is right; what
// says what it must be.
func Parsed(what string, parse func(string) bool) Setter {
	return func(node *yaml.Node, key string) error {
		s, err := Text(node, key)
		if err == nil && !parse(s) {
			err = At(node, key, fmt.Sprintf("is %s, not %q", what, s))
		}
		return err
	}
}
