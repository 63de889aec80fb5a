package app

import (
	"fmt"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/socket"
)

// polling is the setting of #XAPOLL.
type polling struct {
	on   bool
	want socket.Events // PollIn and PollOut; errors are always reported
}

// troubles are the events that are reported once and end the polling.
const troubles = socket.PollError | socket.PollHangup | socket.PollInvalid

// setPolling is AT#XAPOLL=[<handle>],<op>[,<events>].
func (a *App) setPolling(_ *atcmd.Response, cmd *atcmd.Command) error {
	op, err := number(cmd, 1, 0, 1, "0 to stop or 1 to start")
	if err != nil {
		return err
	}
	var p polling
	if op == 1 {
		v, err := number(cmd, 2, 0, 255, "the events")
		if err != nil {
			return err
		}
		p = polling{true, socket.Events(v)}
		if p.want&^(socket.PollIn|socket.PollOut) != 0 {
			return atcmd.Errorf("the events are the sum of 1, readable, and 4, writable")
		}
	}
	targets, err := a.targets(cmd)
	if err != nil {
		return err
	}
	if !cmd.Has(0) {
		a.net.poll = p
	}
	for _, k := range targets {
		k.poll, k.told = p, 0
		k.watch()
	}
	return nil
}

// targets returns the sockets that a command is about whose handle may be left
// out: then it is all of them.
func (a *App) targets(cmd *atcmd.Command) ([]*sock, error) {
	if len(cmd.Args) > 0 && !cmd.Has(0) {
		return a.sockets().open, nil
	}
	k, err := a.find(cmd)
	if err != nil {
		return nil, err
	}
	return []*sock{k}, nil
}

func (a *App) readPolling(w *atcmd.Response, _ *atcmd.Command) error {
	for _, k := range a.sockets().open {
		if k.poll.on {
			w.Printf("#XAPOLL: %d,%d", k.Handle(), k.poll.want)
		}
	}
	return nil
}

// tellEvents reports what has happened on a polled socket and was not reported
// yet (serial-modem-at 2.10, seen in source).
func (k *sock) tellEvents() {
	if !k.poll.on || k.told&troubles != 0 {
		return
	}
	if ev := k.Poll() & (k.poll.want | troubles) &^ k.told; ev != 0 {
		k.told |= ev
		k.net.app.urc(fmt.Appendf(nil, "#XAPOLL: %d,%d", k.Handle(), ev))
	}
}
