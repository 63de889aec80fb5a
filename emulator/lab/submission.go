package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"nrf91emu/emulator/audit"
)

// A Submission is a solution that a student has handed in: a script of AT commands, or an
// application in C.
type Submission struct {
	Name     string // for reports
	Exercise string // its id
	// Script is what is typed and done; "" for an application.
	Script string
	// Dir is the application's folder, or a ZIP archive of it; "" for a script.
	Dir string
	// Err is why it makes no sense, and is not done; nil if it does.
	Err error
}

// A Verdict is what has become of a submission.
type Verdict struct {
	Submission Submission
	Exercise   string // the title
	Took       time.Duration
	Steps      []StepVerdict
	Findings   []*audit.Finding
	// Err is why it could not be done to its end, such as [ErrNotBuilt]; nil if it could.
	Err error
	// Log is what was done, Said what the build said, Transcript what came over the
	// port, with keys masked.
	Log, Said, Transcript string
}

// A StepVerdict is how one step stands at the end.
type StepVerdict struct {
	Title string
	Done  bool
	Why   string // what is missing
}

// Passed reports whether all steps hold at the end.
func (v *Verdict) Passed() bool {
	return v.Err == nil && len(v.Steps) > 0 && !slices.ContainsFunc(v.Steps, func(s StepVerdict) bool { return !s.Done })
}

// FindSubmissions finds the solutions in a folder: scripts EXERCISE.at, or with a line
// "exercise: ID" at their beginning, and applications in C, as folders or ZIP archives. They
// may be the folder itself, lie in it, or each in a folder that is named after who handed it
// in; such a folder without any is among the solutions, as one that makes no sense. An id
// that is not "" is the exercise of all of them. The error says that none makes sense.
func (l *Lab) FindSubmissions(dir, id string) ([]Submission, error) {
	if id != "" && l.exercise(id) == nil {
		return nil, l.unknownExercise(id)
	}
	one, err := l.submission(dir, id)
	if err != nil {
		return nil, err
	}
	if one != nil {
		return []Submission{*one}, nil
	}
	found, err := l.inFolder(dir, "", id)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(found, func(s Submission) bool { return s.Err == nil }); i < 0 {
		return nil, found[0].Err
	}
	return found, nil
}

