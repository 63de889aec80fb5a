package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/control"
	"nrf91emu/emulator/event"
)

// ctlCmd is nrf91emu ctl: the control interface of a running modem by hand.
type ctlCmd struct {
	Port    string `help:"The modem's port: what nrf91emu run prints." placeholder:"PORT"`
	Control string `help:"Address of the modem's control interface, as given to nrf91emu run --control, in place of --port." placeholder:"ADDR"`
	JSON    bool   `help:"Print JSON."`

	State       ctlState       `cmd:"" help:"Show what the modem is and what it is doing."`
	Credentials ctlCredentials `cmd:"" help:"List what is in the store."`
	Credential  struct {
		Get    ctlGet    `cmd:"" help:"Print the content of a credential that is not secret."`
		Put    ctlPut    `cmd:"" help:"Store a credential behind the firmware's back."`
		Delete ctlDelete `cmd:"" help:"Delete a credential behind the firmware's back."`
	} `cmd:"" help:"Look at one credential, store it or delete it."`
	Wear   ctlWear   `cmd:"" help:"Show what the flash has been through."`
	Events ctlEvents `cmd:"" help:"Show what has happened since the modem was started, in words; with --json as JSON Lines."`
	Why    ctlWhy    `cmd:"" help:"Tell what has failed last, and why."`
	Audit  ctlAudit  `cmd:"" help:"Show what the judge says to what has happened since the modem was started."`

	Transcript ctlTranscript `cmd:"" help:"Show what was said on the port since the modem was started, with keys masked."`

	Power  ctlPower  `cmd:"" help:"Switch the power."`
	Cut    ctlCut    `cmd:"" help:"Plan a power cut inside a flash step."`
	Supply ctlSupply `cmd:"" help:"Change the supply voltage."`
	Fault  ctlFault  `cmd:"" help:"Let something go wrong."`
	SMS    ctlSMS    `cmd:"" name:"sms" help:"Send short messages to the modem, or list those that it has sent and got."`
	Leds   ctlLEDs   `cmd:"" help:"Show the LEDs and buttons of firmware in C."`
	Button ctlButton `cmd:"" help:"Press or release a button of firmware in C."`
}

// call runs fn with a client of the modem's control interface, until it ends or a
// signal ends it.
func (c *ctlCmd) call(fn func(context.Context, *control.Client) error) error {
	if (c.Port == "") == (c.Control == "") {
		return usagef("say which modem: give --port or --control, and not both")
	}
	dial := func() (*control.Client, error) { return control.Dial(c.Port) }
	if c.Control != "" {
		dial = func() (*control.Client, error) { return control.DialTCP(c.Control) }
	}
	client, err := dial()
	if errors.Is(err, control.ErrNoControl) {
		return fmt.Errorf("%w; is this the port of a running nrf91emu?", err)
	}
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	return fn(ctx, client)
}

