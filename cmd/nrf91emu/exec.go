package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"nrf91emu/emulator/assume"
	"nrf91emu/emulator/devicefile"
	"nrf91emu/emulator/exec"
	"nrf91emu/emulator/fault"
	"nrf91emu/emulator/link"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// execCmd is nrf91emu exec.
type execCmd struct {
	device
	printing
	faults
	withCloud

	Boots   int           `help:"Start the modem, and the command, N times with the flash kept." default:"1" placeholder:"N"`
	Timeout time.Duration `help:"How long the command may run in each boot." default:"1m"`
	With    []string      `help:"Start with a credential in the store: TAG:TYPE=FILE, TYPE being ca, cert, key, psk, identity or a number." placeholder:"TAG:TYPE=FILE"`
	Change  []string      `help:"Put a credential into the store before a boot: BOOT:TAG:TYPE=FILE; without =FILE it is deleted." placeholder:"BOOT:TAG:TYPE=FILE"`

	BootEndsOnline bool           `help:"End each boot at the OK of the first AT+CFUN=1 or AT+CFUN=21."`
	BootEnds       *time.Duration `help:"End each boot after some time." placeholder:"TIME"`
	BootEndsAt     string         `help:"End each boot at a line with TEXT, of the console or of what the command prints." placeholder:"TEXT"`
	BootEndsIdle   *time.Duration `help:"End each boot when no command, no byte of a socket and no line of the console has come for some time; 2s for firmware at the library interface if no --boot-ends... is given." placeholder:"TIME"`

	Expect    []string `help:"What must be stored at the end: TAG:TYPE=FILE, or TAG:TYPE=absent; a line end at the end does not count. May be repeated." placeholder:"TAG:TYPE=FILE" sep:"none"`
	KeepGoing bool     `help:"Go on with the next boot after one in which the command failed or did not end."`

	PowerCut string `help:"Cut the power during flash step N, in turn during each with all, or during N that are drawn by chance with sample:N, or sample:N,SEED to draw them again; and judge the recovery." placeholder:"N|all|sample:N"`
	Jobs     *int   `help:"How many runs with power cuts, or with other answers, there are at the same time; without it, one for each processor; with --link or a fixed TCP port, one." placeholder:"N"`

	Link        string `help:"Make a symlink at PATH to the port while a boot lasts." placeholder:"PATH" type:"path"`
	Listen      string `help:"Make the port on TCP at ADDR, such as 127.0.0.1:4242, or 0 for any port, for QEMU, Renode and containers." placeholder:"ADDR"`
	RFC2217     string `help:"Make the port serial over TCP (RFC 2217) at ADDR." name:"rfc2217" placeholder:"ADDR"`
	AllowRemote bool   `help:"Let --listen and --rfc2217 use addresses that others can reach."`
	Count       int    `help:"Have N devices at the same time, each with a port, an identity and a flash of its own: NRF91EMU_PORT_1, NRF91EMU_PORT_2 ..., and {port1}, {port2} ...; --state then names a directory." default:"1" placeholder:"N"`

	Port string `help:"Judge with a real modem: a serial port, tcp:HOST:PORT or rfc2217:HOST:PORT. The command gets a port that leads to it; what is told of the flash is an estimate, and with --boots the command runs again while the modem stays on." placeholder:"PATH"`
	Baud int    `help:"With --port: baud rate of a serial port." default:"115200"`

	judging
	AllowIdle   bool   `help:"Let a run pass in which no command was sent, or none that the modem has done; without it that is a failure."`
	JSON        string `help:"Write the result as JSON to FILE, or - for standard output." name:"json" placeholder:"FILE" type:"path"`
	JUnit       string `help:"Write the result as JUnit XML to FILE." name:"junit" placeholder:"FILE" type:"path"`
	Trace       string `help:"Write all that happens to FILE, as JSON Lines." placeholder:"FILE" type:"path"`
	ShowSecrets bool   `help:"Do not mask private keys and pre-shared keys in the trace."`

	Command []string `arg:"" help:"The command to run, behind --; {port} in its words becomes the path of the port, or tcp:HOST:PORT or rfc2217:HOST:PORT, and {addr} such a HOST:PORT. It finds the port in NRF91EMU_PORT, HOST:PORT in NRF91EMU_ADDRESS, the library interface for firmware in C in NRF91EMU_LIBRARY, the number of the boot in NRF91EMU_BOOT, that of the start, cut ones counted, in NRF91EMU_START, and in NRF91EMU_DATA a directory that lives as long as the device." passthrough:""`
}

