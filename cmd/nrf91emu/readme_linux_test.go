package main

import (
	"bufio"
	"bytes"
	"fmt"
	"go/format"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/profile"
)

// A block is a piece of README.md in which there is code.
type block struct {
	line int      // of its first line
	kind string   // sh, console, go; empty for what is set off by four blanks
	text []string // without the blanks
}

// readmeBlocks returns the blocks of README.md but for those marked as not to be run.
func readmeBlocks(t *testing.T, text string) (blocks []block) {
	fence, skip := false, false
	for i, line := range strings.Split(text, "\n") {
		last := len(blocks) - 1
		switch {
		case fence && line == "```":
			fence = false
			if skip {
				blocks = blocks[:last]
			}
			skip = false
		case fence:
			blocks[last].text = append(blocks[last].text, line)
		case strings.HasPrefix(line, "```"):
			fence = true
			blocks = append(blocks, block{line: i + 2, kind: line[3:]})
		case strings.HasPrefix(line, "<!-- not run: "):
			skip = true
		case strings.HasPrefix(line, "    "):
			if last < 0 || blocks[last].kind != "" || blocks[last].line+len(blocks[last].text) != i+1 {
				blocks = append(blocks, block{line: i + 1})
				last++
			}
			blocks[last].text = append(blocks[last].text, line[4:])
		case line != "" && skip:
			t.Errorf("README.md:%d: a mark is followed by no block", i+1)
			skip = false
		}
	}
	return blocks
}

// TestReadme runs every command of README.md that is not marked otherwise, in the order of
// the page, in one folder: outputs and dialogues that it shows are held too. What takes
// minutes or the network is replaced, see readmeGo.
func TestReadme(t *testing.T) {
	t.Parallel() // it waits for firmware in C to be idle
	for _, program := range []string{"bash", "cc"} {
		if _, err := osexec.LookPath(program); err != nil {
			t.Skipf("there is no %s", program)
		}
	}
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	r := newReadme(t)
	ran := 0
	var before string // what the block before has printed
	for _, b := range readmeBlocks(t, string(text)) {
		switch b.kind {
		case "sh":
			before = r.commands(b)
			ran++
		case "console":
			r.console(b)
			ran++
		case "go":
			_, err := format.Source([]byte(strings.Join(b.text, "\n")))
			require.NoErrorf(t, err, "README.md:%d", b.line)
		case "":
			if strings.HasPrefix(b.text[0], "> ") {
				r.dialogue(b)
			} else {
				// Certificates that are made anew differ in length.
				digits := regexp.MustCompile(`\d+`)
				for i := range b.text {
					b.text[i] = digits.ReplaceAllString(b.text[i], "N")
				}
				r.contains(b, b.text, digits.ReplaceAllString(before, "N"))
			}
		default:
			t.Errorf("README.md:%d: a block of %q is not known here", b.line, b.kind)
		}
	}
	require.Greater(t, ran, 5)
}

// TestReadmeCounts holds that README.md has as many profiles as there are.
func TestReadmeCounts(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	revisions := make(map[string]bool)
	for _, p := range profile.All() {
		revisions[p.Revision] = true
	}
	require.Contains(t, string(text), fmt.Sprintf("%d modem firmwares: %d profiles", len(revisions), len(profile.All())))
}

// A readme is the folder in which README.md is tried.
type readme struct {
	*testing.T
	dir, bin string
	env      []string
	port     string // the name of the port of the modem that was started last
}

// readmeGo stands for go: the program is that of the test, and all tests are not run
// within one; .ci/run runs both lines as they are.
const readmeGo = `#!/bin/sh
case "$1 $2" in
"build ./cmd/nrf91emu") ln -sf "$(command -v nrf91emu)" nrf91emu ;;
"run ./cmd/nrf91emu") shift 2; exec nrf91emu "$@" ;;
"test ./...") ;;
"mod edit") exec %s "$@" ;;
*) echo "the test of README.md does not know: go $*" >&2; exit 1 ;;
esac
`

func newReadme(t *testing.T) *readme {
	r := &readme{T: t, dir: t.TempDir(), bin: t.TempDir()}
	goProgram, err := osexec.LookPath("go")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(r.bin, "go"), fmt.Appendf(nil, readmeGo, goProgram), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(r.dir, "go.mod"), []byte("module example\n"), 0o666))
	const examples = "emulator/firmware/examples/"
	for _, name := range []string{"provision_certificate"} {
		require.NoError(t, os.CopyFS(filepath.Join(r.dir, examples, name), os.DirFS("../../"+examples+name)))
	}
	require.NoError(t, os.RemoveAll(filepath.Join(r.dir, examples, "provision_certificate/build")))
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); name != "GITHUB_ACTIONS" && name != "GITHUB_STEP_SUMMARY" {
			r.env = append(r.env, v)
		}
	}
	r.env = append(r.env, "PATH="+r.bin+":"+os.Getenv("PATH"), "XDG_RUNTIME_DIR="+t.TempDir(), "GORACE=atexit_sleep_ms=0")
	// The firmware of the report is the example with its mistake.
	r.bash(block{}, "nrf91emu firmware build -q "+examples+"provision_certificate --conf "+examples+"provision_certificate/wrong.conf -o bad && ln -s $PWD/bad/app "+r.bin+"/bad-firmware")
	return r
}

