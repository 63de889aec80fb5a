package event

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Text puts an event into words for a person, in one line or several, without number
// and time. Numbers have their meaning beside them. What could move a terminal's cursor
// is escaped.
func (e *Event) Text() string {
	switch {
	case e.Power != nil:
		return clean(e.Power.text())
	case e.Link != nil:
		return clean(e.Link.text())
	case e.Input != nil:
		return clean(e.Input.text())
	case e.Command != nil:
		return clean("> " + indented(e.Command.Text))
	case e.Response != nil:
		return clean(e.Response.text())
	case e.Notification != nil:
		return clean("* " + indented(e.Notification.Text) + because(", which did not reach the host", e.Notification.Lost))
	case e.Mode != nil:
		return e.Mode.text()
	case e.Registration != nil:
		return clean("registration " + numbered(e.Registration.Status, registrationMeanings) + because("", e.Registration.Reason))
	case e.Credential != nil:
		return clean(e.Credential.text())
	case e.NVM != nil:
		return clean(e.NVM.text())
	case e.Flash != nil:
		return clean(e.Flash.text())
	case e.Socket != nil:
		return clean(e.Socket.text())
	case e.Handshake != nil:
		return clean(e.Handshake.text())
	case e.Fault != nil:
		return clean(fmt.Sprintf("fault that was asked for: %s: %s", e.Fault.Name, e.Fault.Detail))
	case e.Program != nil:
		return clean(e.Program.text())
	case e.Console != nil:
		return clean("console: " + e.Console.Text)
	case e.Board != nil:
		return clean(fmt.Sprintf("board: %s; LEDs on %s, buttons pressed %s", e.Board.Changed, bits(e.Board.LEDs), bits(e.Board.Buttons)))
	case e.GNSS != nil:
		return clean(e.GNSS.text())
	}
	return "something that this version does not know"
}

func (p *Power) text() string {
	text := map[PowerAction]string{
		PowerOn: "power on", PowerOff: "power off, in good order", PowerCut: "power cut", PowerReset: "reset",
		PowerCrash: "the modem has crashed and answers nothing until it is started again", PowerWarning: "power-off warning",
		PowerModemOff: "modem off", PowerModemOn: "modem on",
	}[p.Action]
	if text == "" {
		text = "power " + string(p.Action)
	}
	if p.Device != "" {
		text += fmt.Sprintf(": %s with %s, application %s", p.Device, p.Firmware, p.Application)
	}
	if p.Step > 0 {
		text += fmt.Sprintf(" in flash step %d", p.Step)
	}
	return text + because("", p.Reason)
}

func (l *Link) text() string {
	switch l.Action {
	case LinkOpen:
		return "port " + l.Name + " opened"
	case LinkClose:
		return "port " + l.Name + " closed"
	case LinkOverrun:
		return "port " + l.Name + ": the host does not read, and output was dropped"
	}
	return "port " + l.Name + " " + string(l.Action)
}

func (i *Input) text() string {
	text := fmt.Sprintf("input (%s, %s)", i.Problem, counted(i.Bytes, "byte"))
	if i.Text != "" {
		text += ": " + i.Text
	}
	return text + because("", i.Reason)
}

func (r *Response) text() string {
	var b strings.Builder
	for _, line := range r.Lines {
		b.WriteString("< " + indented(line) + "\n")
	}
	b.WriteString("< " + r.result())
	if r.Took >= time.Millisecond {
		fmt.Fprintf(&b, "  after %v", rounded(r.Took))
	}
	if r.Reason != "" {
		b.WriteString("\n  why: " + indented(r.Reason))
	}
	return b.String()
}

// result is the final result with what its number means, also where +CMEE=0 hides it.
func (r *Response) result() string {
	meaning := ""
	if r.CME != 0 || strings.HasPrefix(r.Result, "+CME ERROR") {
		meaning = CMEMeaning(r.CME)
	}
	switch {
	case r.Result == "":
		return "(nothing)"
	case r.Error && r.Result == "ERROR" && r.CME != 0:
		return fmt.Sprintf("ERROR, for AT+CMEE=0 hides the code: %s", numbered(r.CME, cmeMeanings))
	case meaning != "":
		return r.Result + " (" + meaning + ")"
	}
	return r.Result
}

func (m *Mode) text() string {
	on := func(v bool) string {
		if v {
			return "on"
		}
		return "off"
	}
	text := fmt.Sprintf("functional mode %s was asked for; now %s, LTE %s, GNSS %s",
		numbered(m.Requested, modeMeanings), numbered(m.State, modeMeanings), on(m.LTE), on(m.GNSS))
	if m.Active {
		text += "; credentials cannot be changed"
	}
	return text
}