// Help is the long help of nrf91emu exec.
func (*execCmd) Help() string {
	return `Exit codes: 0 provisioning is sound; 3 it is not, or no command was sent, or none that the modem has done, or a power cut did harm, or it hangs on an answer of --assume; 124 the command did not end in time; 125 nrf91emu itself failed, or an output cannot be written; 126 the command cannot be run; 127 there is no such command; 128+N signal N ended it, or nrf91emu; 2 the command line makes no sense; otherwise the command's own code, if it failed.

Standard output is the command's; what nrf91emu has to say is on standard error. In a GitHub workflow there are annotations and a summary, too.

Example:

  nrf91emu exec --boots 3 --junit report.xml -- ./my-firmware-test`
}

// Run runs the command and judges what it did.
func (c *execCmd) Run(std stdio) (err error) {
	if err := needsUnix("exec", "judge what nrf91emu run --trace FILE has recorded with nrf91emu audit FILE"); err != nil {
		return err
	}
	if c.PrintDevice {
		return c.printDevice(std)
	}
	defer outlivePipes()()
	if c.Port != "" {
		return c.runReal(std)
	}
	cuts, err := c.plannedCut()
	if err != nil {
		return err
	}
	plan, err := c.assumptions()
	if err != nil {
		return err
	}
	if cuts != nil && len(plan.Vary) > 0 {
		return usagef("--power-cut goes with one answer to each question: write --assume NAME=VALUE in place of %s", strings.Join(plan.Vary, " and "))
	}
	endCloud, err := c.withCloud.begin(&c.device)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, endCloud()) }()
	cfg, err := c.runConfig(std)
	if err != nil {
		return err
	}
	if cuts != nil && cuts.Sample > 0 {
		fmt.Fprintf(std.err, "nrf91emu: --power-cut sample:%d,%d repeats these power cuts\n", cuts.Sample, cuts.Seed)
	}
	out, err := c.openOutputs(std)
	if err != nil {
		return exitError{exec.ExitHarness, "the command was not run: " + err.Error()}
	}
	if out.trace != nil {
		cfg.Record = out.trace.Add
	}
	cfg.Replay = func(step int) string { return c.replay(std.args, step) }
	if isTerminal(std.err) {
		cfg.Progress = (&progress{to: std.err}).tell
	}
	return out.conclude(c.run(cfg, cuts, plan))
}

// printDevice prints the device, with what --with puts into its store.
func (c *execCmd) printDevice(std stdio) error {
	var credentials []devicefile.Credential
	for _, text := range c.With {
		_, path, _ := strings.Cut(text, "=")
		change, err := parseChange(1, text)
		if err != nil {
			return err
		}
		credentials = append(credentials, devicefile.Credential{Key: change.Key, File: path, Content: change.Content})
	}
	specs, err := c.faults.parse()
	if err != nil {
		return err
	}
	return c.device.print(std, credentials, specs, c.Seed)
}

// run runs what was asked for. A Result there is always.
func (c *execCmd) run(cfg exec.Config, cuts *exec.CutOptions, plan *assume.Plan) (r *exec.Result) {
	if c.State != "" {
		flashes, err := c.openState()
		defer func() {
			for _, f := range flashes {
				if err := f.Close(); err != nil {
					r.Fail(err)
				}
			}
		}()
		if err != nil {
			return exec.Broken(cfg, err)
		}
		cfg.Device.Flash = flashes[0]
		for i, f := range flashes[1:] {
			cfg.More[i].Flash = f
		}
	}
	ctx, stop := untilSignal()
	defer stop()
	var err error
	switch {
	case len(plan.Vary) > 0:
		jobs := 0
		if c.Jobs != nil {
			jobs = *c.Jobs
		}
		r, err = exec.Assume(ctx, cfg, plan, jobs)
	case cuts == nil:
		r, err = exec.Run(ctx, cfg)
	default:
		r, err = exec.Cut(ctx, cfg, *cuts)
	}
	if err != nil {
		return exec.Broken(cfg, err)
	}
	if r.Assumed == nil && len(plan.Fixed) > 0 {
		r.Assumed = &exec.Assumed{Fixed: plan.Fixed, Combinations: 1}
	}
	return r
}

