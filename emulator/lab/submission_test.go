package lab

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// compiler skips a test where there is none.
func compiler(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("there is no C compiler, so the exercise in C is not done: apt-get install gcc libc6-dev")
	}
}

// solve puts a file of the solution, or any text, into the student's code.
func solve(t testing.TB, dir, name string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata/solution", name))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o644))
}

const exerciseScript = `
AT
AT+CMEE=1
AT%CMNG=1,24,0
AT%CMNG=0,24,0,"{ca.pem}"
AT%CMNG=1,24,0
AT+CFUN=1
wait registered
AT#XMQTTCFG="nrf-1",60,1
AT#XMQTTCON=1,"","","broker.lab",8883,24
wait mqtt
AT#XMQTTSUB="devacademy/subscribe/topic",1
wait subscribed devacademy/subscribe/topic
AT#XMQTTPUB="devacademy/publish/topic","Hi",1,0
client connect mqtt-tls none
client connect mqtt-tls ca.pem
client publish devacademy/subscribe/topic LED1ON
wait received devacademy/subscribe/topic LED1ON
power cycle
AT%CMNG=1,24,0
AT+CFUN=1
wait registered
AT#XMQTTCFG="nrf-1",60,1
AT#XMQTTCON=1,"","","broker.lab",8883,24
wait mqtt
AT#XMQTTSUB="devacademy/subscribe/topic",1
`

// A submitted script or application is done as a student would do it, and judged by the
// steps that hold at its end.
func TestCheck(t *testing.T) {
	t.Parallel()
	compiler(t)
	l, err := Open(Config{NoPorts: true})
	require.NoError(t, err)
	defer l.Close()
	e := l.exercise("mqtt-over-tls-in-c")
	folder := func(name string) string {
		dir := filepath.Join(t.TempDir(), name)
		require.NoError(t, writeCode(e.code, dir))
		return dir
	}
	solved := folder("mine")
	for _, name := range []string{"prj.conf", "CMakeLists.txt", "src/main.c"} {
		solve(t, solved, name)
	}
	// Of the student's own lab, whose CA is another one.
	require.NoError(t, os.WriteFile(filepath.Join(solved, "credentials/ca.pem"), []byte("another\n"), 0o644))
	broken := folder("broken")
	require.NoError(t, os.WriteFile(filepath.Join(broken, "src/main.c"), []byte("int main(void) { return nothing; }\n"), 0o644))
	crashes := folder("crashes")
	require.NoError(t, os.WriteFile(filepath.Join(crashes, "src/main.c"), []byte("int main(void) { *(volatile int *)8 = 1; }\n"), 0o644))
	packed := filepath.Join(t.TempDir(), "packed.zip")
	archive, err := os.Create(packed)
	require.NoError(t, err)
	require.NoError(t, zipCode(archive, "mine", solved))
	require.NoError(t, archive.Close())
	nonsense := filepath.Join(t.TempDir(), "nonsense.zip")
	require.NoError(t, os.WriteFile(nonsense, []byte("PK"), 0o644))
	cut := "plan-cut 50\nAT%CMNG=0,24,0,\"{ca.pem}\"\npower on\nAT%CMNG=1,24,0\nAT%CMNG=0,24,0,\"{ca.pem}\"\n"
	for _, tt := range []struct {
		name, exercise, script, dir string
		done                        int
		passed                      bool
		err                         string
	}{
		{name: "script", exercise: "mqtt-over-tls", script: exerciseScript, done: 10, passed: true},
		{name: "power cut", exercise: "power-cut", script: cut, done: 2, passed: true},
		{name: "wait in vain", exercise: "wrong-ca", script: "button 1\n", err: "line 1, button 1"},
		{name: "application", exercise: e.ID, dir: solved, done: 9, passed: true},
		{name: "archive", exercise: e.ID, dir: packed, done: 9, passed: true},
		{name: "no archive", exercise: e.ID, dir: nonsense, err: "this is no ZIP archive"},
		{name: "does not compile", exercise: e.ID, dir: broken, err: "the application was not built"},
		{name: "crashes", exercise: e.ID, dir: crashes, err: "; the application runs no more: it has crashed: segmentation fault"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, err := l.Check(t.Context(), Submission{Name: tt.name, Exercise: tt.exercise, Script: tt.script, Dir: tt.dir})
			require.NoError(t, err)
			done := 0
			for _, s := range v.Steps {
				if s.Done {
					done++
				}
			}
			if tt.err == "" {
				require.NoError(t, v.Err, "%s\n%s", v.Said, v.Transcript)
			} else {
				require.ErrorContains(t, v.Err, tt.err)
			}
			require.Equal(t, tt.passed, v.Passed(), "%+v\n%s", v.Steps, v.Transcript)
			if tt.passed {
				require.Equal(t, tt.done, done)
			}
			require.NotContains(t, v.Transcript, "PRIVATE KEY")
			require.NotContains(t, fmt.Sprint(v.Err, v.Steps), "start the exercise over", "there is no page")
		})
	}
}

