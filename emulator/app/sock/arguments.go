package sock

import (
	"errors"
	"math"
	"net/netip"
	"strings"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/app"
	"nrf91emu/emulator/socket"
)

// MaxCID is the highest context of the modem that a command can name.
const MaxCID = 10

// CIDArg reads a context of the modem, which may be left out.
func CIDArg(args *atcmd.ArgReader) int { return args.IntOr(0, 0, MaxCID, "a context") }

// TagArg reads a security tag.
func TagArg(args *atcmd.ArgReader) uint32 {
	return uint32(args.Int(0, math.MaxInt32, "a security tag"))
}

// OptionalTag reads a security tag that may be left out: then ok is false.
func OptionalTag(args *atcmd.ArgReader) (tag uint32, ok bool) {
	if args.Len() == 0 {
		return 0, false
	}
	return TagArg(args), true
}

// PolledEvents reads the events of #XAPOLL.
func PolledEvents(args *atcmd.ArgReader) socket.Events {
	v := socket.Events(args.Int(0, math.MaxUint8, "the events"))
	if v&^(socket.PollIn|socket.PollOut) != 0 {
		args.Fail("the events are the sum of 1, readable, and 4, writable")
	}
	return v
}

// Resolve is AT#XGETADDRINFO="<host>"[,<family>], the same in all applications.
func Resolve(h *app.Host, x *app.Exchange) error {
	args := x.Args()
	name := app.HostArg(&args)
	family := args.IntOr(int(socket.AnyFamily), int(socket.AnyFamily), int(socket.IPv6), "a family")
	if err := args.End(); err != nil { // three are refused, unlike elsewhere
		return err
	}
	if !h.Modem().Alive() {
		return atcmd.Errorf("the modem has crashed")
	}
	x.Wait(func(done func(error)) {
		h.Board().Sockets().StartLookup(name, socket.Family(family), func(addrs []netip.Addr, err error) {
			if err != nil {
				// The text is the resolver's, so no host can rely on it (fact sockets/xgetaddrinfo).
				text := "not found"
				if !errors.Is(err, socket.ErrNameNotFound) {
					text = "network is down"
				}
				x.Printf("#XGETADDRINFO: %q", text)
				done(err)
				return
			}
			all := make([]string, len(addrs))
			for i, addr := range addrs {
				all[i] = app.AddressText(addr)
			}
			x.Printf("#XGETADDRINFO: \"%s\"", strings.Join(all, " "))
			done(nil)
		})
	})
	return nil
}
