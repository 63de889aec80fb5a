package kconfig

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Bool reports whether an option, named without CONFIG_, is y.
func (c *Config) Bool(name string) bool {
	v := c.eval(name)
	return v.typ == Bool && v.text == "y"
}

// String returns the value of an option as CMake sees it: y, a number or a text without
// quotes; "" if it is not set.
func (c *Config) String(name string) string {
	if v := c.eval(name); v.set {
		return v.text
	}
	return ""
}

// Defined reports whether the option has a CONFIG_ macro.
func (c *Config) Defined(name string) bool { return c.eval(name).set }

// Known reports whether a Kconfig file defines the option.
func (c *Config) Known(name string) bool { return c.parser.symbols[name] != nil }

// Depends returns the names of options that must be y, or the conditions that must hold,
// before the option can be set; empty if it can.
func (c *Config) Depends(name string) string {
	sym := c.parser.symbols[name]
	if sym == nil || c.visible(sym) {
		return ""
	}
	return c.unmet(sym)
}

// Eval evaluates an expression in the language of Kconfig, such as
// "MQTT_LIB && !NET_NATIVE".
func (c *Config) Eval(text string) (bool, error) {
	e, err := (&scanner{rest: text}).whole()
	if err != nil {
		return false, err
	}
	return c.holds(e), nil
}

// Names returns the options that have a macro, sorted.
func (c *Config) Names() []string {
	names := make(map[string]bool)
	for name := range c.parser.symbols {
		names[name] = true
	}
	for name := range c.user {
		names[name] = true
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(names)), func(name string) bool { return !c.Defined(name) })
}

// Macro returns the value of an option's macro in C.
func (c *Config) Macro(name string) string {
	v := c.eval(name)
	switch v.typ {
	case Bool:
		return "1"
	case String:
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v.text) + `"`
	case Hex:
		if !strings.HasPrefix(strings.ToLower(v.text), "0x") {
			return "0x" + v.text
		}
	}
	return v.text
}

// Autoconf returns autoconf.h: a macro for each option that is set.
func (c *Config) Autoconf() []byte {
	var b bytes.Buffer
	for _, name := range c.Names() {
		fmt.Fprintf(&b, "#define CONFIG_%s %s\n", name, c.Macro(name))
	}
	return b.Bytes()
}

func format(t Type, n int64) string {
	if t == Hex {
		return "0x" + strconv.FormatInt(n, 16)
	}
	return strconv.FormatInt(n, 10)
}
