package audit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/audit"
)

// host is a provisioning program in the style of Nordic's modem_key_mgmt.
type host struct {
	*modem
	// wrap sets and restores +CMEE around each command, as the library does.
	wrap bool
}

func (h host) cmd(format string, args ...any) (string, []string) {
	if h.wrap {
		_, was := h.at("AT+CMEE?")
		if was[0] == "+CMEE: 0" {
			h.at("AT+CMEE=1")
			defer h.at("AT+CMEE=0")
		}
	}
	return h.at(format, args...)
}

func (h host) exists(tag, typ int) bool {
	_, lines := h.cmd("AT%%CMNG=1,%d,%d", tag, typ)
	return len(lines) > 0
}

func (h host) digest(tag, typ int) string {
	_, lines := h.cmd("AT%%CMNG=1,%d,%d", tag, typ)
	if len(lines) == 0 {
		return ""
	}
	return strings.Split(lines[0], `"`)[1]
}

// read returns the content, and whether there was an answer that tells.
func (h host) read(tag, typ int) (string, string) {
	result, lines := h.cmd("AT%%CMNG=2,%d,%d", tag, typ)
	if len(lines) == 0 {
		return "", result
	}
	return strings.Split(lines[0], `"`)[3], result
}

func (h host) write(tag, typ int, content string) string {
	result, _ := h.cmd(`AT%%CMNG=0,%d,%d,"%s"`, tag, typ, content)
	return result
}

func (h host) remove(tag, typ int) string {
	result, _ := h.cmd("AT%%CMNG=3,%d,%d", tag, typ)
	return result
}

// online goes online, connects by TLS, and ends the session.
func (h host) online() {
	h.at("AT+CFUN=1")
	h.tls(tls{peer: "broker.example:8883", tags: []uint32{24}, verify: 2, host: "broker.example"})
	h.at("AT+CFUN=0")
}

// A program provisions tag 24 with a CA and, if it can, a certificate and a key.
type program struct {
	name string
	run  func(h host, ca, cert, key string)
}

var goodPrograms = []program{
	{"exists, compare by reading, write", func(h host, ca, _, _ string) {
		if h.exists(24, 0) {
			if got, _ := h.read(24, 0); got == ca {
				return
			}
		}
		h.write(24, 0, ca)
	}},
	{"compare by reading without asking first", func(h host, ca, _, _ string) {
		h.at("AT+CMEE=1")
		if got, _ := h.read(24, 0); got != ca {
			h.write(24, 0, ca)
		}
	}},
	{"ask without comparing", func(h host, ca, _, _ string) {
		if !h.exists(24, 0) {
			h.write(24, 0, ca)
		}
	}},
	{"digest instead of reading", func(h host, ca, cert, key string) {
		for typ, c := range []string{ca, cert, key} {
			if h.digest(24, typ) != digestOf(c) {
				h.write(24, typ, c)
			}
		}
	}},
	{"one list of everything", func(h host, ca, cert, key string) {
		_, lines := h.cmd("AT%%CMNG=1")
		for typ, c := range []string{ca, cert, key} {
			if !slices.Contains(lines, fmt.Sprintf(`%%CMNG: 24,%d,"%s"`, typ, digestOf(c))) {
				h.write(24, typ, c)
			}
		}
	}},
	{"delete before a needed replacement", func(h host, ca, cert, key string) {
		_, lines := h.cmd("AT%%CMNG=1, 24")
		for typ, c := range []string{ca, cert, key} {
			prefix := fmt.Sprintf("%%CMNG: 24,%d,", typ)
			i := slices.IndexFunc(lines, func(s string) bool { return strings.HasPrefix(s, prefix) })
			if i >= 0 && strings.Contains(lines[i], digestOf(c)) {
				continue
			}
			if i >= 0 {
				h.remove(24, typ)
			}
			h.write(24, typ, c)
		}
	}},
	{"a tool that goes to flight mode first and lists again to check", func(h host, ca, _, _ string) {
		h.at("AT+CFUN=4")
		if h.digest(24, 0) != digestOf(ca) {
			h.write(24, 0, ca)
		}
		h.exists(24, 0)
	}},
	{"a set that is written when its CA is not right, key first", func(h host, ca, cert, key string) {
		switch {
		case h.digest(24, 0) == "":
			h.write(24, 2, key)
			h.write(24, 1, cert)
			h.write(24, 0, ca)
		case h.digest(24, 0) != digestOf(ca):
			h.write(24, 0, ca)
		}
	}},
	{"the key is made on the device", func(h host, ca, cert, _ string) {
		if !h.exists(24, 2) {
			h.at("AT%%KEYGEN=24,2,0")
			h.write(24, 1, cert)
		}
		if h.digest(24, 0) != digestOf(ca) {
			h.write(24, 0, ca)
		}
	}},
	{"several tags", func(h host, ca, cert, key string) {
		for tag, c := range map[int]string{24: ca, 25: content(h.t, "nrf cloud ca")} {
			if got, _ := h.read(tag, 0); got != c {
				h.write(tag, 0, c)
			}
		}
		h.at("AT+CFUN=1")
		h.tls(tls{peer: "broker.example:8883", tags: []uint32{24, 25}, verify: 2, host: "broker.example"})
		h.at("AT+CFUN=4")
	}},
}

