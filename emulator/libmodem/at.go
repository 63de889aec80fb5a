package libmodem

import (
	"errors"
	"time"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/modem"
)

// A command is an AT command under way.
type command struct {
	wire   uint16 // id of the request
	number int    // of the exchange
	start  time.Time
	shown  event.Line // what the record shows of it
}

// command runs an AT command.
func (s *session) command(id uint16, f *fields) error {
	l := s.l
	line := f.rest
	switch {
	case l.down:
		s.fail(typeAT, id, ePERM, "the modem was shut down")
		return nil
	case s.at != nil:
		s.fail(typeAT, id, eINPROGRESS, "another command runs")
		return nil
	case len(line) > maxCommandLength:
		s.fail(typeAT, id, eINVAL, "the command is too long")
		return nil
	}
	c := &command{wire: id, number: l.cfg.Device.Exchange()}
	s.at = c
	s.busy++
	if l.cfg.Log.Enabled() {
		c.start = time.Now()
		l.recordCommand(c, line)
	}
	s.resp.Reset(func(err error) { s.finish(c, err) })
	var err error
	if l.modem.Alive() {
		err = l.modem.Execute(&s.resp, line, c.number)
	} else {
		err = modem.ErrCrashed
	}
	if !s.resp.Busy() {
		s.finish(c, err)
	}
	return nil
}

// finish answers a command, if it still waits, with the result as the library has it
// (fact errors/library-kinds).
func (s *session) finish(c *command, err error) {
	if s.at != c {
		return
	}
	s.at = nil
	s.busy--
	l := s.l
	if errors.Is(err, modem.ErrPowerLost) {
		return // nobody is left to answer
	}
	if errors.Is(err, modem.ErrCrashed) {
		l.recordResponse(s, c, atcmd.Result{Kind: atcmd.ResultError}, err, true)
		s.fail(typeAT, c.wire, eSHUTDOWN, err.Error())
		return
	}
	result := l.modem.Visible(err)
	l.recordResponse(s, c, result, err, false)
	s.answer(typeAT, c.wire, 0, func(b []byte) []byte {
		for part := range s.resp.Parts() {
			b = append(append(b, part...), '\r', '\n')
		}
		return append(result.Append(b), '\r', '\n')
	})
	l.modem.Settle()
}

// abortAT ends a command that the modem will not answer any more.
func (s *session) abortAT() {
	if c := s.at; c != nil {
		s.finish(c, modem.ErrCrashed)
	}
}

func (l *Library) recordCommand(c *command, line []byte) {
	c.shown = l.cfg.Log.Command(line)
	e := event.Command{ID: c.number, Text: c.shown.Text}
	if c.shown.Form != "" {
		e.Name, e.Form = c.shown.Name, c.shown.Form
	}
	l.cfg.Log.Add(event.Event{Command: &e})
}

func (l *Library) recordResponse(s *session, c *command, result atcmd.Result, err error, crashed bool) {
	if !l.cfg.Log.Enabled() {
		return
	}
	e := event.Response{ID: c.number, Result: result.String(), Took: time.Since(c.start)}
	if crashed {
		e.Result = ""
	}
	if err != nil {
		e.Error, e.Reason = true, err.Error()
		if at, ok := errors.AsType[*atcmd.Error](err); ok {
			e.Reason = at.Reason
			if at.Result.Kind == atcmd.ResultCME {
				e.CME = at.Result.Code
			}
		}
		e.Reason = c.shown.Reason(e.Reason)
	}
	for part := range s.resp.Parts() {
		e.Lines = append(e.Lines, l.cfg.Log.Answer(part))
	}
	l.cfg.Log.Add(event.Event{Response: &e})
}
