package exec

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"nrf91emu/emulator/audit"
)

// A Result is what came of a run, whatever ended it. Every output and the exit code
// are made from it and nothing else. Its JSON form is documented by the names of its
// fields, those of the [audit.Report] among them; later versions may add some.
type Result struct {
	// Verdict is the kind of the failure that decides, "sound" if there is none, or
	// "idle" if there is none since nothing was seen and that was allowed.
	Verdict Kind `json:"verdict"`
	// Sound is whether there is no failure.
	Sound bool `json:"sound"`
	// ExitCode is that of nrf91emu exec.
	ExitCode int `json:"exit_code"`
	// Failures are all that is wrong; the first one decides.
	Failures []Failure `json:"failures"`

	Version string `json:"version,omitempty"` // of nrf91emu
	Host    string `json:"hostname,omitempty"`
	Profile string `json:"profile"`
	App     string `json:"application"`
	Devices int    `json:"devices"`
	// Modem is the real modem that the command talked to; empty for an emulated one. What is
	// told of the flash is an estimate then.
	Modem string `json:"modem,omitempty"`
	// RulesFile is the file with rules that was read.
	RulesFile string        `json:"rules_file,omitempty"`
	Command   []string      `json:"command"`
	Seed      uint64        `json:"seed"` // of what is left to chance
	Started   time.Time     `json:"started"`
	Took      time.Duration `json:"took_ns"`
	// Boots are those of the run without power cuts, or of a single one with a cut.
	Boots []Boot `json:"boots"`
	// Steps is the number of flash steps that were taken in these boots.
	Steps int `json:"flash_steps"`
	// Cut is whether a planned power cut has happened.
	Cut bool `json:"cut,omitempty"`
	// Expected is what became of the expectations.
	Expected []Expected `json:"expectations,omitempty"`
	// Cuts is what became of the runs with power cuts; nil if none were asked for.
	Cuts *Cuts `json:"power_cuts,omitempty"`
	// Assumed is what became of the answers to what no source settles; nil if none were
	// given.
	Assumed *Assumed `json:"assumptions,omitempty"`

	// Report is what the judge says of the record. Its verdict is a part of that of
	// the Result.
	*audit.Report
}

// A Boot is one run of the command.
type Boot struct {
	Number  int           `json:"boot"`  // from 1; one that a power cut ended comes again
	Start   int           `json:"start"` // from 1, counts those that were cut short too
	Command []string      `json:"command"`
	Port    string        `json:"port,omitempty"`
	Started time.Time     `json:"started"`
	Took    time.Duration `json:"took_ns"`
	End     End           `json:"end"`
	// ExitCode is the command's own, 128 and the number of the signal that ended it,
	// or 126 or 127 for one that could not be run.
	ExitCode int    `json:"exit_code"`
	Signal   string `json:"signal,omitempty"` // such as SIGSEGV
	// Opened is whether somebody opened the port, Bytes how many came in there, and
	// Exchanges how many commands the modem got, on whatever way.
	Opened    bool `json:"opened"`
	Bytes     int  `json:"bytes"`
	Exchanges int  `json:"exchanges"`
	// Left is whether the modem had not taken all that was sent when the boot ended: what is left
	// is not judged.
	Left   bool   `json:"left,omitempty"`
	Stdout Output `json:"stdout"`
	Stderr Output `json:"stderr"`

	// Idle says why there was no command, of each device without one.
	Idle []string `json:"idle,omitempty"`

	refused []string // the last that each device has refused
}

// An End is how a boot ended.
type End string

// The ends of a boot.
const (
	EndExited      End = "exited"
	EndSignal      End = "signal"      // ended by a signal that was not ours
	EndTimeout     End = "timeout"     // still running when its time was over
	EndInterrupted End = "interrupted" // the whole run was to end
	EndOver        End = "over"        // as BootEnd says: in good order
	EndPowerCut    End = "power-cut"   // the power went as planned
	EndNotRun      End = "not-run"     // the command could not be started
	EndBroken      End = "broken"      // something in the emulator itself
)

// A Kind is what sort of failure it is, in a word for programs.
type Kind string

// The kinds, those that decide first. KindSound and KindIdle are verdicts only.
const (
	KindHarness     Kind = "harness"      // the emulator, or what it was asked to do, is at fault
	KindInterrupted Kind = "interrupted"  // by a signal
	KindTimeout     Kind = "timeout"      // the command did not end
	KindCommand     Kind = "command"      // the command failed
	KindNothingSeen Kind = "nothing-seen" // no command was sent, or none that the modem has done
	KindFindings    Kind = "findings"     // the provisioning is not sound
	KindExpectation Kind = "expectation"  // the store does not hold what it should
	KindPowerCut    Kind = "power-cut"    // it does not recover from a power cut
	KindAssumption  Kind = "assumption"   // it is sound only if the modem does what no source settles
	KindSound       Kind = "sound"        // there is nothing wrong
	KindIdle        Kind = "idle"         // nothing was seen, and that is allowed
)

