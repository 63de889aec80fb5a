package lab

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"nrf91emu/emulator/audit"
	"nrf91emu/keystore"
)

// A check is a condition on what has happened or what is so. It holds or does not;
// nobody can tick it.
type check struct {
	text string
	// holds reports whether it holds and, if not, why, in words for a student.
	holds func(*view) (bool, string)
}

// startOver begins advice that is for who sits at the page.
const startOver = "; start the exercise over"

// A view is what checks look at.
type view struct {
	*world
	credentials map[keystore.Key]string // SHA-256 in upper-case hexadecimal
	files       map[string]string       // the same of files by name, such as ca.pem
	findings    []*audit.Finding
	mode        int // functional mode; -1 if it cannot be told
	registered  bool
	built       bool // the student's application was built and runs
	notBuilt    string
}

// A condition is a word that a check begins with.
type condition struct {
	word  string
	usage string // the words behind it
	what  string // for teachers
	parse func(args []string) (func(*view) (bool, string), error)
}

// conditions are all of them. It is a function since Conditions prints them.
func conditions() []condition {
	return []condition{
		{"stored", "TAG TYPE FILE", "the store holds exactly the bytes of FILE (ca.pem, unknown-ca.pem, client.pem or client.key)", parseStored},
		{"absent", "TAG TYPE", "the store holds nothing there", parseAbsent},
		{"asked", "TAG TYPE", "the credential was listed or read before it was first written", parseAsked},
		{"written", "TAG TYPE N", "it was written exactly N times since the exercise began", parseWritten},
		{"mode", "N ...", "the functional mode is one of these", parseMode},
		{"registered", "", "the modem is registered in the network", parseRegistered},
		{"answered", "REGEXP", "a command that matches was answered OK", parseAnswered},
		{"refused", "CODE REGEXP", "a command that matches was refused with this +CME ERROR", parseRefused},
		{"connected", "PORT", "the last TLS handshake with that port of the servers went well and the certificate was verified", parseConnected},
		{"failed", "PORT REGEXP", "a TLS handshake with that port has failed, for a reason that matches", parseFailed},
		{"mqtt", "", "the device has an MQTT session", parseMQTT},
		{"subscribed", "TOPIC", "the device has subscribed to the topic", parseSubscribed},
		{"published", "TOPIC", "the device has published on the topic", parsePublished},
		{"received", "TOPIC [PAYLOAD]", "somebody else published on a topic that the device had subscribed to", parseReceived},
		{"client", "connected|refused", "the second client, in the page or on the command line, got in, or did not", parseClient},
		{"booted", "N", "the device has started at least N times since the exercise began", parseBooted},
		{"clean", "TAG TYPE", "in a start after the first the credential was asked for, nothing was written, and the modem went online", parseClean},
		{"cut", "", "the power was lost inside a write", parseCut},
		{"sound", "[RULE ...]", "the judge has no finding at error level, but for these rules", parseSound},
		{"finding", "RULE", "the judge has found this", parseFinding},
		{"tried", "PORT", "there was a TLS handshake with that port, good or bad", parseTried},
		{"built", "", "the student's application in C was built without errors and runs as the device's firmware", parseBuilt},
		{"console", "REGEXP", "the application has printed a line that matches", parseConsole},
		{"led", "N on|off", "an LED of the board is on or off", parseLED},
		{"blinked", "N", "the application has switched an LED on and off again", parseBlinked},
		{"button", "N", "a button of the board was pressed while an application ran", parseButton},
	}
}

// Conditions explains what a step's check may say, one line each.
func Conditions() string {
	var b strings.Builder
	for _, c := range conditions() {
		fmt.Fprintf(&b, "%-32s %s\n", strings.TrimSpace(c.word+" "+c.usage), c.what)
	}
	return b.String()
}

