package kconfig

import "slices"

// eval returns what an option comes to. An option that is set in a .conf file and
// that no Kconfig file defines has the value as written.
func (c *Config) eval(name string) value {
	if v, ok := c.memo[name]; ok {
		return v
	}
	sym := c.parser.symbols[name]
	if sym == nil || sym.typ == Unknown {
		v := value{typ: Bool, text: "n"}
		if a, ok := c.user[name]; ok {
			v.typ, v.text, _, v.set = literal(Unknown, a.value)
			v.set = v.set && (v.typ != Bool || v.text == "y")
		}
		c.memo[name] = v
		return v
	}
	if c.doing[name] {
		return value{typ: sym.typ, text: zero(sym.typ)} // the options depend on each other
	}
	c.doing[name] = true
	var v value
	if sym.typ == Bool {
		v = c.evalBool(sym)
	} else {
		v = c.evalText(sym)
	}
	delete(c.doing, name)
	c.memo[name] = v
	return v
}

func zero(t Type) string {
	if t == Bool {
		return "n"
	}
	return ""
}

func (c *Config) evalBool(sym *symbol) value {
	yes := false
	a, asked := c.user[sym.name]
	switch {
	case sym.choice != nil:
		yes = c.selected(sym.choice) == sym
	case asked && c.visible(sym):
		yes = a.value != "n"
	default:
		if d, ok := c.defaultOf(sym); ok {
			yes = c.holds(d)
		}
		if !yes && c.depends(sym) {
			yes = slices.ContainsFunc(sym.imp, c.active)
		}
	}
	if yes || slices.ContainsFunc(sym.sel, c.active) {
		return value{Bool, "y", true}
	}
	return value{Bool, "n", false}
}

func (c *Config) evalText(sym *symbol) value {
	v := value{typ: sym.typ}
	visible := c.visible(sym)
	if d, ok := c.defaultOf(sym); ok {
		v.text, v.set = c.text(d), true
	} else if visible {
		v.set = sym.typ == String
	}
	if a, ok := c.user[sym.name]; ok && visible {
		_, text, _, ok := literal(sym.typ, a.value)
		if low, high, bounded := c.rangeOf(sym); ok && bounded {
			n, _ := number(text)
			ok = n >= low && n <= high
		}
		if ok {
			v.text, v.set = text, true
			return v
		}
	}
	if low, high, ok := c.rangeOf(sym); ok && (v.set || visible) {
		n, isNumber := number(v.text)
		if !isNumber || n < low {
			n = low
		}
		v.text, v.set = format(sym.typ, min(n, high)), true
	}
	if _, isNumber := number(v.text); sym.typ != String && !isNumber {
		v.set = false
	}
	return v
}

// defaultOf returns the value of the first default whose condition holds.
func (c *Config) defaultOf(sym *symbol) (*expr, bool) {
	for _, d := range sym.defs {
		if !c.holds(d.deps) {
			continue
		}
		for _, def := range d.defaults {
			if c.holds(def.cond) {
				return def.value, true
			}
		}
	}
	return nil, false
}

func (c *Config) rangeOf(sym *symbol) (low, high int64, ok bool) {
	if sym.typ != Int && sym.typ != Hex {
		return 0, 0, false
	}
	for _, d := range sym.defs {
		if !c.holds(d.deps) {
			continue
		}
		for _, r := range d.ranges {
			if c.holds(r.cond) {
				low, ok := number(c.text(r.value))
				high, ok2 := number(c.text(r.high))
				return low, high, ok && ok2
			}
		}
	}
	return 0, 0, false
}

// visible reports whether a .conf file can set the option.
func (c *Config) visible(sym *symbol) bool {
	return slices.ContainsFunc(sym.defs, func(d *definition) bool {
		return d.prompt && c.holds(d.deps) && c.holds(d.promptIf)
	})
}

// depends reports whether what the option depends on holds.
func (c *Config) depends(sym *symbol) bool {
	return slices.ContainsFunc(sym.defs, func(d *definition) bool { return c.holds(d.deps) })
}

func (c *Config) active(r relation) bool {
	return c.eval(r.by.name).text == "y" && c.holds(r.cond)
}

// selector returns the name of an option that selects sym, or "".
func (c *Config) selector(sym *symbol) string {
	if i := slices.IndexFunc(sym.sel, c.active); i >= 0 {
		return sym.sel[i].by.name
	}
	return ""
}

// selected returns the member of a choice that is y: the one asked for last, a default, or the
// first. It is nil if the choice cannot be seen.
func (c *Config) selected(ch *choice) *symbol {
	if s, ok := c.chosen[ch]; ok {
		return s
	}
	c.chosen[ch] = nil
	if !c.holds(ch.def.deps) {
		return nil
	}
	var pick *symbol
	for _, s := range ch.members {
		a, ok := c.user[s.name]
		if ok && a.value == "y" && c.visible(s) && (pick == nil || a.order > c.user[pick.name].order) {
			pick = s
		}
	}
	for _, d := range ch.def.defaults {
		if pick != nil || d.value == nil || d.value.op != "sym" || !c.holds(d.cond) {
			continue
		}
		if s := c.parser.symbols[d.value.text]; s != nil && s.choice == ch && c.visible(s) {
			pick = s
		}
	}
	for _, s := range ch.members {
		if pick == nil && c.visible(s) {
			pick = s
		}
	}
	c.chosen[ch] = pick
	return pick
}

// holds reports whether a condition holds.
func (c *Config) holds(e *expr) bool {
	switch {
	case e == nil:
		return true
	case e.op == "&&":
		return c.holds(e.l) && c.holds(e.r)
	case e.op == "||":
		return c.holds(e.l) || c.holds(e.r)
	case e.op == "!":
		return !c.holds(e.l)
	case e.op == "lit":
		return e.text == "y" || e.text == "m"
	case e.op == "sym":
		v := c.eval(e.text)
		return v.typ == Bool && v.text == "y"
	}
	l, r := c.text(e.l), c.text(e.r)
	x, ok := number(l)
	y, ok2 := number(r)
	if !ok || !ok2 {
		x, y = 0, 0
		switch {
		case l < r:
			y = 1
		case l > r:
			x = 1
		}
	}
	switch e.op {
	case "=":
		return x == y
	case "!=":
		return x != y
	case "<":
		return x < y
	case "<=":
		return x <= y
	case ">":
		return x > y
	}
	return x >= y
}

// text returns an expression as a text: what a symbol comes to, or a literal.
func (c *Config) text(e *expr) string {
	switch {
	case e == nil:
		return ""
	case e.op == "lit":
		return e.text
	case e.op == "sym":
		if _, asked := c.user[e.text]; c.parser.symbols[e.text] == nil && !asked {
			return e.text // a name that is no option is a text
		}
		return c.eval(e.text).text
	case c.holds(e):
		return "y"
	}
	return "n"
}
