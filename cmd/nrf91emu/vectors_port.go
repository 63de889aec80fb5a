package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/dialects"
	"nrf91emu/emulator/control"
	"nrf91emu/emulator/link"
	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/vectors"
	"nrf91emu/keystore"
	"nrf91emu/testvectors"
)

// modemOnPort is who is at the other end of a port.
type modemOnPort struct {
	profile string
	layout  testvectors.Layout
	answers string         // to AT+CGMM and AT+CGMR
	control *remoteControl // nil for a real modem
}

func (m *modemOnPort) close() {
	if m.control != nil {
		m.control.client.Close()
	}
}

// identify finds out who is at the other end: by the flags, by the control
// interface of an emulated modem, by asking the modem.
func (c *vectorsCmd) identify(ctx context.Context) (_ *modemOnPort, err error) {
	m := &modemOnPort{profile: c.Profile}
	defer func() {
		if err != nil {
			m.close()
		}
	}()
	name := c.App
	client, err := control.Dial(c.Port)
	if err == nil {
		m.control = &remoteControl{client: client}
		state, err := client.State(ctx)
		if err != nil {
			return nil, err
		}
		if name == "" {
			name = state.Application
		}
		if m.profile == "" {
			m.profile = state.Profile
		}
		if _, err := m.control.Wear(ctx); err != nil { // from now on events are kept
			return nil, err
		}
	} else if !errors.Is(err, control.ErrNoControl) {
		return nil, err
	}
	if name == "" {
		name = dialects.Default
	}
	dialect, err := dialects.Lookup(name)
	if err != nil {
		return nil, err
	}
	m.layout = vectors.LayoutOf(dialect)
	return m, c.ask(ctx, m, dialect)
}

// ask asks the modem for its names. It ends the client before the port is used for
// anything else.
func (c *vectorsCmd) ask(ctx context.Context, m *modemOnPort, dialect *app.Dialect) error {
	port, err := link.Dial(c.Port, c.Baud)
	if err != nil {
		return err
	}
	client := atcmd.NewClient(port, atcmd.ClientOptions{Terminator: dialect.Framing.Terminator, Timeout: c.Timeout})
	defer client.Close()
	var answers []string
	for _, command := range []string{"AT+CGMM", "AT+CGMR"} {
		a, err := client.Do(ctx, command)
		if err != nil {
			return fmt.Errorf("no modem answers on %s: %w; is the path right, does nothing else have the port open, and does --app fit?", c.Port, err)
		}
		answers = append(answers, strings.Join(a.Lines, " "))
	}
	m.answers = strings.Join(answers, ", ")
	if m.profile != "" {
		return nil
	}
	for _, p := range profile.All() {
		if p.Revision == answers[1] && strings.Contains(strings.ToLower(answers[0]), strings.ToLower(p.Chip.Name)) {
			m.profile = p.Name
			return nil
		}
	}
	return usagef("the modem says that it is %s, for which there is no profile; name the nearest one with --profile, see nrf91emu profiles", m.answers)
}

// remoteControl is what a host cannot do over the port, for an emulated modem in
// another process.
type remoteControl struct {
	client *control.Client
	seen   uint64 // number of the last event counted
	wear   testvectors.Wear
}

// reset makes the modem fresh.
func (r *remoteControl) reset(ctx context.Context) error {
	list, err := r.client.Credentials(ctx)
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.System {
			continue
		}
		key := keystore.Key{SecTag: keystore.SecTag(e.SecTag), Type: keystore.CredentialType(e.Type)}
		if err := r.client.DeleteCredential(ctx, key); err != nil {
			return err
		}
	}
	return r.PowerCut(ctx)
}

// PowerCycle implements testvectors.Control.
func (r *remoteControl) PowerCycle(ctx context.Context) error {
	if _, err := r.client.Power(ctx, control.PowerOff); err != nil {
		return err
	}
	_, err := r.client.Power(ctx, control.PowerOn)
	return err
}

// PowerCut implements testvectors.Control.
func (r *remoteControl) PowerCut(ctx context.Context) error {
	_, err := r.client.Power(ctx, control.PowerCycle)
	return err
}

// Do implements testvectors.Control.
func (r *remoteControl) Do(ctx context.Context, words []string) error {
	if strings.Join(words, " ") == "power-off-warning" {
		return r.client.SetSupply(ctx, vectors.LowSupply)
	}
	if from, text, ok := vectors.ShortMessageWords(words); ok {
		return r.client.SendShortMessage(ctx, from, text)
	}
	return fmt.Errorf("%w: %s", testvectors.ErrUnsupported, strings.Join(words, " "))
}

// Wear implements testvectors.Control: it counts the events that have come since.
func (r *remoteControl) Wear(ctx context.Context) (testvectors.Wear, error) {
	events, err := r.client.Events(ctx, control.EventOptions{Since: r.seen})
	if err != nil {
		return r.wear, err
	}
	for e, err := range events {
		if err != nil {
			return r.wear, err
		}
		vectors.CountWear(&r.wear, e)
		r.seen = e.Seq
	}
	return r.wear, nil
}
