package main

import (
	"context"
	"fmt"
	"strconv"
	"text/tabwriter"

	"nrf91emu/emulator/control"
)

// ctlFault is nrf91emu ctl fault.
type ctlFault struct {
	List   ctlFaultList   `cmd:"" default:"1" help:"List the faults that have been asked for."`
	Add    ctlFaultAdd    `cmd:"" help:"Let something go wrong from now on."`
	Remove ctlFaultRemove `cmd:"" help:"Take faults back."`
}

type ctlFaultList struct{}

// Run lists the faults.
func (*ctlFaultList) Run(std stdio, c *ctlCmd) error {
	return c.call(func(ctx context.Context, client *control.Client) error {
		all, err := client.Faults(ctx)
		if err != nil {
			return err
		}
		return c.show(std, all, func() {
			if len(all.Faults) == 0 {
				fmt.Fprintln(std.out, "No faults.")
				return
			}
			w := tabwriter.NewWriter(std.out, 0, 4, 2, ' ', 0)
			defer w.Flush()
			fmt.Fprintln(w, "NUMBER\tFAULT\tHAPPENED")
			for _, f := range all.Faults {
				happened := fmt.Sprintf("%d of %s", f.Happened, counted(f.Seen, "time"))
				if f.Done {
					happened += ", done"
				}
				fmt.Fprintf(w, "%d\t%s\t%s\n", f.ID, f.Spec, happened)
			}
		})
	})
}

type ctlFaultAdd struct {
	Spec string `arg:"" help:"What is to go wrong, such as late-ok:after=3,delay=2s; see nrf91emu faults."`
}

// Run adds a fault and prints its number.
func (a *ctlFaultAdd) Run(std stdio, c *ctlCmd) error {
	return c.call(func(ctx context.Context, client *control.Client) error {
		f, err := client.AddFault(ctx, a.Spec)
		if err != nil {
			return err
		}
		return c.show(std, f, func() { fmt.Fprintln(std.out, f.ID) })
	})
}

type ctlFaultRemove struct {
	Number string `arg:"" help:"Number of the fault, or all." placeholder:"N|all"`
}

// Run removes a fault, or all.
func (r *ctlFaultRemove) Run(c *ctlCmd) error {
	n, err := strconv.Atoi(r.Number)
	if err != nil && r.Number != "all" {
		return usagef("%q is not the number of a fault: write a number that ctl fault lists, or all", r.Number)
	}
	return c.call(func(ctx context.Context, client *control.Client) error {
		if r.Number == "all" {
			return client.ClearFaults(ctx)
		}
		return client.RemoveFault(ctx, n)
	})
}