// parseCheck reads "not WORD ARGS" or "WORD ARGS".
func parseCheck(text string) (check, error) {
	words := strings.Fields(text)
	negate := len(words) > 0 && words[0] == "not"
	if negate {
		words = words[1:]
	}
	if len(words) == 0 {
		return check{}, fmt.Errorf("check: write a condition, such as: stored 24 0 ca.pem")
	}
	all := conditions()
	i := slices.IndexFunc(all, func(c condition) bool { return c.word == words[0] })
	if i < 0 {
		var known []string
		for _, c := range all {
			known = append(known, c.word)
		}
		return check{}, fmt.Errorf("there is no condition %q: use one of %s", words[0], strings.Join(known, ", "))
	}
	holds, err := all[i].parse(words[1:])
	if err != nil {
		return check{}, fmt.Errorf("%s: %w; write %s", words[0], err, strings.TrimSpace(words[0]+" "+all[i].usage))
	}
	if negate {
		inner := holds
		holds = func(v *view) (bool, string) {
			if ok, _ := inner(v); ok {
				return false, "this must not be so: " + strings.TrimPrefix(text, "not ")
			}
			return true, ""
		}
	}
	return check{text, holds}, nil
}

func keyArgs(args []string, more int) (keystore.Key, error) {
	if len(args) != 2+more {
		return keystore.Key{}, fmt.Errorf("it takes %d words, not %d", 2+more, len(args))
	}
	tag, err := strconv.ParseUint(args[0], 10, 32)
	if err != nil {
		return keystore.Key{}, fmt.Errorf("%q is no security tag", args[0])
	}
	typ, err := strconv.ParseUint(args[1], 10, 8)
	if err != nil {
		return keystore.Key{}, fmt.Errorf("%q is no credential type", args[1])
	}
	return keystore.Key{SecTag: keystore.SecTag(tag), Type: keystore.CredentialType(typ)}, nil
}

func noArgs(args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("it takes no words behind it")
	}
	return nil
}

func name(k keystore.Key) string { return fmt.Sprintf("tag %d, type %d", k.SecTag, k.Type) }

func parseStored(args []string) (func(*view) (bool, string), error) {
	k, err := keyArgs(args, 1)
	if err != nil {
		return nil, err
	}
	file := args[2]
	return func(v *view) (bool, string) {
		got, ok := v.credentials[k]
		want := v.files[file]
		switch {
		case !ok:
			return false, name(k) + " holds nothing yet"
		case got == want:
			return true, ""
		}
		for other, sum := range v.files {
			if sum == got {
				return false, fmt.Sprintf("%s holds %s, not %s", name(k), other, file)
			}
		}
		return false, fmt.Sprintf("%s holds something that is not %s to the byte: compare line ends, blanks and the last line feed", name(k), file)
	}, nil
}

func parseAbsent(args []string) (func(*view) (bool, string), error) {
	k, err := keyArgs(args, 0)
	return func(v *view) (bool, string) {
		_, ok := v.credentials[k]
		return !ok, name(k) + " holds something"
	}, err
}

func parseAsked(args []string) (func(*view) (bool, string), error) {
	k, err := keyArgs(args, 0)
	return func(v *view) (bool, string) {
		c := v.creds[k]
		switch {
		case c == nil || (!c.asked && c.writes == 0):
			return false, "nobody has asked for " + name(k) + " yet"
		case !c.askedFirst:
			return false, name(k) + " was written before anybody asked whether it is there" + startOver + " to do it in order"
		}
		return true, ""
	}, err
}

func parseWritten(args []string) (func(*view) (bool, string), error) {
	k, err := keyArgs(args, 1)
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(args[2])
	return func(v *view) (bool, string) {
		got := 0
		if c := v.creds[k]; c != nil {
			got = c.writes
		}
		return got == n, fmt.Sprintf("%s was written %s; it should be %d%s", name(k), times(got), n, map[bool]string{true: startOver + " to count anew"}[got > n])
	}, err
}

func parseMode(args []string) (func(*view) (bool, string), error) {
	var modes []int
	for _, a := range args {
		n, err := strconv.Atoi(a)
		if err != nil {
			return nil, fmt.Errorf("%q is no functional mode", a)
		}
		modes = append(modes, n)
	}
	if len(modes) == 0 {
		return nil, fmt.Errorf("a functional mode is missing")
	}
	return func(v *view) (bool, string) {
		return slices.Contains(modes, v.mode), fmt.Sprintf("the functional mode is %d", v.mode)
	}, nil
}

func parseRegistered(args []string) (func(*view) (bool, string), error) {
	return func(v *view) (bool, string) { return v.registered, "the modem is not registered in the network" }, noArgs(args)
}

