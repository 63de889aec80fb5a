package testvectors

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// RecordMeta is what a recording says about itself.
type RecordMeta struct {
	Title   string // one sentence: what the exchange shows
	Source  string // of the mark: the device, its firmware, the day
	Profile string // empty: left open
	Layout  Layout
	// CommandSecrets and AnswerSecrets find what must not be shown in a command
	// line without its terminator, and in what the device has sent, in order and
	// without overlap. Nil takes all for a secret that is sent, and nothing that is
	// received.
	CommandSecrets, AnswerSecrets func([]byte) []Secret
	// KeepSecrets keeps the secrets of the session. Without it, their files are not
	// among [Recorder.Files] and whoever plays the vector supplies them.
	KeepSecrets bool
}

// A Secret is a part of a text that stands in a file of its own.
type Secret struct {
	From, To int    // the text's bytes from From to before To
	Name     string // of the file, without its extension
}

// A Recorder makes a vector of a live session. Its methods may be called from
// several goroutines.
type Recorder struct {
	meta RecordMeta

	mu     sync.Mutex
	events []recorded
	now    func() time.Time
}

type recorded struct {
	at   time.Time
	sent bool
	b    []byte
}

// NewRecorder returns a recorder that has heard nothing yet.
func NewRecorder(meta RecordMeta) *Recorder {
	return &Recorder{meta: meta, now: time.Now}
}

// Sent notes bytes that the host has sent. What one call gets is played back
// as one write, unless more calls are needed to complete the command.
func (r *Recorder) Sent(p []byte) { r.add(true, p) }

// Received notes bytes that the device has sent.
func (r *Recorder) Received(p []byte) { r.add(false, p) }

func (r *Recorder) add(sent bool, b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(b) == 0 {
		return
	}
	now := r.now()
	if n := len(r.events); n > 0 && r.events[n-1].sent == sent {
		last := &r.events[n-1]
		// Fragments of an answer, and of a command typed by hand, belong
		// together; a command that is complete does not take up the next one.
		if !sent || !r.complete(last.b) {
			last.b, last.at = append(last.b, b...), now
			return
		}
	}
	r.events = append(r.events, recorded{now, sent, slices.Clone(b)})
}

// complete reports whether a command has come to its end: a terminator inside
// quotes is content.
func (r *Recorder) complete(b []byte) bool {
	return bytes.HasSuffix(b, []byte(r.meta.Layout.Terminator)) && bytes.Count(b, []byte{'"'})%2 == 0
}

// maxCredentialLine is how far a credential is looked for in what a device has
// sent, in bytes: more than any device stores or echoes.
const maxCredentialLine = 64 << 10

// credentialWrite finds credentials that are written and no secret: they too stand
// in files of their own.
var credentialWrite = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)%CMNG= *0 *, *([0-9]{1,10}) *, *([0-9]{1,2}) *, *"([^"]+)`)
})

// dataModeEntry finds commands without the data that they send, which then comes
// in data mode if the device answers OK.
var dataModeEntry = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^AT#X((SEND|TCPSEND|UDPSEND)(=[0-9, ]*)?|SENDTO=[^"]*"[^"]*"[0-9, ]*|MQTTPUB="[^"]*"(,""[0-9, ]*)?)$`)
})

// dataModeExit ends data mode, and dataModeStatus says that it has ended.
const (
	dataModeExit   = "+++"
	dataModeStatus = "#XDATAMODE: "
)

// recording is the state of one pass over the events.
type recording struct {
	meta  RecordMeta
	files map[string][]byte // by name, secrets included
	open  map[string]bool   // files that may be written
	lines []Line
	// entry is set if the last command may enter data mode, data while it lasts:
	// what is sent then is data, and no command that nobody understands.
	entry, data bool
}

func (r *Recorder) pass() *recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	rec := &recording{meta: r.meta, files: map[string][]byte{}, open: map[string]bool{}}
	timeout := DefaultTimeout
	for i, e := range r.events {
		if e.sent {
			rec.sent(e.b)
			continue
		}
		if i > 0 {
			// Leave a slow device, or a slow network, twice its time.
			if gap := e.at.Sub(r.events[i-1].at); gap > timeout/2 {
				timeout = min(2*gap.Round(time.Second)+time.Second, maxDuration)
				rec.add(Timeout, timeout.String())
			}
		}
		rec.received(e.b, i > 0)
	}
	return rec
}

