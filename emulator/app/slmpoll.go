package app

import (
	"slices"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/socket"
	"nrf91emu/emulator/timer"
)

// slmPolling is the setting of #XAPOLL in its old form.
type slmPolling struct {
	on      bool
	want    socket.Events
	handles []int // as given; empty is all
}

// slmTargets returns the open sockets whose handles stand in arguments i and
// following, all if there are none.
func (a *App) slmTargets(cmd *atcmd.Command, i int) ([]*sock, error) {
	n := a.sockets()
	if i >= len(cmd.Args) {
		return n.open, nil
	}
	var targets []*sock
	for ; i < len(cmd.Args); i++ {
		handle, err := number(cmd, i, 0, 1<<15, "the handle of a socket")
		if err != nil {
			return nil, err
		}
		k := n.lookup(handle)
		if k == nil {
			return nil, atcmd.Errorf("there is no socket %d", handle)
		}
		targets = append(targets, k)
	}
	return targets, nil
}

// slmPoll is AT#XPOLL=<timeout>[,<handle>...], in milliseconds, -1 for ever
// (serial-modem-at 3.5, seen in source).
func (a *App) slmPoll(w *atcmd.Response, cmd *atcmd.Command) error {
	timeout, err := number(cmd, 0, -1, 1<<31-1, "the time-out in milliseconds")
	if err != nil {
		return err
	}
	if a.slmState().polling.on {
		return atcmd.Errorf("#XPOLL does not work while #XAPOLL runs")
	}
	targets, err := a.slmTargets(cmd, 1)
	if err != nil {
		return err
	}
	targets = slices.Clone(targets)
	if slmReady(w, targets) || timeout == 0 {
		return nil
	}
	wait := a.later()
	var limit *timer.Timer
	end := func() {
		limit.Stop()
		for _, k := range targets {
			k.SetNotify(nil)
		}
		wait.finish(nil)
	}
	for _, k := range targets {
		k.SetNotify(func(socket.Events) {
			if wait.live() && slmReady(w, targets) {
				end()
			}
		})
	}
	if slmReady(w, targets) {
		end() // it has come meanwhile
		return nil
	}
	if timeout > 0 {
		limit = a.after(time.Duration(timeout)*time.Millisecond, end)
	}
	return nil
}

// slmReady prints which sockets can be read or are in trouble.
func slmReady(w *atcmd.Response, targets []*sock) (ready bool) {
	for _, k := range targets {
		if ev := k.Poll() & (socket.PollIn | troubles); ev != 0 {
			w.Printf("#XPOLL: %d,\"0x%04x\"", k.Handle(), int(ev))
			ready = true
		}
	}
	return ready
}

// slmSetPolling is AT#XAPOLL=<op>[,<events>[,<handle>...]] (serial-modem-at 3.6).
func (a *App) slmSetPolling(_ *atcmd.Response, cmd *atcmd.Command) error {
	s := a.slmState()
	op, err := number(cmd, 0, 0, 1, "0 to stop or 1 to start")
	if err != nil {
		return err
	}
	next := slmPolling{on: op == 1}
	targets := a.sockets().open
	if next.on {
		events, err := number(cmd, 1, 0, 5, "the events")
		if err != nil {
			return err
		}
		if next.want = socket.Events(events); next.want&^(socket.PollIn|socket.PollOut) != 0 {
			return atcmd.Errorf("the events are the sum of 1, readable, and 4, writable")
		}
		if targets, err = a.slmTargets(cmd, 2); err != nil {
			return err
		}
		if len(cmd.Args) > 2 {
			for _, k := range targets {
				next.handles = append(next.handles, k.Handle())
			}
		}
	}
	for _, k := range a.net.open {
		k.poll, k.told = polling{}, 0
		if next.on && slices.Contains(targets, k) {
			k.poll = polling{on: true, want: next.want}
		}
		k.watch()
	}
	a.net.poll = polling{} // for sockets to come, if all are meant (inferred)
	if next.on && len(next.handles) == 0 {
		a.net.poll = polling{on: true, want: next.want}
	}
	s.polling = next
	return nil
}

func (a *App) slmReadPolling(w *atcmd.Response, _ *atcmd.Command) error {
	p := a.slmState().polling
	line := "#XAPOLL: " + decimal(btoi(p.on)) + "," + decimal(int(p.want))
	for _, h := range p.handles {
		line += "," + decimal(h)
	}
	w.Line(line)
	return nil
}
