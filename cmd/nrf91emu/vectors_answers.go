package main

import (
	"context"
	"fmt"
	"io"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/link"
	"nrf91emu/testvectors/settle"
)

// askAnswers asks a modem what no source settles, and writes a file for --assume.
func (c *vectorsCmd) askAnswers(ctx context.Context, std stdio) error {
	who, err := c.identify(ctx)
	if err != nil {
		return err
	}
	who.close()
	dialect, err := dialects.Lookup(who.layout.Name)
	if err != nil {
		return err
	}
	port, err := link.Dial(c.Port, c.Baud)
	if err != nil {
		return err
	}
	client := atcmd.NewClient(port, atcmd.ClientOptions{Terminator: dialect.Framing.Terminator})
	defer client.Close()
	fmt.Fprintln(std.err, "This writes the modem's flash some eight times, and deletes what it has written.")
	answers, err := settle.Ask(ctx, client, who.answers, func(line string) { fmt.Fprintln(std.err, line) })
	if err != nil {
		return err
	}
	if err := writeFile(c.Answers, func(w io.Writer) error { return answers.Write(w) }); err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "%d of %d questions are settled: %s says how, and --assume takes it. It says what the modem is, and nothing that tells one device from another.\n",
		answers.Settled(), len(answers.List), c.Answers)
	return err
}