func (rec *recording) add(v Verb, arg string) {
	rec.lines = append(rec.lines, Line{Verb: v, Arg: arg})
}

func (rec *recording) sent(b []byte) {
	if n := len(rec.lines); n > 0 && rec.lines[n-1].expects() {
		rec.add(Comment, "")
	}
	template := rec.template(string(b))
	text, whole := strings.CutSuffix(template, rec.meta.Layout.Terminator)
	line := Line{Verb: Send, Arg: text}
	if !whole || checkText(&line) != nil {
		line = Line{Verb: SendRaw, Arg: strconv.Quote(template)}
	}
	rec.lines = append(rec.lines, line)
}

// template returns text that was sent with the names of files in the place of
// secrets and credentials.
func (rec *recording) template(text string) string {
	if rec.data {
		rec.data = !strings.HasSuffix(text, dataModeExit)
		return escapeBraces(text)
	}
	var b strings.Builder
	for len(text) > 0 {
		line, rest := firstLine(text, rec.meta.Layout.Terminator)
		rec.commandTemplate(&b, line)
		text = rest
	}
	return b.String()
}

// firstLine returns a line with its terminator, and what follows it; inside quotes a
// terminator is content.
func firstLine(text, terminator string) (line, rest string) {
	quoted := false
	for i := range len(text) {
		if text[i] == '"' {
			quoted = !quoted
		}
		if !quoted && strings.HasSuffix(text[:i+1], terminator) {
			return text[:i+1], text[i+1:]
		}
	}
	return text, ""
}

func (rec *recording) commandTemplate(b *strings.Builder, line string) {
	var parts []Secret
	if rec.meta.CommandSecrets != nil {
		parts = rec.meta.CommandSecrets([]byte(line))
	} else if n := len(strings.TrimRight(line, "\r\n")); n > 0 {
		parts = []Secret{{0, n, "secret"}}
	}
	secret := len(parts) > 0
	if !secret {
		if m := credentialWrite().FindStringSubmatchIndex(line); m != nil {
			parts = append(parts, Secret{m[6], m[7], line[m[2]:m[3]] + "-" + line[m[4]:m[5]]})
		}
	}
	rec.entry = dataModeEntry().MatchString(strings.TrimSpace(line))
	rec.replace(b, line, parts, secret)
}

// replace writes a text with the names of files in the place of its parts.
func (rec *recording) replace(b *strings.Builder, text string, parts []Secret, secret bool) {
	done := 0
	for _, p := range parts {
		b.WriteString(escapeBraces(text[done:p.From]))
		if p.From < p.To {
			b.WriteString("{file " + rec.file(p.Name, text[p.From:p.To], secret) + "}")
		}
		done = p.To
	}
	b.WriteString(escapeBraces(text[done:]))
}

// file keeps a credential and returns the name of its file.
func (rec *recording) file(base, content string, secret bool) string {
	name := base + ".pem"
	for i := 2; ; i++ {
		if old, taken := rec.files[name]; !taken || string(old) == content {
			break
		}
		name = fmt.Sprintf("%s-%d.pem", base, i)
	}
	rec.files[name] = []byte(content)
	rec.open[name] = rec.meta.KeepSecrets || !secret
	return name
}

func (rec *recording) received(b []byte, answer bool) {
	u := unlayout{response: response{layout: rec.meta.Layout}}
	if answer {
		u.commands = 1
	}
	if rec.meta.AnswerSecrets != nil {
		for _, s := range rec.meta.AnswerSecrets(b) {
			rec.file(s.Name, string(b[s.From:s.To]), true)
		}
	}
	if rec.entry && bytes.Contains(b, []byte("OK"+lineEnd)) {
		rec.data = true
	}
	if bytes.Contains(b, []byte(dataModeStatus)) {
		rec.data = false
	}
	rec.entry = false
	names := slices.Sorted(maps.Keys(rec.files))
	for len(b) > 0 {
		line, n := rec.readBack(&u, b, names)
		if n == 0 {
			line, n = rec.echoed(b, names)
		}
		if n == 0 {
			line, n = u.next(b)
		}
		rec.lines = append(rec.lines, line)
		b = b[n:]
	}
}

