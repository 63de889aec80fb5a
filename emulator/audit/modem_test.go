package audit_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
)

// start is the time of all records in these tests.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// modem makes the events that a real one would make for the commands of a test.
// It keeps just enough state to answer %CMNG, +CFUN and +CMEE.
type modem struct {
	t     testing.TB
	to    func(*event.Event)
	seq   uint64
	boot  int
	id    int
	mode  int
	cmee  int
	store map[audit.Key]string
	// force is the result that the next command gets whatever it is.
	force string
	// quiet leaves out the Content of writes.
	quiet bool
}

func newModem(t testing.TB, to func(*event.Event)) *modem {
	m := &modem{t: t, to: to, store: map[audit.Key]string{}}
	m.powerCycle()
	return m
}

func (m *modem) emit(e event.Event) {
	m.seq++
	e.Seq, e.Boot, e.Time = m.seq, m.boot, start.Add(time.Duration(m.seq)*time.Second)
	m.to(&e)
}

func (m *modem) power(action event.PowerAction) {
	m.emit(event.Event{Power: &event.Power{Action: action}})
}

func (m *modem) powerCycle() {
	if m.boot > 0 {
		m.power("off")
	}
	m.powerOn()
}

func (m *modem) powerCut() {
	m.emit(event.Event{Power: &event.Power{Action: "cut", Step: 3}})
	m.powerOn()
}

func (m *modem) powerOn() {
	m.boot++
	m.id, m.mode, m.cmee = 0, 0, 0
	m.power("on")
}

func (m *modem) online() bool { return m.mode == 1 || m.mode == 2 || m.mode == 21 }

// at plays one exchange and returns its result and information lines.
func (m *modem) at(format string, args ...any) (result string, lines []string) {
	text := fmt.Sprintf(format, args...)
	m.id++
	name, form, arg := split(text)
	m.emit(event.Event{Command: &event.Command{ID: m.id, Text: text, Name: name, Form: form}})
	code := -1
	if m.force != "" {
		code = 0 // ERROR
		fmt.Sscanf(m.force, "+CME ERROR: %d", &code)
		m.force = ""
	}
	switch {
	case name == "%CMNG" && form == "set":
		lines, code = m.cmng(arg, code)
	case name == "%KEYGEN":
		code = m.keygen(arg)
	case name == "%XFACTORYRESET":
		m.factoryReset(arg)
	case name == "+CMEE" && form == "set":
		m.cmee, _ = strconv.Atoi(arg)
	case name == "+CMEE":
		lines = []string{fmt.Sprintf("+CMEE: %d", m.cmee)}
	case name == "+CFUN" && form == "set":
		m.cfun(arg)
	}
	r := &event.Response{ID: m.id, Lines: lines, Result: "OK"}
	if code >= 0 {
		r.CME, r.Error, r.Result = code, true, "ERROR"
		if m.cmee == 1 {
			r.Result = fmt.Sprintf("+CME ERROR: %d", code)
		}
	}
	m.emit(event.Event{Response: r})
	return r.Result, lines
}

func split(text string) (name, form, arg string) {
	name = strings.TrimPrefix(text, "AT")
	form = "bare"
	if before, after, ok := strings.Cut(name, "="); ok {
		name, form, arg = before, "set", after
	} else if strings.HasSuffix(name, "?") {
		name, form = strings.TrimSuffix(name, "?"), "read"
	}
	return name, form, arg
}

func (m *modem) cfun(arg string) {
	m.mode, _ = strconv.Atoi(arg)
	m.emit(event.Event{Mode: &event.Mode{Requested: m.mode, State: m.mode, LTE: m.online(), Active: m.online()}})
	if m.mode == 0 {
		m.emit(event.Event{NVM: &event.NVM{ID: m.id, Cause: event.NVMModeOff, Cost: event.Cost{Programmed: 256}}})
	}
}

func digestOf(content string) string {
	if content == "" {
		return ""
	}
	return event.Describe([]byte(content), true).SHA256
}

func (m *modem) held(tag uint32) []int {
	var list []int
	for k := range m.store {
		if k.SecTag == tag {
			list = append(list, int(k.Type))
		}
	}
	slices.Sort(list)
	return list
}

