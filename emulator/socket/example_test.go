package socket_test

import (
	"fmt"
	"net"
	"net/netip"
	"sync"

	"nrf91emu/emulator/event"
	"nrf91emu/emulator/socket"
)

// A device has one lock: it starts an operation under it, lets go, and gets the
// result through Post, under the lock again.
func Example() {
	broker, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer broker.Close()
	here, err := netip.ParseAddrPort(broker.Addr().String())
	if err != nil {
		panic(err)
	}

	var device sync.Mutex
	engine := socket.New(socket.Config{
		// The broker's real name leads to this host, whatever port is asked for.
		Hosts:      map[string]netip.AddrPort{"broker.example": here},
		NoExternal: true,
		Post: func(fn func()) {
			device.Lock()
			defer device.Unlock()
			fn()
		},
		Observe: func(e event.Event) { fmt.Printf("event: %s %q %d\n", e.Socket.Op, e.Socket.Peer, e.Socket.Errno) },
	})
	done := make(chan bool)

	device.Lock()
	engine.SetNetwork(socket.Online)
	s, err := engine.Open(socket.IPv4, socket.Stream, socket.TCP)
	if err != nil {
		panic(err)
	}
	s.StartConnect("broker.example", 1883, func(err error) {
		fmt.Println("connected:", err == nil)
		s.StartConnect("broker.example", 1883, func(err error) {
			fmt.Println(err)
			close(done)
		})
	})
	device.Unlock()

	<-done
	device.Lock()
	engine.Shutdown()
	device.Unlock()
	engine.Wait()
	// Output:
	// event: open "" 0
	// event: connect "broker.example:1883" 0
	// connected: true
	// event: connect "broker.example:1883" 127
	// connect: EISCONN (127): the socket is already connected
}
