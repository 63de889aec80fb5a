package build

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"nrf91emu/emulator/firmware/build/diag"
	"nrf91emu/emulator/lazyregexp"
)

// An explanation turns what a compiler or linker says into what to do.
type explanation struct {
	pattern func() *regexp.Regexp
	say     func(p *Project, name, said string) string // "" if it knows nothing
}

var explanations = []explanation{
	{lazyregexp.New(`fatal error: '?([^':\n]+)'?(?:: No such file| file not found)`), (*Project).explainHeader},
	{lazyregexp.New(`[‘'](CONFIG_\w+)[’'] undeclared`), (*Project).explainOption},
	{lazyregexp.New(`undeclared identifier '(CONFIG_\w+)'`), (*Project).explainOption},
	{lazyregexp.New(`[‘'](CA_CERTIFICATE|\w+_CERTIFICATE|\w+_CERT)[’'] undeclared`), func(_ *Project, name, _ string) string {
		return fmt.Sprintf("%s is the macro with the certificate. Include the header that defines it, or make one: nrf91emu cert header FILE --macro %s -o src/certificate.h", name, name)
	}},
	{lazyregexp.New(`implicit declaration of function [‘'](\w+)[’']`), (*Project).explainUndeclared},
	{lazyregexp.New(`call to undeclared (?:library )?function '(\w+)'`), (*Project).explainUndeclared},
	{lazyregexp.New("undefined reference to [`'‘](\\w+)['’]"), (*Project).explainSymbol},
	{lazyregexp.New(`"_(\w+)", referenced from`), (*Project).explainSymbol},
	{lazyregexp.New("(?:multiple definition of|duplicate symbol) [`'‘]_?(\\w+)['’]"), func(_ *Project, name, _ string) string {
		if module, ok := strings.CutPrefix(name, "z_log_module_"); ok {
			return fmt.Sprintf("LOG_MODULE_REGISTER(%s) is in two sources: it belongs into one, and LOG_MODULE_DECLARE(%s) into the others.", module, module)
		}
		switch name {
		case "z_main_returns_int":
			return "" // it goes with app_main
		case "app_main":
			return "main() is defined in two sources: an application has one."
		}
		return fmt.Sprintf("%s is defined twice: a source that is included by another must not be in target_sources() too, and a variable in a header needs static or extern.", name)
	}},
	{lazyregexp.New(`too (?:few|many) arguments to function (?:call, expected \S+ have \S+|[‘'](\w+)[’'])`), func(p *Project, name, _ string) string {
		if name == "" {
			return ""
		}
		return fmt.Sprintf("%s() has other arguments in nRF Connect SDK %s. Another release is chosen with --ncs.", name, p.NCS)
	}},
	{lazyregexp.New(`(?:‘(?:z_device_)?|')((?:DT_N|DT_ALIAS|DT_CHOSEN|DT_INST)_\w+)[’'] undeclared`), (*Project).explainNode},
	{lazyregexp.New(`undeclared identifier '(?:z_device_)?((?:DT_N|DT_ALIAS|DT_CHOSEN|DT_INST)_\w+)'`), (*Project).explainNode},
	{lazyregexp.New(`[‘'](\w+)[’'] undeclared`), (*Project).explainName},
	{lazyregexp.New(`undeclared identifier '(\w+)'`), (*Project).explainName},
	{lazyregexp.New(`unknown type name [‘'](\w+)[’']`), (*Project).explainName},
	{lazyregexp.New(`(\w+:\d+):\d+: error: (?:expected [‘'][^’']*;[’'] before|expected [‘'][^’']*[’'] or [‘'];[’'] before|expected ';')`), func(*Project, string, string) string {
		return "The statement before does not end: a ; or a ) is missing, there or in the line above."
	}},
	{lazyregexp.New(`error: (expected declaration or statement at end of input|expected '}')`), func(*Project, string, string) string {
		return "A { is not closed: there is one } too few, perhaps far above."
	}},
	{lazyregexp.New(`warning: [^\n]*\[-Wformat[^\n]*\n[^\n]*"AT(%[A-Z]\w*)`), func(_ *Project, name, _ string) string {
		return fmt.Sprintf("The text of nrf_modem_at_printf() and its like is a format, in which %% is written %%%%: \"AT%%%s\".", name)
	}},
	{lazyregexp.New(`\b(asm|__asm__|__asm)\b.*(?:error|Error)`), func(*Project, string, string) string { return "Assembler is for the chip; leave it out on a host." }},
}

