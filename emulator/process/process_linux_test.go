package process_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/process"
)

// parent is the environment variable that makes the test program one that starts a
// command and waits for it.
const parent = "PROCESS_TEST_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(parent) == "" {
		os.Exit(m.Run())
	}
	ended := make(chan error, 1)
	cmd := exec.Command("cat")
	cmd.Stdin, cmd.Stdout = os.Stdin, os.Stdout // a pipe that ends when both are gone
	if err := process.Start(cmd, func(err error) { ended <- err }); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for range 100 { // threads that end must not take the command along
		gone := make(chan bool)
		go func() {
			runtime.LockOSThread() // and the thread ends with it
			close(gone)
		}()
		<-gone
	}
	fmt.Println(cmd.Process.Pid)
	<-ended
}

// begin starts the test program as a parent, and returns the process of its child.
func begin(t *testing.T) (cmd *exec.Cmd, child int, in io.Writer, out *bufio.Reader) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), parent+"=1")
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	pipe, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	out = bufio.NewReader(pipe)
	line, err := out.ReadString('\n')
	require.NoError(t, err)
	child, err = strconv.Atoi(strings.TrimSpace(line))
	require.NoError(t, err, line)
	return cmd, child, in, out
}

// A command lives as long as its parent, and not longer.
func TestEndsWithParent(t *testing.T) {
	cmd, child, in, out := begin(t)
	_, err := io.WriteString(in, "there\n")
	require.NoError(t, err)
	line, err := out.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "there\n", line)
	group, err := syscall.Getpgid(child)
	require.NoError(t, err)
	require.Equal(t, child, group, "a group of its own")

	require.NoError(t, cmd.Process.Kill())
	_, err = out.ReadByte() // the input is still open: nothing else ends the child
	require.Equal(t, io.EOF, err)
}

func TestKillAndTerminate(t *testing.T) {
	for name, end := range map[string]func(*exec.Cmd){"killed": process.Kill, "terminated": process.Terminate} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("sh", "-c", "sleep 1000 & echo $!; wait")
			in, err := cmd.StdinPipe()
			require.NoError(t, err)
			defer in.Close()
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			ended := make(chan error, 1)
			reader := bufio.NewReader(out)
			require.NoError(t, process.Start(cmd, func(err error) { ended <- err }))
			_, err = reader.ReadString('\n')
			require.NoError(t, err)
			end(cmd)
			require.ErrorContains(t, <-ended, name[:4])
		})
	}
}

func TestStartFails(t *testing.T) {
	cmd := exec.Command("/does/not/exist")
	require.Error(t, process.Start(cmd, func(error) { t.Error("it was never started") }))
}