// show prints a value as JSON, or as text by fn.
func (c *ctlCmd) show(std stdio, v any, fn func()) error {
	if !c.JSON {
		fn()
		return nil
	}
	enc := json.NewEncoder(std.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

type ctlState struct{}

// Run shows the state.
func (*ctlState) Run(std stdio, c *ctlCmd) error {
	return c.call(func(ctx context.Context, client *control.Client) error {
		s, err := client.State(ctx)
		if err != nil {
			return err
		}
		return c.showState(std, s)
	})
}

func (c *ctlCmd) showState(std stdio, s *control.State) error {
	return c.show(std, s, func() {
		fmt.Fprintf(std.out, "%s with %s behind %s on %s\n", s.Chip, s.Firmware, s.Application, s.Port)
		switch {
		case !s.On:
			fmt.Fprintf(std.out, "off after boot %d\n", s.Boot)
		case s.Crashed:
			fmt.Fprintf(std.out, "on, boot %d; the modem has crashed, switch the power to start it again\n", s.Boot)
		case s.Busy:
			fmt.Fprintf(std.out, "on, boot %d; busy with a command\n", s.Boot)
		default:
			fmt.Fprintf(std.out, "on, boot %d", s.Boot)
			if s.FunctionalMode != nil {
				fmt.Fprintf(std.out, "; functional mode %d", *s.FunctionalMode)
			}
			if s.Registration != nil {
				fmt.Fprintf(std.out, ", registration %d", *s.Registration)
			}
			if s.ResetLoop > 0 {
				fmt.Fprintf(std.out, "; reset loop restriction: the modem was reset too often without +CFUN=0 and does not attach for %v of running time", time.Duration(s.ResetLoop)*time.Second)
			}
			fmt.Fprintln(std.out)
		}
	})
}

type ctlCredentials struct{}

// Run lists the credentials.
func (*ctlCredentials) Run(std stdio, c *ctlCmd) error {
	return c.call(func(ctx context.Context, client *control.Client) error {
		list, err := client.Credentials(ctx)
		if err != nil {
			return err
		}
		return c.show(std, list, func() {
			if len(list) == 0 {
				fmt.Fprintln(std.out, "No credentials.")
				return
			}
			w := tabwriter.NewWriter(std.out, 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "TAG\tTYPE\tBYTES\tWRITES\tSHA-256")
			for _, e := range list {
				fmt.Fprintf(w, "%d\t%d %s\t%d\t%d\t%s\n", e.SecTag, e.Type, e.Name, e.Bytes, e.Writes, e.SHA256)
			}
			w.Flush()
		})
	})
}

// credentialName is the argument that names a credential.
type credentialName struct {
	Name string `arg:"" help:"TAG:TYPE, such as 24:ca; TYPE is ca, cert, key, psk, identity or a number." placeholder:"TAG:TYPE"`
}

type ctlGet struct{ credentialName }

// Run prints a content as it is, byte for byte.
func (g *ctlGet) Run(std stdio, c *ctlCmd) error {
	key, err := parseKey(g.Name)
	if err != nil {
		return err
	}
	return c.call(func(ctx context.Context, client *control.Client) error {
		content, err := client.Credential(ctx, key)
		if err != nil {
			return err
		}
		_, err = std.out.Write(content)
		return err
	})
}

type ctlPut struct {
	credentialName
	File string `arg:"" help:"What to store, byte for byte." placeholder:"FILE" type:"path"`
}

// Run stores a credential.
func (p *ctlPut) Run(std stdio, c *ctlCmd) error {
	key, err := parseKey(p.Name)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(p.File)
	if err != nil {
		return usagef("the credential cannot be read: %w", err)
	}
	return c.call(func(ctx context.Context, client *control.Client) error {
		changed, err := client.PutCredential(ctx, key, content)
		if err != nil {
			return err
		}
		return c.show(std, map[string]bool{"changed": changed}, func() {
			if changed {
				fmt.Fprintf(std.out, "Tag %d, %v: stored, %d bytes.\n", key.SecTag, key.Type, len(content))
			} else {
				fmt.Fprintf(std.out, "Tag %d, %v: was there already; nothing was written.\n", key.SecTag, key.Type)
			}
		})
	})
}

type ctlDelete struct{ credentialName }

// Run deletes a credential.
func (d *ctlDelete) Run(std stdio, c *ctlCmd) error {
	key, err := parseKey(d.Name)
	if err != nil {
		return err
	}
	return c.call(func(ctx context.Context, client *control.Client) error {
		return client.DeleteCredential(ctx, key)
	})
}

type ctlWear struct{}

// Run shows the wear.
func (*ctlWear) Run(std stdio, c *ctlCmd) error {
	return c.call(func(ctx context.Context, client *control.Client) error {
		wear, err := client.Wear(ctx)
		if err != nil {
			return err
		}
		return c.show(std, wear, func() {
			fmt.Fprintf(std.out, "%s, %s programmed, %s erased; of %s the most worn was erased %s, the least %s; %d worn out\n",
				counted(wear.Starts, "start"), counted(wear.Programmed, "byte"), counted(wear.Erases, "page"), counted(len(wear.Pages), "page"),
				times(wear.MaxErases), times(wear.MinErases), wear.WornPages)
			if wear.Endurance > 0 {
				fmt.Fprintf(std.out, "each page endures %s\n", counted(wear.Endurance, "erase"))
			}
			for _, e := range wear.Credentials {
				gone := ""
				if e.Deleted {
					gone = ", deleted"
				}
				fmt.Fprintf(std.out, "%d,%d: written %s, since the last start %s programmed, %s erased%s\n",
					e.SecTag, e.Type, times(e.Writes), counted(e.Programmed, "byte"), counted(e.Erases, "page"), gone)
			}
		})
	})
}

type ctlEvents struct {
	Follow bool   `help:"Go on with what comes, until Ctrl-C." short:"f"`
	Since  uint64 `help:"Begin after the event of this number." placeholder:"N"`
	Last   int    `help:"Begin with the last N events." placeholder:"N"`
}

// Run prints events in words, or as a trace has them, which nrf91emu audit reads.
func (e *ctlEvents) Run(std stdio, c *ctlCmd) error {
	if e.Last < 0 {
		return usagef("--last must be at least 1, not %d", e.Last)
	}
	return c.call(func(ctx context.Context, client *control.Client) error {
		events, err := client.Events(ctx, control.EventOptions{Since: e.Since, Last: e.Last, Follow: e.Follow})
		if err != nil {
			return err
		}
		w := event.NewWriter(std.out)
		for ev, err := range events {
			if ctx.Err() != nil {
				return nil // Ctrl-C is how it ends
			}
			if err != nil {
				return err
			}
			if c.JSON {
				w.Add(ev)
				err = w.Err()
			} else {
				_, err = fmt.Fprintln(std.out, eventLine(ev))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// eventLine is an event in words, with its number, time and boot.
func eventLine(e *event.Event) string {
	head := fmt.Sprintf("%5d %s boot %d  ", e.Seq, e.Time.Local().Format("15:04:05.000"), e.Boot)
	return head + strings.ReplaceAll(e.Text(), "\n", "\n"+strings.Repeat(" ", len(head)))
}

type ctlWhy struct{}

// Run tells why something failed.
func (*ctlWhy) Run(std stdio, c *ctlCmd) error {
	return c.call(func(ctx context.Context, client *control.Client) error {
		f, err := client.Why(ctx)
		if err != nil {
			return err
		}
		return c.show(std, control.Why{Failure: f}, func() {
			if f == nil {
				fmt.Fprintln(std.out, "Nothing has failed since the modem was started.")
				return
			}
			fmt.Fprintf(std.out, "%s\n  at %s, in boot %d; ctl events --last 20 shows what was around it\n", f, f.Time.Local().Format("15:04:05"), f.Boot)
		})
	})
}

type ctlAudit struct{}

// Run shows the judge's findings. That there are some is no error of the command.
func (*ctlAudit) Run(std stdio, c *ctlCmd) error {
	return c.call(func(ctx context.Context, client *control.Client) error {
		a, err := client.Audit(ctx)
		if err != nil {
			return err
		}
		return c.show(std, a, func() {
			if a.Missed > 0 {
				fmt.Fprintf(std.out, "The judge has not seen %s that were not kept.\n", counted(a.Missed, "event"))
			}
			a.WriteText(std.out, audit.TextOptions{Notes: true})
		})
	})
}

type ctlTranscript struct{}

// Run shows what was said.
func (*ctlTranscript) Run(std stdio, c *ctlCmd) error {
	if c.JSON {
		return usagef("a transcript is for people; use ctl events --json")
	}
	return c.call(func(ctx context.Context, client *control.Client) error {
		text, err := client.Transcript(ctx)
		if err != nil {
			return err
		}
		defer text.Close()
		_, err = io.Copy(std.out, text)
		return err
	})
}

type ctlPower struct {
	Action string `arg:"" enum:"on,off,cut,cycle" help:"on; off, in good order; cut, at once; cycle, which is cut and on."`
}

// Run switches the power.
func (p *ctlPower) Run(std stdio, c *ctlCmd) error {
	return c.call(func(ctx context.Context, client *control.Client) error {
		s, err := client.Power(ctx, control.PowerAction(p.Action))
		if err != nil {
			return err
		}
		return c.showState(std, s)
	})
}

type ctlCut struct {
	Step string `arg:"" help:"The flash step from now during which the power goes, from 1; none takes the plan back." placeholder:"N|none"`
	Tear string `help:"How far that step gets: not begun, barely torn, even torn, odd torn, low torn, high torn, random torn, nearly complete or complete." placeholder:"HOW"`
}

// Run plans a power cut.
func (p *ctlCut) Run(c *ctlCmd) error {
	if p.Step == "none" {
		return c.call(func(ctx context.Context, client *control.Client) error { return client.UnplanCut(ctx) })
	}
	n, err := strconv.Atoi(p.Step)
	if err != nil || n < 1 {
		return usagef("cut takes the number of a flash step, from 1, or none; not %q", p.Step)
	}
	return c.call(func(ctx context.Context, client *control.Client) error {
		return client.PlanCut(ctx, control.PlannedCut{After: n - 1, Tear: p.Tear})
	})
}

type ctlSupply struct {
	Millivolts int `arg:"" help:"The voltage in millivolts." placeholder:"MV"`
}

// Run changes the supply voltage.
func (s *ctlSupply) Run(c *ctlCmd) error {
	return c.call(func(ctx context.Context, client *control.Client) error {
		return client.SetSupply(ctx, s.Millivolts)
	})
}