// explain writes what the compiler's errors mean and what to do, each once.
func (p *Project) explain(w io.Writer, said string) {
	said = ansi().ReplaceAllString(said, "")
	var texts []string
	for _, e := range explanations {
		for _, m := range e.pattern().FindAllStringSubmatch(said, -1) {
			if text := e.say(p, m[1], said); text != "" && !slices.Contains(texts, text) && len(texts) < 12 {
				texts = append(texts, text)
			}
		}
	}
	if texts == nil {
		return
	}
	fmt.Fprintln(w, "\nWhat it means:")
	for _, t := range texts {
		fmt.Fprintln(w, "  "+t)
	}
}

var ansi = lazyregexp.New("\x1b\\[[0-9;]*[mK]")

func (p *Project) explainHeader(name, said string) string {
	base := path.Base(name)
	const leaveOut = "Leave out what needs it (#if !defined(CONFIG_NRF91EMU)), or put a header of that name with what the program uses into a folder of target_include_directories()."
	switch {
	case headersOfC(name):
		return name + " is a header of the C library; " + install()
	case strings.Contains(base, "cert") && strings.HasSuffix(base, ".h"):
		return fmt.Sprintf("%s is made from the certificate file: nrf91emu cert header server_certificate.crt -o src/%s", name, base)
	case strings.HasSuffix(base, ".pem") || strings.HasSuffix(base, ".crt"):
		return fmt.Sprintf("%s is made by the build from the certificate: CMakeLists.txt needs generate_inc_file_for_target(app credentials/%s ${gen_dir}/%s) and zephyr_include_directories(${gen_dir}), and the condition around them must hold.", name, base, base)
	case base == "pb.h" || strings.HasPrefix(base, "pb_"):
		return name + " belongs to nanopb, which is no part of the host SDK: put its sources into the application, with what its generator makes."
	case strings.HasSuffix(base, ".pb.h"):
		return name + " is made by nanopb's generator, which this build does not run: make it by hand, and add its folder and its .c file."
	case p.otherRelease(name) != "":
		return fmt.Sprintf("%s is not in nRF Connect SDK %s%s. Another release is chosen with --ncs.", name, p.NCS, p.otherRelease(name))
	case p.hasHeader("zephyr/" + strings.TrimPrefix(name, "zephyr/")):
		return fmt.Sprintf("%s has been called zephyr/%s since Zephyr 3.1: correct the #include lines. nRF Connect SDK before 2.2 is not emulated.", name, name)
	case name == "zephyr.h" || name == "zephyr/zephyr.h":
		return name + " has been zephyr/kernel.h since Zephyr 3.2: correct the #include line. nRF Connect SDK before 2.2 is not emulated."
	case strings.HasPrefix(name, "zephyr/drivers/"):
		return fmt.Sprintf("The host SDK has no %s: of the hardware there are LEDs, buttons, GPIO and the console's UART of a development kit, and the modem. %s", name, leaveOut)
	case strings.Contains(name, "/") || strings.HasPrefix(base, "nrf_") || strings.Contains(said, "#include <"+name+">"):
		return fmt.Sprintf("The host SDK has no %s: what it declares is not emulated. %s", name, leaveOut)
	}
	return fmt.Sprintf("%s is not there: see whether the name is right, and its folder in target_include_directories() or zephyr_include_directories().", name)
}

// hasHeader reports whether the SDK has a header.
func (p *Project) hasHeader(name string) bool {
	_, err := fs.Stat(p.sdk.fs, path.Join("include", name))
	return err == nil
}

// otherRelease says which releases have a header that this one has not.
func (p *Project) otherRelease(header string) string {
	switch header {
	case "zephyr/random/random.h":
		return "; until 2.5 it is zephyr/random/rand32.h"
	case "zephyr/random/rand32.h":
		return "; it is zephyr/random/random.h now"
	case "modem/at_cmd_parser.h", "modem/at_params.h":
		return "; modem/at_parser.h has taken its place"
	case "modem/pdn.h":
		return "; lte_lc.h has taken its place"
	case "ncs_version.h":
		return "; it came with 2.4"
	}
	return ""
}

