package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"nrf91emu/emulator"
	"nrf91emu/emulator/ageing"
	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/firmware/examples/provisioning"
	"nrf91emu/emulator/profile"
	"nrf91emu/keystore/flash"
	"nrf91emu/testvectors"
)

// ageCmd is nrf91emu age.
type ageCmd struct {
	Boots   int      `help:"How often the device starts." default:"100000" placeholder:"N"`
	Program []string `help:"How it provisions: exists-compare-write, rewrite or delete-write. Several, with commas between them, are compared." default:"exists-compare-write,rewrite" placeholder:"NAME"`
	Profile string   `help:"Chip and modem firmware; see nrf91emu profiles." default:"${profile}" placeholder:"NAME"`
	State   string   `help:"Age the flash in FILE, which keeps it; without it each program gets a new one." placeholder:"FILE" type:"path"`

	CA        string `help:"The root CA certificate to provision, in PEM; without it that of a usual cloud service, 1,188 bytes." placeholder:"FILE" name:"ca" type:"path"`
	Pages     int    `help:"How many pages of 4 kB a new flash has; 0 is 64." placeholder:"N"`
	Endurance int    `help:"How many erases each page of a new flash endures; 0 is 10,000." placeholder:"N"`

	BootsPerDay float64 `help:"How often a day the device starts, for times in years." default:"24" placeholder:"N"`
	Plot        string  `help:"Draw the wear over time: text for the terminal, or the name of an SVG file." placeholder:"FILE.svg|text"`
	JSON        bool    `help:"Print JSON."`
}

// Help is the long help of nrf91emu age.
func (*ageCmd) Help() string {
	return `Starts a device again and again in this process, each time with a program that provisions one certificate, and shows what becomes of the flash.

Example:

  nrf91emu age --boots 1000000 --program exists-compare-write,rewrite --endurance 1000 --plot wear.svg`
}

// aged is what one program has done to its flash.
type aged struct {
	Program string `json:"program"`
	*ageing.Result
	// Lifetime is what the model of the audit makes of it, absent if nothing wears
	// the flash after the beginning.
	Lifetime *audit.Lifetime `json:"lifetime,omitempty"`
}