func (r *readme) command(line string) *osexec.Cmd {
	cmd := osexec.Command("bash", "-c", line)
	cmd.Dir, cmd.Env = r.dir, r.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// bash runs a line to its end, with its exit code, and returns what it prints.
func (r *readme) bash(b block, line string) (string, int) {
	cmd := r.command(line)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	defer func() { r.Logf("%4d ms  %s", time.Since(start).Milliseconds(), line) }()
	late := time.AfterFunc(2*time.Minute, func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	defer late.Stop()
	cmd.Run()
	if cmd.ProcessState == nil {
		r.Fatalf("README.md:%d: %s: cannot be run", b.line, line)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// serves is what does not end by itself.
var serves = regexp.MustCompile(`&$|nrf91emu (lab|run)( |$)`)

// commands runs the lines of a block.
func (r *readme) commands(b block) (out string) {
	for _, line := range b.text {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if serves.MatchString(line) {
			r.serve(b, line)
			continue
		}
		text, code := r.bash(b, line)
		if code != 0 {
			r.Fatalf("README.md:%d: %s: exit code %d\n%s", b.line, line, code, text)
		}
		out += text
	}
	return out
}

// console runs lines behind a dollar sign and looks for what stands below them.
func (r *readme) console(b block) {
	var out string
	var want []string
	for _, line := range b.text {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			r.contains(b, want, out)
			want = nil
			out, _ = r.bash(b, command)
		} else {
			want = append(want, line)
		}
	}
	r.contains(b, want, out)
}

// contains fails unless lines stand in a text in this order.
func (r *readme) contains(b block, lines []string, text string) {
	rest := text
	for _, line := range lines {
		_, after, ok := strings.Cut(rest, line+"\n")
		if !ok {
			r.Fatalf("README.md:%d: it does not print the line\n%s\nbut\n%s", b.line, line, text)
		}
		rest = after
	}
}

// serve starts something that does not end, and waits for the first line it prints. Ports
// that stand in README.md may be in use here; any other do.
func (r *readme) serve(b block, line string) {
	line = regexp.MustCompile(`127\.0\.0\.1:[0-9]+`).ReplaceAllString(strings.TrimSuffix(line, "&"), "127.0.0.1:0")
	if strings.Contains(line, "nrf91emu run ") {
		line += " --attach-delay 0s" // nobody types that fast
	}
	cmd := r.command("exec " + line)
	out, in, err := os.Pipe()
	require.NoError(r, err)
	cmd.Stdout, cmd.Stderr = in, in
	require.NoError(r, cmd.Start())
	in.Close()
	var rest sync.WaitGroup
	r.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
		out.Close()
		rest.Wait()
	})
	if strings.Contains(line, "cloud sub") {
		return // it prints what comes
	}
	lines := bufio.NewReader(out)
	require.NoError(r, out.SetReadDeadline(time.Now().Add(time.Minute)))
	first, err := lines.ReadString('\n')
	if err != nil {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGQUIT) // it says what it waits for
		out.SetReadDeadline(time.Now().Add(5 * time.Second))
		stacks, _ := io.ReadAll(lines)
		r.Fatalf("README.md:%d: %s prints nothing: %v: %s%s", b.line, line, err, first, stacks)
	}
	require.NoError(r, out.SetReadDeadline(time.Time{}))
	require.NotContainsf(r, first, "nrf91emu: ", "README.md:%d: %s", b.line, line)
	rest.Go(func() { io.Copy(io.Discard, lines) })
	if _, name, ok := strings.Cut(line, "--link "); ok {
		r.port, _, _ = strings.Cut(strings.TrimSpace(name), " ")
	}
}

// dialogue types what stands behind > on the port that was made last, and waits for the
// lines below, or for OK.
func (r *readme) dialogue(b block) {
	port, err := os.OpenFile(filepath.Join(r.dir, r.port), os.O_RDWR|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
	require.NoError(r, err)
	defer port.Close()
	lines := bufio.NewReader(port)
	await := func(want string) {
		require.NoError(r, port.SetReadDeadline(time.Now().Add(time.Minute)))
		for got := ""; got != want; {
			got, err = lines.ReadString('\n')
			require.NoErrorf(r, err, "README.md:%d: the modem does not say %q", b.line, want)
			got = strings.TrimSpace(got)
			require.Falsef(r, strings.Contains(got, "ERROR") && got != want, "README.md:%d: the modem says %s where %s is to come", b.line, got, want)
		}
	}
	for i, line := range b.text {
		typed, ok := strings.CutPrefix(line, "> ")
		if !ok {
			await(line)
			continue
		}
		_, err := io.WriteString(port, typed+"\r\n")
		require.NoError(r, err)
		if i+1 < len(b.text) && strings.HasPrefix(b.text[i+1], "> ") {
			await("OK")
		}
	}
}
