package event

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strconv"
	"strings"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/lazyregexp"
)

// A Secret is a part of a text that must not be shown: a private key, a
// pre-shared key, a PIN or a password, or what may be one because nobody
// understands it.
type Secret struct {
	From, To int // the text's bytes from From to before To
	// Name says what it is and suits the name of a file: "24-2" for the content of
	// a credential with its tag and type, "24-password", or "secret".
	Name string
}

// A Line is a command line as the record shows it.
type Line struct {
	Text string // the line, its secrets masked
	Name string // the command's name in upper case; empty where that is masked too
	Form string // the command's form, such as "set"; empty for what is no command
	// hidden is a name that is not shown, in upper case; whole says that all is shown.
	hidden string
	whole  bool
}

// Command returns a command line as the record may show it. It shows everything
// if ShowSecrets is set.
func (l *Log) Command(line []byte) Line {
	if l != nil && l.ShowSecrets {
		var cmd atcmd.Command
		err := cmd.Parse(line)
		return Line{Text: string(line), Name: string(cmd.Name), Form: form(&cmd, err), whole: true}
	}
	if l == nil {
		return mask(line)
	}
	l.shown.Lock()
	defer l.shown.Unlock()
	known, ok := l.lines[string(line)]
	if ok {
		return known
	}
	shown := mask(line)
	if shown.whole && len(line) <= maxKnownLine {
		if l.lines == nil || len(l.lines) == maxKnownLines {
			l.lines = make(map[string]Line)
		}
		l.lines[shown.Text] = shown
	}
	return shown
}

// Hosts ask the same again and again, and to look for secrets takes longer than to
// answer. Lines without any, and short, are remembered, some of them.
const maxKnownLine, maxKnownLines = 80, 16

func mask(line []byte) Line {
	p := parseSecrets(line)
	return Line{Text: Mask(line, p.secrets), Name: p.name, Form: p.form, hidden: p.hidden, whole: len(p.secrets) == 0}
}

func form(cmd *atcmd.Command, err error) string {
	if err != nil {
		return ""
	}
	return cmd.Form.String()
}

// Answer returns a line of an answer as the record may show it, or several.
func (l *Log) Answer(text []byte) string {
	if l != nil && l.ShowSecrets {
		return string(text)
	}
	return Mask(text, AnswerSecrets(text))
}

// Content describes the content of a credential of some type, with its text
// where that may be shown.
func (l *Log) Content(typ uint8, content []byte) *Content {
	return Describe(content, !(l != nil && l.ShowSecrets) && !Public(typ, content))
}

// MaskCommand returns a command line with its secrets masked.
func MaskCommand(line []byte) string { return Mask(line, CommandSecrets(line)) }

// Mask returns a text with the number of bytes in the place of each secret.
func Mask(text []byte, secrets []Secret) string {
	if len(secrets) == 0 {
		return string(text)
	}
	var b strings.Builder
	done := 0
	for _, s := range secrets {
		fmt.Fprintf(&b, "%s<%d bytes masked>", text[done:s.From], s.To-s.From)
		done = s.To
	}
	b.Write(text[done:])
	return b.String()
}

var quotation = lazyregexp.New(`"(?:[^"\\]|\\.)*"`)

// Reason returns a sentence about the line without what the line hides: it may
// quote what the line shows, and a byte or two. The zero Line is one of which
// nothing is known: all quotations are masked.
func (l Line) Reason(sentence string) string {
	if l.whole {
		return sentence
	}
	sentence = quotation().ReplaceAllStringFunc(sentence, func(q string) string {
		text, err := strconv.Unquote(q)
		if err == nil && (len(text) <= 2 || strings.Contains(l.Text, text)) {
			return q
		}
		return fmt.Sprintf(`"<%d bytes masked>"`, len(text))
	})
	if l.hidden != "" {
		sentence = strings.ReplaceAll(sentence, l.hidden, "<a name that is masked>")
	}
	return sentence
}

// CommandSecrets returns the parts of a command line that must not be shown, in
// order and without overlap. What is shown is what is understood: the name of a
// command, and those parameters of a known one that stand where they belong, are
// written as they are to be and are no secret. The rest is masked, whatever it is:
// a key does not become public by a misspelt command, a wrong type or a forgotten
// quotation mark, nor does the rest of it that came as lines of its own.
func CommandSecrets(line []byte) []Secret { return parseSecrets(line).secrets }

