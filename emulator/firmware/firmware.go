package firmware

import (
	"embed"
	"io/fs"
)

// The folders have no Go file beside the C files, so they are embedded from here.
//
//go:embed all:sdk
//go:embed examples/README.md examples/*/CMakeLists.txt examples/*/Kconfig examples/*/*.conf
//go:embed examples/*/credentials examples/*/src
var files embed.FS

// SDK returns the host SDK: headers, sources and options. Its README.md says how
// they are compiled.
func SDK() fs.FS { return sub("sdk") }

// Examples returns the example applications in C, each a folder. The programs in Go
// beside them are not among them.
func Examples() fs.FS { return sub("examples") }

// What firmware that is built with the host SDK says on standard error: the beginning of the line
// that tells of a crash, and the line before those that tell where its threads are, when SIGQUIT
// asks (crash.c of the SDK).
const (
	CrashHeading = "The firmware has crashed: "
	WhereHeading = "Where the threads of the firmware are:\n"
)

func sub(dir string) fs.FS {
	f, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // the name of a folder is wrong
	}
	return f
}