// inFolder finds what was handed in in a folder, which is a student's if it has a name.
func (l *Lab) inFolder(dir, student, id string) ([]Submission, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []Submission
	for _, e := range entries {
		if notCode(e.Name()) {
			continue
		}
		p, name := filepath.Join(dir, e.Name()), path.Join(student, e.Name())
		sub, err := l.submission(p, id)
		switch {
		case err != nil:
			found = append(found, Submission{Name: name, Exercise: id, Err: err})
		case sub != nil:
			sub.Name = name
			found = append(found, *sub)
		case student == "" && e.IsDir():
			of, err := l.inFolder(p, e.Name(), id)
			if err != nil {
				of = []Submission{{Exercise: id, Err: err}}
			}
			if len(of) == 1 {
				of[0].Name = e.Name()
			}
			found = append(found, of...)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s holds no solution: a script such as mqtt-over-tls.at, or an application with CMakeLists.txt and prj.conf", dir)
	}
	return found, nil
}

// submission looks whether a file or folder is a solution.
func (l *Lab) submission(p, id string) (*Submission, error) {
	info, err := os.Stat(p)
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(p)
	if err != nil {
		return nil, err
	}
	base := filepath.Base(abs)
	archive := filepath.Ext(p) == ".zip"
	if info.IsDir() || archive {
		if _, err := os.Stat(filepath.Join(p, "CMakeLists.txt")); err != nil && !archive {
			return nil, nil
		}
		if archive && (!info.Mode().IsRegular() || info.Size() > maxUpload) {
			return nil, fmt.Errorf("%s is no ZIP archive of at most %d MB", p, maxUpload>>20)
		}
		if id == "" {
			if id, err = l.exerciseOfCode(strings.TrimSuffix(base, ".zip")); err != nil {
				return nil, err
			}
		}
		if l.exercise(id).code == nil {
			return nil, fmt.Errorf("%s is an application in C, and the exercise %s is done by AT commands", p, id)
		}
		return &Submission{Name: base, Exercise: id, Dir: abs}, nil
	}
	if filepath.Ext(p) != ".at" {
		return nil, nil
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no plain file", p)
	}
	if info.Size() > maxInput {
		return nil, fmt.Errorf("%s is longer than %d kB", p, maxInput>>10)
	}
	text, err := os.ReadFile(p)
	if err != nil {
		return nil, err
	}
	s, err := parseScript(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	if len(s.lines) == 0 {
		return nil, fmt.Errorf("%s does nothing: write the AT commands that solve the exercise", p)
	}
	if id == "" {
		id = s.exercise
	}
	if id == "" {
		id = strings.TrimSuffix(base, ".at")
	}
	if l.exercise(id) == nil {
		return nil, fmt.Errorf("%s: %w; begin it with a line exercise: ID", p, l.unknownExercise(id))
	}
	return &Submission{Name: base, Exercise: id, Script: string(text)}, nil
}

// exerciseOfCode is which exercise an application solves: the one that its folder is
// named after, or the only one in C.
func (l *Lab) exerciseOfCode(folder string) (string, error) {
	if e := l.exercise(folder); e != nil {
		return folder, nil
	}
	var inC []string
	for _, e := range l.exercises {
		if e.code != nil {
			inC = append(inC, e.ID)
		}
	}
	if len(inC) != 1 {
		return "", fmt.Errorf("which exercise does the application %s solve? Say it with --exercise: %s", folder, strings.Join(inC, ", "))
	}
	return inC[0], nil
}

func (l *Lab) exercise(id string) *Exercise {
	i := slices.IndexFunc(l.exercises, func(e Exercise) bool { return e.ID == id })
	if i < 0 {
		return nil
	}
	return &l.exercises[i]
}

func (l *Lab) unknownExercise(id string) error {
	var ids []string
	for _, e := range l.exercises {
		ids = append(ids, e.ID)
	}
	return fmt.Errorf("there is no exercise %q: use one of %s", id, strings.Join(ids, ", "))
}

// settle is how long steps may take to hold after the last line of a script.
const settle = 5 * time.Second

// Check does a submission at the first seat, from the beginning, and says which steps
// hold at its end. The error is about the lab; what is wrong with the submission is in the
// verdict.
func (l *Lab) Check(ctx context.Context, sub Submission) (*Verdict, error) {
	if sub.Err != nil {
		return &Verdict{Submission: sub, Err: sub.Err}, nil
	}
	e := l.exercise(sub.Exercise)
	if e == nil {
		return nil, l.unknownExercise(sub.Exercise)
	}
	s := l.seats[0]
	start := time.Now()
	v := &Verdict{Submission: sub, Exercise: e.Title}
	var log strings.Builder
	note := func(text string) { fmt.Fprintf(&log, "%7.3f  %s\n", time.Since(start).Seconds(), text) }
	s.mu.Lock()
	first := s.lastSeq
	s.mu.Unlock()
	if err := s.Start(e.ID); err != nil {
		return nil, err
	}
	text := sub.Script
	if sub.Dir != "" {
		if text = e.script; text == "" {
			text = "wait built"
		}
		note("build and flash " + sub.Name)
		v.Err = s.flashSubmission(ctx, e, sub)
		s.bench.mu.Lock()
		v.Said = s.bench.state.Said
		s.bench.mu.Unlock()
	}
	if v.Err == nil {
		sc, err := parseScript(text)
		if err != nil {
			return nil, err
		}
		v.Err = (&player{s, note}).play(ctx, sc)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	limit := time.Duration(0)
	if v.Err == nil {
		limit = settle
	}
	v.Steps = s.settled(ctx, e, limit)
	s.bench.take("it was checked")()
	s.mu.Lock()
	v.Findings = s.audit.Report().Findings
	s.mu.Unlock()
	v.Took, v.Log = time.Since(start), log.String()
	var transcript bytes.Buffer
	s.api.WriteTranscript(&transcript, first)
	v.Transcript = transcript.String()
	return v, nil
}

// settled waits until all steps hold, for that long at most, and says how they stand.
func (s *Seat) settled(ctx context.Context, e *Exercise, limit time.Duration) []StepVerdict {
	late := time.After(limit)
	for {
		select {
		case <-s.looked():
		case <-ctx.Done():
			return nil
		}
		all := true
		steps := make([]StepVerdict, len(e.Steps))
		s.mu.Lock()
		for i, step := range e.Steps {
			st := step.stands(s.view)
			why, _, _ := strings.Cut(st.Why, startOver)
			steps[i] = StepVerdict{step.Title, st.Done, why}
			all = all && st.Done
		}
		s.mu.Unlock()
		select {
		case <-late:
			return steps
		default:
		}
		if all {
			return steps
		}
	}
}

// flashSubmission builds and flashes a copy of a submitted application. Files that are
// named as those of the lab, such as ca.pem, are replaced by this lab's: each lab has a CA of
// its own.
func (s *Seat) flashSubmission(ctx context.Context, e *Exercise, sub Submission) error {
	files, err := readSubmission(sub.Dir)
	if err != nil {
		return err
	}
	for name := range files {
		if content, ok := s.lab.files[path.Base(name)]; ok {
			files[name] = content
		}
	}
	if err := replaceCode(s.bench.dir(e), files); err != nil {
		return err
	}
	if err := s.bench.Flash(ctx); err != nil {
		return errors.Join(ErrNotBuilt, err)
	}
	return nil
}

// readSubmission reads an application from its folder or archive.
func readSubmission(p string) (map[string][]byte, error) {
	info, err := os.Stat(p)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return readCode(p)
	}
	archive, err := os.ReadFile(p)
	if err != nil {
		return nil, err
	}
	return unzip(archive)
}

// ErrNotBuilt is part of a verdict's error if an application does not build.
var ErrNotBuilt = errors.New("the application was not built")