// parsed is what became of a line.
type parsed struct {
	line         []byte
	secrets      []Secret
	name, hidden string
	form         string
}

// hide notes a secret, unless there is nothing but white space.
func (p *parsed) hide(from, to int, name string) {
	for from < to && p.line[from] <= ' ' {
		from++
	}
	for to > from && p.line[to-1] <= ' ' {
		to--
	}
	if from < to {
		p.secrets = append(p.secrets, Secret{from, to, name})
	}
}

// offset returns where a part of the line that was parsed begins.
func (p *parsed) offset(part []byte) int { return cap(p.line) - cap(part) }

const unknown = "secret"

func parseSecrets(line []byte) *parsed {
	p := &parsed{line: line[:len(line):len(line)]}
	var cmd atcmd.Command
	err := cmd.Parse(p.line)
	p.form = form(&cmd, err)
	if !cmd.Attention() {
		p.withoutAT(&cmd)
		return p
	}
	start := p.offset(cmd.Line)
	end := start + len(cmd.Line)
	nameEnd := start + 2 + len(cmd.Name)
	kinds, known := parameters[string(cmd.Name)]
	switch {
	case len(cmd.Name) == 0 || !known && !plainName(p.line[start+2:nameEnd]):
		p.hidden = string(cmd.Name)
		p.hide(start+2, end, unknown)
	case !known && cmd.Params == nil:
		p.name = string(cmd.Name)
		if cmd.Form == atcmd.FormBare || cmd.PDU != nil {
			p.hide(nameEnd, end, unknown)
		}
	case !known:
		p.name = string(cmd.Name)
		p.hide(p.offset(cmd.Params), end, unknown)
	default:
		p.name = string(cmd.Name)
		p.known(&cmd, kinds, err, nameEnd, end)
	}
	p.hide(end, len(p.line), unknown) // after a NUL
	return p
}

// withoutAT deals with a line that begins otherwise: a command of which the first
// bytes were lost, if it is a known one.
func (p *parsed) withoutAT(cmd *atcmd.Command) {
	if len(cmd.Line) == 0 {
		p.hide(0, len(p.line), unknown)
		return
	}
	start := p.offset(cmd.Line)
	skip := 0
	if cmd.Line[0]|0x20 == 't' {
		skip = 1
	}
	if rest := cmd.Line[skip:]; len(rest) > 1 && strings.IndexByte("+%#", rest[0]) >= 0 {
		if p.follow(start+skip, true) {
			return
		}
	}
	p.hide(start, len(p.line), unknown)
}

// follow masks what stands from some place on as a command without its AT. It
// reports false, and does nothing, if it must be a known command and is not.
func (p *parsed) follow(from int, mustKnow bool) bool {
	inner := parseSecrets(append([]byte("AT"), p.line[from:]...))
	if _, known := parameters[inner.name]; mustKnow && (inner.name == "" || !known) {
		return false
	}
	for _, s := range inner.secrets {
		p.secrets = append(p.secrets, Secret{from + s.From - 2, from + s.To - 2, s.Name})
	}
	return true
}

// plainName reports whether the name of an unknown command is one that a person
// would write, and not a piece of a key.
func plainName(name []byte) bool {
	return len(name) <= 20 && (bytes.Equal(name, bytes.ToUpper(name)) || bytes.Equal(name, bytes.ToLower(name)))
}

// known masks the parameters of a known command.
func (p *parsed) known(cmd *atcmd.Command, kinds string, err error, nameEnd, end int) {
	switch {
	case len(cmd.Name) == 1 || cmd.Name[0] == '&': // a basic command
		if err != nil || end-nameEnd > 3 {
			p.hide(nameEnd, end, unknown)
		}
		return
	case cmd.Params == nil:
		if cmd.Tail != nil {
			p.follow(p.offset(cmd.Tail), false)
		} else if err != nil || cmd.PDU != nil {
			p.hide(nameEnd, end, unknown)
		}
		return
	}
	secret := p.judge(cmd, kinds)
	for i := range cmd.Args {
		arg := &cmd.Args[i]
		name := secret(i, arg)
		if name == "" || arg.Kind == atcmd.ArgEmpty {
			continue
		}
		from := p.offset(arg.Text)
		p.secrets = append(p.secrets, Secret{from, from + len(arg.Text), name})
	}
	switch {
	case err != nil:
		from := p.rest(p.offset(cmd.Params), end, len(cmd.Args))
		// It is masked whatever its kind: only its name is asked for.
		name := cmp.Or(secret(len(cmd.Args), &atcmd.Arg{Kind: atcmd.ArgText}), unknown)
		if from < end && p.line[from] == '"' {
			from++
		}
		p.hide(from, end, name)
	case cmd.PDU != nil:
		p.hide(p.offset(cmd.PDU), end, "message")
	case cmd.Tail != nil:
		p.follow(p.offset(cmd.Tail), false)
	}
}

