package atcmd

import (
	"bytes"
	"fmt"
	"math"
)

// Form is one of the forms in which a command is written.
type Form uint8

// The forms of a command (fact at/command-forms).
const (
	FormBare Form = iota // AT+CGMR: a set command without parameters
	FormSet              // AT+CFUN=1
	FormRead             // AT+CFUN?
	FormTest             // AT+CFUN=?
)

// String returns the form's name in the words of the guides.
func (f Form) String() string {
	switch f {
	case FormBare:
		return "bare"
	case FormSet:
		return "set"
	case FormRead:
		return "read"
	default:
		return "test"
	}
}

// ArgKind is how an argument is written.
type ArgKind uint8

// The kinds of arguments.
const (
	ArgEmpty  ArgKind = iota // nothing between the commas
	ArgInt                   // decimal digits with an optional sign
	ArgString                // text in double quotes, without escapes (fact at/strings)
	ArgText                  // anything else, such as the IPV4V6 of AT+CGDCONT=0,IPV4V6 (fact at/unquoted-text)
)

// An Arg is one argument of a command.
type Arg struct {
	Kind ArgKind
	// Text is the argument as written, without its quotes. It is part of the
	// line that was parsed.
	Text []byte
	// Int is the value of an ArgInt.
	Int int64
}

// A Command is a parsed command line. Its slices are parts of that line and of
// the Command itself: they stay valid until the line is overwritten or Parse is
// called again. A Command must not be copied; the copy's Name would be part of
// the original.
type Command struct {
	// Name is the command's name in upper case with its prefix: "+CFUN",
	// "%CMNG", "#XSOCKET", "E" for ATE0, empty for a bare AT.
	Name []byte
	Form Form
	// Args are the arguments in order. An empty list, as in AT+CPSMS=, is one
	// empty argument: ask with Has.
	Args []Arg
	// Line is the line without white space around it, Params what stands behind
	// its equals sign, both as written.
	Line, Params []byte
	// PDU is what stands between a CR behind the parameters and a Ctrl-Z, nil without
	// both: the message of AT+CMGS=<length><CR><pdu><Ctrl-Z>, which is one command
	// without a prompt (fact sms/cmgs).
	PDU []byte
	// Tail is what follows a semicolon outside quotes, nil without a semicolon.
	// %XSUDO alone takes one (fact at/concatenation); Forms refuses it.
	Tail []byte

	name [maxName]byte
}

// maxName is longer than any name in Nordic's guides
// (%PERIODICSEARCHCONF has 19 letters).
const maxName = 32

// maxArgs bounds what one line may ask for. %XMIPIRFFECTRL takes the most, a device, a
// phase, two pairs and 64 entries of five numbers; a line of 4,000 commas must not cost
// 4,000 Args.
const maxArgs = 400

// Parse reads a line into cmd and reuses cmd's memory. White space and control
// characters around the line are ignored: a host that ends its lines with CR LF
// leaves an LF in front of the next one, and some send an ESC first (fact
// at/leading-noise). The line ends at a NUL, since the modem library takes a C
// string (fact at/c-string). Blanks before an argument are skipped (fact
// at/blanks). Errors are *Error values with a plain ERROR.
func (cmd *Command) Parse(line []byte) error {
	if i := bytes.IndexByte(line, 0); i >= 0 {
		line = line[:i]
	}
	for len(line) > 0 && line[0] <= ' ' {
		line = line[1:]
	}
	whole := line
	line, pdu := cutPDU(line)
	for len(line) > 0 && line[len(line)-1] <= ' ' {
		line = line[:len(line)-1]
	}
	*cmd = Command{Args: cmd.Args[:0], Line: line, PDU: pdu, name: cmd.name}
	if pdu != nil {
		cmd.Line = whole
	}
	if !cmd.Attention() {
		return Errorf("the line does not begin with AT")
	}
	rest := line[2:]
	if len(rest) == 0 {
		return nil
	}
	switch rest[0] {
	case '+', '%', '#':
		return cmd.parseExtended(rest)
	default:
		return cmd.parseBasic(rest)
	}
}

// cutPDU returns a line without the message behind it, which begins at a CR outside
// quotes and ends at a Ctrl-Z that is the last of the line but white space. Without them
// pdu is nil.
func cutPDU(line []byte) (rest, pdu []byte) {
	end := bytes.LastIndexByte(line, ctrlZ)
	if end < 0 || len(bytes.TrimRight(line[end+1:], "\r\n ")) > 0 {
		return line, nil
	}
	quoted := false
	for i, c := range line[:end] {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\r' && !quoted:
			return line[:i], line[i+1 : end]
		}
	}
	return line, nil
}

const ctrlZ = 0x1a

// parseExtended reads a command such as +CFUN=1.
func (cmd *Command) parseExtended(rest []byte) error {
	n := 1
	for n < len(rest) && isNameByte(rest[n]) {
		n++
	}
	if n == 1 || n > maxName {
		return Errorf("a name of letters and digits must follow %q", rest[:1])
	}
	cmd.setName(rest[:n])
	rest = rest[n:]
	switch {
	case len(rest) == 0:
		return nil
	case string(rest) == "?":
		cmd.Form = FormRead
		return nil
	case string(rest) == "=?":
		cmd.Form = FormTest
		return nil
	case rest[0] == ';':
		cmd.Tail = rest[1:]
		return nil
	case rest[0] != '=':
		return Errorf("%q cannot follow the name %s", rest[:1], cmd.Name)
	}
	cmd.Form = FormSet
	cmd.Params = rest[1:]
	return cmd.parseArgs(cmd.Params)
}

