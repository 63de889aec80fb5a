package build_test

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/firmware"
	"nrf91emu/emulator/firmware/build"
)

// smallSDK is a host SDK with next to nothing in it, and the options of the real one.
func smallSDK(t testing.TB) fs.FS {
	files := fstest.MapFS{
		"include/zephyr/kernel.h":        {Data: []byte("#include <stdio.h>\nint k_sleep(int);\n")},
		"include/zephyr/net/socket.h":    {Data: []byte("int zsock_listen(int sock, int backlog);\n#define listen(s, n) zsock_listen(s, n)\n")},
		"include/modem/modem_key_mgmt.h": {Data: []byte("typedef int key_type_t;\nenum {\n\tKEY_TYPE_CA_CHAIN,\n};\nint modem_key_mgmt_write(int tag);\nint modem_key_mgmt_lost(void);\n")},
		"src/boot.c":                     {Data: []byte("extern int app_main(void);\nint main(void) { return app_main(); }\nint k_sleep(int s) { return s; }\n")},
		"src/libraries/modem_key_mgmt.c": {Data: []byte("// One library.\n// build: if MODEM_KEY_MGMT\n#include <modem/modem_key_mgmt.h>\nint modem_key_mgmt_write(int tag)\n{\n\treturn tag;\n}\n")},
		"src/host/host.c":                {Data: []byte("#include <errno.h>\n#include <unistd.h>\nint host(void) { return errno; }\n")},
		"include/errno.h":                {Data: []byte("#error the device's\n")},
	}
	for _, name := range []string{"Kconfig.zephyr", "subsys/logging/Kconfig.template.log_config"} {
		text, err := fs.ReadFile(firmware.SDK(), name)
		require.NoError(t, err)
		files[name] = &fstest.MapFile{Data: text}
	}
	return files
}

const (
	cmakeLists = "find_package(Zephyr)\nproject(app)\ntarget_sources(app PRIVATE src/main.c)\n"
	mainC      = "#include <zephyr/kernel.h>\nint main(void)\n{\n\tprintf(\"tag %d\\n\", CONFIG_TAG);\n\treturn 0;\n}\n"
	kconfigTag = "config TAG\n\tint \"tag\"\n\tdefault 24\nsource \"Kconfig.zephyr\"\n"
)

// application writes an application; files are added to the usual ones or take their place.
func application(t testing.TB, files map[string]string) string {
	dir := filepath.Join(t.TempDir(), "an application") // with a blank
	all := map[string]string{"CMakeLists.txt": cmakeLists, "prj.conf": "", "Kconfig": kconfigTag, "src/main.c": mainC}
	for name, text := range files {
		all[name] = text
	}
	for name, text := range all {
		write(t, filepath.Join(dir, name), text)
	}
	return dir
}

func write(t testing.TB, path, text string) {
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
}

// options are those of a build that leaves the user's cache alone.
func options(t testing.TB, dir string) build.Options {
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("there is no C compiler")
	}
	return build.Options{Dir: dir, SDK: smallSDK(t), Cache: t.TempDir()}
}

func buildIt(t testing.TB, opt build.Options) (*build.Project, build.Result, string, error) {
	p, err := build.Load(opt)
	require.NoError(t, err)
	var said strings.Builder
	res, err := p.Build(context.Background(), &said, false)
	return p, res, said.String(), err
}

