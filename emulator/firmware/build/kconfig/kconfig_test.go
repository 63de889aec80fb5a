package kconfig_test

import (
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/firmware/build/diag"
	"nrf91emu/emulator/firmware/build/kconfig"
)

// files is a Reader over texts; names beginning with sdk/ belong to the SDK.
type files map[string]string

func (f files) ReadConfig(name, from string, relative bool) ([]byte, string, bool) {
	if relative {
		name = path.Join(path.Dir(from), name)
	}
	text, ok := f[name]
	if !ok && strings.HasPrefix(name, "sdk/") {
		return nil, name, false
	}
	if !ok {
		return nil, "", false
	}
	return []byte(text), name, true
}

// load reads a Kconfig file and a .conf file, and returns what came out: autoconf.h
// without CONFIG_, and the findings.
func load(f files, options, conf string) (autoconf, findings string) {
	var d diag.List
	p := &kconfig.Parser{Reader: f, Diag: &d, Vars: map[string]string{"DIR": "sub"}}
	p.Parse("Kconfig", []byte(options))
	c := p.Load([]kconfig.Conf{{Name: "prj.conf", Content: []byte(conf)}})
	var lines []string
	for _, fd := range d.All() {
		lines = append(lines, fd.String())
	}
	return strings.ReplaceAll(string(c.Autoconf()), "#define CONFIG_", ""), strings.Join(lines, "\n")
}

func TestValues(t *testing.T) {
	tests := []struct {
		name, options, conf, want string
	}{
		{"types and defaults", `
config A
	bool "a"
	default y
config B
	bool "b"
config N
	int "n"
	default 24
config H
	hex "h"
	default 0x20
config S
	string "s"
	default "a \"b\" \\"
config EMPTY
	string "without default"`, "", `A 1
EMPTY ""
H 0x20
N 24
S "a \"b\" \\"
`},
		{"set by the file", `
config A
	bool "a"
config N
	int "n"
	default 1
config S
	string "s"`, "CONFIG_A=y\nCONFIG_N=-7\nCONFIG_S=\"x \\\"y\\\"\"\n", "A 1\nN -7\nS \"x \\\"y\\\"\"\n"},
		{"the first default whose condition holds", `
config TLS
	bool "tls"
config PORT
	int "port"
	default 8883 if TLS
	default 1883`, "CONFIG_TLS=y", "PORT 8883\nTLS 1\n"},
		{"a dependency that does not hold leaves it out", `
config NET
	bool "net"
config TAG
	int "tag"
	default 1
	depends on NET
config TEXT
	string "t"
	depends on NET`, "", ""},
		{"an if and a menu around", `
config NET
	bool "net"
if NET
config A
	bool "a"
	default y
endif
menu "m"
	depends on !NET
config B
	bool "b"
	default y
endmenu`, "CONFIG_NET=y", "A 1\nNET 1\n"},
		{"select and imply", `
config HELPER
	bool "helper"
	select LIB
	imply EXTRA
config LIB
	bool
config EXTRA
	bool "extra"`, "CONFIG_HELPER=y", "EXTRA 1\nHELPER 1\nLIB 1\n"},
		{"what is implied can be unset", `
config HELPER
	bool "helper"
	default y
	imply EXTRA
config EXTRA
	bool "extra"`, "CONFIG_EXTRA=n", "HELPER 1\n"},
		{"a conditional select", `
config A
	bool "a"
	default y
	select B if C
config B
	bool
config C
	bool "c"`, "", "A 1\n"},
		{"a choice takes its default", `
choice MODE
	prompt "mode"
	default M2
config M1
	bool "1"
config M2
	bool "2"
endchoice`, "", "M2 1\n"},
		{"a choice takes what is set last", `
choice
	prompt "mode"
config M1
	bool "1"
config M2
	bool "2"
config M3
	bool "3"
endchoice`, "CONFIG_M3=y\nCONFIG_M2=y", "M2 1\n"},
		{"comparisons", `
config N
	int "n"
	default 10
config S
	string "s"
	default "on"
config A
	def_bool N > 9 && N <= 0xa && S = "on" && S != "off"
config B
	def_bool (N < 10) || !A`, "", "A 1\nN 10\nS \"on\"\n"},
		{"an option that is not there is n, and its name a text", `
config A
	def_bool !NOT_THERE
config B
	def_bool NOT_THERE = "NOT_THERE"`, "", "A 1\nB 1\n"},
		{"the value of another option", `
config A
	int "a"
	default 5
config B
	int "b"
	default A`, "", "A 5\nB 5\n"},
		{"range of a default", `
config N
	int "n"
	range 10 20
	default 5
config M
	int "m"
	range 10 20`, "", "M 10\nN 10\n"},
		{"help is text", `
config A
	bool "a"
	help
	  config B
	    depends on nothing at all
	  default n

	  endmenu
	default y`, "", "A 1\n"},
		{"help without indent is none", "config A\n\tbool \"a\"\n\tdefault y\n\thelp\nconfig B\n\tbool \"b\"\n\tdefault y\n", "", "A 1\nB 1\n"},
		{"defined twice", `
config A
	bool "a"
	default y
config PORT
	int "p"
	default 1 if !A
config PORT
	int
	default 2`, "", "A 1\nPORT 2\n"},
		{"menuconfig, comment, prompt, mainmenu", `
mainmenu "x"
menuconfig A
	bool
	prompt "a"
	default y
comment "not much"
	depends on A
visible_not_here = y
config B
	bool "b"
	default A`, "", "A 1\nB 1\n"},
		{"visible if", `
config A
	bool "a"
menu "m"
	visible if A
config B
	bool "b"
	default y
endmenu`, "", "B 1\n"},
		{"a line goes on", "config A\n\tbool \"a\"\n\tdefault y if 1 = 1 && \\\n\t 2 = 2\n", "", "A 1\n"},
		{"options depend on each other", `
config A
	bool "a"
	default y if B
config B
	bool "b"
	default y if A`, "", ""},
		{"is not set", "config A\n\tbool \"a\"\n\tdefault y\n", "# CONFIG_A is not set\n", ""},
		{"line ends of Windows", "config A\r\n\tbool \"a\"\r\n", "CONFIG_A=y\r\n", "A 1\n"},
		{"hexadecimal without 0x", "config H\n\thex \"h\"\n", "CONFIG_H=1f\n", "H 0x1f\n"},
		{"an option that nobody defines", "", "CONFIG_X=y\nCONFIG_Y=n\nCONFIG_Z=\"z\"\nCONFIG_N=5\n", "N 5\nX 1\nZ \"z\"\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, findings := load(nil, tt.options, tt.conf)
			require.Equal(t, tt.want, got)
			for line := range strings.Lines(findings) {
				require.NotContains(t, line, ": error: ")
			}
		})
	}
}

