package build

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// generated is the folder of headers that the build writes, in the build folder.
const generated = "include/generated"

// writeGenerated writes autoconf.h, the headers with versions, and the include files.
func (p *Project) writeGenerated() error {
	zmajor, zminor, zpatch := p.NCS.zephyr()
	zephyr := fmt.Sprintf("%d.%d.%d", zmajor, zminor, zpatch)
	version := fmt.Sprintf("#define KERNEL_VERSION_MAJOR %d\n#define KERNEL_VERSION_MINOR %d\n#define KERNEL_PATCHLEVEL %d\n"+
		"#define KERNELVERSION 0x%02X%02X%02X00\n#define KERNEL_VERSION_NUMBER 0x%02X%02X%02X\n#define KERNEL_VERSION_STRING \"%s\"\n"+
		"#define ZEPHYR_VERSION_CODE ((%d << 16) + (%d << 8) + %d)\n#define ZEPHYR_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + (c))\n",
		zmajor, zminor, zpatch, zmajor, zminor, zpatch, zmajor, zminor, zpatch, zephyr, zmajor, zminor, zpatch)
	ncs := fmt.Sprintf("#define NCS_VERSION_NUMBER 0x%X\n#define NCS_VERSION_STRING \"%s\"\n#define NCS_VERSION_MAJOR %d\n#define NCS_VERSION_MINOR %d\n#define NCS_PATCHLEVEL %d\n",
		uint32(p.NCS), p.NCS, p.NCS>>16, p.NCS>>8&0xff, p.NCS&0xff)
	files := map[string]string{
		"autoconf.h":           string(p.Config.Autoconf()),
		"zephyr/autoconf.h":    "#include \"../autoconf.h\"\n",
		"ncs_version.h":        guard("NCS_VERSION_H", ncs),
		"version.h":            guard("KERNEL_VERSION_H", version),
		"zephyr/version.h":     "#include \"../version.h\"\n",
		"app_version.h":        guard("APP_VERSION_H", appVersion(p.version)),
		"zephyr/app_version.h": "#include \"../app_version.h\"\n",
		"app_main.h":           appMain,
	}
	for name, text := range files {
		if err := writeChanged(filepath.Join(p.Out, generated, name), []byte(text)); err != nil {
			return err
		}
	}
	for _, inc := range p.Generated {
		content, err := os.ReadFile(inc.From)
		if err != nil {
			return err
		}
		if err := writeChanged(inc.To, incFile(content, inc.Gzip)); err != nil {
			return err
		}
	}
	return nil
}

// appMain is included before each source of the application, see renameMain.
const appMain = "#define APP_MAIN_TEXT(x) #x\n#define APP_MAIN_LABEL(prefix) APP_MAIN_TEXT(prefix) \"app_main\"\n" +
	"int main() __asm__(APP_MAIN_LABEL(__USER_LABEL_PREFIX__));\n#undef APP_MAIN_LABEL\n#undef APP_MAIN_TEXT\n" +
	"#ifdef APP_MAIN_RETURNS_INT\nconst volatile char z_main_returns_int = 1;\n#endif\n"

// guard returns a header that may be included twice. autoconf.h needs none: the same
// macro with the same value may be defined again.
func guard(name, text string) string {
	return "#ifndef " + name + "\n#define " + name + "\n" + text + "#endif\n"
}

// versionFile reads Zephyr's file VERSION: lines such as VERSION_MAJOR = 1.
func versionFile(text []byte) string {
	v := map[string]string{}
	for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
		name, value, _ := strings.Cut(s.Text(), "=")
		v[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	number := func(name string) int {
		n, _ := strconv.Atoi(v[name])
		return n & 0xff
	}
	s := fmt.Sprintf("%d.%d.%d", number("VERSION_MAJOR"), number("VERSION_MINOR"), number("PATCHLEVEL"))
	if extra := v["EXTRAVERSION"]; extra != "" {
		s += "-" + extra
	}
	return s
}

func appVersion(version string) string {
	text, _, _ := strings.Cut(version, "-")
	var n [3]int
	for i, part := range strings.SplitN(text, ".", 3) {
		n[i], _ = strconv.Atoi(part)
	}
	return fmt.Sprintf("#define APP_VERSION_MAJOR %d\n#define APP_VERSION_MINOR %d\n#define APP_PATCHLEVEL %d\n#define APP_TWEAK 0\n"+
		"#define APPVERSION 0x%02X%02X%02X00\n#define APP_VERSION_NUMBER 0x%02X%02X%02X\n#define APP_VERSION_STRING %q\n#define APP_VERSION_EXTENDED_STRING \"%d.%d.%d+0\"\n",
		n[0], n[1], n[2], n[0], n[1], n[2], n[0], n[1], n[2], version, n[0], n[1], n[2])
}
