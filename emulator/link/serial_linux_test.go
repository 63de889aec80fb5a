package link

import (
	"io"
	"os"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// newSerial opens one end of a pty pair as a serial port; line is the other one.
func newSerial(t *testing.T, opts SerialOptions) (port *Serial, line *os.File, tty *os.File) {
	t.Helper()
	line, tty, err := pty.Open()
	require.NoError(t, err)
	t.Cleanup(func() { tty.Close(); line.Close() })
	port, err = OpenSerial(tty.Name(), opts)
	require.NoError(t, err)
	t.Cleanup(func() { port.Close() })
	return port, line, tty
}

func TestSerial(t *testing.T) {
	port, line, tty := newSerial(t, SerialOptions{Baud: 9600, RTSCTS: true})
	require.Equal(t, tty.Name(), port.Name())
	mode, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	require.NoError(t, err)
	require.EqualValues(t, unix.B9600, mode.Cflag&unix.CBAUD)
	require.NotZero(t, mode.Cflag&unix.CRTSCTS)
	startEcho(t, port)
	requireTrip(t, line, "AT")
	requireTrip(t, line, "AT\"a\nb\xff\"")
}

func TestSerialCloseUnblocksRead(t *testing.T) {
	port, _, _ := newSerial(t, SerialOptions{})
	done := make(chan error, 1)
	go func() {
		_, err := port.Read(make([]byte, 1))
		done <- err
	}()
	require.NoError(t, port.Close())
	require.NoError(t, port.Close())
	require.Equal(t, io.EOF, waitFor(t, done))
	_, err := port.Write([]byte("x"))
	require.ErrorIs(t, err, os.ErrClosed)
}

func TestSerialCloseUnblocksWrite(t *testing.T) {
	port, line, _ := newSerial(t, SerialOptions{})
	done := make(chan error, 1)
	go func() {
		_, err := port.Write(make([]byte, 1<<20))
		done <- err
	}()
	conn, err := line.SyscallConn()
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		n := 0
		conn.Control(func(fd uintptr) { n, _ = unix.IoctlGetInt(int(fd), unix.TIOCINQ) })
		return n >= 4095
	}, patience, time.Millisecond)
	require.NoError(t, port.Close())
	require.ErrorIs(t, waitFor(t, done), os.ErrClosed)
}

func TestSerialErrors(t *testing.T) {
	_, err := OpenSerial("/dev/ttyNONE", SerialOptions{})
	require.ErrorContains(t, err, "there is no serial port /dev/ttyNONE")
	_, err = OpenSerial("/dev/null", SerialOptions{})
	require.ErrorContains(t, err, "/dev/null is not a serial port")
	_, err = OpenSerial("/dev/null", SerialOptions{Baud: -1})
	require.ErrorContains(t, err, "is not a baud rate")

	line, tty, err := pty.Open()
	require.NoError(t, err)
	port, err := OpenSerial(tty.Name(), SerialOptions{})
	require.NoError(t, err)
	defer port.Close()
	tty.Close()
	line.Close()
	_, err = port.Read(make([]byte, 1))
	require.ErrorContains(t, err, "was it unplugged?")
}