func output(t testing.TB, program string) string {
	out, err := exec.Command(program).CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

func TestBuild(t *testing.T) {
	dir := application(t, nil)
	_, res, said, err := buildIt(t, options(t, dir))
	require.NoError(t, err, said)
	require.Empty(t, said)
	require.Equal(t, build.Result{Program: filepath.Join(dir, "build", "app"), Compiled: 3, Linked: true}, res)
	require.Equal(t, "tag 24\n", output(t, res.Program))
}

// TestIncremental changes one thing after another, and looks what is compiled.
func TestIncremental(t *testing.T) {
	dir := application(t, map[string]string{
		"src/main.c": "#include \"text.h\"\n#include <zephyr/kernel.h>\nint main(void) { printf(\"%s %d\\n\", TEXT, CONFIG_TAG); return 0; }\n",
		"src/text.h": "#define TEXT \"one\"\n",
	})
	opt := options(t, dir)
	steps := []struct {
		name, file, text string
		compiled         int
		want             string
	}{
		{"the first time", "src/text.h", "#define TEXT \"one\"\n", 3, "one 24\n"},
		{"nothing changed", "src/text.h", "#define TEXT \"one\"\n", 0, "one 24\n"},
		{"a header of its own", "src/text.h", "#define TEXT \"two\"\n", 1, "two 24\n"},
		{"an option that the SDK does not look at", "prj.conf", "CONFIG_TAG=7\n", 1, "two 7\n"},
		{"a library more", "prj.conf", "CONFIG_TAG=7\nCONFIG_NRF_MODEM_LIB=y\nCONFIG_MODEM_KEY_MGMT=y\n", 2, "two 7\n"},
		{"and back: its object is kept", "prj.conf", "CONFIG_TAG=7\n", 1, "two 7\n"},
		{"another definition", "CMakeLists.txt", cmakeLists + "zephyr_compile_definitions(X=1)\n", 1, "two 7\n"},
	}
	for _, s := range steps {
		write(t, filepath.Join(dir, s.file), s.text)
		_, res, said, err := buildIt(t, opt)
		require.NoError(t, err, s.name+said)
		require.Equal(t, s.compiled, res.Compiled, s.name)
		require.Equal(t, s.want, output(t, res.Program), s.name)
	}
	_, res, _, err := buildIt(t, opt)
	require.NoError(t, err)
	require.False(t, res.Linked)
}

// TestNoMain: an application whose threads do all is warned of, not refused, as by Zephyr's linker.
func TestNoMain(t *testing.T) {
	for text, warned := range map[string]bool{"/* main() */ int x;\n": true, mainC: false, "void\nmain (void) {}\n": false} {
		p, err := build.Load(build.Options{Dir: application(t, map[string]string{"src/main.c": text}), SDK: smallSDK(t)})
		require.NoError(t, err)
		require.Equal(t, warned, len(p.Findings) > 0 && strings.Contains(p.Findings[0].String(), "warning: There is no main() in the sources"), text)
	}
}

// TestStatusOfMain: the host SDK is told that main returns an int, not that a comment says so.
func TestStatusOfMain(t *testing.T) {
	const sdkMain = "#include <stdio.h>\nextern int app_main(void);\n__attribute__((weak)) const volatile char z_main_returns_int = 0;\nint main(void) { int r = app_main(); if (z_main_returns_int) printf(\"%d\", r); return 0; }\nint k_sleep(int s) { return s; }\n"
	for definition, want := range map[string]string{
		"int main(void) { return -5; }\n": "-5", "int main(void) { }\n": "0", "void main(void) { }\n": "", "/* int main(void) */ int\n main(void) { return 1; }\n": "1",
	} {
		opt := options(t, application(t, map[string]string{"src/main.c": definition}))
		opt.SDK.(fstest.MapFS)["src/boot.c"] = &fstest.MapFile{Data: []byte(sdkMain)}
		_, res, said, err := buildIt(t, opt)
		require.NoError(t, err, said)
		require.Equal(t, want, output(t, res.Program), definition)
	}
}

// TestWarningsStay: a source with warnings is compiled each time, so that they are seen.
// main may end without a return statement, and until NCS 2.3 it returned nothing: neither is
// worth a warning. Another function that forgets its value is.
func TestMainOfTheApplication(t *testing.T) {
	const body = "{\n\tprintf(\"tag %d\\n\", CONFIG_TAG);\n}\n"
	for definition, warning := range map[string]string{
		"int main(void)\n" + body: "", "void main(void)\n" + body: "", "void\nmain(void)\n" + body: "",
		"int main(void)\n" + body + "int forgets(void)\n{\n}\n": "[-Wreturn-type]",
	} {
		dir := application(t, map[string]string{"src/main.c": "#include <zephyr/kernel.h>\n" + definition})
		_, res, said, err := buildIt(t, options(t, dir))
		require.NoError(t, err, said)
		if warning == "" {
			require.Empty(t, said, definition)
		}
		require.Contains(t, said, warning, definition)
		out, _ := exec.Command(res.Program).Output() // what it returns is chance
		require.Equal(t, "tag 24\n", string(out), definition)
	}
}

func TestWarningsStay(t *testing.T) {
	dir := application(t, map[string]string{"src/main.c": "#warning careful\nint main(void) { return 0; }\n"})
	opt := options(t, dir)
	for range 2 {
		_, _, said, err := buildIt(t, opt)
		require.NoError(t, err)
		require.Contains(t, said, "careful")
	}
}

// TestCertificate: the bytes of a file, as the course's exercise includes them.
func TestCertificate(t *testing.T) {
	pem := "-----BEGIN CERTIFICATE-----\r\nabc\n-----END CERTIFICATE-----\n"
	dir := application(t, map[string]string{
		"CMakeLists.txt":     cmakeLists + "set(gen ${CMAKE_CURRENT_BINARY_DIR}/certs)\nzephyr_include_directories(${gen})\ngenerate_inc_file_for_target(app credentials/ca.pem ${gen}/ca.pem)\n",
		"credentials/ca.pem": pem,
		"src/main.c":         "#include <zephyr/kernel.h>\nstatic const char ca[] = {\n#include \"ca.pem\"\n};\nint main(void) { fwrite(ca, 1, sizeof(ca), stdout); return 0; }\n",
	})
	_, res, said, err := buildIt(t, options(t, dir))
	require.NoError(t, err, said)
	require.Equal(t, pem, output(t, res.Program))
	inc, err := os.ReadFile(filepath.Join(dir, "build/certs/ca.pem"))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(inc), "0x2d, 0x2d, 0x2d, 0x2d, 0x2d, 0x42, 0x45, 0x47,\n0x49, "), string(inc))
	require.True(t, strings.HasSuffix(string(inc), "0x0a,\n"))
}