// readBack recognises the line of a credential that is read, if its content was
// written in this session, and puts the file's name for the content.
func (rec *recording) readBack(u *unlayout, b []byte, names []string) (Line, int) {
	lead := u.response.layout.Lead
	b = b[:min(len(b), maxCredentialLine)]
	for _, name := range names {
		content := rec.files[name]
		at := bytes.Index(b, content)
		if at < 0 || bytes.Contains(b[min(at, len(lead)):at], []byte("\r\n%CMNG: ")) || !bytes.ContainsRune(content, '\n') {
			continue
		}
		end := at + len(content)
		if !bytes.HasPrefix(b[end:], []byte("\""+lineEnd)) {
			continue
		}
		// A stand-in without line feeds shows what the line's frame reads as.
		probe := slices.Concat(b[:at], []byte("\x7e"), b[end:])
		try := *u
		line, n := try.next(probe)
		if n != at+len("~\"")+len(lineEnd) || line.Verb == ExpectRaw {
			continue
		}
		*u = try
		line.Arg = strings.TrimSuffix(line.Arg, "~\"") + "{file " + name + `}"`
		return line, n - 1 + len(content)
	}
	return Line{}, 0
}

// shortSecret is how many bytes a secret must have to be looked for outside an echo:
// a shorter one is found in every other answer.
const shortSecret = 4

// echoed recognises a secret that an application with echo sends back, or that is
// read back, so that it does not get into the vector that way.
func (rec *recording) echoed(b []byte, names []string) (Line, int) {
	b = b[:min(len(b), maxCredentialLine)]
	for _, name := range slices.Clone(names) {
		at := bytes.Index(b, rec.files[name])
		if rec.open[name] || at < 0 || bytes.Count(b[:at], []byte(lineEnd)) > 1 {
			continue
		}
		line := bytes.TrimSpace(b[bytes.LastIndexByte(b[:at], '\n')+1 : at])
		if len(rec.files[name]) < shortSecret && !bytes.HasPrefix(bytes.ToUpper(line), []byte("AT")) {
			continue
		}
		rest := b[at+len(rec.files[name]):]
		_, n := rawLine(rest)
		if len(rest) == 0 {
			n = 0
		}
		n += len(b) - len(rest)
		// The longest first, lest a part of it be taken for a shorter one.
		slices.SortStableFunc(names, func(a, b string) int {
			return len(rec.files[b]) - len(rec.files[a])
		})
		var secrets []string
		for _, name := range names {
			if !rec.open[name] {
				secrets = append(secrets, string(rec.files[name]), "{file "+name+"}")
			}
		}
		arg := strings.NewReplacer(append(secrets, "{", "{{")...).Replace(string(b[:n]))
		return Line{Verb: ExpectRaw, Arg: strconv.Quote(arg)}, n
	}
	return Line{}, 0
}

// WriteTo writes the vector of what was heard so far.
func (r *Recorder) WriteTo(w io.Writer) (int64, error) {
	rec := r.pass()
	var b strings.Builder
	for line := range strings.SplitSeq(strings.TrimSpace(r.meta.Title), "\n") {
		b.WriteString(strings.TrimRight("# "+line, " \t\r") + "\n")
	}
	profile, app := r.meta.Profile, r.meta.Layout.Name
	if profile == "" {
		profile = "*"
	}
	if app == "" {
		app = "*"
	}
	fmt.Fprintf(&b, "device profile=%s app=%s\n\n", profile, app)
	b.WriteString(strings.Join(append([]string{string(Seen)}, strings.Fields(r.meta.Source)...), " ") + "\n")
	for _, l := range rec.lines {
		b.WriteString(l.String() + "\n")
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// Files returns the files that belong beside the vector, by name: credentials
// that were written during the session, without the secrets unless
// RecordMeta.KeepSecrets is set.
func (r *Recorder) Files() map[string][]byte {
	rec := r.pass()
	maps.DeleteFunc(rec.files, func(name string, _ []byte) bool { return !rec.open[name] })
	return rec.files
}
