package link

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// childEnv makes the test binary act as a host that opens the pty named in it,
// sets exclusive mode and waits to be killed.
const childEnv = "LINK_TEST_HOST"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		rudeHost(path)
		return
	}
	goleak.VerifyTestMain(m)
}

func rudeHost(path string) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY, 0)
	if err == nil {
		err = unix.IoctlSetInt(fd, unix.TIOCEXCL, 0)
	}
	if err == nil {
		var t *unix.Termios
		if t, err = unix.IoctlGetTermios(fd, unix.TCGETS); err == nil {
			t.Iflag |= unix.ICRNL
			t.Lflag |= unix.ICANON | unix.ECHO
			err = unix.IoctlSetTermios(fd, unix.TCSETS, t)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ready")
	select {}
}