// TestVersions: the headers with versions, and the choice of a release.
func TestVersions(t *testing.T) {
	dir := application(t, map[string]string{
		"VERSION": "VERSION_MAJOR = 1\nVERSION_MINOR = 2\nPATCHLEVEL = 3\nVERSION_TWEAK = 0\nEXTRAVERSION = rc1\n",
		"src/main.c": `#include <ncs_version.h>
#include <zephyr/version.h>
#include <app_version.h>
#include <zephyr/kernel.h>
int main(void)
{
	printf("%x %s %s %s %x %d\n", NCS_VERSION_NUMBER, NCS_VERSION_STRING, KERNEL_VERSION_STRING, APP_VERSION_STRING, NCSHOST_VER, CONFIG_BOARD_NRF9160DK_NRF9160_NS);
	return 0;
}
`})
	opt := options(t, dir)
	opt.NCS, opt.Board = 0x020602, "nrf9160dk_nrf9160_ns"
	_, res, said, err := buildIt(t, opt)
	require.NoError(t, err, said)
	require.Equal(t, "20602 2.6.2 3.5.99 1.2.3-rc1 20602 1\n", output(t, res.Program))
}

// TestExplained: what a compiler's error means is said in words.
func TestExplained(t *testing.T) {
	const use = "#include <modem/modem_key_mgmt.h>\nint main(void) { return modem_key_mgmt_write(1); }\n"
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"certificate.h", map[string]string{"src/main.c": "#include \"certificate.h\"\n"},
			"certificate.h is made from the certificate file: nrf91emu cert header server_certificate.crt -o src/certificate.h"},
		{"a header that the SDK has not", map[string]string{"src/main.c": "#include <zephyr/drivers/sensor.h>\n"},
			"The host SDK has no zephyr/drivers/sensor.h: of the hardware there are LEDs, buttons, GPIO and the console's UART of a development kit, and the modem. Leave out what needs it (#if !defined(CONFIG_NRF91EMU)), or put a header of that name with what the program uses into a folder of target_include_directories()."},
		{"a header of the SDK by its name alone", map[string]string{"src/main.c": "#include <fota.h>\n"}, "The host SDK has no fota.h: what it declares is not emulated. Leave out what needs it (#if !defined(CONFIG_NRF91EMU)), or put a header of that name with what the program uses into a folder of target_include_directories()."},
		{"a header of one's own", map[string]string{"src/main.c": "#include \"mine.h\"\n"}, "mine.h is not there: see whether the name is right, and its folder in target_include_directories() or zephyr_include_directories()."},
		{"a name without zephyr/", map[string]string{"src/main.c": "#include <kernel.h>\n"}, "kernel.h has been called zephyr/kernel.h since Zephyr 3.1: correct the #include lines. nRF Connect SDK before 2.2 is not emulated."},
		{"zephyr.h", map[string]string{"src/main.c": "#include <zephyr.h>\n"}, "zephyr.h has been zephyr/kernel.h since Zephyr 3.2: correct the #include line. nRF Connect SDK before 2.2 is not emulated."},
		{"a header of another release", map[string]string{"src/main.c": "#include <zephyr/random/rand32.h>\n#include <zephyr/kernel.h>\n", "prj.conf": "CONFIG_POSIX_API=y"},
			"zephyr/random/rand32.h is not in nRF Connect SDK 3.3.0; it is zephyr/random/random.h now. Another release is chosen with --ncs."},
		{"a header that is nowhere", map[string]string{"src/main.c": "#include \"mine.h\"\n"},
			"mine.h is not there: see whether the name is right, and its folder in target_include_directories() or zephyr_include_directories()."},
		{"the certificate's bytes", map[string]string{"src/main.c": "const char a[] = {\n#include \"ca-cert.pem\"\n};\n"},
			"ca-cert.pem is made by the build from the certificate: CMakeLists.txt needs generate_inc_file_for_target(app credentials/ca-cert.pem ${gen_dir}/ca-cert.pem) and zephyr_include_directories(${gen_dir}), and the condition around them must hold."},
		{"an option that is not set", map[string]string{"src/main.c": "int main(void) { return CONFIG_MQTT_HELPER_PORT; }\n"},
			"CONFIG_MQTT_HELPER_PORT is not set, because it depends on MQTT_HELPER."},
		{"an option that is none", map[string]string{"src/main.c": "int main(void) { return CONFIG_MINE; }\n"},
			"CONFIG_MINE is no option: neither the application's Kconfig nor the host SDK defines it. Define it in Kconfig, or set it in prj.conf."},
		{"a library that is not enabled", map[string]string{"src/main.c": use, "prj.conf": "CONFIG_NRF_MODEM_LIB=y\n"},
			"modem_key_mgmt_write() belongs to a library that is not enabled: set CONFIG_MODEM_KEY_MGMT=y in prj.conf."},
		{"a library whose own library is not enabled", map[string]string{"src/main.c": use, "prj.conf": "CONFIG_NRF_MODEM_LIB=n\n"},
			"modem_key_mgmt_write() belongs to a library that is not enabled: set CONFIG_MODEM_KEY_MGMT=y (which depends on NRF_MODEM_LIB) in prj.conf."},
		{"a header that is not included", map[string]string{"src/main.c": "int main(void) { return modem_key_mgmt_write(1); }\n"},
			"modem_key_mgmt_write() is declared in <modem/modem_key_mgmt.h>, which is not included: add #include <modem/modem_key_mgmt.h>."},
		{"declared and not there", map[string]string{"src/main.c": "#include <modem/modem_key_mgmt.h>\nint main(void) { return modem_key_mgmt_lost(); }\n"},
			"The host SDK declares modem_key_mgmt_lost() and does not have it: it is not emulated."},
		{"no such function", map[string]string{"src/main.c": "int mine(void);\nint main(void) { return mine(); }\n"},
			"There is no function mine(): see whether its name is right, and the file that it is in is in target_sources(). The host SDK does not have it."},
		{"no main", map[string]string{"src/main.c": "int x;\n"},
			"There is no main(): see whether its file is in target_sources()."},
		{"a function that is not emulated", map[string]string{"src/main.c": "int main(void) { return k_pipe_lost(); }\n"},
			"The host SDK has no k_pipe_lost(): it is not emulated. Leave out what needs it (#if !defined(CONFIG_NRF91EMU))."},
		{"a slip in the name of one that is", map[string]string{"src/main.c": "#include <zephyr/kernel.h>\nint main(void) { return k_slep(1); }\n"},
			"The host SDK has no k_slep(): it is not emulated. Leave out what needs it (#if !defined(CONFIG_NRF91EMU)). Is k_sleep meant?"},
		{"sockets by their names of POSIX", map[string]string{"src/main.c": "int main(void) { return listen(1, 2); }\n"},
			"listen() has this name with CONFIG_POSIX_API=y in prj.conf; without, it is zsock_listen()."},
		{"one's own before its declaration", map[string]string{"src/main.c": "int main(void) { return blinks(); }\nint blinks(void) { return 1; }\n"},
			"blinks() is called before it is declared: define it above its use, or include the header that declares it."},
		{"a constant whose header is not included", map[string]string{"src/main.c": "int main(void) { return KEY_TYPE_CA_CHAIN; }\n"},
			"KEY_TYPE_CA_CHAIN is in <modem/modem_key_mgmt.h>: include it, and see whether the release is right (--ncs)."},
		{"a type whose header is not included", map[string]string{"src/main.c": "int main(void) { key_type_t x = 0; return x; }\n"},
			"key_type_t is in <modem/modem_key_mgmt.h>: include it, and see whether the release is right (--ncs)."},
		{"the beginning of a constant", map[string]string{"src/main.c": "#include <modem/modem_key_mgmt.h>\nint main(void) { return KEY_TYPE_CA_CH; }\n"},
			"KEY_TYPE_CA_CH is not declared. Is KEY_TYPE_CA_CHAIN meant?"},
		{"an alias that is not there", map[string]string{"src/main.c": "#include <zephyr/kernel.h>\nint main(void) { return DT_ALIAS_led9_PIN; }\n"},
			"The devicetree of the host SDK has no alias led9. "},
		{"a device that is not there", map[string]string{"src/main.c": "#include <zephyr/kernel.h>\nint main(void) { return (long)&z_device_DT_N_i2c2; }\n"},
			"The devicetree of the host SDK has no node i2c2. "},
		{"a ; that is missing", map[string]string{"src/main.c": "int main(void)\n{\n\tint x = 1\n\treturn x;\n}\n"},
			"The statement before does not end: a ; or a ) is missing, there or in the line above."},
		{"a } that is missing", map[string]string{"src/main.c": "int main(void)\n{\n\treturn 0;\n"},
			"A { is not closed: there is one } too few, perhaps far above."},
		{"main twice", map[string]string{"CMakeLists.txt": cmakeLists + "target_sources(app PRIVATE src/two.c)\n", "src/two.c": mainC},
			"main() is defined in two sources: an application has one."},
		{"a module of the log twice", map[string]string{"CMakeLists.txt": cmakeLists + "target_sources(app PRIVATE src/two.c)\n", "src/two.c": "int z_log_module_net;\n", "src/main.c": "int z_log_module_net = 1;\nint main(void) { return 0; }\n"},
			"LOG_MODULE_REGISTER(net) is in two sources: it belongs into one, and LOG_MODULE_DECLARE(net) into the others."},
		{"nanopb", map[string]string{"src/main.c": "#include <pb_encode.h>\n"},
			"pb_encode.h belongs to nanopb, which is no part of the host SDK: put its sources into the application, with what its generator makes."},
		{"no macro with the certificate", map[string]string{"src/main.c": "const char *a = CA_CERTIFICATE;\n"},
			"CA_CERTIFICATE is the macro with the certificate. Include the header that defines it, or make one: nrf91emu cert header FILE --macro CA_CERTIFICATE -o src/certificate.h"},
	}
	opt := options(t, "")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			opt.Dir = application(t, tt.files)
			_, _, said, err := buildIt(t, opt)
			require.Error(t, err)
			_, meaning, ok := strings.Cut(said, "\nWhat it means:\n")
			require.True(t, ok, said)
			require.Contains(t, meaning, "  "+tt.want)
		})
	}
}