func pattern(args []string) (*regexp.Regexp, error) {
	if len(args) == 0 {
		return nil, fmt.Errorf("a pattern is missing")
	}
	return regexp.Compile("(?i)" + strings.Join(args, " "))
}

func parseAnswered(args []string) (func(*view) (bool, string), error) {
	re, err := pattern(args)
	return func(v *view) (bool, string) {
		return slices.ContainsFunc(v.exchanges, func(e exchange) bool { return e.ok && re.MatchString(e.command) }),
			"no such command was answered with OK yet"
	}, err
}

func parseRefused(args []string) (func(*view) (bool, string), error) {
	if len(args) < 2 {
		return nil, fmt.Errorf("a code and a pattern are needed")
	}
	code, err := strconv.Atoi(args[0])
	if err != nil {
		return nil, fmt.Errorf("%q is no code", args[0])
	}
	re, err := pattern(args[1:])
	return func(v *view) (bool, string) {
		return slices.ContainsFunc(v.exchanges, func(e exchange) bool { return e.cme == code && re.MatchString(e.command) }),
			fmt.Sprintf("no such command was refused with %d yet", code)
	}, err
}

func parsePort(args []string) (uint16, error) {
	if len(args) == 0 {
		return 0, fmt.Errorf("a port is missing")
	}
	n, err := strconv.ParseUint(args[0], 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%q is no port", args[0])
	}
	return uint16(n), nil
}

func parseConnected(args []string) (func(*view) (bool, string), error) {
	port, err := parsePort(args)
	return func(v *view) (bool, string) {
		h, ok := v.handshakes[port]
		switch {
		case !ok:
			return false, fmt.Sprintf("there was no TLS handshake on port %d yet", port)
		case !h.ok:
			return false, "the last handshake failed: " + h.reason
		case !h.verified:
			return false, "the connection stands, but nobody checked who is at the other end: set peer verification to 2"
		}
		return true, ""
	}, err
}

func parseFailed(args []string) (func(*view) (bool, string), error) {
	port, err := parsePort(args)
	if err != nil {
		return nil, err
	}
	re, err := pattern(args[1:])
	return func(v *view) (bool, string) {
		return slices.ContainsFunc(v.failures[port], re.MatchString), fmt.Sprintf("no handshake on port %d failed in that way yet", port)
	}, err
}

func parseMQTT(args []string) (func(*view) (bool, string), error) {
	return func(v *view) (bool, string) { return v.mqtt != "", "the device has no MQTT session" }, noArgs(args)
}

func oneWord(args []string) (string, error) {
	if len(args) != 1 {
		return "", fmt.Errorf("it takes one word, not %d", len(args))
	}
	return args[0], nil
}

func parseSubscribed(args []string) (func(*view) (bool, string), error) {
	topic, err := oneWord(args)
	return func(v *view) (bool, string) {
		return v.subscribed[topic], "the device has not subscribed to " + topic
	}, err
}

func parsePublished(args []string) (func(*view) (bool, string), error) {
	topic, err := oneWord(args)
	return func(v *view) (bool, string) {
		return v.published[topic], "the device has not published on " + topic
	}, err
}

func parseReceived(args []string) (func(*view) (bool, string), error) {
	if len(args) < 1 {
		return nil, fmt.Errorf("a topic is missing")
	}
	topic, payload := args[0], strings.Join(args[1:], " ")
	return func(v *view) (bool, string) {
		got := v.received[topic]
		if payload == "" {
			return len(got) > 0, "nothing has come on " + topic
		}
		return slices.Contains(got, payload), fmt.Sprintf("%q has not come on %s", payload, topic)
	}, nil
}

func parseClient(args []string) (func(*view) (bool, string), error) {
	what, err := oneWord(args)
	if err == nil && what != "connected" && what != "refused" {
		err = fmt.Errorf("%q is neither connected nor refused", what)
	}
	return func(v *view) (bool, string) {
		if what == "refused" {
			return v.clientRefused, "the second client was not refused yet"
		}
		return v.clientConnected, "the second client is not connected"
	}, err
}

func oneNumber(args []string) (int, error) {
	word, err := oneWord(args)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(word)
}