func (m *modem) cmng(arg string, forced int) (lines []string, code int) {
	if forced == event.CMEIncorrectParameter {
		return nil, forced // refused before it gets to the store
	}
	head, content, _ := strings.Cut(arg, `"`)
	content = strings.TrimSuffix(content, `"`)
	var n []uint32
	for _, f := range strings.Split(strings.TrimSuffix(head, ","), ",") {
		v, err := strconv.ParseUint(strings.TrimSpace(f), 10, 32)
		require.NoError(m.t, err, arg)
		n = append(n, uint32(v))
	}
	c := &event.Credential{ID: m.id, Op: []event.CredentialOp{"write", "list", "read", "delete"}[n[0]]}
	if len(n) > 1 {
		tag := n[1]
		c.SecTag = &tag
	}
	if len(n) > 2 {
		typ := event.CredentialType(n[2])
		c.Type = &typ
	}
	code = forced
	if c.Op == "list" {
		for k, v := range m.store {
			if code < 0 && (c.SecTag == nil || *c.SecTag == k.SecTag) && (c.Type == nil || *c.Type == k.Type) {
				lines = append(lines, fmt.Sprintf(`%%CMNG: %d,%d,"%s"`, k.SecTag, k.Type, digestOf(v)))
			}
		}
		slices.Sort(lines)
		c.Found = len(lines)
		if c.Type != nil && c.Found > 0 {
			c.Before = digestOf(m.store[audit.Key{SecTag: *c.SecTag, Type: *c.Type}])
		}
	} else {
		lines, code = m.operate(c, content, code)
	}
	if code >= 0 {
		c.CME, c.Error = code, true
	}
	m.emit(event.Event{Credential: c})
	return lines, code
}

// operate does a write, read or delete and fills in the event.
func (m *modem) operate(c *event.Credential, content string, code int) ([]string, int) {
	k := audit.Key{SecTag: *c.SecTag, Type: *c.Type}
	old := m.store[k]
	c.Before, c.After = digestOf(old), digestOf(old)
	if old != "" {
		c.Found = 1
	}
	if c.Op == "write" && !m.quiet {
		c.Content = event.Describe([]byte(content), k.Type == 2 || k.Type == 3)
	}
	switch {
	case code >= 0:
	case c.Op != "read" && m.online():
		code = 518
	case c.Op == "write":
		m.store[k] = content
		c.After, c.Held = digestOf(content), m.held(k.SecTag)
		c.Cost.Programmed = len(content) + 32
	case old == "":
		code = 513
	case c.Op == "delete":
		delete(m.store, k)
		c.After, c.Held = "", m.held(k.SecTag)
		c.Cost.Programmed = 16
	case k.Type == 2 || k.Type == 3:
		code = 514
	default:
		return []string{fmt.Sprintf(`%%CMNG: %d,%d,"%s","%s"`, k.SecTag, k.Type, digestOf(old), old)}, code
	}
	return nil, code
}

func (m *modem) keygen(arg string) int {
	tag, _ := strconv.Atoi(strings.Split(arg, ",")[0])
	k := audit.Key{SecTag: uint32(tag), Type: 2}
	c := &event.Credential{ID: m.id, Op: "generate", SecTag: &k.SecTag, Type: &k.Type}
	code := -1
	if m.store[k] != "" {
		code, c.CME, c.Error, c.Found = 519, 519, true, 1
	} else {
		m.store[k] = fmt.Sprintf("key %d", m.seq)
		c.After, c.Held = digestOf(m.store[k]), m.held(k.SecTag)
		c.Cost.Programmed = 200
	}
	m.emit(event.Event{Credential: c})
	return code
}

func (m *modem) factoryReset(arg string) { m.resetBy(m.id, arg) }

// resetBy is a factory reset by a command, or from outside with 0.
func (m *modem) resetBy(id int, arg string) {
	m.emit(event.Event{NVM: &event.NVM{ID: id, Cause: event.NVMFactoryReset, Cost: event.Cost{Programmed: 16}}})
	if arg == "0" {
		clear(m.store)
		m.emit(event.Event{Credential: &event.Credential{ID: id, Op: event.CredentialErase}})
	}
}

// put changes the store from outside; with a nil event the record does not show
// it.
func (m *modem) put(tag uint32, typ event.CredentialType, content string, shown bool) {
	k := audit.Key{SecTag: tag, Type: typ}
	c := &event.Credential{Op: "write", SecTag: &k.SecTag, Type: &k.Type, Before: digestOf(m.store[k]), After: digestOf(content)}
	if content == "" {
		c.Op = "delete"
		delete(m.store, k)
	} else {
		c.Content = event.Describe([]byte(content), false)
		m.store[k] = content
	}
	c.Held = m.held(tag)
	if shown {
		m.emit(event.Event{Credential: c})
	}
}

// tls is a TLS socket that connects.
type tls struct {
	peer   string
	tags   []uint32
	verify int
	host   string
	errno  int
	suite  uint16
	chain  []event.Certificate
	noise  bool // the connection fails before the handshake
	fault  event.HandshakeFault
}

