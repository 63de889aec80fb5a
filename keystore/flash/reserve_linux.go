package flash

import (
	"errors"
	"os"
	"syscall"
)

// reserve makes the file that long and has the file system keep the room, if
// it can.
func reserve(file *os.File, size int64) error {
	for {
		switch err := syscall.Fallocate(int(file.Fd()), 0, 0, size); {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EOPNOTSUPP), errors.Is(err, syscall.ENOSYS):
			return file.Truncate(size)
		default:
			return err
		}
	}
}
