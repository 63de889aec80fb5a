// Package atcmd is the AT language of an nRF91 modem: bytes to command lines
// ([Framer]), lines to typed arguments ([Command]), a [Mux] from names to
// handlers, final results ([Result]), and a [Client] for the host's side.
//
// It reads as net/http does. A [Handler] gets the device, a [Response] to write
// information lines into and the [Command] that asks; the error it returns is
// the final result:
//
//	mux := atcmd.NewMux[*Modem]()
//	mux.Handle("+CMEE", &atcmd.Forms[*Modem]{
//		Read: func(m *Modem, w *atcmd.Response, cmd *atcmd.Command) error {
//			w.Printf("+CMEE: %d", m.level)
//			return nil // OK
//		},
//	})
//
// Nothing here knows how lines and results are laid out on the wire: an AT
// Client build copies them as they are, Serial Modem puts CR LF in front. That
// is the application's business.
//
// Parsing a line and routing it allocates nothing in the steady state; a Framer
// takes time linear in its input and memory bounded by its limit, whatever it is
// fed.
package atcmd