// A word of a comment in the SDK's headers is no name that may have been meant.
func TestNothingIsMeant(t *testing.T) {
	opt := options(t, "")
	opt.Dir = application(t, map[string]string{"src/main.c": "#include <zephyr/kernel.h>\nint main(void) { return nothing; }\n"})
	_, _, said, err := buildIt(t, opt)
	require.Error(t, err)
	require.Contains(t, said, "nothing")
	require.NotContains(t, said, "meant")
}

// TestFormats: a value of another sort than its format asks for is told, one of another size here is not.
func TestFormats(t *testing.T) {
	const before = "#include <zephyr/kernel.h>\n#include <stdint.h>\n#include <stddef.h>\nsize_t size;\nuint32_t number;\nint64_t big;\nchar *text;\ndouble fraction;\nint main(void)\n{\n\t"
	tests := []struct {
		call string
		told string // what gcc and clang have in common; "" for nothing
	}{
		{`printf("%d %u", size, size)`, ""},
		{`printf("%ld %lu", number, number)`, ""},
		{`printf("%lld %d", big, big)`, ""},
		{`printf("%s", text)`, ""},
		{`printf("%.*s %*d", size, text, size, 1)`, ""},
		{`printf("%.*s", text, text)`, "char *'"},
		{`printf("%s", number)`, "'char *'"},
		{`printf("%d", text)`, "'char *'"},
		{`printf("%d", fraction)`, "'double'"},
		{`printf("%f", number)`, "'double'"},
		{`printf("%d")`, "[-Wformat"},
		{`printf("%d", 1, 2)`, "[-Wformat-extra-args]"},
		{`printf("%d", size); printf("%s", 5); printf("%d", size)`, "'char *'"},
		{`printf("AT%CMNG=1")`, `is written %%: "AT%%CMNG"`},
	}
	for _, cc := range []string{"gcc", "clang"} {
		if _, err := exec.LookPath(cc); err != nil {
			continue
		}
		opt := options(t, "")
		opt.Compiler = cc
		for _, tt := range tests {
			opt.Dir = application(t, map[string]string{"src/main.c": before + tt.call + ";\n\treturn 0;\n}\n"})
			_, _, said, err := buildIt(t, opt)
			require.NoError(t, err, said)
			said = strings.NewReplacer("‘", "'", "’", "'").Replace(said)
			if tt.told == "" {
				require.NotContains(t, said, "warning", cc+" "+tt.call)
				continue
			}
			require.Contains(t, said, tt.told, cc+" "+tt.call)
			require.Equal(t, 1, strings.Count(said, "warning: "), cc+" "+tt.call+"\n"+said)
			require.Contains(t, said, "src/main.c:1", cc+" "+tt.call)
		}
	}
}

