package app

import "nrf91emu/atcmd"

const crlf = "\r\n"

// layOut appends the response in hand and its final result to the output, in the
// application's layout.
//
// Plain (AT Client): each line and the result are ended by CR LF, nothing else.
//
// Framed (Serial Modem): the modem's answer gets CR LF in front and a blank line
// before the final result, but none between its lines; a line of the
// application's own brings its own CR LF in front (serial-modem-at 1.5, seen in
// source).
func (a *App) layOut(result atcmd.Result) {
	out := a.out
	framed := a.cfg.Dialect.Framed
	if framed && !a.current.own && a.resp.Len() > 0 {
		out = append(out, crlf...)
	}
	for part, data := range a.resp.Parts() {
		if data {
			out = append(out, part...)
			continue
		}
		if framed && a.current.own {
			out = append(out, crlf...)
		}
		out = append(append(out, part...), crlf...)
	}
	if framed {
		out = append(out, crlf...)
	}
	a.out = append(result.Append(out), crlf...)
}

// echoBack sends back what was received, up to the limit of a line. The
// terminator of a longer line is echoed all the same (serial-modem-at 1.7, seen
// in source).
func (a *App) echoBack(p []byte) {
	limit := a.cfg.Dialect.EchoLimit
	room := max(limit-1-a.echoed, 0)
	a.echoed += len(p)
	if len(p) <= room {
		a.out = append(a.out, p...)
		return
	}
	a.out = append(a.out, p[:room]...)
	if last := p[len(p)-1]; last == '\r' && !a.framer.InQuotes() {
		a.out = append(a.out, last)
	}
}
