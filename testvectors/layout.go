package testvectors

import "strings"

// A Layout says how an application lays the modem's lines on the wire.
type Layout struct {
	// Name is the application's name, as on the device line of a vector.
	Name string
	// Terminator ends a command: "\r", "\n" or "\r\n".
	Terminator string
	// Lead comes before the information lines as a block, before the final
	// result and before each notification; before each line of its own that
	// begins with #, too. It is "" or "\r\n".
	Lead string
	// Banner is what the application sends when it has started.
	Banner string
	// Takes are commands of the modem that the application takes itself, such as +CEREG in
	// capital letters. A vector that holds for all applications is about the modem: if it
	// sends one of these, it is skipped.
	Takes []string
}

// The layouts of Nordic's applications. A device may be built otherwise; then
// change the copy that is given to the player.
var (
	// ATClient is the AT Client sample, which hands the modem's bytes on
	// unchanged. Its two banner lines go to the same UART by default (facts
	// at-host/response, at-host/banner).
	ATClient = Layout{
		Name:       "at-client",
		Terminator: "\r",
		Banner:     "The AT host sample started\r\nReady\r\n",
	}
	// SerialModem is Nordic's Serial Modem from v0.2.0 on (facts
	// serial-modem/banner, serial-modem/terminator and serial-modem/layout).
	SerialModem = Layout{
		Name:       "serial-modem",
		Terminator: "\r",
		Lead:       "\r\n",
		Banner:     "Ready\r\n",
	}
	// SerialModemMain is the main branch of Serial Modem, which differs in its
	// limits and in when notifications go out.
	SerialModemMain = Layout{
		Name:       "serial-modem-main",
		Terminator: "\r",
		Lead:       "\r\n",
		Banner:     "Ready\r\n",
	}
	// SerialModem20 is Serial Modem v2.0.0, which takes what it subscribes to itself (fact
	// serial-modem/urc-filter).
	SerialModem20 = Layout{
		Name:       "serial-modem-2.0",
		Terminator: "\r",
		Lead:       "\r\n",
		Banner:     "Ready\r\n",
		Takes:      []string{"+CGEREP", "+CEREG", "%XTIME"},
	}
	// SLM is the older Serial LTE Modem (the same facts).
	SLM = Layout{
		Name:       "slm",
		Terminator: "\r\n",
		Lead:       "\r\n",
		Banner:     "Ready\r\n",
	}
)

const lineEnd = "\r\n"

// isFinal reports whether a line of a response is its final result code.
func isFinal(text string) bool {
	return text == "OK" || text == "ERROR" ||
		strings.HasPrefix(text, "+CME ERROR: ") || strings.HasPrefix(text, "+CMS ERROR: ")
}

// A response follows where in a response the next line stands.
type response struct {
	layout Layout
	open   bool // an information line has come
}

// lead returns the bytes before the next line of the response.
func (r *response) lead(text string) string {
	first := !r.open
	r.open = !isFinal(text)
	if first || !r.open || strings.HasPrefix(text, "#") {
		return r.layout.Lead
	}
	return ""
}
