package app

import (
	"bytes"
	"errors"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/socket"
)

func (c *Context) recordCommand(x *Exchange, line []byte) {
	h := c.host
	e := event.Command{ID: x.id}
	// The LF of a CR LF before it belongs to the command before.
	line = bytes.TrimLeft(line, "\r\n")
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
	h.cfg.Log.Add(event.Event{Command: &e, Time: x.start})
}

func (x *Exchange) record(result atcmd.Result, err error, crashed bool) {
	h := x.context.host
	now := time.Now()
	e := event.Response{ID: x.id, Result: result.String(), Took: now.Sub(x.start)}
	if crashed && !h.cfg.Dialect.Framed {
		e.Result = ""
	}
	if err != nil {
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
	}
	for part, data := range x.resp.Parts() {
		if !data {
			e.Lines = append(e.Lines, h.cfg.Log.Answer(part))
		}
	}
	h.cfg.Log.Add(event.Event{Response: &e, Time: now})
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
