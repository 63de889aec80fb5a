package app

import (
	"bytes"
	"errors"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/socket"
)

// commandEvent and responseEvent are an exchange as the record has its beginning and
// its end. Most are made when the answer has left; until then exchange and line stay as
// they are, see [Context.Receive].
type (
	commandEvent  Exchange
	responseEvent Exchange
)

// Event implements [event.Maker].
func (x *commandEvent) Event() event.Event {
	h := x.context.host
	e := event.Command{ID: x.id}
	// The LF of a CR LF before it belongs to the command before.
	line := bytes.TrimLeft(x.line, "\r\n")
	x.line = nil
	at := line
	if h.cfg.Dialect.SeekAT {
		at = seekAT(line)
	}
	if before := line[:len(line)-len(at)]; !blank(before) {
		e.Text = h.cfg.Log.Command(before).Text
	}
	x.shown = h.cfg.Log.Command(at)
	e.Text += x.shown.Text
	if x.shown.Form != "" {
		e.Name, e.Form = x.shown.Name, x.shown.Form
	}
	return event.Event{Command: &e}
}

// record notes how the exchange has ended. One that a handler may have kept is not left
// as it is.
func (x *Exchange) record(result atcmd.Result, err error, silent bool) {
	x.result, x.err, x.silent, x.end = result, err, silent, time.Now()
	log, m := x.context.host.cfg.Log, (*responseEvent)(x)
	if x.resp.Busy() {
		log.Settle() // its beginning
		e := m.Event()
		e.Time = x.end
		log.Add(e)
		return
	}
	log.AddLater(x.end, m)
}

// Event implements [event.Maker].
func (x *responseEvent) Event() event.Event {
	e := event.Response{ID: x.id, Result: x.result.String(), Took: x.end.Sub(x.start)}
	if x.silent {
		e.Result = ""
	}
	if err := x.err; err != nil {
		e.Error = true
		e.Reason = err.Error()
		var at *atcmd.Error
		if errors.As(err, &at) {
			e.Reason = at.Reason
			if at.Result.Kind == atcmd.ResultCME {
				e.CME = at.Result.Code
			}
		}
		e.Reason = x.shown.Reason(e.Reason)
		x.err = nil
	}
	log := x.context.host.cfg.Log
	for part, data := range x.resp.Parts() {
		if !data {
			e.Lines = append(e.Lines, log.Answer(part))
		}
	}
	return event.Event{Response: &e}
}

// Problem notes input that had no effect or not the one that was wanted: what it
// is in a word, how many bytes it concerns, and why.
func (h *Host) Problem(name event.InputProblem, bytes int, reason string) {
	h.recordProblem(event.Input{Problem: name, Bytes: bytes, ID: h.cause, Reason: reason})
}

func (h *Host) recordProblem(in event.Input) { h.Record(event.Event{Input: &in}) }

// ServiceEnded notes why a connection of a service has ended or was refused. Name is
// the Op in the record.
func (h *Host) ServiceEnded(handle int, name event.SocketOp, errno socket.Errno, why error) {
	if h.cfg.Log.Enabled() {
		h.cfg.Log.Add(event.Event{Socket: &event.Socket{
			ID: h.cause, Op: name, Handle: handle, Errno: int(errno), Name: errno.Name(), Reason: why.Error(),
		}})
	}
}
