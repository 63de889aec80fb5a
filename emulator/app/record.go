package app

import (
	"errors"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
)

func (a *App) recordCommand(line []byte) {
	e := event.Command{ID: a.current.id, Text: string(line)}
	at := line
	if a.cfg.Dialect.SeekAT {
		at = seekAT(line)
	}
	var cmd atcmd.Command
	err := cmd.Parse(at)
	if !a.cfg.Log.ShowSecrets {
		e.Text = string(line[:len(line)-len(at)]) + a.mask(at, &cmd)
	}
	if err == nil {
		e.Name, e.Form = string(cmd.Name), cmd.Form.String()
	}
	a.cfg.Log.Add(event.Event{Command: &e})
}

func (a *App) recordResponse(result atcmd.Result, err error, crashed bool) {
	e := event.Response{ID: a.current.id, Result: result.String(), Took: time.Since(a.current.start)}
	if crashed && !a.cfg.Dialect.Framed {
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
	for part, data := range a.resp.Parts() {
		if !data {
			e.Lines = append(e.Lines, string(part))
		}
	}
	a.cfg.Log.Add(event.Event{Response: &e})
}

func (a *App) problem(name string, bytes int, reason string) {
	if a.cfg.Log.Enabled() {
		a.cfg.Log.Add(event.Event{Input: &event.Input{Problem: name, Bytes: bytes, Reason: reason}})
	}
}