// TestSources reads files that source others.
func TestSources(t *testing.T) {
	f := files{
		"Kconfig.zephyr": "config Z\n\tbool \"z\"\n\tdefault y\n",
		"sub/Kconfig":    "rsource \"more/Kconfig\"\n",
		"sub/more/Kconfig": `
module = MINE
source "template"
`,
		"template": "config $(module)_LEVEL\n\tint \"level\"\n\tdefault 3\n",
	}
	got, findings := load(f, `
menu "Zephyr"
source "Kconfig.zephyr"
endmenu
rsource "$(DIR)/Kconfig"
osource "nowhere"
orsource "nowhere"
source "sdk/other"`, "")
	require.Equal(t, "MINE_LEVEL 3\nZ 1\n", got)
	require.Equal(t, "Kconfig:8: note: sdk/other belongs to the SDK and is not part of the host SDK. The options that it defines are not known; those set in a .conf file are taken as they are written.", findings)
}

// TestFindings says what is wrong with files.
func TestFindings(t *testing.T) {
	const lib = `
config NET
	bool "net"
config MQTT_LIB
	bool "mqtt"
	depends on NET
config HELPER
	bool "helper"
	select USED
config USED
	bool
config INNER
	bool
config N
	int "n"
	range 1 9
	default 3
`
	tests := []struct{ name, options, conf, want string }{
		{"unmet dependency", lib, "CONFIG_MQTT_LIB=y", "prj.conf:1: warning: CONFIG_MQTT_LIB=y has no effect: it depends on NET. Set what it depends on."},
		{"a slip", lib, "CONFIG_MQTT_LBI=y", "prj.conf:1: warning: CONFIG_MQTT_LBI is not known here; CONFIG_MQTT_LIB is. If it was meant, correct it: with Zephyr an option that does not exist ends the build."},
		{"unknown", lib, "CONFIG_SOMETHING=y", "prj.conf:1: note: CONFIG_SOMETHING is not an option that the host SDK knows; it is taken as it is written."},
		{"no prompt", lib, "CONFIG_INNER=y", "prj.conf:1: error: CONFIG_INNER cannot be set: it has no prompt (Kconfig:12). Delete the line; other options decide it."},
		{"out of range", lib, "CONFIG_N=10", "prj.conf:1: error: CONFIG_N=10 is out of its range; it would be 3. Choose another value."},
		{"type", lib, "CONFIG_N=y", "prj.conf:1: error: y is no value for CONFIG_N, which is an int. Write a number."},
		{"comment after", lib, "CONFIG_NET=y # on", ""},
		{"blanks", lib, "CONFIG_NET = y", `prj.conf:1: error: "CONFIG_NET = y" is no assignment. Write CONFIG_NAME=value, without blanks.`},
		{"indented", lib, "  CONFIG_NET=y", `prj.conf:1: error: "  CONFIG_NET=y" begins with a blank. Begin the line with CONFIG_; Zephyr passes over one with a blank before it, and stops.`},
		{"no assignment", lib, "NET=y", `prj.conf:1: error: "NET=y" is no assignment. Write CONFIG_NAME=value; a comment begins with #.`},
		{"quotes", "config S\n\tstring \"s\"\n", "CONFIG_S=text", "prj.conf:1: error: text is no value for CONFIG_S, which is a string. Write it in double quotes, with nothing after them."},
		{"twice", lib, "CONFIG_NET=y\nCONFIG_NET=n", "prj.conf:2: warning: CONFIG_NET is set to n here and to y in line 1. The later one counts. Delete one."},
		{"byte order mark", lib, "\ufeffCONFIG_NET=y", "prj.conf:1: error: The file begins with a byte order mark. Save it as UTF-8 without one."},
		{"no such file", `source "nowhere"`, "", "Kconfig:1: error: nowhere: there is no such file. Correct the name; rsource is relative to the file that it stands in."},
		{"of a module", `source "${ZEPHYR_OTHER_MODULE_DIR}/Kconfig.x"`, "", "Kconfig:1: note: Kconfig.x belongs to a module that is not part of the host SDK: $(ZEPHYR_OTHER_MODULE_DIR) is not set. The options that it defines are not known; those set in a .conf file are taken as they are written."},
		{"not closed", "menu \"m\"\n", "", "Kconfig:1: error: The menu is not closed in this file. Write endmenu where it ends."},
		{"closed twice", "endif\n", "", "Kconfig:1: error: endif is out of place: no if is open."},
		{"no word", "confg A\n", "", `Kconfig:1: error: "confg" is no word of Kconfig. See whether the line belongs into a help text, which is indented more than the word help.`},
		{"incomplete", "config A\n\tbool \"a\"\n\tdepends on B &&\n", "", "Kconfig:3: error: the expression is incomplete."},
		{"without an entry", "default y\n", "", "Kconfig:1: error: default is out of place: it belongs to a config or a choice."},
		{"two types", "config A\n\tbool \"a\"\nconfig A\n\tint \"a\"\n", "", "Kconfig:4: error: A is int here, and bool at Kconfig:1."},
		{"devicetree", "config A\n\tdef_bool $(dt_nodelabel_enabled,led0)\n", "", "Kconfig:2: note: $(dt_nodelabel_enabled,led0) asks the devicetree, which is not read: it is n."},
		{"sources itself", `source "loop"`, "", "loop:1: error: files source each other without end."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, got := load(files{"loop": `source "loop"`}, tt.options, tt.conf)
			require.Equal(t, tt.want, got)
		})
	}
}

func FuzzKconfig(f *testing.F) {
	f.Add("config A\n\tbool \"a\"\n\tdefault y if B\n\thelp\n\t  text\nsource \"k\"\n", "CONFIG_A=y\n")
	f.Add("choice\n\tprompt \"p\"\nconfig A\n\tbool \"a\"\nendchoice\nif A || (B && !C)\nmenu \"m\"\nvisible if A\nendmenu\nendif\n", "# CONFIG_A is not set")
	f.Add("config H\n\thex\n\trange 0x1 $(X)\nmodule = M\nconfig $(module)_L\n\tint \"l\"\n\tdefault -5\n", "CONFIG_H=0x12\nCONFIG_S=\"a\\\"b\"")
	f.Fuzz(func(t *testing.T, options, conf string) {
		autoconf, _ := load(files{"k": options}, options, conf)
		for line := range strings.Lines(autoconf) {
			if !regexp.MustCompile(`^\w+ (-?\w+|"(\\.|[^"\\])*")\n$`).MatchString(line) {
				t.Errorf("a line of autoconf.h is no macro: %q", line)
			}
		}
	})
}
