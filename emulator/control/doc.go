// Package control is a door beside the AT port: an HTTP interface through which
// a test harness in any language looks at an emulated device and handles it as
// hands would: the supply, the contents of the store, the wear of the flash, the
// event record, and what the judge says to it. Firmware under test never sees it.
//
//	s, err := control.Listen(d, pty.Name())
//	defer s.Close()
//
// A device on a pty has a unix socket whose path follows from the pty's path, so
// that a program which was given nothing but the port finds the door too:
//
//	c, err := control.Dial("/dev/pts/5")
//	if errors.Is(err, control.ErrNoControl) { ... } // a real modem, perhaps
//
// The interface is described in OpenAPI 3.1 by openapi.json, which every server
// hands out at /openapi.json. With curl:
//
//	curl --unix-socket /run/user/1000/nrf91emu/pts-5.sock http://modem/v1/wear
//
// # Who may use it
//
// The socket lies in a directory of the user's own (mode 0700) and has mode
// 0600. A TCP server ([ListenTCP]) listens on a loopback address unless told
// otherwise, answers only requests whose Host header is such an address
// or "localhost", so that a web page cannot reach it through a name that it has
// made point here, and refuses changes that a browser sends for another site.
//
// What is secret stays inside: contents of private keys and pre-shared keys can
// be written, compared by digest and deleted, but not read.
package control