// TestNoCompiler says what to install.
func TestNoCompiler(t *testing.T) {
	dir := application(t, nil)
	p, err := build.Load(build.Options{Dir: dir, SDK: smallSDK(t), Cache: t.TempDir(), Compiler: "no-such-cc"})
	require.NoError(t, err)
	_, err = p.Build(context.Background(), new(strings.Builder), false)
	require.ErrorContains(t, err, "the compiler no-such-cc is not there; ")
}

// TestLoadErrors: folders that are no application.
func TestLoadErrors(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		below string
		want  string
	}{
		{"no such folder", nil, "nowhere", "no such file"},
		{"a file", nil, "prj.conf", "is no folder"},
		{"a folder inside", nil, "src", "has no CMakeLists.txt: name the folder of an application"},
		{"the folder above", nil, "..", "has no CMakeLists.txt: name one of the applications in it"},
		{"errors in its files", map[string]string{"prj.conf": "CONFIG_TAG=x\n", "CMakeLists.txt": cmakeLists + "what()\n"}, "",
			"prj.conf:1: error: x is no value for CONFIG_TAG, which is an int. Write a number.\nCMakeLists.txt:4: error: what() is not understood."},
		{"one source, whose name is wrong", map[string]string{"CMakeLists.txt": "find_package(Zephyr)\ntarget_sources(app PRIVATE src/mian.c)\n"}, "",
			"CMakeLists.txt:2: error: src/mian.c is not there. Correct the name, or write the file."},
		{"a slip in a command", map[string]string{"CMakeLists.txt": "find_package(Zephyr)\ntarget_source(app PRIVATE src/main.c)\n"}, "",
			"CMakeLists.txt:2: error: target_source() is not understood. Is target_sources() meant?"},
		{"a board that it does not want", map[string]string{"CMakeLists.txt": cmakeLists + "message(FATAL_ERROR \"Unsupported board\")\n"}, "",
			"Unsupported board (the board is nrf9151dk/nrf9151/ns; --board chooses another)"},
		{"no sources", map[string]string{"CMakeLists.txt": "find_package(Zephyr)\n"}, "", "There are no sources."},
		{"an SDK file with another name", map[string]string{"CMakeLists.txt": "set(CONF_FILE other.conf)\n" + cmakeLists}, "", "other.conf: there is no such file of options"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := application(t, tt.files)
			_, err := build.Load(build.Options{Dir: filepath.Join(dir, tt.below), SDK: smallSDK(t)})
			require.ErrorContains(t, err, tt.want)
			if !strings.HasPrefix(tt.name, "no sources") {
				require.NotContains(t, err.Error(), "There are no sources") // it follows from the rest
			}
		})
	}
}