// parseBasic reads a V.250 basic command: one letter, with an ampersand in front
// or not, and a number, which is 0 when it is left out.
func (cmd *Command) parseBasic(rest []byte) error {
	n := 0
	if rest[0] == '&' {
		n++
	}
	if n >= len(rest) || !isLetter(rest[n]) {
		return Errorf("%q is not the beginning of a command", rest[:1])
	}
	n++
	cmd.setName(rest[:n])
	arg := Arg{Kind: ArgInt, Text: rest[n:]}
	if len(arg.Text) > 0 {
		var ok bool
		if arg.Int, ok = parseInt(arg.Text); !ok {
			return Errorf("%s takes a number, not %q", cmd.Name, arg.Text)
		}
	}
	cmd.Args = append(cmd.Args, arg)
	return nil
}

func (cmd *Command) setName(name []byte) {
	for i, c := range name {
		cmd.name[i] = upper(c)
	}
	cmd.Name = cmd.name[:len(name)]
}

func (cmd *Command) parseArgs(rest []byte) error {
	for {
		if len(cmd.Args) == maxArgs {
			return Errorf("more than %d parameters", maxArgs)
		}
		rest = bytes.TrimLeft(rest, " ")
		var arg Arg
		if len(rest) > 0 && rest[0] == '"' {
			end := bytes.IndexByte(rest[1:], '"')
			if end < 0 {
				return Errorf("a quoted string is not closed")
			}
			arg = Arg{Kind: ArgString, Text: rest[1 : 1+end]}
			rest = bytes.TrimLeft(rest[end+2:], " ")
			if len(rest) > 0 && rest[0] != ',' && rest[0] != ';' {
				return Errorf("%q follows a quoted string where a comma must stand", rest[:1])
			}
		} else {
			end := bytes.IndexAny(rest, ",;\"")
			if end < 0 {
				end = len(rest)
			} else if rest[end] == '"' {
				return Errorf("a quotation mark stands in the middle of a parameter")
			}
			arg = unquoted(bytes.TrimRight(rest[:end], " "))
			rest = rest[end:]
			if number, ok := bytes.CutSuffix(arg.Text, []byte("?")); ok && len(rest) == 0 && len(number) > 0 {
				// As in AT+CGSN=1?, which a client sends (fact at/question-mark).
				if number := unquoted(number); number.Kind == ArgInt {
					arg = number
				}
			}
		}
		cmd.Args = append(cmd.Args, arg)
		switch {
		case len(rest) == 0:
			return nil
		case rest[0] == ';':
			cmd.Params = cmd.Params[:len(cmd.Params)-len(rest)]
			cmd.Tail = rest[1:]
			return nil
		}
		rest = rest[1:]
	}
}

func unquoted(text []byte) Arg {
	if len(text) == 0 {
		return Arg{}
	}
	if v, ok := parseInt(text); ok {
		return Arg{Kind: ArgInt, Text: text, Int: v}
	}
	return Arg{Kind: ArgText, Text: text}
}

// parseInt reads a decimal number with an optional sign and no leading zeros
// (fact serial-modem/parameters: 07 is refused).
func parseInt(text []byte) (int64, bool) {
	digits, neg := text, false
	if digits[0] == '-' || digits[0] == '+' {
		neg = digits[0] == '-'
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > 18 || (digits[0] == '0' && len(digits) > 1) {
		return 0, false
	}
	var v int64
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int64(c-'0')
	}
	if neg {
		v = -v
	}
	return v, true
}

// Attention reports whether the line begins with AT, in either case. What does not
// is no command: some applications answer ERROR to it, others nothing.
func (cmd *Command) Attention() bool {
	return len(cmd.Line) >= 2 && upper(cmd.Line[0]) == 'A' && upper(cmd.Line[1]) == 'T'
}

// Has reports whether argument i is present and not empty.
func (cmd *Command) Has(i int) bool {
	return i < len(cmd.Args) && cmd.Args[i].Kind != ArgEmpty
}

// Int returns argument i if it is a number between lo and hi.
func (cmd *Command) Int(i int, lo, hi int64) (int64, bool) {
	if i >= len(cmd.Args) || cmd.Args[i].Kind != ArgInt || cmd.Args[i].Int < lo || cmd.Args[i].Int > hi {
		return 0, false
	}
	return cmd.Args[i].Int, true
}

// Uint32 returns argument i if it is a number of 32 bits without a sign, such as
// a security tag (fact at/integers).
func (cmd *Command) Uint32(i int) (uint32, bool) {
	v, ok := cmd.Int(i, 0, math.MaxUint32)
	return uint32(v), ok
}

// Quoted returns argument i if it is a quoted string. The bytes are part of the
// line. For what a device takes without quotes see [ArgReader.Text].
func (cmd *Command) Quoted(i int) ([]byte, bool) {
	if i >= len(cmd.Args) || cmd.Args[i].Kind != ArgString {
		return nil, false
	}
	return cmd.Args[i].Text, true
}

// String returns the command in short, for messages: the name and how it was
// asked, never its arguments, which may hold a private key.
func (cmd *Command) String() string {
	return fmt.Sprintf("AT%s (%s form, %d parameters)", cmd.Name, cmd.Form, len(cmd.Args))
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

func isLetter(c byte) bool { c = upper(c); return 'A' <= c && c <= 'Z' }

func isNameByte(c byte) bool {
	return isLetter(c) || '0' <= c && c <= '9' || c == '_'
}
