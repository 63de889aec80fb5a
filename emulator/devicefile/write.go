package devicefile

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"nrf91emu/keystore"
)

// Write writes a device so that Load reads the same.
func (d *Device) Write(w io.Writer) error {
	root := &yaml.Node{Kind: yaml.MappingNode}
	scalar := func(value string, style yaml.Style) *yaml.Node {
		return &yaml.Node{Kind: yaml.ScalarNode, Value: value, Style: style}
	}
	add := func(to *yaml.Node, key string, value *yaml.Node) {
		to.Content = append(to.Content, scalar(key, 0), value)
	}
	plain := func(to *yaml.Node, key, value string) {
		if value != "" {
			add(to, key, scalar(value, 0))
		}
	}
	quoted := func(to *yaml.Node, key, value string) {
		if value != "" {
			add(to, key, scalar(value, yaml.DoubleQuotedStyle)) // a number that is a text
		}
	}
	texts := func(key string, values []string) {
		if len(values) == 0 {
			return
		}
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, v := range values {
			list.Content = append(list.Content, scalar(v, yaml.DoubleQuotedStyle))
		}
		add(root, key, list)
	}
	plain(root, "profile", d.Profile)
	plain(root, "application", d.Application)
	if d.IMEI != "" || d.UUID != "" || d.ICCID != "" {
		identity := &yaml.Node{Kind: yaml.MappingNode}
		quoted(identity, "imei", d.IMEI)
		quoted(identity, "uuid", d.UUID)
		quoted(identity, "iccid", strings.TrimRight(d.ICCID, "F"))
		add(root, "identity", identity)
	}
	if d.Supply != 0 {
		plain(root, "supply", strconv.Itoa(d.Supply))
	}
	if d.Air != nil {
		add(root, "network", d.Air)
	}
	texts("hosts", d.Hosts)
	for _, f := range []struct {
		key string
		on  bool
	}{{"no-external", d.NoExternal}, {"listen-external", d.ListenExternal}, {"refuse-expired", d.RefuseExpired}} {
		if f.on {
			plain(root, f.key, "true")
		}
	}
	quoted(root, "positions", d.Positions)
	if d.TimeToFix != 0 {
		plain(root, "time-to-fix", d.TimeToFix.String())
	}
	if len(d.Credentials) > 0 {
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, c := range d.Credentials {
			one := &yaml.Node{Kind: yaml.MappingNode}
			plain(one, "tag", strconv.FormatUint(uint64(c.Key.SecTag), 10))
			plain(one, "type", typeName(c.Key.Type))
			if quoted(one, "file", c.File); c.File == "" {
				add(one, "content", scalar(string(c.Content), yaml.DoubleQuotedStyle))
			}
			list.Content = append(list.Content, one)
		}
		add(root, "credentials", list)
	}
	var answers []string
	for _, name := range slices.Sorted(maps.Keys(d.Assume)) {
		answers = append(answers, name+"="+d.Assume[name])
	}
	texts("assume", answers)
	faults := make([]string, len(d.Faults))
	for i, f := range d.Faults {
		faults[i] = f.String()
	}
	texts("faults", faults)
	if d.Seed != nil {
		plain(root, "seed", strconv.FormatUint(*d.Seed, 10))
	}
	if len(root.Content) == 0 {
		_, err := io.WriteString(w, "{}\n")
		return err
	}
	out, err := yaml.Dump(root, yaml.WithIndent(2))
	if err != nil {
		return fmt.Errorf("the device cannot be written as YAML: %w", err)
	}
	_, err = w.Write(out)
	return err
}

// SetAir sets a value of the network as it stands in the file, such as "sim.state".
func (d *Device) SetAir(key, value string) {
	if d.Air == nil {
		d.Air = &yaml.Node{Kind: yaml.MappingNode}
	}
	node := d.Air
	words := strings.Split(key, ".")
	for i, word := range words {
		var next *yaml.Node
		for n := 0; n+1 < len(node.Content); n += 2 {
			if node.Content[n].Value == word {
				next = node.Content[n+1]
			}
		}
		if next == nil {
			next = &yaml.Node{Kind: yaml.MappingNode}
			node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: word}, next)
		}
		if i == len(words)-1 {
			*next = yaml.Node{Kind: yaml.ScalarNode, Value: value}
		}
		node = next
	}
}

func typeName(t keystore.CredentialType) string {
	for _, name := range slices.Sorted(maps.Keys(TypeNames)) {
		if TypeNames[name] == t {
			return name
		}
	}
	return strconv.Itoa(int(t))
}