// rest returns where the parameter begins that comes after n others.
func (p *parsed) rest(from, end, n int) int {
	quoted := false
	for ; n > 0 && from < end; from++ {
		switch c := p.line[from]; {
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			n--
		}
	}
	for from < end && p.line[from] <= ' ' {
		from++
	}
	return from
}

// judge returns a function that names a parameter if it is to be masked.
func (p *parsed) judge(cmd *atcmd.Command, kinds string) func(int, *atcmd.Arg) string {
	switch string(cmd.Name) {
	case "%CMNG", "#XCMNG":
		return func(i int, arg *atcmd.Arg) string { return credentialSecret(cmd, i, arg) }
	case "%XPMNG":
		return func(i int, arg *atcmd.Arg) string {
			if i == 2 && arg.Kind == atcmd.ArgString && Public(publicKeyType, arg.Text) {
				return ""
			}
			return kindSecret("nn", i, arg)
		}
	case "#XMQTTCON":
		return func(i int, arg *atcmd.Arg) string { return mqttSecret(cmd, i, arg) }
	}
	return func(i int, arg *atcmd.Arg) string { return kindSecret(kinds, i, arg) }
}

// kindSecret judges a parameter by the kinds of a command's parameters.
func kindSecret(kinds string, i int, arg *atcmd.Arg) string {
	kind := byte('x')
	if last := len(kinds) - 1; last > 0 && kinds[last] == '*' && i >= last-1 {
		kind = kinds[last-1]
	} else if i < len(kinds) && kinds[i] != '*' {
		kind = kinds[i]
	}
	if understood(kind, arg) {
		return ""
	}
	return unknown
}

func understood(kind byte, arg *atcmd.Arg) bool {
	quoted := arg.Kind == atcmd.ArgString
	number := arg.Kind == atcmd.ArgInt && len(arg.Text) <= 11
	switch kind {
	case 'n':
		return number
	case 's':
		return quoted && !holdsKey(arg.Text)
	case 'v':
		return number || quoted && !holdsKey(arg.Text)
	case 't':
		return number || quoted && !holdsKey(arg.Text) || arg.Kind == atcmd.ArgText && len(arg.Text) <= 8
	case 'f':
		return quoted && len(arg.Text) == 2
	case 'p':
		return quoted && bytes.HasPrefix(arg.Text, []byte("SIM "))
	}
	return false
}

// credentialSecret judges a parameter of %CMNG.
func credentialSecret(cmd *atcmd.Command, i int, arg *atcmd.Arg) string {
	if i < 3 {
		return kindSecret("nnn", i, arg)
	}
	tag, tagOK := cmd.Uint32(1)
	typ, typOK := cmd.Int(2, 0, 255)
	op, opOK := cmd.Int(0, 0, 3)
	switch {
	case i == 4 && tagOK:
		return fmt.Sprintf("%d-password", tag)
	case i > 3 || !tagOK || !typOK || !opOK:
		return unknown
	case op == 0 && arg.Kind == atcmd.ArgString && Public(uint8(typ), arg.Text):
		return ""
	}
	return fmt.Sprintf("%d-%d", tag, typ)
}

// mqttSecret judges a parameter of #XMQTTCON=<op>[[,<client_id>],<username>,
// <password>,<url>,<port>[,<sec_tag>]]. Whether there is a client id depends on
// the application, so only what stands before both is shown; if the parameters
// are off, nothing of them.
func mqttSecret(cmd *atcmd.Command, i int, arg *atcmd.Arg) string {
	url := len(cmd.Args) - 1
	for url > 0 && cmd.Args[url].Kind != atcmd.ArgString {
		url--
	}
	sound := (url == 3 || url == 4) && url+1 < len(cmd.Args) && url+3 >= len(cmd.Args)
	for _, later := range cmd.Args[min(url+1, len(cmd.Args)):] {
		sound = sound && later.Kind == atcmd.ArgInt
	}
	switch {
	case i == 0:
		return kindSecret("n", 0, arg)
	case !sound || i > 1 && i < url:
		return unknown
	case i <= url:
		return kindSecret("s", 0, arg)
	}
	return kindSecret("n", 0, arg)
}