// untilSignal returns a context that SIGINT, SIGTERM and SIGHUP end, with an
// [exec.SignalError] as its cause.
func untilSignal() (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		select {
		case s := <-signals:
			cancel(&exec.SignalError{Signal: s.(syscall.Signal)})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}

// openState opens the flash of each device. Those that it has opened come with an error too.
func (c *execCmd) openState() (flashes []*flash.Flash, err error) {
	for n := range c.Count {
		path, err := statePath(c.State, n, c.Count)
		if err != nil {
			return flashes, err
		}
		f, err := flash.Open(path, flash.Options{})
		if err != nil {
			return flashes, err
		}
		flashes = append(flashes, f)
	}
	return flashes, nil
}

// plannedCut reads --power-cut and --jobs. nil is no cut.
func (c *execCmd) plannedCut() (*exec.CutOptions, error) {
	opt := &exec.CutOptions{Seed: fault.NewSeed()}
	if c.Jobs != nil {
		if err := atLeast("--jobs", *c.Jobs, 1); err != nil {
			return nil, err
		}
		opt.Jobs = *c.Jobs
	}
	if c.PowerCut != "" && c.Count > 1 {
		return nil, usagef("--power-cut is for one device, not for --count %d", c.Count)
	}
	kind, words, _ := strings.Cut(c.PowerCut, ":")
	switch {
	case c.PowerCut == "":
		return nil, nil
	case c.PowerCut == "all":
		return opt, nil
	case kind == "sample":
		n, seed, seeded := strings.Cut(words, ",")
		var err error
		if opt.Sample, err = strconv.Atoi(n); err != nil || opt.Sample < 1 {
			return nil, usagef("--power-cut sample:N takes a number from 1; not %q", n)
		}
		if seeded {
			if opt.Seed, err = strconv.ParseUint(seed, 10, 64); err != nil {
				return nil, usagef("--power-cut sample:N,SEED takes a number as seed; not %q", seed)
			}
		}
		return opt, nil
	}
	var err error
	if opt.Step, err = strconv.Atoi(c.PowerCut); err != nil || opt.Step < 1 {
		return nil, usagef("--power-cut takes the number of a flash step, from 1, or all, or sample:N; not %q", c.PowerCut)
	}
	return opt, nil
}

// runConfig turns the flags into a configuration.
func (c *execCmd) runConfig(std stdio) (exec.Config, error) {
	if err := errors.Join(atLeast("--boots", c.Boots, 1), someTime("--timeout", c.Timeout), atLeast("--count", c.Count, 1)); err != nil {
		return exec.Config{}, err
	}
	if c.Count > 1 && c.IMEI+c.UUID+c.ICCID != "" {
		return exec.Config{}, usagef("--imei, --uuid and --iccid are for one device, not for --count %d", c.Count)
	}
	for flag, d := range map[string]*time.Duration{"--boot-ends": c.BootEnds, "--boot-ends-idle": c.BootEndsIdle} {
		if d == nil {
			continue
		}
		if err := someTime(flag, *d); err != nil {
			return exec.Config{}, err
		}
	}
	ruling, err := c.options()
	if err != nil {
		return exec.Config{}, err
	}
	device, err := c.config(0, 0, time.Second)
	if err != nil {
		return exec.Config{}, err
	}
	file, err := c.described()
	if err != nil {
		return exec.Config{}, err
	}
	if c.Count > 1 && file.IMEI+file.UUID+file.ICCID != "" {
		return exec.Config{}, usagef("the identity in %s is for one device, not for --count %d", c.Device, c.Count)
	}
	if len(c.Command) > 0 && c.Command[0] == "--" {
		c.Command = c.Command[1:]
	}
	if len(c.Command) == 0 {
		return exec.Config{}, usagef("name a command to run, behind --")
	}
	cfg := exec.Config{
		Command: c.Command, Link: c.Link, Env: os.Environ(), Stdout: std.out, Stderr: std.err,
		Boots: c.Boots, Timeout: c.Timeout, Device: device, Audit: ruling.Options, RulesFile: ruling.file, ShowSecrets: c.ShowSecrets,
		BootEnd: exec.BootEnd{Online: c.BootEndsOnline, After: orZero(c.BootEnds), Text: c.BootEndsAt, Idle: orZero(c.BootEndsIdle)},
	}
	cfg.Audit.AllowIdle, cfg.KeepGoing, cfg.Version = c.AllowIdle, c.KeepGoing, version()
	for n := 1; n < c.Count; n++ {
		more, err := c.config(n, 0, time.Second)
		if err != nil {
			return cfg, err
		}
		cfg.More = append(cfg.More, more)
	}
	for _, l := range []struct {
		flag, addr string
		to         *string
	}{{"--listen", c.Listen, &cfg.Listen}, {"--rfc2217", c.RFC2217, &cfg.RFC2217}} {
		if l.addr == "" {
			continue
		}
		if *l.to, err = link.ListenAddress(l.addr, c.AllowRemote); err != nil {
			return cfg, usagef("%s: %w", l.flag, err)
		}
	}
	if n := given(c.Link, c.Listen, c.RFC2217); n > 1 {
		return cfg, usagef("--link, --listen and --rfc2217 each say where the port is: give one of them")
	}
	if cfg.Expect, err = c.expectations(ruling); err != nil {
		return cfg, err
	}
	cfg.Seeded = c.Seed != nil || file.Seed != nil
	if cfg.Faults, cfg.Seed, err = c.specs(std, file); err != nil {
		return cfg, err
	}
	for _, cred := range file.Credentials {
		cfg.Changes = append(cfg.Changes, exec.Change{Boot: 1, Key: cred.Key, Content: cred.Content})
	}
	for _, text := range c.With {
		if !strings.Contains(text, "=") {
			return cfg, usagef("--with %s names no file: write TAG:TYPE=FILE, such as 24:ca=ca.pem", text)
		}
		change, err := parseChange(1, text)
		if err != nil {
			return cfg, err
		}
		cfg.Changes = append(cfg.Changes, change)
	}
	for _, text := range c.Change {
		number, rest, _ := strings.Cut(text, ":")
		boot, err := strconv.Atoi(number)
		if err != nil || boot < 1 || boot > c.Boots {
			return cfg, usagef("--change %s: it begins with the number of a boot, 1 to %d", text, c.Boots)
		}
		change, err := parseChange(boot, rest)
		if err != nil {
			return cfg, err
		}
		cfg.Changes = append(cfg.Changes, change)
	}
	return cfg, nil
}

// given returns how many of some words there are.
func given(words ...string) (n int) {
	for _, w := range words {
		if w != "" {
			n++
		}
	}
	return n
}

func orZero(d *time.Duration) time.Duration {
	if d == nil {
		return 0
	}
	return *d
}

// expectations are those of the flags, and of the file with rules, whose paths are relative to
// it. A flag goes before the file.
func (c *execCmd) expectations(r ruling) (list []exec.Expectation, err error) {
	for _, text := range c.Expect {
		e, err := parseExpectation("--expect", text, "")
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(list, func(o exec.Expectation) bool { return o.Key == e.Key }) {
			return nil, usagef("--expect %s: there is another --expect for the same credential", text)
		}
		list = append(list, e)
	}
	for _, name := range slices.Sorted(maps.Keys(r.expect)) {
		e, err := parseExpectation(r.file+": expect", name+"="+r.expect[name], filepath.Dir(r.file))
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(list, func(o exec.Expectation) bool { return o.Key == e.Key }) {
			list = append(list, e)
		}
	}
	return list, nil
}

// parseKey reads TAG:TYPE.
func parseKey(text string) (keystore.Key, error) {
	tagText, typeText, _ := strings.Cut(text, ":")
	tag, err := strconv.ParseUint(tagText, 10, 32)
	typ, known := devicefile.TypeNames[typeText]
	if n, numErr := strconv.ParseUint(typeText, 10, 8); numErr == nil {
		typ, known = keystore.CredentialType(n), true
	}
	if err != nil || !known {
		return keystore.Key{}, usagef("%q names no credential: write TAG:TYPE, such as 24:ca", text)
	}
	return keystore.Key{SecTag: keystore.SecTag(tag), Type: typ}, nil
}

// parseChange reads TAG:TYPE=FILE, or TAG:TYPE alone for a deletion.
func parseChange(boot int, text string) (exec.Change, error) {
	name, file, hasFile := strings.Cut(text, "=")
	key, err := parseKey(name)
	if err != nil {
		return exec.Change{}, err
	}
	change := exec.Change{Boot: boot, Key: key}
	if hasFile {
		if change.Content, err = os.ReadFile(file); err != nil {
			return change, usagef("%w", err)
		}
	}
	return change, nil
}

// parseExpectation reads TAG:TYPE=FILE or TAG:TYPE=absent, which stands in from; the file is
// relative to dir.
func parseExpectation(from, text, dir string) (exec.Expectation, error) {
	name, file, ok := strings.Cut(text, "=")
	if !ok || file == "" {
		return exec.Expectation{}, usagef("%s %s says nothing: write TAG:TYPE=FILE, such as 24:ca=ca.pem, or TAG:TYPE=absent", from, text)
	}
	key, err := parseKey(name)
	if err != nil {
		return exec.Expectation{}, usagef("%s: %w", from, err)
	}
	if file == "absent" {
		return exec.Expectation{Key: key}, nil
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return exec.Expectation{}, usagef("%s: %w", from, err)
	}
	if len(content) == 0 {
		return exec.Expectation{}, usagef("%s: %s is empty; write absent if nothing is to be stored", from, file)
	}
	return exec.Expectation{Key: key, Content: content}, nil
}

// needsUnix returns an error on a system without what a command needs: pseudo-terminals
// or firmware that runs on the host. instead is what can be done there.
func needsUnix(command, instead string) error {
	if runtime.GOOS != "windows" {
		return nil
	}
	return fmt.Errorf("%s needs Linux, macOS or WSL; on Windows itself, %s", command, instead)
}

// exitError ends the program with a code of its own. Its text may be empty: all
// has been said then.
type exitError struct {
	code int
	text string
}

func (e exitError) Error() string { return e.text }
