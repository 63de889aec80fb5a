//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package flash

import "os"

// openLocked opens a regular file, which is made unless readOnly is set. There
// is no lock on this system.
func openLocked(path string, readOnly bool) (*os.File, error) {
	if readOnly {
		return openRegular(path, os.O_RDONLY)
	}
	return openRegular(path, os.O_RDWR|os.O_CREATE)
}