var (
	answerCredential = lazyregexp.New(`(?s)[%#]X?CMNG: ?([0-9]+),([0-9]+),"([^"]*)(?:","([^"]*))?`)
	answerToken      = lazyregexp.New(`%JWT: ?"[^".]*\.([^"]*)`)
	privateBlock     = lazyregexp.New(`(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*-----|$)`)
)

// AnswerSecrets returns the parts of what a device has sent that must not be
// shown, in order and without overlap: contents of credentials that are not
// public, private keys in PEM, and a token's claims and signature.
func AnswerSecrets(text []byte) []Secret {
	var secrets []Secret
	if bytes.Contains(text, []byte("CMNG:")) {
		for _, m := range answerCredential().FindAllSubmatchIndex(text, -1) {
			typ, err := strconv.ParseUint(string(text[m[4]:m[5]]), 10, 8)
			name := fmt.Sprintf("%s-%s", text[m[2]:m[3]], text[m[4]:m[5]])
			for at := 6; at < len(m); at += 2 { // the digest, or in its place the content; the content
				if m[at] == m[at+1] || at == 6 && isDigest(text[m[at]:m[at+1]]) || err == nil && Public(uint8(typ), text[m[at]:m[at+1]]) {
					continue
				}
				secrets = append(secrets, Secret{m[at], m[at+1], name})
			}
		}
	}
	if len(secrets) == 0 && bytes.Contains(text, []byte("PRIVATE KEY")) {
		for _, m := range privateBlock().FindAllIndex(text, -1) {
			secrets = append(secrets, Secret{m[0], m[1], unknown})
		}
	}
	if bytes.Contains(text, []byte("%JWT:")) {
		for _, m := range answerToken().FindAllSubmatchIndex(text, -1) {
			secrets = append(secrets, Secret{m[2], m[3], "token"})
		}
	}
	return secrets
}

// isDigest reports whether text is a SHA-256 as the modem prints it.
func isDigest(text []byte) bool {
	return len(text) == 64 && isHex(text) && bytes.Equal(text, bytes.ToUpper(text))
}

// The types of credentials whose contents may be public, see keystore.
const (
	rootCAType, clientCertificateType, identityRootType = 0, 1, 10

	pskIdentityType = 4

	publicKeyType, devicePublicKeyType, basePublicKeyType = 5, 6, 11
)

// Public reports whether the content of a credential may be shown: it is of a
// public type, and what it must be for that type. Anything else may be a key that
// was stored in the wrong place.
func Public(typ uint8, content []byte) bool {
	switch typ {
	case rootCAType, clientCertificateType, identityRootType:
		return allPEM(content, func(b *pem.Block) bool {
			_, err := x509.ParseCertificate(b.Bytes)
			return b.Type == "CERTIFICATE" && err == nil
		})
	case publicKeyType, devicePublicKeyType, basePublicKeyType:
		return allPEM(content, func(b *pem.Block) bool {
			_, err := x509.ParsePKIXPublicKey(b.Bytes)
			return b.Type == "PUBLIC KEY" && err == nil
		})
	case pskIdentityType:
		// A PSK of 16 bytes or more in the place of its identity is not shown.
		return !holdsKey(content) && !(len(content) >= 32 && isHex(content))
	}
	return false
}

// allPEM reports whether content is blocks in PEM that are all good, and white
// space.
func allPEM(content []byte, good func(*pem.Block) bool) bool {
	for n := 0; ; n++ {
		content = bytes.TrimSpace(content)
		if len(content) == 0 {
			return n > 0
		}
		block, rest := pem.Decode(content)
		if block == nil || !bytes.HasPrefix(content, []byte("-----BEGIN")) || len(block.Headers) > 0 || !good(block) {
			return false
		}
		// Decode passes over what it cannot read: the block must be the first one.
		if bytes.Count(content[:len(content)-len(rest)], []byte("-----BEGIN")) != 1 {
			return false
		}
		content = rest
	}
}

// holdsKey reports whether a text holds a private key in PEM or JSON.
func holdsKey(text []byte) bool { return bytes.Contains(bytes.ToUpper(text), []byte("PRIVATE")) }