// A folder of a class: each student's solution is found, alone or in a folder of his own, and
// one that makes no sense, or a folder without any, keeps nobody else's from being checked.
func TestFindSubmissions(t *testing.T) {
	l, err := Open(Config{NoPorts: true, Builds: BuildNever})
	require.NoError(t, err)
	defer l.Close()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"anna/CMakeLists.txt": "", "anna/credentials/README": "",
		"ben/mqtt-over-tls-in-c/CMakeLists.txt": "", "ben/notes.txt": "",
		"carl/mqtt-over-tls.at": "AT\n", "carl/crlf.at": "AT\n",
		"dora/notes.txt": "", "eve.at": "exercise: crlf\ndance\n", "frank.at": "AT\n", "gina.zip": "PK", "hank/wrong-ca.at": "",
		"notes.txt": "", ".git/x.at": "", "build/x.at": "",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
	}
	found, err := l.FindSubmissions(dir, "")
	require.NoError(t, err)
	var list []string
	for _, s := range found {
		text := s.Name + ": " + s.Exercise
		if s.Err != nil {
			text = s.Name + ": " + strings.TrimPrefix(s.Err.Error(), dir+"/")
			v, err := l.Check(t.Context(), s)
			require.NoError(t, err)
			require.False(t, v.Passed())
		}
		list = append(list, text)
	}
	require.Equal(t, []string{
		"anna: mqtt-over-tls-in-c", "ben: mqtt-over-tls-in-c", "carl/crlf.at: crlf", "carl/mqtt-over-tls.at: mqtt-over-tls",
		"dora: dora holds no solution: a script such as mqtt-over-tls.at, or an application with CMakeLists.txt and prj.conf",
		`eve.at: eve.at: line 2: there is no "dance": use an AT command, wait, power, plan-cut, client or button`,
	}, list[:6])
	require.Contains(t, list[6], `frank.at: there is no exercise "frank": use one of `)
	require.Equal(t, []string{"gina.zip: mqtt-over-tls-in-c", "hank: hank/wrong-ca.at does nothing: write the AT commands that solve the exercise"}, list[7:])

	for name, want := range map[string]string{"dora": "holds no solution", "eve.at": `there is no "dance"`, "hank": "does nothing", "nobody": "no such file"} {
		_, err := l.FindSubmissions(filepath.Join(dir, name), "")
		require.ErrorContains(t, err, want, name)
	}
	found, err = l.FindSubmissions(filepath.Join(dir, "ben"), "")
	require.NoError(t, err)
	require.Equal(t, "mqtt-over-tls-in-c", found[0].Name)
}

// What is no plain file is not read, as it may never end.
func TestFindSubmissionsReadsPlainFiles(t *testing.T) {
	l, err := Open(Config{NoPorts: true, Builds: BuildNever})
	require.NoError(t, err)
	defer l.Close()
	dir := t.TempDir()
	if err := os.Symlink("/dev/zero", filepath.Join(dir, "mqtt-over-tls.at")); err != nil {
		t.Skipf("there are no links here: %v", err)
	}
	_, err = l.FindSubmissions(dir, "")
	require.ErrorContains(t, err, "is no plain file")
}

// A script that makes no sense is told with its line.
func TestScriptErrors(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"AT\nfly", `line 2: there is no "fly"`},
		{"wait", "write a condition"},
		{"wait happy", `there is no condition "happy"`},
		{"power up", `there is no power "up"`},
		{"power", "write power and"},
		{"button", "write button and a number"},
		{"client dance", "write client connect"},
		{"plan-cut many", "invalid syntax"},
		{"AT%CMNG=0,24,0,\"x", "line 1: a quote is not closed"},
	} {
		_, err := parseScript(tt.text)
		require.ErrorContains(t, err, tt.want, tt.text)
	}
	s, err := parseScript("# c\nexercise: wrong-ca\nAT%CMNG=0,24,0,\"a\n# b\nc\"\nat\n")
	require.NoError(t, err)
	require.Equal(t, "wrong-ca", s.exercise)
	require.Len(t, s.lines, 2)
	// Those that come along can be read.
	labs, err := fs.Sub(embedded, "labs")
	require.NoError(t, err)
	list, err := loadExercises(labs)
	require.NoError(t, err)
	for _, e := range list {
		if e.Code {
			require.NotEmpty(t, e.script)
		}
	}
}

func FuzzParseScript(f *testing.F) {
	f.Add(exerciseScript)
	f.Add("wait led 1 on\nbutton 5\nplan-cut -1\nAT\"")
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := parseScript(text); err == nil {
			for _, l := range s.lines {
				require.NotNil(t, l.run)
			}
		}
	})
}
