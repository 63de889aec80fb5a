package app

import (
	"nrf91emu/atcmd"
	"nrf91emu/emulator/modem"
)

// An Interceptor is a service that stands between the host and the modem.
type Interceptor interface {
	// Intercept answers a command for the modem in its place, or reports that it is not
	// handled and goes to the modem. The command is x.Command; see [Exchange.Pass].
	Intercept(x *Exchange) (handled bool, err error)
	// ModemLine reports whether a notification of the modem reaches the host.
	ModemLine(line []byte) (keep bool)
}

// interceptor returns the service that stands between host and modem, nil if there is none.
func (h *Host) interceptor() Interceptor {
	if k := h.cfg.Dialect.interceptor; k != nil {
		return h.Service(k).(Interceptor)
	}
	return nil
}

// Pass hands the command in hand to the modem. Its lines and its result become those of
// the exchange.
func (x *Exchange) Pass() error { return x.pass(x.Command().Line) }

// Own says that the result that follows is the application's, not the modem's: an error is
// a plain ERROR then (fact serial-modem/plain-errors).
func (x *Exchange) Own() { x.own = true }

// Lines yields the lines of the answer so far, which an Interceptor may change in place.
func (x *Exchange) Lines(yield func(line []byte) bool) {
	for part, data := range x.resp.Parts() {
		if !data && !yield(part) {
			return
		}
	}
}

// Order runs a command on the modem for the application itself, whose answer is of no
// interest.
func (h *Host) Order(line string) error {
	var w atcmd.Response
	w.Reset(nil)
	return h.cfg.Modem.Execute(&w, []byte(line), h.cause)
}

func (x *Exchange) pass(line []byte) error {
	h := x.context.host
	if !h.cfg.Modem.Alive() {
		return modem.ErrCrashed
	}
	err := h.cfg.Modem.Execute(&x.resp, line, x.id)
	if err == nil && x.resp.Size()+x.resp.Len()*len(crlf)+len("OK"+crlf) > h.cfg.Dialect.ResponseLimit {
		// The modem library answers -NRF_E2BIG (facts serial-modem/response-limit and
		// at-host/long-answer).
		x.resp.Reset(nil)
		return atcmd.Errorf("the answer is longer than the application's buffer of %d bytes", h.cfg.Dialect.ResponseLimit)
	}
	return err
}
