package app

import (
	"slices"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/socket"
)

// sockets is what the application keeps about its sockets. It is made when the
// first socket command comes: most modems of a crowd never need it.
type sockets struct {
	app  *App
	open []*sock // by rising handle
	// poll and recv are for sockets still to come: those of an empty handle.
	poll polling
	recv reception
	// ready is set when a socket may have something to tell.
	ready bool
}

// A sock is a socket of the modem and what the application remembers of it.
type sock struct {
	*socket.Socket
	net       *sockets
	role      int
	cid       int
	secTag    uint32 // of a secure socket
	listening bool

	poll  polling
	told  socket.Events // reported and not armed again
	recv  reception
	ended bool // automatic reception has told the end of the stream
}

// sockets returns the application's sockets.
func (a *App) sockets() *sockets {
	if a.net == nil {
		a.net = &sockets{app: a}
	}
	return a.net
}

// refuse makes a failing socket operation a plain ERROR; errno and reason are
// for the record.
func refuse(err error) error { return atcmd.Errorf("%w", err) }

// find returns the socket that the command's first argument names.
func (a *App) find(cmd *atcmd.Command) (*sock, error) {
	handle, err := number(cmd, 0, 0, 1<<15, "the handle of a socket")
	if err != nil {
		return nil, err
	}
	if k := a.sockets().lookup(handle); k != nil {
		return k, nil
	}
	return nil, atcmd.Errorf("there is no socket %d; AT#XSOCKET and AT#XSSOCKET open one and answer its handle", handle)
}

func (n *sockets) lookup(handle int) *sock {
	for _, k := range n.open {
		if k.Handle() == handle {
			return k
		}
	}
	return nil
}

// add takes in a new socket and gives it the settings that were made for all
// sockets to come.
func (n *sockets) add(k *sock) {
	k.net = n
	k.poll, k.recv = n.poll, n.recv
	i := 0
	for i < len(n.open) && n.open[i].Handle() < k.Handle() {
		i++
	}
	n.open = slices.Insert(n.open, i, k)
	k.watch()
}

// remove closes a socket and forgets it.
func (n *sockets) remove(k *sock) error {
	k.SetNotify(nil)
	n.open = slices.DeleteFunc(n.open, func(other *sock) bool { return other == k })
	return k.Close()
}

// endSockets ends all sockets at once, as when the modem starts anew.
func (a *App) endSockets() {
	if a.net != nil {
		a.net.open = nil
	}
	a.endServices()
	a.cfg.Device.EndSockets()
	if a.data != nil {
		a.data.broken(errModemRestarts)
	}
}

// watch has the socket's events reported, if anything depends on them.
func (k *sock) watch() {
	a := k.net.app
	if !k.poll.on && k.recv.flags == 0 && (a.data == nil || a.data.sock != k) {
		k.SetNotify(nil)
		return
	}
	life := a.life
	k.SetNotify(func(socket.Events) {
		if a.life == life {
			k.net.ready = true
			a.deliver()
		}
	})
	k.net.ready = true // for what is there already
}

// waiting reports whether a socket may have something to tell.
func (n *sockets) waiting() bool { return n != nil && n.ready }

// serve tells what has happened on sockets: events first, then received data
// (serial-modem-at 9, seen in source). The channel is idle.
func (n *sockets) serve() {
	n.ready = false
	for _, k := range n.open {
		k.tellEvents()
		k.autoReceive()
	}
}

// rearm makes an event that was reported one to report again.
func (k *sock) rearm(ev socket.Events) {
	k.told &^= ev
	k.net.ready = k.net.ready || k.poll.on
}
