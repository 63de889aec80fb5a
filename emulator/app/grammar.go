package app

import "nrf91emu/atcmd"

// checkGrammar is the check that Serial Modem and SLM make before anything else
// (fact serial-modem/grammar):
//
//	AT | ATE0 | ATE1 | AT<+|%|#><name>[? | = | =? | =<anything>]
//
// SLM has no ATE0 and ATE1.
func checkGrammar(line []byte, echo bool) error {
	if len(line) < 2 || line[0]|0x20 != 'a' || line[1]|0x20 != 't' {
		return atcmd.Errorf("the line does not begin with AT")
	}
	rest := line[2:]
	switch {
	case len(rest) == 0:
		return nil
	case echo && len(rest) == 2 && rest[0]|0x20 == 'e' && (rest[1] == '0' || rest[1] == '1'):
		return nil
	case rest[0] != '+' && rest[0] != '%' && rest[0] != '#':
		return atcmd.Errorf("the application knows no command that begins with AT%c", rest[0])
	}
	n := 1
	for n < len(rest) && isNameByte(rest[n]) {
		n++
	}
	tail := rest[n:]
	switch {
	case n == 1:
		return atcmd.Errorf("a name must follow AT%c", rest[0])
	case len(tail) == 0 || tail[0] == '=' || string(tail) == "?":
		if len(tail) > 2 && tail[1] == '?' {
			return atcmd.Errorf("nothing may follow =?")
		}
		return nil
	}
	return atcmd.Errorf("%q cannot follow the name", tail[:1])
}

func isNameByte(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_'
}

// seekAT returns the line from its first AT on, as SLM executes it
// (fact serial-modem/not-at-slm); the whole line if there is none.
func seekAT(line []byte) []byte {
	for i := 1; i < len(line); i++ {
		if line[i-1]|0x20 == 'a' && line[i]|0x20 == 't' {
			return line[i-1:]
		}
	}
	return line
}
