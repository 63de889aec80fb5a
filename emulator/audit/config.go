package audit

import (
	"fmt"
	"io"

	"go.yaml.in/yaml/v4"

	"nrf91emu/emulator/yamlform"
)

// ConfigName is the usual name of the file that [LoadConfig] reads.
const ConfigName = "nrf91emu.yaml"

// maxConfig bounds the size of the file.
const maxConfig = 1 << 20

// A ConfigFile is what the file holds.
type ConfigFile struct {
	Options
	// Expect is what must be stored at the end of a run: the name of a credential such as
	// 24:ca, and a file with its content, or absent. The audit itself, which knows the record
	// only, does not look at it.
	Expect map[string]string
}

// LoadConfig reads the file that the package's documentation shows, of at most 1 MB. Its
// errors name line and key, and what may stand there.
func LoadConfig(r io.Reader) (ConfigFile, error) {
	var c ConfigFile
	text, err := io.ReadAll(io.LimitReader(r, maxConfig+1))
	if err != nil {
		return c, fmt.Errorf("reading the rules file: %w", err)
	}
	if len(text) > maxConfig {
		return c, fmt.Errorf("the rules file has more than %d bytes: is it the right file?", maxConfig)
	}
	root, err := yamlform.Document(text)
	if err == nil && root != nil {
		err = c.fields().Load(root, "")
	}
	if err == nil {
		err = c.Check()
	}
	if err != nil {
		return ConfigFile{}, fmt.Errorf("the rules file cannot be used: %w", err)
	}
	return c, nil
}

// fields says what each key of the file sets.
func (c *ConfigFile) fields() yamlform.Fields {
	budget := func(limit **int) yamlform.Setter {
		*limit = nil
		return func(node *yaml.Node, key string) error {
			n := new(int)
			*limit = n
			return yamlform.Value(n, "a whole number from 0")(node, key)
		}
	}
	size := func(n *int) yamlform.Setter {
		return func(node *yaml.Node, key string) error {
			if err := yamlform.Value(n, "a whole number from 1")(node, key); err != nil || *n > 0 {
				return err
			}
			return yamlform.At(node, key, fmt.Sprintf("is %d: use more than 0", *n))
		}
	}
	number := func(p *float64) yamlform.Setter {
		return func(node *yaml.Node, key string) error {
			if err := yamlform.Value(p, "a number above 0")(node, key); err != nil || *p > 0 {
				return err
			}
			return yamlform.At(node, key, fmt.Sprintf("is %v: use more than 0", *p))
		}
	}
	return yamlform.Fields{
		"rules": c.rules,
		"budgets": yamlform.Fields{
			"writes_per_boot": budget(&c.Budgets.WritesPerBoot),
			"writes_per_run":  budget(&c.Budgets.WritesPerRun),
			"page_erases":     budget(&c.Budgets.PageErases),
			"lifetime": yamlform.Fields{
				"years": func(node *yaml.Node, key string) error {
					c.Budgets.Years = new(float64)
					return number(c.Budgets.Years)(node, key)
				},
				"boots_per_day": number(&c.BootsPerDay),
			}.Load,
		}.Load,
		"flash": yamlform.Fields{
			"pages": size(&c.Flash.Pages), "page_size": size(&c.Flash.PageSize), "endurance": size(&c.Flash.Endurance),
		}.Load,
		"expect": func(node *yaml.Node, key string) error {
			c.Expect = map[string]string{}
			return yamlform.Mapping(node, key, func(name, value *yaml.Node, full string) error {
				file, err := yamlform.Text(value, full)
				if err == nil && file == "" {
					err = yamlform.At(value, full, "is a file, or absent")
				}
				c.Expect[name.Value] = file
				return err
			})
		},
	}
}

// rules reads the levels of rules.
func (c *ConfigFile) rules(node *yaml.Node, key string) error {
	set := map[string]bool{}
	return yamlform.Mapping(node, key, func(name, value *yaml.Node, full string) error {
		level, err := yamlform.Text(value, full)
		if err == nil {
			if err = c.Set(name.Value + "=" + level); err != nil {
				err = fmt.Errorf("line %d: %w", name.Line, err)
			}
		}
		if err != nil {
			return err
		}
		r := Lookup(name.Value)
		if set[r.ID] {
			return fmt.Errorf("line %d: the rule %s stands twice, by number and by words", name.Line, r)
		}
		set[r.ID] = true
		return nil
	})
}
