package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"nrf91emu/emulator/devicefile"
	"nrf91emu/emulator/fault"
)

// faults is the flags that say what goes wrong.
type faults struct {
	Fault []string `help:"Let something go wrong, such as late-ok:after=3,delay=2s; may be repeated. See nrf91emu faults." placeholder:"SPEC" sep:"none"`
	Seed  *uint64  `help:"Repeat the faults of an earlier run, which printed this number. exec has the modem make the same keys each time, too, which are no secret then." placeholder:"N"`
}

// specs reads the flags, after what a device file asks for. A seed that nobody has given
// is printed.
func (c *faults) specs(std stdio, file *devicefile.Device) (specs []fault.Spec, seed uint64, err error) {
	specs = slices.Clone(file.Faults)
	c.Seed = cmp.Or(c.Seed, file.Seed)
	own, err := c.parse()
	if err != nil {
		return nil, 0, err
	}
	specs = append(specs, own...)
	if c.Seed != nil {
		return specs, *c.Seed, nil
	}
	seed = fault.NewSeed()
	if len(specs) > 0 {
		c.Seed = &seed // the same for further modems
		fmt.Fprintf(std.err, "nrf91emu: faults have been asked for; --seed %d repeats this run\n", seed)
	}
	return specs, seed, nil
}

// parse reads --fault.
func (c *faults) parse() (specs []fault.Spec, err error) {
	for _, text := range c.Fault {
		spec, err := fault.Parse(text)
		if err != nil {
			return nil, usagef("--fault: %w", err)
		}
		specs = append(specs, spec)
	}
	return specs, nil
}

// arm adds the faults to modem n, from 0.
func (c *runCmd) arm(std stdio, m *instance, n int) error {
	file, err := c.described()
	if err != nil {
		return err
	}
	specs, seed, err := c.specs(std, file)
	if err != nil || len(specs) == 0 && c.Count > 1 {
		return err
	}
	m.faults = fault.NewSet(m.device, seed+uint64(n))
	for _, spec := range specs {
		if _, err := m.faults.Add(spec); err != nil {
			return usagef("--fault: %w", err)
		}
	}
	return nil
}

// faultsCmd is nrf91emu faults.
type faultsCmd struct{}

// Help is the long help of nrf91emu faults.
func (*faultsCmd) Help() string {
	return `A fault is asked for as NAME or NAME:PARAMETER=VALUE,PARAMETER=VALUE:

  nrf91emu run --fault late-ok:after=3,delay=2s --fault lost:to=device,p=0.001
  nrf91emu exec --fault crash:after=2 -- ./my-firmware-test

Firmware in C has no line between itself and the modem: faults of bytes and lines do not happen
to it, and a notification comes before the answer that it would come into.`
}

// Run lists the kinds of faults.
func (c *faultsCmd) Run(std stdio) error {
	w := tabwriter.NewWriter(std.out, 0, 4, 2, ' ', 0)
	params := func(list []fault.Param) {
		for _, p := range list {
			preset := ""
			if p.Default != "" {
				preset = " (" + p.Default + ")"
			}
			fmt.Fprintf(w, "  %s=\t%s%s\n", p.Name, p.Help, preset)
		}
	}
	for _, k := range fault.Kinds {
		fmt.Fprintf(w, "%s\t%s Counts: %s.\n", k.Name, k.Help, plural(string(k.On)))
		params(k.Params)
	}
	fmt.Fprintln(w, "\t\nall of them\tWhen it happens, of what it counts.")
	params(fault.RuleParams)
	return w.Flush()
}

func plural(noun string) string { return strings.TrimSuffix(noun, "s") + "s" }