var rank = []Kind{KindHarness, KindInterrupted, KindTimeout, KindCommand, KindNothingSeen, KindFindings, KindExpectation, KindPowerCut, KindAssumption}

// Exit codes of a run beside the command's own, as timeout(1) and env(1) have them.
const (
	ExitFindings = 3   // not sound
	ExitTimeout  = 124 // the command did not end in time
	ExitHarness  = 125 // nrf91emu itself failed
	ExitCannot   = 126 // the command is there and cannot be run
	ExitNotFound = 127 // there is no such command
)

// A Failure is one thing that is wrong.
type Failure struct {
	Kind     Kind     `json:"kind"`
	Boot     int      `json:"boot,omitempty"` // 0: the run as a whole
	What     string   `json:"what"`           // one line
	Why      []string `json:"why,omitempty"`  // what the record says about it
	Fix      string   `json:"fix,omitempty"`
	ExitCode int      `json:"exit_code"`
}

// String returns what is wrong, why and what to do.
func (f Failure) String() string {
	lines := append([]string{f.What}, f.Why...)
	if f.Fix != "" {
		lines = append(lines, "fix: "+f.Fix)
	}
	return strings.Join(lines, "\n")
}

// A SignalError is the cause with which a context ends a run as a signal does.
type SignalError struct{ Signal syscall.Signal }

// Error returns such as "ended by SIGINT".
func (e *SignalError) Error() string { return "ended by " + signalName(e.Signal) }

// fail notes a failure.
func (r *Result) fail(f Failure) {
	r.Failures = append(r.Failures, f)
	r.settle()
}

// Fail notes a failure of the emulator itself, or of what it was asked to do.
func (r *Result) Fail(err error) { r.fail(*harness(err)) }

// Broken is the result of a run that could not begin.
func Broken(cfg Config, err error) *Result {
	host, _ := os.Hostname()
	r := &Result{
		Version: cfg.Version, Host: host, Devices: 1 + len(cfg.More), Command: cfg.Command, Seed: cfg.Seed, RulesFile: cfg.RulesFile,
		Started: time.Now(), Boots: []Boot{},
	}
	if cfg.Real != nil {
		r.Modem = cfg.Real.Name
	}
	r.Fail(err)
	return r
}

// settle makes the verdict.
func (r *Result) settle() {
	slices.SortStableFunc(r.Failures, func(a, b Failure) int {
		return slices.Index(rank, a.Kind) - slices.Index(rank, b.Kind)
	})
	r.Verdict, r.Sound, r.ExitCode = KindSound, true, 0
	if len(r.Failures) > 0 {
		r.Verdict, r.Sound, r.ExitCode = r.Failures[0].Kind, false, r.Failures[0].ExitCode
	} else if r.Report != nil && r.Report.WhyNothing != "" {
		r.Verdict = KindIdle
	}
}

// judge takes the judge's report in.
func (r *Result) judge(report *audit.Report) {
	r.Report = report
	if report.NothingSeen {
		r.fail(r.nothingSeen())
	}
	if report.Errors > 0 {
		var names []string
		for _, f := range report.Findings {
			if f.Level == audit.Error && !slices.Contains(names, f.Rule+" "+f.Name) {
				names = append(names, f.Rule+" "+f.Name)
			}
		}
		r.fail(Failure{
			Kind: KindFindings, ExitCode: ExitFindings,
			What: fmt.Sprintf("the provisioning has %s: %s", count(report.Errors, "error"), strings.Join(names, ", ")),
		})
	}
	r.settle()
}

// Failed returns the first boot in which the command failed, nil if it did not.
func (r *Result) Failed() *Boot {
	for i := range r.Boots {
		if r.Boots[i].ExitCode != 0 {
			return &r.Boots[i]
		}
	}
	return nil
}

// verdictWords are what stands in front of the counts in text.
var verdictWords = map[Kind]string{
	KindHarness: "nrf91emu failed", KindInterrupted: "interrupted", KindTimeout: "timed out", KindCommand: "failed",
	KindNothingSeen: "nothing seen", KindFindings: "not sound", KindExpectation: "not sound", KindPowerCut: "not sound", KindAssumption: "depends",
	KindSound: "sound", KindIdle: "idle",
}

// count returns such as "1 boot" or "3 boots".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
