package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A number that makes no sense is refused before anything is done, in a sentence that
// names the flag.
func TestNumbersThatMakeNoSense(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, line := range []string{
		"run --count 0", "run --count -1", "run --supply 1", "run --supply 60000", "run --supply -3700", "run --baud 7", "run --baud -1",
		"run --attach-delay -1s", "run --time-to-fix -1s", "run --time-to-fix 0s",
		"exec --boots 0 -- true", "exec --boots -1 -- true", "exec --timeout 0s -- true", "exec --timeout -1s -- true",
		"exec --jobs 0 --power-cut all -- true", "exec --jobs -1 --power-cut all -- true", "exec --jobs 0 -- true", "exec --count 0 -- true",
		"exec --boot-ends 0s -- true", "exec --boot-ends -1s -- true", "exec --boot-ends-idle 0s -- true",
		"exec --power-cut 0 -- true", "exec --power-cut -1 -- true", "exec --power-cut sample:0 -- true",
		"exec --boots-per-day 0 -- true", "exec --boots-per-day -1 -- true", "exec --boots-per-day NaN -- true",
		"audit --boots-per-day 0 trace", "audit --boots-per-day -1 trace",
		"age --boots 0", "age --boots -1", "age --boots-per-day 0", "age --boots-per-day NaN", "age --pages -1", "age --endurance -1",
		"flash --state x --boots-per-day 0", "flash --state x --boots-per-day -1", "flash --state x --boots-per-day NaN",
		"flash --state x --starts-per-day 0", // its old name
		"provision --port x --sec-tag 1 --baud 7", "provision --port x --sec-tag 1 --timeout 0s", "provision --port x --sec-tag 1 --timeout -1s",
		"vectors --port x --baud 7", "vectors --timeout 0s", "vectors --settle -1s", "vectors --timeout -1s",
		"cloud sub --count -1 x", "cloud sub --qos 3 x", "cloud pub --qos 3 x y",
		"lab --students 0", "lab --students -1",
	} {
		t.Run(line, func(t *testing.T) {
			words := strings.Fields(line)
			flag := ""
			for _, w := range words {
				if strings.HasPrefix(w, "--") && w != "--" && w != "--port" && w != "--sec-tag" && w != "--state" && flag == "" {
					flag = w
				}
			}
			if flag == "--starts-per-day" {
				flag = "--boots-per-day"
			}
			for i, w := range words { // kong takes -1 for a flag
				if i > 0 && strings.HasPrefix(words[i-1], "--") && words[i-1] != "--" && strings.HasPrefix(w, "-") && w != "--" {
					words[i-1] += "=" + w
					words = append(words[:i:i], words[i+1:]...)
					break
				}
			}
			var out, err bytes.Buffer
			code := Main(words, stdio{in: strings.NewReader(""), out: &out, err: &err})
			require.Equal(t, exitUsage, code, err.String())
			require.Contains(t, err.String(), flag)
		})
	}
}

func TestCounted(t *testing.T) {
	require.Equal(t, "0 starts, 1 start, 2 starts", counted(0, "start")+", "+counted(uint64(1), "start")+", "+counted(uint32(2), "start"))
	require.Equal(t, "0 times, once, 2 times", times(0)+", "+times(1)+", "+times(2))
}
