package sock

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/socket"
)

// An option is an option of the modem's sockets under the number that the
// application gives it.
type option struct {
	to socket.Option
	// unit is how many of the engine's units one of the application's is; 0 means
	// one.
	unit int
	hex  bool // read as 0x…
}

// socketOptions are those of #XSOCKETOPT (fact sockets/options). What each
// application has of them stands in the facts of its service.
var socketOptions = map[int]option{
	2:  {to: socket.ReuseAddress},
	20: {to: socket.ReceiveTimeout, unit: 1000}, // seconds
	21: {to: socket.SendTimeout, unit: 1000},
	30: {to: socket.SilenceAll},
	31: {to: socket.IPEchoReply},
	32: {to: socket.IPv6EchoReply},
	34: {to: socket.KeepOpen},
	40: {to: socket.BindToPDN},
	55: {to: socket.ServerIdleTimeout},
	61: {to: socket.ReleaseAssistance},
	62: {to: socket.IPv6DelayedRefresh},
}

// secureOptions are those of #XSSOCKETOPT (fact sockets/secure-options). Its
// numbers are Zephyr's, not the modem library's. Option 2, the host name, is text.
var secureOptions = map[int]option{
	4:  {to: socket.CipherSuiteUsed, hex: true},
	5:  {to: socket.PeerVerify},
	12: {to: socket.SessionCache},
	13: {to: socket.SessionCachePurge},
	14: {to: socket.DTLSConnectionID},
	15: {to: socket.DTLSConnectionIDUsed},
	18: {to: socket.DTLSHandshakeTimeout},
	19: {to: socket.DTLSSave},
	20: {to: socket.DTLSLoad},
	22: {to: socket.DTLSFragment},
}

const optionHostName = 2

// SLM before SO_RAI had an option for each of its values, 50 to 54. What they are
// set to does not count (fact sockets/rai-options).
const (
	firstOldHint = 50
	oldHints     = 5
)

// An OptionRequest is <op>,<name>[,<value>] of #XSOCKETOPT and #XSSOCKETOPT.
type OptionRequest struct {
	// Get asks for the value; it is set otherwise.
	Get    bool
	secure bool
	name   int
	value  int
	host   string // the value of the host name
}

// ReadOption reads a request for an option of any socket. known are the options that
// the application has. A value that is missing is 0 (fact sockets/options).
func ReadOption(args *atcmd.ArgReader, known []int) OptionRequest {
	r := readOption(args, known)
	if !r.Get {
		r.value = args.IntOr(0, math.MinInt32, math.MaxInt32, "the option's value")
	}
	return r
}

// ReadSecureOption reads a request for an option of a TLS or DTLS socket.
func ReadSecureOption(args *atcmd.ArgReader, known []int) OptionRequest {
	r := readOption(args, known)
	r.secure = true
	switch {
	case r.Get:
	case r.name == optionHostName:
		if r.host = string(args.Text(app.MaxURL, "the host name")); strings.EqualFold(r.host, "NULL") {
			r.host = ""
		}
	default:
		r.value = args.Int(math.MinInt32, math.MaxInt32, "the option's value")
	}
	return r
}

func readOption(args *atcmd.ArgReader, known []int) (r OptionRequest) {
	r.Get = args.Int(0, 1, "0 to get or 1 to set") == 0
	r.name = args.Int(0, math.MaxUint16, "an option")
	if !slices.Contains(known, r.name) {
		args.Fail("the application has no option %d", r.name)
	}
	return r
}

// As is the request for the option that an older release has under another number.
func (r OptionRequest) As(old, now int) OptionRequest {
	if r.name == old {
		r.name = now
	}
	return r
}

// Option gets or sets an option, and returns the text of a value that was asked for.
func (k *Socket) Option(r OptionRequest) (string, error) {
	switch {
	case r.secure && !k.Secure():
		return "", atcmd.Errorf("socket %d is no TLS or DTLS socket", k.Handle())
	case r.secure && r.name == optionHostName && r.Get:
		return k.HostName(), nil // without quotes (fact sockets/secure-options)
	case r.secure && r.name == optionHostName:
		return "", app.Refuse(k.SetHostName(r.host))
	}
	o := socketOptions[r.name]
	if r.secure {
		o = secureOptions[r.name]
	} else if hint := r.name - firstOldHint; hint >= 0 && hint < oldHints && !r.Get {
		o, r.value = option{to: socket.ReleaseAssistance}, hint+1
	}
	if !r.Get {
		return "", app.Refuse(k.SetOption(o.to, r.value*max(o.unit, 1)))
	}
	value, err := k.Socket.Option(o.to)
	switch {
	case err != nil:
		return "", app.Refuse(err)
	case o.hex:
		// With 0x in front, lower case, without leading zeros.
		return "0x" + strconv.FormatInt(int64(value), 16), nil
	}
	return strconv.Itoa(value / max(o.unit, 1)), nil
}
