package control

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"nrf91emu/emulator/link"
)

// maxSocketPath is the longest path that fits into a socket address on Linux,
// less the final NUL.
const maxSocketPath = 107

// portNames are the names by which the port may have been served that a person names: a
// modem that listens on all addresses is reached by the loopback one.
func portNames(port string) []string {
	names := []string{port}
	scheme, addr, _ := link.NetworkPort(port)
	if host, number, err := net.SplitHostPort(addr); err == nil {
		if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
			names = append(names, scheme+":[::]:"+number, scheme+":0.0.0.0:"+number)
		}
	}
	return names
}

// SocketPath returns the path of the control socket of the device that is
// reached at portPath, a path such as "/dev/pts/5" or a symlink to it. It makes
// the directory if it is not there: $XDG_RUNTIME_DIR/nrf91emu, or
// /tmp/nrf91emu-<uid> where that is not set or cannot be used; on Windows a folder
// nrf91emu among the user's temporary files. The error says
// what is wrong with the directory when it is not the user's alone.
func SocketPath(portPath string) (string, error) {
	var err error
	for _, dir := range runtimeDirs() {
		if err = makePrivate(dir); err == nil {
			return socketIn(dir, portPath), nil
		}
	}
	return "", err
}

// runtimeDirs are the places for sockets, the best first.
func runtimeDirs() []string {
	if runtime.GOOS == "windows" {
		return []string{filepath.Join(os.TempDir(), "nrf91emu")} // each user's own
	}
	dirs := []string{"/tmp/nrf91emu-" + strconv.Itoa(os.Geteuid())}
	if base := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(base) {
		dirs = append([]string{filepath.Join(base, "nrf91emu")}, dirs...)
	}
	return dirs
}

// makePrivate makes a directory that nobody else can enter, or checks that it is
// one.
func makePrivate(dir string) error {
	err := checkPrivate(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("cannot make a directory for control sockets: %w", err)
	}
	return checkPrivate(dir)
}

// checkPrivate checks that a directory belongs to this user alone: in /tmp
// somebody else may have made it first.
func checkPrivate(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	owner, known := ownerOf(info)
	switch {
	case !info.IsDir():
		return fmt.Errorf("%s is not a directory; remove it, control sockets are to go there", dir)
	case known && owner != os.Geteuid():
		return fmt.Errorf("%s belongs to user %d; set XDG_RUNTIME_DIR to a directory of your own for control sockets", dir, owner)
	case known && info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("%s can be entered by others; set its mode to 0700", dir)
	}
	return nil
}

// socketIn returns the path of a device's socket in a directory. A name that is
// too long for a socket address is replaced by its digest.
func socketIn(dir, portPath string) string {
	path := filepath.Join(dir, socketName(portPath))
	if len(path) > maxSocketPath {
		sum := sha256.Sum256([]byte(socketName(portPath)))
		path = filepath.Join(dir, hex.EncodeToString(sum[:8])+".sock")
	}
	return path
}

// socketName returns the file name of the socket: "pts-5.sock" for /dev/pts/5,
// and for a symlink to it. What is not plain in a file name is written as in a
// URL, so that different ports have different names.
func socketName(port string) string {
	if scheme, addr, ok := link.NetworkPort(port); ok {
		port = scheme + ":" + addr
	} else if real, err := filepath.EvalSymlinks(port); err == nil {
		port = real
		if abs, err := filepath.Abs(port); err == nil {
			port = abs
		}
	}
	var b strings.Builder
	for _, c := range []byte(strings.TrimPrefix(port, "/dev/")) {
		switch {
		case c == '/':
			b.WriteByte('-')
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String() + ".sock"
}
