package slm

import (
	"math"
	"slices"
	"strconv"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/app/sock"
	"nrf91emu/emulator/socket"
	"nrf91emu/emulator/timer"
)

// polling is the setting of #XAPOLL in its old form.
type polling struct {
	on      bool
	want    socket.Events
	handles []int // as given; empty is all
}

// targets returns the open sockets whose handles come next in the arguments, all
// if there are none.
func (s *service) targets(args *atcmd.ArgReader) (targets []*sock.Socket, all bool) {
	if args.Len() == 0 {
		return slices.Clone(s.table.Open()), true
	}
	for args.Len() > 0 {
		targets = append(targets, s.table.Arg(args))
	}
	return targets, false
}

// poll is AT#XPOLL=<timeout>[,<handle>...], in milliseconds, -1 for ever
// (fact slm/xpoll).
func (s *service) poll(x *app.Exchange) error {
	args := x.Args()
	timeout := args.Int(-1, math.MaxInt32, "the time-out in milliseconds")
	if s.polling.on {
		args.Fail("#XPOLL does not work while #XAPOLL runs")
	}
	targets, _ := s.targets(&args)
	if err := args.Err(); err != nil {
		return err
	}
	if printReady(x, targets) || timeout == 0 {
		return nil
	}
	x.Later()
	var limit *timer.Timer
	end := func() {
		limit.Stop()
		for _, k := range targets {
			k.SetNotify(nil)
		}
		x.Finish(nil)
	}
	for _, k := range targets {
		k.SetNotify(func(socket.Events) {
			if x.Live() && printReady(x, targets) {
				end()
			}
		})
	}
	if printReady(x, targets) {
		end() // it has come meanwhile
		return nil
	}
	if timeout > 0 {
		limit = s.host.After(time.Duration(timeout)*time.Millisecond, end)
	}
	return nil
}

// printReady prints which sockets can be read or are in trouble.
func printReady(x *app.Exchange, targets []*sock.Socket) (ready bool) {
	for _, k := range targets {
		if ev := k.Poll() & (socket.PollIn | sock.Troubles); ev != 0 {
			x.Printf("#XPOLL: %d,\"0x%04x\"", k.Handle(), int(ev))
			ready = true
		}
	}
	return ready
}

// setPolling is AT#XAPOLL=<op>[,<events>[,<handle>...]] (fact slm/xapoll).
func (s *service) setPolling(x *app.Exchange) error {
	args := x.Args()
	next := polling{on: args.Bool("0 to stop or 1 to start")}
	var targets []*sock.Socket
	all := true
	if next.on {
		next.want = sock.PolledEvents(&args)
		targets, all = s.targets(&args)
	}
	if err := args.Err(); err != nil {
		return err
	}
	p := sock.Polling{On: next.on, Want: next.want}
	if !all {
		for _, k := range targets {
			next.handles = append(next.handles, k.Handle())
		}
	}
	for _, k := range s.table.Open() {
		if next.on && !slices.Contains(targets, k) {
			k.SetPolling(sock.Polling{})
			continue
		}
		k.SetPolling(p)
	}
	if !all {
		p = sock.Polling{}
	}
	// For sockets to come, if all are meant (fact slm/xapoll).
	s.table.SetToCome(x.Context(), func(s *sock.Settings) { s.Polling = p })
	s.polling = next
	return nil
}

func (s *service) readPolling(x *app.Exchange) error {
	p := s.polling
	line := "#XAPOLL: " + strconv.Itoa(app.Digit(p.on)) + "," + strconv.Itoa(int(p.want))
	for _, h := range p.handles {
		line += "," + strconv.Itoa(h)
	}
	x.Line(line)
	return nil
}