func parseBooted(args []string) (func(*view) (bool, string), error) {
	n, err := oneNumber(args)
	return func(v *view) (bool, string) {
		return v.boots >= n, fmt.Sprintf("the device has started %s; power it off and on", times(v.boots))
	}, err
}

func parseClean(args []string) (func(*view) (bool, string), error) {
	k, err := keyArgs(args, 0)
	return func(v *view) (bool, string) {
		c := v.creds[k]
		switch {
		case v.boots < 2:
			return false, "the device has not started again yet"
		case v.writesInBoot > 0:
			return false, "something was written in this start"
		case c == nil || c.askedBoot != v.boot:
			return false, "in this start nobody has asked for " + name(k) + " yet"
		case !v.wentOnline:
			return false, "in this start the modem has not gone online yet"
		}
		return true, ""
	}, err
}

func parseCut(args []string) (func(*view) (bool, string), error) {
	return func(v *view) (bool, string) { return v.cut, "the power was not lost inside a write yet" }, noArgs(args)
}

func parseSound(args []string) (func(*view) (bool, string), error) {
	var but []string
	for _, word := range args {
		rule := audit.Lookup(word)
		if rule == nil {
			return nil, fmt.Errorf("there is no rule %q", word)
		}
		but = append(but, rule.ID)
	}
	return func(v *view) (bool, string) {
		for _, f := range v.findings {
			if f.Level == audit.Error && !slices.Contains(but, f.Rule) {
				return false, f.Rule + " " + f.Name + ": " + f.Title + startOver + " to be judged anew"
			}
		}
		return true, ""
	}, nil
}

func parseFinding(args []string) (func(*view) (bool, string), error) {
	word, err := oneWord(args)
	if err != nil {
		return nil, err
	}
	rule := audit.Lookup(word)
	if rule == nil {
		return nil, fmt.Errorf("there is no rule %q", word)
	}
	return func(v *view) (bool, string) {
		return slices.ContainsFunc(v.findings, func(f *audit.Finding) bool { return f.Rule == rule.ID }), "the judge has not seen that yet"
	}, nil
}

// times returns such as "once" or "3 times".
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func parseTried(args []string) (func(*view) (bool, string), error) {
	port, err := parsePort(args)
	return func(v *view) (bool, string) {
		_, ok := v.handshakes[port]
		return ok, fmt.Sprintf("there was no TLS handshake on port %d yet", port)
	}, err
}

func parseBuilt(args []string) (func(*view) (bool, string), error) {
	return func(v *view) (bool, string) { return v.built, v.notBuilt }, noArgs(args)
}

func parseConsole(args []string) (func(*view) (bool, string), error) {
	re, err := pattern(args)
	return func(v *view) (bool, string) {
		return slices.ContainsFunc(v.console, re.MatchString), "the application has not printed such a line yet"
	}, err
}

// boardPart reads the number of an LED or button.
func boardPart(word string) (uint32, error) {
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 || n > boardParts {
		return 0, fmt.Errorf("%q is not 1 to %d", word, boardParts)
	}
	return 1 << (n - 1), nil
}

func parseLED(args []string) (func(*view) (bool, string), error) {
	if len(args) != 2 || args[1] != "on" && args[1] != "off" {
		return nil, fmt.Errorf("a number and on or off are needed")
	}
	mask, err := boardPart(args[0])
	return func(v *view) (bool, string) {
		return (v.leds&mask != 0) == (args[1] == "on"), fmt.Sprintf("LED %s is not %s", args[0], args[1])
	}, err
}

func parseBlinked(args []string) (func(*view) (bool, string), error) {
	mask, err := oneBoardPart(args)
	return func(v *view) (bool, string) {
		if v.lit&mask == 0 {
			return false, "LED " + args[0] + " was not switched on yet"
		}
		return v.blinked&mask != 0, "LED " + args[0] + " was not switched off again yet"
	}, err
}

func parseButton(args []string) (func(*view) (bool, string), error) {
	mask, err := oneBoardPart(args)
	return func(v *view) (bool, string) {
		return v.pressed&mask != 0, "button " + args[0] + " was not pressed yet while an application ran"
	}, err
}

func oneBoardPart(args []string) (uint32, error) {
	word, err := oneWord(args)
	if err != nil {
		return 0, err
	}
	return boardPart(word)
}
