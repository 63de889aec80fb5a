package flash

import (
	"os"
	"syscall"
)

// openLocked opens a regular file, which is made unless readOnly is set. What
// may be done to it meanwhile goes with the opening: others may read what is
// only read here, and nothing else.
func openLocked(path string, readOnly bool) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	access, share, create := uint32(syscall.GENERIC_READ|syscall.GENERIC_WRITE), uint32(0), uint32(syscall.OPEN_ALWAYS)
	if readOnly {
		access, share, create = syscall.GENERIC_READ, syscall.FILE_SHARE_READ, syscall.OPEN_EXISTING
	}
	const sharingViolation = syscall.Errno(32)
	h, err := syscall.CreateFile(name, access, share, nil, create, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if err == sharingViolation {
		return nil, errInUse
	}
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return regular(os.NewFile(uintptr(h), path))
}
