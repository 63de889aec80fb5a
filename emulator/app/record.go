package app

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/socket"
)

func (c *Context) recordCommand(x *Exchange, line []byte) {
	h := c.host
	e := event.Command{ID: x.id, Text: string(line)}
	at := line
	if h.cfg.Dialect.SeekAT {
		at = seekAT(line)
	}
	var cmd atcmd.Command
	err := cmd.Parse(at)
	if !h.cfg.Log.ShowSecrets {
		e.Text = string(line[:len(line)-len(at)]) + h.mask(at, &cmd, err)
	}
	if err == nil {
		e.Name, e.Form = string(cmd.Name), cmd.Form.String()
	}
	h.cfg.Log.Add(event.Event{Command: &e})
}

func (x *Exchange) record(result atcmd.Result, err error, crashed bool) {
	h := x.context.host
	e := event.Response{ID: x.id, Result: result.String(), Took: time.Since(x.start)}
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
	}
	for part, data := range x.resp.Parts() {
		if !data {
			e.Lines = append(e.Lines, string(part))
		}
	}
	h.cfg.Log.Add(event.Event{Response: &e})
}

// Problem notes input that had no effect or not the one that was wanted: what it
// is in a word, how many bytes it concerns, and why.
func (h *Host) Problem(name string, bytes int, reason string) { h.problem(name, bytes, reason) }

func (h *Host) problem(name string, bytes int, reason string) {
	h.Record(event.Event{Input: &event.Input{Problem: name, Bytes: bytes, Reason: reason}})
}

// ServiceEnded notes why a connection of a service has ended or was refused. Name is
// the Op in the record.
func (h *Host) ServiceEnded(handle int, name string, errno socket.Errno, why error) {
	if h.cfg.Log.Enabled() {
		h.cfg.Log.Add(event.Event{Socket: &event.Socket{
			ID: h.cause, Op: name, Handle: handle, Errno: int(errno), Name: errno.Name(), Reason: why.Error(),
		}})
	}
}

// mask returns a command line for the record, without secrets: those that the
// modem knows, and those of the application's own commands. cmd and err are what
// came of parsing it.
func (h *Host) mask(line []byte, cmd *atcmd.Command, err error) string {
	secret := h.cfg.Dialect.secret[string(cmd.Name)]
	if secret == nil {
		return modem.Mask(line)
	}
	equals := bytes.IndexByte(line, '=')
	switch {
	case equals < 0:
		return string(line)
	case err != nil, bytes.IndexByte(line, 0) >= 0:
		// Which parameter is which cannot be said.
		return fmt.Sprintf("%s<%d bytes masked>", line[:equals+1], len(line)-equals-1)
	}
	var out []byte
	done := 0
	for _, i := range secret {
		if cmd.Has(i) || i < len(cmd.Args) && cmd.Args[i].Kind == atcmd.ArgString {
			text := cmd.Args[i].Text
			start := cap(line) - cap(text) // it is a part of the line
			out = fmt.Appendf(append(out, line[done:start]...), "<%d bytes masked>", len(text))
			done = start + len(text)
		}
	}
	return string(append(out, line[done:]...))
}