// badPrograms are each named with a rule that must find them over three boots.
var badPrograms = []struct {
	program
	rule  string
	level audit.Level
}{
	{program{"writes at every boot", func(h host, ca, _, _ string) { h.write(24, 0, ca) }}, "P04", audit.Error},
	{program{"asks and writes all the same", func(h host, ca, _, _ string) { h.exists(24, 0); h.write(24, 0, ca) }}, "P04", audit.Error},
	{program{"deletes and writes at every boot", func(h host, ca, _, _ string) {
		h.remove(24, 0)
		h.write(24, 0, ca)
	}}, "P06", audit.Error},
	{program{"deletes what is there, then finds nothing", func(h host, ca, _, _ string) {
		if h.exists(24, 0) {
			h.remove(24, 0)
		}
		if !h.exists(24, 0) {
			h.write(24, 0, ca)
		}
	}}, "P06", audit.Error},
	{program{"deletes at the end, writes at the start", func(h host, ca, _, _ string) {
		if !h.exists(24, 0) {
			h.write(24, 0, ca)
		}
		h.online()
		h.remove(24, 0)
	}}, "P06", audit.Error},
	{program{"two contents under one tag", func(h host, ca, _, _ string) {
		for _, c := range []string{ca, content(h.t, "nrf cloud ca")} {
			if got, _ := h.read(24, 0); got != c {
				h.write(24, 0, c)
			}
		}
	}}, "P05", audit.Error},
	{program{"another content in every other boot", func(h host, ca, _, _ string) {
		c := []string{ca, content(h.t, "nrf cloud ca")}[h.boot%2]
		if got, _ := h.read(24, 0); got != c {
			h.write(24, 0, c)
		}
	}}, "P05", audit.Error},
	{program{"the key cannot be read back", func(h host, ca, cert, key string) {
		for typ, c := range []string{ca, cert, key} {
			if got, _ := h.read(24, typ); got != c {
				h.write(24, typ, c)
			}
		}
	}}, "P07", audit.Error},
	{program{"compares with one length, writes with another", func(h host, ca, _, _ string) {
		if got, _ := h.read(24, 0); got != ca+"\x00" {
			h.write(24, 0, ca)
		}
	}}, "P04", audit.Error},
	{program{"online first", func(h host, ca, _, _ string) {
		h.at("AT+CFUN=1")
		if !h.exists(24, 0) {
			h.write(24, 0, ca)
		}
	}}, "P01", audit.Error},
	{program{"online first, with the reasons hidden", func(h host, ca, _, _ string) {
		h.wrap = false
		h.at("AT+CFUN=1")
		if !h.exists(24, 0) {
			h.write(24, 0, ca)
		}
	}}, "P02", audit.Warning},
	{program{"goes on after a failed write", func(h host, ca, _, _ string) {
		if !h.exists(24, 0) {
			h.at("AT+CFUN=1")
			h.write(24, 0, ca)
			h.at("AT+CFUN=4")
			h.online()
		}
	}}, "P01", audit.Error},
	{program{"content that can never verify", func(h host, ca, _, _ string) {
		if !h.exists(24, 0) {
			h.write(24, 0, strings.TrimSuffix(ca, "-\n"))
		}
	}}, "P11", audit.Error},
	{program{"+CFUN=0 to go offline", func(h host, ca, _, _ string) {
		h.at("AT+CFUN=0")
		if !h.exists(24, 0) {
			h.write(24, 0, ca)
		}
		h.at("AT+CFUN=1")
	}}, "P24", audit.Warning},
	{program{"a new key in each boot", func(h host, ca, cert, _ string) {
		h.remove(24, 2)
		h.at("AT%%KEYGEN=24,2,0")
		h.write(24, 1, cert)
	}}, "P32", audit.Error},
	{program{"a socket with another tag", func(h host, ca, _, _ string) {
		if !h.exists(42, 0) {
			h.write(42, 0, ca)
		}
		h.online()
	}}, "P20", audit.Error},
}

