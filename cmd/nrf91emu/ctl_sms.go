package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"nrf91emu/emulator/control"
)

type ctlSMS struct {
	Send ctlSMSSend `cmd:"" help:"Send a short message to the modem."`
	List ctlSMSList `cmd:"" help:"List the short messages to the modem and from it."`
}

type ctlSMSSend struct {
	Text string `arg:"" help:"What it says; a long text goes in parts." placeholder:"TEXT"`
	From string `help:"Telephone number or name of the sender." default:"+447700900123" placeholder:"NUMBER"`
}

// Run sends a message.
func (s *ctlSMSSend) Run(c *ctlCmd) error {
	return c.call(func(ctx context.Context, client *control.Client) error {
		return client.SendShortMessage(ctx, s.From, s.Text)
	})
}

type ctlSMSList struct{}

// Run lists the messages.
func (*ctlSMSList) Run(std stdio, c *ctlCmd) error {
	return c.call(func(ctx context.Context, client *control.Client) error {
		list, err := client.ShortMessages(ctx)
		if err != nil {
			return err
		}
		return c.show(std, list, func() {
			if len(list) == 0 {
				fmt.Fprintln(std.out, "No short messages.")
				return
			}
			w := tabwriter.NewWriter(std.out, 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "NUMBER\tWAY\tPEER\tSTATE\tPART\tTEXT")
			for _, m := range list {
				way, part := "to the modem", ""
				if m.FromModem {
					way = "from the modem"
				}
				if m.Parts > 0 {
					part = fmt.Sprintf("%d of %d", m.Part, m.Parts)
				}
				fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%q\n", m.Number, way, m.Peer, m.State, part, m.Text)
			}
			w.Flush()
		})
	})
}
