package build

import (
	"strings"

	"nrf91emu/emulator/lazyregexp"
)

var (
	diagnosis   = lazyregexp.New(`: (?:fatal error|error|warning): `)
	setting     = lazyregexp.New(`^(?:In file included from| +from )|: (?:In function|In member|At top level)`)
	formatTypes = lazyregexp.New(`: warning: (?:(?:format|field \w+ specifier) [‘'].*?[’'] expects argument of type (.+?), but (?:the )?argument \d* ?has type (.+?)|(?:format specifies type|field \w+ should have type) (.+?),? but (?:the )?argument has type (.+?)) \[-Wformat`)
	counted     = lazyregexp.New(`^\d+ warnings? generated\.$`)
)

// dropFormats leaves out of what a compiler has said the warnings about a number in a format
// whose size is another one here: on the chip int, long and pointers have 32 bits, and %u for a
// size_t is right. A number for a text, a text for a number, or too few arguments are as wrong
// there as here; those warnings stay.
func dropFormats(said string) string {
	if !strings.Contains(said, "[-Wformat") {
		return said
	}
	var out, ahead strings.Builder // ahead is what a diagnosis begins with
	dropping, dropped := false, false
	for line := range strings.Lines(said) {
		plain := ansi().ReplaceAllString(line, "")
		switch {
		case setting().MatchString(plain):
			ahead.WriteString(line)
			continue
		case diagnosis().MatchString(plain):
			dropping = false
			if m := formatTypes().FindStringSubmatch(plain); m != nil {
				dropping = kindOf(m[1]+m[3]) == kindOf(m[2]+m[4])
			}
			dropped = dropped || dropping
			if !dropping {
				out.WriteString(ahead.String())
				ahead.Reset()
			}
		case dropped && counted().MatchString(strings.TrimSpace(plain)):
			continue
		}
		if !dropping {
			out.WriteString(line)
		}
	}
	if !dropped {
		return said
	}
	return out.String()
}

// kindOf returns what sort of value a compiler's name of a type is, with what the name stands for
// behind it.
func kindOf(name string) string {
	switch name = strings.TrimRight(name, "’'} )"); {
	case strings.HasSuffix(name, "*"):
		return "pointer"
	case strings.HasSuffix(name, "double"), strings.HasSuffix(name, "float"):
		return "fraction"
	}
	return "integer"
}