// Run ages flashes.
func (c *ageCmd) Run(std stdio) error {
	habits, err := c.habits()
	if err != nil {
		return err
	}
	content, err := c.content()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	var all []aged
	for _, habit := range habits {
		a, err := c.age(ctx, std, habit, content)
		if err != nil {
			return err
		}
		all = append(all, a)
		if !c.JSON {
			if err := a.print(std.out, habit.What, c.BootsPerDay); err != nil {
				return err
			}
		}
	}
	if c.JSON {
		enc := json.NewEncoder(std.out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(all); err != nil {
			return err
		}
	}
	switch c.Plot {
	case "":
		return nil
	case "text":
		_, err := io.WriteString(std.out, plotText(newPlot(all)))
		return err
	}
	return writeFile(c.Plot, func(w io.Writer) error {
		_, err := io.WriteString(w, plotSVG(newPlot(all)))
		return err
	})
}

// habits looks the programs up, and checks the other flags.
func (c *ageCmd) habits() ([]provisioning.Program, error) {
	var list []provisioning.Program
	for _, name := range c.Program {
		found := false
		var names []string
		for _, h := range provisioning.Habits() {
			names = append(names, h.Habit)
			if h.Habit == name {
				list, found = append(list, h), true
			}
		}
		if !found {
			return nil, usagef("there is no program %q; choose one of %s", name, strings.Join(names, ", "))
		}
	}
	if err := errors.Join(atLeast("--boots", c.Boots, 1), moreThanNothing("--boots-per-day", c.BootsPerDay), atLeast("--pages", c.Pages, 0),
		atLeast("--endurance", c.Endurance, 0)); err != nil {
		return nil, err
	}
	switch {
	case c.State != "" && len(list) > 1:
		return nil, usagef("--state is for one program; name it with --program")
	case c.Plot != "" && c.Plot != "text" && !strings.HasSuffix(c.Plot, ".svg"):
		return nil, usagef("--plot takes text, or a file name that ends in .svg; not %q", c.Plot)
	}
	return list, nil
}

// content returns the certificate to provision.
func (c *ageCmd) content() ([]byte, error) {
	if c.CA == "" {
		return fs.ReadFile(testvectors.All(), "certificates/amazon-root-ca-1.pem")
	}
	content, err := os.ReadFile(c.CA)
	if err != nil {
		return nil, usagef("the root CA certificate cannot be read: %w", err)
	}
	return content, nil
}

// age runs one program.
func (c *ageCmd) age(ctx context.Context, std stdio, habit provisioning.Program, content []byte) (a aged, err error) {
	p, err := profile.Lookup(c.Profile)
	if err != nil {
		return a, usagef("%w", err)
	}
	options := flash.Options{Pages: c.Pages, Endurance: c.Endurance}
	var f *flash.Flash
	if c.State != "" {
		if f, err = flash.Open(c.State, options); err != nil {
			return a, err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
	} else if f, err = flash.New(options); err != nil {
		return a, usagef("%w", err)
	}
	cfg := ageing.Config{
		Device: emulator.Config{Profile: &p, Flash: f}, Program: habit.With(&provisioning.Material{CA: string(content)}), Boots: c.Boots,
	}
	show := isTerminal(std.err)
	cfg.Progress = func(s ageing.Sample) error {
		if show {
			fmt.Fprintf(std.err, "\r%s: %d of %d boots\x1b[K", habit.Habit, s.Boots, c.Boots)
		}
		return context.Cause(ctx)
	}
	a.Program = habit.Habit
	a.Result, err = ageing.Run(cfg)
	if show {
		fmt.Fprint(std.err, "\r\x1b[K")
	}
	if err != nil {
		return a, err
	}
	// The beginning may provision; what comes after it is the rate.
	first, last := a.Samples[min(1, len(a.Samples)-1)], a.Last()
	geometry := audit.Geometry{Pages: a.Pages, PageSize: flash.PageSize, Endurance: int(a.Endurance)}
	cost := event.Cost{
		Programmed: int(last.Programmed - first.Programmed), Erases: int(last.Erases - first.Erases),
	}
	if a.Endurance > 0 && a.FirstFailed == 0 {
		a.Lifetime = geometry.NewLifetime(audit.Usage{
			Cost: cost, Syncs: int(last.Syncs - first.Syncs), Boots: last.Boots - first.Boots,
		}, c.BootsPerDay)
	}
	return a, nil
}

// tableRows is how many rows a table has, but for those where something happened.
const tableRows = 10

// print writes a table and what it means.
func (a *aged) print(out io.Writer, what string, bootsPerDay float64) error {
	fmt.Fprintf(out, "%s: %s.\n\n", a.Program, what)
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "BOOTS\tWRITES\tBYTES\tERASES\tMIN/PAGE\tAVG\tMAX\tWORN PAGES\tFAILED BOOTS\t")
	row := func(s ageing.Sample) {
		fmt.Fprintf(w, "%d\t%d\t%d\t%d\t%d\t%.1f\t%d\t%d\t%d\t\n",
			s.Boots, s.Writes, s.Programmed, s.Erases, s.MinErases, s.AvgErases, s.MaxErases, s.WornPages, s.Failures)
	}
	every := max(1, (len(a.Samples)-1)/tableRows)
	for i, s := range a.Samples {
		// The last but one may be close to the last, and what has just happened is
		// worth a row.
		event := i > 0 && (a.Samples[i-1].WornPages == 0 && s.WornPages > 0 || a.Samples[i-1].Failures == 0 && s.Failures > 0)
		if i%every == 0 || i == len(a.Samples)-1 || event {
			row(s)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	for _, sentence := range a.sentences(bootsPerDay) {
		fmt.Fprintln(out, sentence)
	}
	_, err := fmt.Fprintf(out, "%d boots took %v, %v each.\n\n", a.Last().Boots, a.Took.Round(time.Millisecond),
		(a.Took / time.Duration(max(a.Last().Boots, 1))).Round(100*time.Nanosecond))
	return err
}

// sentences says what the table means.
func (a *aged) sentences(bootsPerDay float64) []string {
	when := func(boot int) string {
		return fmt.Sprintf("boot %d (%s at %g boots a day)", boot, years(float64(boot)/bootsPerDay/365.25), bootsPerDay)
	}
	var list []string
	if a.FirstWorn > 0 {
		list = append(list, fmt.Sprintf("The first page failed in %s.", when(a.FirstWorn)))
	}
	if a.FirstFailed > 0 {
		list = append(list, fmt.Sprintf("The credential could not be put in place for the first time in %s: %s.", when(a.FirstFailed), a.Failure))
	}
	if a.Dead > 0 {
		list = append(list, fmt.Sprintf("The flash could not be used any more in %s.", when(a.Dead)))
	}
	switch {
	case len(list) > 0:
	case a.Lifetime != nil:
		list = append(list, "A"+strings.TrimPrefix(a.Lifetime.String(), "a")+".")
	default:
		list = append(list, "Nothing wears this flash once the credential is in place.")
	}
	return list
}

// years says a time that is given in years.
func years(y float64) string {
	switch {
	case y < 1.0/12:
		return fmt.Sprintf("%.0f days", y*365.25)
	case y < 2:
		return fmt.Sprintf("%.1f months", y*12)
	default:
		return fmt.Sprintf("%.0f years", y)
	}
}