func (m *modem) tls(s tls) {
	m.id++
	if s.fault != "" && s.errno == 0 {
		s.errno = 111
	}
	m.emit(event.Event{Command: &event.Command{ID: m.id, Text: "AT#XCONNECT", Name: "#XCONNECT", Form: "bare"}})
	for _, n := range s.tags {
		found := false
		for t := range event.CredentialType(5) {
			if m.store[audit.Key{SecTag: n, Type: t}] != "" {
				found = true
				m.emit(event.Event{Credential: &event.Credential{ID: m.id, Op: "use", SecTag: &n, Type: &t, Found: 1}})
			}
		}
		if !found {
			m.emit(event.Event{Credential: &event.Credential{ID: m.id, Op: "use", SecTag: &n}})
		}
	}
	if !s.noise {
		m.emit(event.Event{Handshake: &event.Handshake{ID: m.id, Handle: 1, Fault: s.fault, Reason: faultReasons[s.fault], Protocol: "tls", Peer: s.peer, SecTags: s.tags,
			Verify: s.verify, HostName: s.host, OK: s.errno == 0, Errno: s.errno, Suite: s.suite, Chain: s.chain}})
	}
	m.emit(event.Event{Socket: &event.Socket{ID: m.id, Op: "connect", Handle: 1, Protocol: "tls", Peer: s.peer,
		SecTags: s.tags, Verify: &s.verify, HostName: s.host, Errno: s.errno}})
}

// faultReasons are what the record says of a fault.
var faultReasons = map[event.HandshakeFault]string{
	event.FaultNoCredential:      "security tag 24 holds no CA certificate",
	event.FaultUnknownCA:         "the server's certificate is signed by an unknown CA",
	event.FaultClientCertificate: "the server did not accept the client certificate",
	event.FaultPSK:               "the server did not accept the pre-shared key or its identity",
	event.FaultServerName:        "the certificate is for another name",
	event.FaultNetwork:           "there was no answer",
}

var (
	connectLine = regexp.MustCompile(`^TLS: peer=(\S+) tag=(\d+) verify=(\d) host=(\S*)(?: fault=(\S+))?$`)
	outsideLine = regexp.MustCompile(`^stored from outside: (\d+),(\d+),<(.*)>$`)
	removedLine = regexp.MustCompile(`^removed unseen: (\d+),(\d+)$`)
	contentWord = regexp.MustCompile(`<([^>]*)>`)
)

// play plays a session as the examples of rules write it, and holds the results
// against those that it states.
func (m *modem) play(script string) {
	for line := range strings.Lines(strings.TrimSpace(script)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if beside, ok := strings.CutPrefix(line, "* "); ok {
			m.beside(beside)
			continue
		}
		text, want, ok := strings.Cut(line, " -> ")
		require.True(m.t, ok, "no result: %s", line)
		text = contentWord.ReplaceAllStringFunc(text, func(w string) string {
			return `"` + content(m.t, strings.Trim(w, "<>")) + `"`
		})
		// Some results are the fault of the modem, which the helper must be told: by
		// their code, or by a mark.
		marked, forced := strings.CutSuffix(want, "!")
		want = marked
		switch want {
		case "+CME ERROR: 50", "+CME ERROR: 60", "+CME ERROR: 515", "+CME ERROR: 527":
			forced = true
		case "+CME ERROR: 514":
			forced = forced || strings.HasPrefix(text, "AT%CMNG=0,") // a type that nobody can write
		case "+CME ERROR: 0":
			m.force, want = want, "ERROR"
		}
		if forced {
			m.force = want
			if want != "ERROR" {
				m.cmee = 1
			}
		}
		got, _ := m.at("%s", text)
		require.Equal(m.t, want, got, "%s", line)
	}
}

func (m *modem) beside(what string) {
	if f := connectLine.FindStringSubmatch(what); f != nil {
		tag, _ := strconv.ParseUint(f[2], 10, 32)
		verify, _ := strconv.Atoi(f[3])
		m.tls(tls{peer: f[1], tags: []uint32{uint32(tag)}, verify: verify, host: f[4], fault: event.HandshakeFault(f[5])})
		return
	}
	if f := outsideLine.FindStringSubmatch(what); f != nil {
		tag, _ := strconv.ParseUint(f[1], 10, 32)
		typ, _ := strconv.Atoi(f[2])
		m.put(uint32(tag), event.CredentialType(typ), content(m.t, f[3]), true)
		return
	}
	if f := removedLine.FindStringSubmatch(what); f != nil {
		tag, _ := strconv.ParseUint(f[1], 10, 32)
		typ, _ := strconv.Atoi(f[2])
		m.put(uint32(tag), event.CredentialType(typ), "", false)
		return
	}
	switch what {
	case "power cycle":
		m.powerCycle()
	case "power cut":
		m.powerCut()
	case "supply off":
		m.power("cut")
		m.powerOn()
	case "reset":
		m.power("reset")
	case "reset to the factory from outside":
		m.resetBy(0, "0")
	case "a quote stays open":
		m.emit(event.Event{Input: &event.Input{Problem: "open-quote", Bytes: 40, ID: m.id + 1, Text: "AT%CMNG=0,24,4,..."}})
	case "a command is too long":
		m.emit(event.Event{Input: &event.Input{Problem: "too-long", Bytes: 5000, ID: m.id + 1, Text: "AT%CMNG=0,24,0,..."}})
	case "the next command is sent early":
		m.emit(event.Event{Input: &event.Input{Problem: "early", Bytes: 3, ID: m.id}})
	default:
		require.Fail(m.t, "the helper does not know what this is", what)
	}
}