// run plays a program over boots and returns the report. before is called ahead
// of each boot and may change what is stored or what the program wants.
func (p program) run3(t *testing.T, wrap bool, before func(m *modem, boot int, ca *string)) *audit.Report {
	a := audit.New(audit.Options{})
	m := newModem(t, a.Add)
	ca := content(t, "ca")
	for boot := 1; boot <= 3; boot++ {
		if boot > 1 {
			m.powerCycle()
		}
		if before != nil {
			before(m, boot, &ca)
		}
		p.run(host{m, wrap}, ca, content(t, "client certificate"), content(t, "key"))
	}
	return a.Report()
}

func TestGoodPrograms(t *testing.T) {
	// Over the boots, nothing but the program may change, or the program's CA, or
	// what is stored, with and without a trace of it in the record.
	settings := map[string]func(m *modem, boot int, ca *string){
		"as it is": nil,
		"a new CA": func(m *modem, boot int, ca *string) {
			if boot == 3 {
				*ca = content(m.t, "ca2")
			}
		},
		"another CA put in": func(m *modem, boot int, ca *string) {
			if boot > 1 {
				m.put(24, 0, content(m.t, "ca2"), true)
			}
		},
		"another CA put in unseen": func(m *modem, boot int, ca *string) {
			if boot > 1 {
				m.put(24, 0, content(m.t, "ca2"), false)
			}
		},
		"CA removed": func(m *modem, boot int, ca *string) {
			if boot > 1 {
				m.put(24, 0, "", true)
			}
		},
		"CA removed unseen": func(m *modem, boot int, ca *string) {
			if boot > 1 {
				m.put(24, 0, "", false)
			}
		},
		"CA there from the start": func(m *modem, boot int, ca *string) {
			if boot == 1 {
				m.put(24, 0, *ca, true)
			}
		},
	}
	for _, p := range goodPrograms {
		for name, before := range settings {
			for _, wrap := range []bool{true, false} {
				if p.name == goodPrograms[7].name && strings.HasPrefix(name, "CA removed") {
					continue // its mark is gone, so it rightly takes the whole set for absent
				}
				t.Run(fmt.Sprintf("%s/%s/%v", p.name, name, wrap), func(t *testing.T) {
					list := above(p.run3(t, wrap, before))
					// Without +CMEE it is true that reasons are hidden.
					list = slices.DeleteFunc(list, func(s string) bool { return !wrap && strings.HasPrefix(s, "P02") })
					require.Empty(t, list)
				})
			}
		}
	}
}

func TestGoodProgramsWriteOnce(t *testing.T) {
	for _, p := range goodPrograms {
		r := p.run3(t, true, nil)
		require.Zero(t, r.Totals.LaterCost.Programmed, p.name)
		require.Zero(t, r.Totals.Needless, p.name)
		require.True(t, r.Sound)
		require.Equal(t, 3, r.Totals.Boots)
	}
}

func TestBadPrograms(t *testing.T) {
	for _, p := range badPrograms {
		t.Run(p.name, func(t *testing.T) {
			r := p.run3(t, true, nil)
			i := slices.IndexFunc(r.Findings, func(f *audit.Finding) bool { return f.Rule == p.rule && f.Level == p.level })
			require.GreaterOrEqual(t, i, 0, "found: %v", found(r))
			if p.level == audit.Error {
				require.False(t, r.Sound)
			}
		})
	}
}