// explainOption is for a CONFIG_ macro that is not defined.
func (p *Project) explainOption(name, _ string) string {
	option := strings.TrimPrefix(name, "CONFIG_")
	switch {
	case !p.Config.Known(option):
		return fmt.Sprintf("%s is no option: neither the application's Kconfig nor the host SDK defines it. Define it in Kconfig, or set it in prj.conf.", name)
	case p.Config.Depends(option) != "":
		return fmt.Sprintf("%s is not set, because it depends on %s.", name, p.Config.Depends(option))
	}
	return fmt.Sprintf("%s is not set: add it to prj.conf.", name)
}

// explainSymbol is for a function that the linker does not find. If a library of the
// SDK has it, the library's option is missing.
func (p *Project) explainSymbol(name, _ string) string {
	defined := regexp.MustCompile(`(?m)^[A-Za-z_][\w \t*]*[ \t*]` + regexp.QuoteMeta(name) + `\s*\([^;{]*\)\s*\{?$`)
	for _, s := range p.sdk.sources {
		if s.condition == "" || !defined.Match(s.text) {
			continue
		}
		if yes, err := p.Config.Eval(s.condition); err == nil && !yes {
			return fmt.Sprintf("%s() belongs to a library that is not enabled: %s in prj.conf.", name, p.enable(s.condition))
		}
	}
	if name == "app_main" {
		return "There is no main(): see whether its file is in target_sources()."
	}
	if declared := regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\s*\(`); declared.Match(p.headers()) {
		return fmt.Sprintf("The host SDK declares %s() and does not have it: it is not emulated.", name)
	}
	return fmt.Sprintf("There is no function %s(): see whether its name is right, and the file that it is in is in target_sources(). The host SDK does not have it.", name)
}

// explainUndeclared is for a function that is called without a declaration: the chip's compiler
// only warns, since a pointer and an int are of one size there.
func (p *Project) explainUndeclared(name, _ string) string {
	declared := regexp.MustCompile(`(?m)^[A-Za-z_][\w \t*]*[ \t*]` + regexp.QuoteMeta(name) + `\s*\(|#define ` + regexp.QuoteMeta(name) + `\(`)
	header := ""
	walkHeaders(p.sdk.fs, func(path string, text []byte) {
		if header == "" && declared.Match(text) {
			header = path
		}
	})
	switch {
	case p.isPOSIXName(name, header):
		return fmt.Sprintf("%s() has this name with CONFIG_POSIX_API=y in prj.conf; without, it is zsock_%s().", name, name)
	case header != "":
	case emulates().MatchString(name):
		return fmt.Sprintf("The host SDK has no %s(): it is not emulated. Leave out what needs it (#if !defined(CONFIG_NRF91EMU)).%s", name, p.similar(name))
	default:
		return fmt.Sprintf("%s() is called before it is declared: define it above its use, or include the header that declares it.%s", name, p.similar(name))
	}
	return fmt.Sprintf("%s() is declared in <%s>, which is not included: add #include <%s>.", name, header, header)
}

// isPOSIXName reports whether a function of the sockets is called by its name of POSIX, and the
// options do not give it that.
func (p *Project) isPOSIXName(name, header string) bool {
	const sockets = "zephyr/net/socket.h"
	return (header == sockets || header == "zephyr/net/net_ip.h") && !p.Config.Bool("POSIX_API") && !p.Config.Bool("NET_SOCKETS_POSIX_NAMES") &&
		strings.Contains(string(p.headers()), " zsock_"+name+"(")
}

// emulates matches the names of functions of Zephyr and of Nordic's libraries.
var emulates = lazyregexp.New(`^(?:k|z|sys|nrf|lte_lc|modem|dk|net|zsock|coap|mqtt|http|settings|nvs|fs|gpio|uart|i2c|spi|adc|pwm|sensor|led|flash|hwinfo|watchdog|wdt|task_wdt|bt|rest_client|download_client|downloader|fota|location|date_time|pdn|at|sms|shell|pm|device|log|zbus|json|cJSON|tls|psa|mbedtls|dfu|boot|aws_iot|azure_iot)_`)

// explainName is for a constant, a variable or a type that is not declared.
func (p *Project) explainName(name, _ string) string {
	if strings.HasPrefix(name, "CONFIG_") || strings.Contains(name, "DT_") || strings.HasSuffix(name, "_CERT") || strings.HasSuffix(name, "CERTIFICATE") {
		return "" // others know more
	}
	quoted := regexp.QuoteMeta(name)
	defined := regexp.MustCompile(`(?m)^#\s*define\s+` + quoted + `\b|^\s+` + quoted + `\s*(?:=[^;]*)?,|^\}\s*` + quoted + `;|^typedef\b.*\b` + quoted + `;|^extern\b.*\b` + quoted + `\b`)
	found := ""
	walkHeaders(p.sdk.fs, func(path string, text []byte) {
		if found == "" && defined.Match(text) {
			found = path
		}
	})
	if found != "" {
		return fmt.Sprintf("%s is in <%s>: include it, and see whether the release is right (--ncs).", name, found)
	}
	if similar := p.similar(name); similar != "" {
		return name + " is not declared." + similar
	}
	return ""
}

// explainNode is for a node of the devicetree that is not there.
func (p *Project) explainNode(name, _ string) string {
	const there = "Of a development kit there are the aliases led0 to led3 and sw0 to sw3, the labels led0 to led3, button0 to button3, gpio0 and uart0, and the chosen nodes zephyr,console and zephyr,shell-uart; overlays are not read."
	for _, kind := range []struct{ prefix, word string }{{"DT_ALIAS_", "alias"}, {"DT_CHOSEN_", "chosen node"}, {"DT_N_", "node"}} {
		if node, ok := strings.CutPrefix(name, kind.prefix); ok {
			node = property().ReplaceAllString(node, "")
			return fmt.Sprintf("The devicetree of the host SDK has no %s %s. %s Leave out what needs it (#if !defined(CONFIG_NRF91EMU)).", kind.word, node, there)
		}
	}
	return "The devicetree of the host SDK has no such node. " + there
}

// property matches what macros of the devicetree put behind the name of a node.
var property = lazyregexp.New(`_(?:PIN|FLAGS|EXISTS|P_\w+)$`)

// similar names what of the host SDK a name may have been meant to be, as a sentence, or "".
func (p *Project) similar(name string) string {
	var longer string // what begins with it
	best, least := "", min(4, len(name)/4+1)
	for _, w := range word().FindAllString(string(p.headers()), -1) {
		switch {
		case w == name:
		case strings.HasPrefix(w, name+"_") && len(name) > 12:
			longer = cmp.Or(longer, w)
		default:
			if d := diag.Edits(name, w, least); d < least {
				best, least = w, d
			}
		}
	}
	switch {
	case best == "" && longer == "":
		return ""
	case best != "" && longer != "":
		return " Is " + longer + " or " + best + " meant?"
	}
	return " Is " + best + longer + " meant?"
}

var word = lazyregexp.New(`\b[A-Za-z]\w{3,}\b`)

// headers returns the text of the SDK's headers without comments, whose words are no names.
func (p *Project) headers() []byte {
	var all []byte
	walkHeaders(p.sdk.fs, func(_ string, text []byte) { all = append(all, comment().ReplaceAll(text, []byte(" "))...) })
	return all
}

// enable says which options make a condition true, as far as it is a conjunction.
func (p *Project) enable(condition string) string {
	var lines []string
	for _, part := range strings.Split(condition, "&&") {
		part = strings.Trim(part, " ()")
		if yes, err := p.Config.Eval(part); err != nil || yes {
			continue
		}
		if regexp.MustCompile(`^\w+$`).MatchString(part) {
			s := "CONFIG_" + part + "=y"
			if d := p.Config.Depends(part); d != "" {
				s += " (which depends on " + d + ")"
			}
			lines = append(lines, s)
			continue
		}
		lines = append(lines, part)
	}
	return "set " + strings.Join(lines, ", ")
}
