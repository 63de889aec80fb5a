package main

import (
	"bytes"
	"fmt"
	"os"
	osexec "os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// findsThePort does what Nordic's tools in Python do: a port must be in pyserial's list
// under its own name, and is opened with hardware flow control.
const findsThePort = `
import sys, time
import serial
from serial.tools import list_ports
found = [p for p in list_ports.comports() if p.device == sys.argv[1]]
assert len(found) == 1, [p.device for p in list_ports.comports()]
port = serial.Serial(found[0].device, 115200, timeout=5, rtscts=True)
port.reset_output_buffer()
port.write(b"\r\n")
port.flush()
time.sleep(0.2)
port.reset_input_buffer()
port.write(b"AT+CGSN\r\n")
lines = [port.readline() for _ in range(2)]
assert lines[0].strip().isdigit() and lines[1] == b"OK\r\n", lines
`

// TestToolsFindThePort holds that a symlink such as /dev/ttyACM9 is a port for tools
// that choose among those that pyserial lists.
func TestToolsFindThePort(t *testing.T) {
	const python = "/usr/bin/python3"
	if out, err := osexec.Command(python, "-c", "import serial").CombinedOutput(); err != nil {
		t.Skipf("needs %s with python3-serial, which is not there: %v %s", python, err, out)
	}
	port := ""
	for n := 9; n < 256 && port == ""; n++ {
		path := fmt.Sprintf("/dev/ttyACM%d", n)
		if _, err := os.Lstat(path); err == nil {
			continue
		}
		if err := os.Symlink("/dev/null", path); err != nil {
			t.Skipf("a symlink in /dev cannot be made: %v", err)
		}
		require.NoError(t, os.Remove(path))
		port = path
	}
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv("GITHUB_ACTIONS", "")
	var out bytes.Buffer
	code := Main([]string{"exec", "--link", port, "--", python, "-c", findsThePort, "{port}"}, stdio{in: bytes.NewReader(nil), out: &out, err: &out})
	require.Equal(t, 0, code, out.String())
	_, err := os.Lstat(port)
	require.ErrorIs(t, err, os.ErrNotExist)
}
