package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v4"
)

// ConfigName is the usual name of the file that [LoadConfig] reads.
const ConfigName = "nrf91emu.yaml"

// config is the file's form.
type config struct {
	Rules   map[string]string `yaml:"rules"`
	Budgets struct {
		WritesPerBoot *int `yaml:"writes_per_boot"`
		WritesPerRun  *int `yaml:"writes_per_run"`
		PageErases    *int `yaml:"page_erases"`
		Lifetime      *struct {
			Years       *float64 `yaml:"years"`
			BootsPerDay *float64 `yaml:"boots_per_day"`
		} `yaml:"lifetime"`
	} `yaml:"budgets"`
	Flash struct {
		Pages     *int `yaml:"pages"`
		PageSize  *int `yaml:"page_size"`
		Endurance *int `yaml:"endurance"`
	} `yaml:"flash"`
}

// maxConfig bounds the size of the file.
const maxConfig = 1 << 20

// LoadConfig reads options from YAML. Everything may be left out; what it does
// not know is an error, so that a slip of the pen does not silence a rule or lose
// a budget:
//
//	rules:
//	  P16: off          # off, info, warning or error
//	  written-without-asking: error
//	budgets:
//	  writes_per_boot: 3
//	  writes_per_run: 3
//	  page_erases: 0
//	  lifetime:
//	    years: 10
//	    boots_per_day: 24
//	flash:
//	  pages: 64
//	  page_size: 4096
//	  endurance: 10000
func LoadConfig(r io.Reader) (Options, error) {
	var opt Options
	text, err := io.ReadAll(io.LimitReader(r, maxConfig+1))
	if err != nil {
		return opt, fmt.Errorf("reading the rules file: %w", err)
	}
	if len(text) > maxConfig {
		return opt, fmt.Errorf("the rules file has more than %d bytes: is it the right file?", maxConfig)
	}
	var c config
	if err := c.load(text); err != nil {
		return opt, fmt.Errorf("the rules file cannot be used: %w; it may have rules, budgets and flash", err)
	}
	return c.options()
}

// load decodes one YAML document, or none.
func (c *config) load(text []byte) error {
	l, err := yaml.NewLoader(bytes.NewReader(text), yaml.WithKnownFields())
	if err != nil {
		return err
	}
	if err := l.Load(c); err != nil {
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
	if err := l.Load(new(any)); !errors.Is(err, io.EOF) {
		return errors.New("there is more than one YAML document")
	}
	return nil
}

func (c *config) options() (Options, error) {
	var opt Options
	set := map[string]bool{}
	for name, level := range c.Rules {
		if err := opt.Set(name + "=" + level); err != nil {
			return Options{}, fmt.Errorf("rules file: %w", err)
		}
		r := Lookup(name)
		if set[r.ID] {
			return Options{}, fmt.Errorf("rules file: the rule %s stands twice, by number and by words", r)
		}
		set[r.ID] = true
	}
	opt.Budgets.WritesPerBoot = c.Budgets.WritesPerBoot
	opt.Budgets.WritesPerRun = c.Budgets.WritesPerRun
	opt.Budgets.PageErases = c.Budgets.PageErases
	if l := c.Budgets.Lifetime; l != nil {
		opt.Budgets.Years = l.Years
		if l.BootsPerDay != nil {
			if !(*l.BootsPerDay > 0) {
				return Options{}, fmt.Errorf("rules file: boots_per_day is %v: use more than 0", *l.BootsPerDay)
			}
			opt.BootsPerDay = *l.BootsPerDay
		}
	}
	for _, f := range []struct {
		name string
		from *int
		to   *int
	}{
		{"pages", c.Flash.Pages, &opt.Flash.Pages},
		{"page_size", c.Flash.PageSize, &opt.Flash.PageSize},
		{"endurance", c.Flash.Endurance, &opt.Flash.Endurance},
	} {
		if f.from == nil {
			continue
		}
		if *f.from <= 0 {
			return Options{}, fmt.Errorf("rules file: flash %s is %d: use more than 0", f.name, *f.from)
		}
		*f.to = *f.from
	}
	if err := opt.Check(); err != nil {
		return Options{}, fmt.Errorf("rules file: %w", err)
	}
	return opt, nil
}
