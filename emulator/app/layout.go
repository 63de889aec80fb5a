package app

import "nrf91emu/atcmd"

const crlf = "\r\n"

// layOut sends the lines of the answer and its final result in the application's
// layout.
//
// Plain (AT Client): each line and the result are ended by CR LF, nothing else.
//
// Framed (Serial Modem): the modem's answer gets CR LF in front and a blank line
// before the final result, but none between its lines; a line of the
// application's own brings its own CR LF in front (fact serial-modem/layout).
func (x *Exchange) layOut(result atcmd.Result) {
	ch := x.context.channel
	out := ch.out
	framed := x.context.host.cfg.Dialect.Framed
	if framed && !x.own && x.resp.Len() > 0 {
		out = append(out, crlf...)
	}
	for part, data := range x.resp.Parts() {
		if data {
			out = append(out, part...)
			continue
		}
		if framed && x.own {
			out = append(out, crlf...)
		}
		out = append(append(out, part...), crlf...)
	}
	if framed {
		out = append(out, crlf...)
	}
	ch.out = append(result.Append(out), crlf...)
	ch.flush()
}

// echoBack sends back what was received, up to the limit of a line. The
// terminator of a longer line is echoed all the same (fact serial-modem/echo).
func (c *Context) echoBack(p []byte) {
	room := max(c.host.cfg.Dialect.EchoLimit-1-c.echoed, 0)
	c.echoed += len(p)
	if len(p) <= room {
		c.channel.Write(p)
		return
	}
	c.channel.Write(p[:room])
	if last := p[len(p)-1]; last == '\r' && !c.framer.InQuotes() {
		c.channel.Write(p[len(p)-1:])
	}
}