func (c *Credential) text() string {
	text := "credential"
	if c.SecTag != nil {
		text += fmt.Sprintf(" %d", *c.SecTag)
		if c.Type != nil {
			text += fmt.Sprintf(",%d (%s)", uint8(*c.Type), *c.Type)
		}
	} else {
		text += "s"
	}
	text += ": " + string(c.Op)
	if c.ID == 0 {
		text += " by nobody at the port"
	}
	if c.Content != nil {
		text += fmt.Sprintf(" of %s, SHA-256 %.12s...", counted(c.Content.Bytes, "byte"), c.Content.SHA256)
	}
	switch {
	case c.Error && c.CME != 0:
		return text + ", refused with " + numbered(c.CME, cmeMeanings) + because("", c.Reason)
	case c.Error:
		return text + ", refused" + because("", c.Reason)
	case c.Op == CredentialList:
		return text + ", found " + strconv.Itoa(c.Found)
	}
	return text + c.Cost.text() + because("", c.Reason)
}

func (c Cost) text() string {
	if c == (Cost{}) {
		return ""
	}
	return fmt.Sprintf("; the flash: %s programmed, %s erased", counted(c.Programmed, "byte"), counted(c.Erases, "page"))
}

func (n *NVM) text() string {
	text := fmt.Sprintf("settings stored (%s)", n.Cause)
	switch n.Cause {
	case NVMBoot, NVMLost:
		text = fmt.Sprintf("settings (%s)", n.Cause)
	case NVMFactoryReset:
		text = "factory reset"
	}
	if n.Error {
		text += ", not done"
	}
	return text + n.Cost.text() + because("", n.Reason)
}

func (f *Flash) text() string {
	text := fmt.Sprintf("flash: %s of page %d", f.Op, f.Page)
	if f.Bytes > 0 {
		text += ", " + counted(f.Bytes, "byte")
	}
	if f.Wear > 0 {
		text += fmt.Sprintf(", erased %d times so far", f.Wear)
	}
	return text + because("", f.Error)
}

func (s *Socket) text() string {
	text := fmt.Sprintf("socket %d", s.Handle)
	if s.Protocol != "" {
		text += " (" + s.Protocol + ")"
	}
	text += ": " + string(s.Op)
	if s.Peer != "" {
		text += " " + s.Peer
	}
	if s.Bytes > 0 {
		text += ", " + counted(s.Bytes, "byte")
	}
	if s.Errno != 0 {
		text += ", " + errnoText(s.Errno, s.Name)
	}
	return text + because("", s.Reason)
}

func (h *Handshake) text() string {
	text := fmt.Sprintf("%s handshake with %s", strings.ToUpper(h.Protocol), h.Peer)
	if h.HostName != "" {
		text += " as " + h.HostName
	}
	tags := make([]string, len(h.SecTags))
	for i, tag := range h.SecTags {
		tags[i] = strconv.FormatUint(uint64(tag), 10)
	}
	if len(tags) > 0 {
		text += ", sec_tag " + strings.Join(tags, " and ")
	}
	if !h.OK {
		return text + ": refused, " + errnoText(h.Errno, h.Name) + because("", h.Reason)
	}
	text += fmt.Sprintf(": %s, cipher suite %04X", h.Version, h.Suite)
	if h.Verified {
		text += ", the server was verified"
	} else {
		text += ", the server was not verified"
	}
	return text + fmt.Sprintf(", after %v", rounded(h.Took)) + because("", h.Reason)
}

func (p *Program) text() string {
	text := "program"
	if p.Name != "" {
		text += " " + p.Name
	}
	text += ": " + string(p.Action)
	if p.Status != 0 {
		text += fmt.Sprintf(", status %d", p.Status)
	}
	return text + because("", p.Reason)
}

func (g *GNSS) text() string {
	text := "GNSS: " + string(g.Action)
	if g.Action == GNSSFix {
		text += fmt.Sprintf(" at %.6f, %.6f after %v", g.Latitude, g.Longitude, time.Duration(g.Took)*time.Millisecond)
	}
	return text + because("", g.Reason)
}

// because adds a reason, if there is one.
func because(what, reason string) string {
	if reason == "" {
		return ""
	}
	return what + ": " + reason
}

// bits lists the bits of a word, from 1.
func bits(word uint32) string {
	var list []string
	for n := range 32 {
		if word>>n&1 != 0 {
			list = append(list, strconv.Itoa(n+1))
		}
	}
	if list == nil {
		return "none"
	}
	return strings.Join(list, " ")
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// rounded is a time in a form that people read.
func rounded(d time.Duration) time.Duration {
	if d < time.Second {
		return d.Round(100 * time.Microsecond)
	}
	return d.Round(10 * time.Millisecond)
}

// indented puts the later lines of a text below its first.
func indented(text string) string {
	return strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ")
}

// clean escapes control characters, but for line feeds: what a host sends must not
// reach a person's terminal as commands.
func clean(text string) string {
	bad := func(r rune) bool {
		return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r == '\uFFFD' || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	}
	if strings.IndexFunc(text, bad) < 0 {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '\uFFFD' && !strings.HasPrefix(text[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case !bad(r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
	}
	return b.String()
}