// TestOverlays: the order of .conf files.
func TestOverlays(t *testing.T) {
	dir := application(t, map[string]string{
		"prj.conf":                            "CONFIG_TAG=1\nCONFIG_LOG=y\n",
		"boards/nrf9151dk_nrf9151_ns.conf":    "CONFIG_TAG=2\n",
		"boards/nrf9160dk_nrf9160_ns.conf":    "CONFIG_TAG=9\n",
		"boards/nrf9151dk_nrf9151_ns.overlay": "",
		"over.conf":                           "CONFIG_LOG=n\n",
	})
	p, err := build.Load(build.Options{Dir: dir, SDK: smallSDK(t), Conf: []string{"over.conf"}})
	require.NoError(t, err)
	require.Equal(t, "2", p.Config.String("TAG"))
	require.False(t, p.Config.Bool("LOG"))
	require.Len(t, p.Findings, 1)
	require.Contains(t, p.Findings[0].String(), "Devicetree overlays are not read")
	_, err = build.Load(build.Options{Dir: dir, SDK: smallSDK(t), Conf: []string{"none.conf"}})
	require.ErrorContains(t, err, "none.conf: there is no such file of options")
}

// TestExports builds by the printed commands and by the Makefile.
func TestExports(t *testing.T) {
	dir := application(t, map[string]string{"CMakeLists.txt": cmakeLists + "zephyr_compile_definitions(TEXT=\"a b\")\n"})
	opt := options(t, dir)
	p, err := build.Load(opt)
	require.NoError(t, err)
	program := filepath.Join(dir, "build", "app")

	commands, err := p.Commands()
	require.NoError(t, err)
	out, err := exec.Command("sh", "-ec", commands).CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, "tag 24\n", output(t, program))

	fragment, err := p.CMakeFragment()
	require.NoError(t, err)
	require.Contains(t, string(fragment), "add_executable(app)\n")

	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("there is no make")
	}
	// make knows no file whose name has a blank, so this application has none.
	opt.Dir = filepath.Join(t.TempDir(), "app")
	require.NoError(t, os.CopyFS(opt.Dir, os.DirFS(dir)))
	p, err = build.Load(opt)
	require.NoError(t, err)
	makefile, err := p.Makefile()
	require.NoError(t, err)
	write(t, filepath.Join(opt.Dir, "Makefile"), string(makefile))
	out, err = exec.Command("make", "-s", "-C", opt.Dir).CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, "tag 24\n", output(t, filepath.Join(opt.Dir, "build", "app")))
}

