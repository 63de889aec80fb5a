package testvectors

import (
	"context"
	"io/fs"
	"net"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

var profiles = []string{"nrf9160-1.0.0", "nrf9160-1.2.7", "nrf9160-1.3.2", "nrf9160-1.3.7", "nrf9151-2.0.1", "nrf9151-2.0.4", "nrf9161-2.0.4", "nrf9151-ntn-1.0.1"}

// The project's own vectors are well-formed, say what they show, and mark each
// expectation with its source.
func TestVectorsAreComplete(t *testing.T) {
	scripts, err := Load(All())
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	seen := map[string]bool{}
	for _, s := range scripts {
		data, err := fs.ReadFile(All(), s.Name)
		require.NoError(t, err)
		require.Equal(t, string(data), s.String(), "%s: printing changes the file", s.Name)
		require.NotEmpty(t, s.Title(), s.Name)
		require.False(t, seen[s.Title()], "%s: another vector has the same title", s.Name)
		seen[s.Title()] = true
		require.NotNil(t, s.Device.Needs, "%s: no device line", s.Name)
		for _, l := range s.Lines {
			if l.expects() {
				require.NotEmpty(t, l.Mark.Source, "%s:%d: the expectation has no mark with a source", s.Name, l.Number)
				require.Contains(t, []Verb{Fact, Chosen}, l.Mark.Kind, "%s:%d: what is documented, seen or inferred is a fact: add it to emulator/facts and cite it", s.Name, l.Number)
			}
		}
		plays := 0
		for _, p := range profiles {
			for _, l := range []Layout{ATClient, SerialModem, SerialModemMain, SerialModem20, SLM} {
				if s.HoldsFor(p, l.Name) {
					plays++
				}
			}
		}
		require.Positive(t, plays, "%s: holds for no profile", s.Name)
	}
}

// A vector lies in the folder of a command that it sends, which is how it is found:
// modem/cmng has those about AT%CMNG. Three folders are about all commands.
func TestVectorsLieByCommand(t *testing.T) {
	scripts, err := Load(All())
	require.NoError(t, err)
	for _, s := range scripts {
		folder := path.Base(path.Dir(s.Name))
		switch folder {
		case "framing", "firmware-versions", "recorded-sessions":
			continue
		case "at":
			folder = "" // AT alone, and what holds for all
		}
		require.Equal(t, 2, strings.Count(s.Name, "/"), "%s: is to be modem/<command>/<what it shows>.txt", s.Name)
		require.True(t, slices.ContainsFunc(s.Lines, func(l Line) bool {
			line := strings.ToLower(strings.TrimPrefix(l.Arg, `"`))
			name, ok := strings.CutPrefix(line, "at")
			return ok && (l.Verb == Send || l.Verb == SendRaw) && (strings.HasPrefix(strings.TrimLeft(name, "+%#"), folder) || strings.HasPrefix(line, folder))
		}), "%s: sends no command %s", s.Name, folder)
	}
}

// There is a vector for each code that %CMNG can answer.
func TestVectorsCoverCodes(t *testing.T) {
	scripts, err := Load(All())
	require.NoError(t, err)
	covered := map[string]bool{}
	for _, s := range scripts {
		if path.Dir(s.Name) != "modem/cmng" {
			continue
		}
		for _, l := range s.Lines {
			if code, ok := strings.CutPrefix(l.Arg, "+CME ERROR: "); ok && l.Verb == Expect {
				covered[code] = true
			}
		}
	}
	for _, code := range []string{"50", "513", "514", "515", "518", "519", "527", "528"} {
		require.True(t, covered[code], "no vector shows +CME ERROR: %s", code)
	}
}

// Each vector can be played on each target that it holds for: a device that
// does what the vector says passes. What the mirror sends is made by the same
// layout code that reads it, so this tests the vectors, not the layouts.
func TestVectorsCanBePlayed(t *testing.T) {
	scripts, err := Load(All())
	require.NoError(t, err)
	for _, s := range scripts {
		for _, profile := range profiles {
			for _, l := range []Layout{ATClient, SerialModem, SerialModemMain, SerialModem20, SLM} {
				if s.HoldsFor(profile, l.Name) {
					synctest.Test(t, func(t *testing.T) { playMirror(t, s, profile, l) })
				}
			}
		}
	}
}

func playMirror(t *testing.T, s *Script, profile string, l Layout) {
	host, device := net.Pipe()
	port := NewPort(host)
	defer port.Close()
	control := &fakeControl{}
	l.Takes = nil // the mirror is the modem and the application in one
	target := Target{Port: port, Layout: l, Profile: profile, Provides: s.Device.Needs, Control: control}

	m := &player{script: s, target: target, response: response{layout: l},
		scope: newScope(s, l)}
	var lines []*Line
	for i := range s.Lines {
		switch line := &s.Lines[i]; line.Verb {
		case Comment, DeviceLine, Fact, Documented, Seen, Inferred, Chosen:
		default:
			if line.active(profile, l.Name) {
				lines = append(lines, line)
			}
		}
	}
	kick := make(chan struct{}, 1)
	control.after = func(string) { kick <- struct{}{} }
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buf := make([]byte, 1<<20)
		for i, line := range lines {
			switch line.Verb {
			case Send, SendRaw:
				m.response.open = false
				text, end := line.Arg, l.Terminator
				if line.Verb == SendRaw {
					text, _ = unquote(text)
					end = ""
				}
				tmpl, _ := parseTemplate(text)
				want, err := m.scope.expand(tmpl)
				require.NoError(t, err)
				want = append(want, end...)
				for n := 0; n < len(want); {
					k, err := device.Read(buf[n:len(want)])
					require.NoError(t, err)
					n += k
				}
				require.Equal(t, string(want), string(buf[:len(want)]))
			case Power, ControlDo:
				<-kick
			case WearCheck:
				synctest.Wait()
			}
			if i == 0 && line.expects() {
				device.Write(m.wire(t, lines))
			} else if !line.expects() && i+1 < len(lines) {
				if out := m.wire(t, lines[i+1:]); len(out) > 0 {
					device.Write(out)
				}
			}
		}
	}()
	r, err := Play(context.Background(), s, target)
	require.NoError(t, err)
	for i, d := range r.Differences {
		if d.Reason == "the flash was used otherwise" {
			continue // the mirror has no flash
		}
		require.Fail(t, "the vector does not hold for itself", r.Differences[i].String())
	}
	<-ended
	device.Close()
}
