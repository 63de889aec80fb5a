package main

import (
	"context"
	"fmt"
	"strings"

	"nrf91emu/emulator/control"
)

type ctlLEDs struct{}

// Run shows the LEDs and buttons.
func (*ctlLEDs) Run(std stdio, c *ctlCmd) error {
	return c.call(func(ctx context.Context, client *control.Client) error {
		b, err := client.Board(ctx)
		if err != nil {
			return err
		}
		return c.show(std, b, func() {
			var leds []string
			for i, on := range b.LEDs {
				leds = append(leds, fmt.Sprintf("LED%d %s", i+1, map[bool]string{true: "on", false: "off"}[on]))
			}
			fmt.Fprintln(std.out, strings.Join(leds, ", "))
			for i, pressed := range b.Buttons {
				if pressed {
					fmt.Fprintf(std.out, "button %d is pressed\n", i+1)
				}
			}
		})
	})
}

type ctlButton struct {
	Button int    `arg:"" help:"Number of the button, from 1."`
	Action string `arg:"" help:"press (and let go), hold or release." enum:"press,hold,release" default:"press"`
}

// Run presses or releases a button.
func (b *ctlButton) Run(_ stdio, c *ctlCmd) error {
	return c.call(func(ctx context.Context, client *control.Client) error {
		return client.Button(ctx, b.Button, control.ButtonAction(b.Action))
	})
}
