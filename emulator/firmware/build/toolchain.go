package build

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// Compiler returns the path of the C compiler that a build uses if nothing else is asked
// for. The error says how to install one.
func Compiler() (string, error) { return findCompiler("") }

// findCompiler returns the C compiler: the one asked for, $CC, cc, gcc or clang.
func findCompiler(want string) (string, error) {
	if want == "" {
		want = os.Getenv("CC")
	}
	if want != "" {
		path, err := exec.LookPath(want)
		if err != nil {
			return "", errors.New("the compiler " + want + " is not there; " + install())
		}
		return path, nil
	}
	for _, name := range []string{"cc", "gcc", "clang"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no C compiler; " + install())
}

// install says how to install a compiler on this machine.
func install() string {
	switch runtime.GOOS {
	case "darwin":
		return "install it with: xcode-select --install"
	case "windows":
		return "use the Windows Subsystem for Linux, and in it: sudo apt install gcc libc6-dev"
	}
	for _, m := range []struct{ program, command string }{
		{"apt-get", "sudo apt install gcc libc6-dev"},
		{"dnf", "sudo dnf install gcc glibc-devel"},
		{"pacman", "sudo pacman -S gcc"},
		{"zypper", "sudo zypper install gcc glibc-devel"},
		{"apk", "sudo apk add gcc musl-dev"},
	} {
		if _, err := exec.LookPath(m.program); err == nil {
			return "install it with: " + m.command
		}
	}
	return "install gcc or clang, and the headers of the C library"
}

// headersOfC reports whether a header belongs to the C library, which a compiler alone does not bring.
func headersOfC(name string) bool {
	switch strings.TrimSuffix(name, ".h") {
	case "stdio", "stdlib", "string", "pthread", "errno", "time", "math", "ctype", "unistd", "sys/types", "bits/libc-header-start":
		return true
	}
	return false
}