func TestParseNCS(t *testing.T) {
	for text, want := range map[string]build.NCS{"2.2": 0x020200, "v2.6.2": 0x020602, "3.4": 0x030400, "v3.0.0-rc1": 0x030000} {
		got, err := build.ParseNCS(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"", "main", "2", "2.1", "3.5", "4.0.0", "2.x"} {
		_, err := build.ParseNCS(text)
		require.Error(t, err, text)
	}
}

// TestRelease: what an application asks for.
func TestRelease(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		above map[string]string
		want  string
	}{
		{"nothing", nil, nil, "3.3.0"},
		{"a manifest above", nil, map[string]string{"west.yml": "manifest:\n  projects:\n    - name: zephyr\n      revision: v9.9.9\n    - name: nrf\n      repo-path: sdk-nrf\n      revision: v2.7.1\n      import: true\n"}, "2.7.1"},
		{"void main", map[string]string{"src/main.c": "void main(void)\n{\n}\n"}, nil, "2.3.0"},
		{"void main in a comment", map[string]string{"src/main.c": "/*\nvoid main(void)\n*/\nint main(void) { return 0; }\n"}, nil, "3.3.0"},
		{"one argument", map[string]string{"src/main.c": "int main(void) { return mqtt_disconnect(&c); }\n"}, nil, "2.9.0"},
		{"two arguments", map[string]string{"src/main.c": "int main(void) { return mqtt_disconnect(&c, NULL); }\n"}, nil, "3.3.0"},
		{"by version", map[string]string{"src/main.c": "#include <ncs_version.h>\n#if NCS_VERSION_NUMBER < 0x20600\nint x = lte_lc_init();\n#endif\nint main(void) { return 0; }\n", "prj.conf": "CONFIG_NET_SOCKETS_POSIX_NAMES=y\n"}, nil, "2.6.0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := application(t, tt.files)
			for name, text := range tt.above {
				write(t, filepath.Join(filepath.Dir(dir), name), text)
			}
			p, err := build.Load(build.Options{Dir: dir, SDK: smallSDK(t)})
			require.NoError(t, err)
			require.Equal(t, tt.want, p.NCS.String(), p.WhyNCS)
		})
	}
}
