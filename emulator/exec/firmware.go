package exec

import (
	osexec "os/exec"
	"strings"
	"time"

	"nrf91emu/emulator/firmware"
	"nrf91emu/emulator/process"
)

// patience is how long a program is given for saying where its threads are.
const patience = 2 * time.Second

// whereabouts asks a command that does not end where its threads are, if it is firmware in C.
func (s *session) whereabouts(cmd *osexec.Cmd, stderr *capture) []string {
	for _, u := range s.units {
		if !u.device.IsProgram(cmd.Process.Pid) {
			continue
		}
		process.Inquire(cmd)
		for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			if lines := threads(stderr.output().Text); lines != nil {
				return lines
			}
		}
	}
	return nil
}

// threads returns where the threads are, from the output of a program. It comes in one piece.
func threads(text string) []string {
	_, text, found := strings.Cut(text, firmware.WhereHeading)
	if !found {
		return nil // not yet
	}
	lines := []string{strings.TrimSuffix(strings.ToLower(firmware.WhereHeading[:1])+firmware.WhereHeading[1:], "\n")}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "    ") {
			break
		}
		lines = append(lines, strings.TrimSuffix(line[2:], "\n"))
	}
	return lines
}
