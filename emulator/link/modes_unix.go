//go:build darwin || linux

package link

import "golang.org/x/sys/unix"

// rawMode is t with every translation off: 8 data bits, reads return at the
// first byte.
func rawMode(t unix.Termios) unix.Termios {
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB|unix.CSTOPB|unix.CRTSCTS) | unix.CS8 | unix.CREAD | unix.CLOCAL
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return t
}
