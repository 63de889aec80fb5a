package app

import (
	"errors"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/event"
	"nrf91emu/emulator/socket"
)

// A service is a part of the application that works on sockets of its own while
// the host does other things, and tells what happens: the MQTT client, and in SLM
// the TCP and UDP proxies.

// toldLimit is how much of what services have told may wait before they stop
// reading from the network, in bytes (chosen).
const toldLimit = 16 << 10

// errModemGone is why services end when the modem starts anew.
var errModemGone = errors.New("the modem starts anew and has closed the sockets")

// tell sends a line of a service and rest as it is after it, in one piece that
// nothing comes between: at once, or when the dialect allows.
func (a *App) tell(line string, rest ...[]byte) {
	if a.cfg.Log.Enabled() {
		a.cfg.Log.Add(event.Event{Notification: &event.Notification{Text: line, From: "application"}})
	}
	a.told = append(append(append(a.told, crlf...), line...), crlf...)
	for _, p := range rest {
		a.told = append(a.told, p...)
	}
	if a.cfg.Dialect.Delivery == DeliverAtOnce && !a.asleep {
		a.flushTold() // in data mode too (seen in source)
		return
	}
	a.deliver()
}

// tellNow is tell for what comes before the result of the command in hand.
func (a *App) tellNow(line string) {
	a.tell(line)
	a.flushTold()
}

// flushTold sends what services have told. The caller knows that it may go out
// now.
func (a *App) flushTold() {
	a.out = append(a.out, a.told...)
	if a.told = a.told[:0]; cap(a.told) > toldLimit {
		a.told = nil // a long message's memory is not kept
	}
	a.resumeServices()
}

// holdServices reports whether services should stop reading for now: the host is
// slow, or what they have told may not go out. resumeServices comes then.
func (a *App) holdServices() bool {
	return len(a.told) > toldLimit || a.cfg.Device.Congested(len(a.out))
}

// serviceEnded notes why the connection of a service has ended or was refused.
func (a *App) serviceEnded(s *socket.Socket, name string, number int, why error) {
	if a.cfg.Log.Enabled() {
		a.cfg.Log.Add(event.Event{Socket: &event.Socket{
			Op: name, Handle: s.Handle(), Errno: number, Name: socket.Errno(number).Name(), Reason: why.Error(),
		}})
	}
}

// resumeServices lets services read on.
func (a *App) resumeServices() {
	if a.mqtt != nil && a.mqtt.client != nil {
		a.mqtt.client.resume()
	}
	a.slm.resume()
}

// endServices ends what services have open, since the modem starts anew.
func (a *App) endServices() {
	if a.mqtt != nil && a.mqtt.client != nil {
		a.mqtt.client.end(-int(socket.ECONNABORTED), errModemGone)
	}
	a.slm.end()
}

// stopServices ends them silently.
func (a *App) stopServices() {
	if a.mqtt != nil && a.mqtt.client != nil {
		a.mqtt.client.stop()
	}
	a.slm.stop()
}

// secureSettings is how a service wants TLS or DTLS.
type secureSettings struct {
	tag          uint32
	peerVerify   int
	hostName     string // "" checks none
	connectionID bool   // of DTLS
}

// openService opens a socket that the socket commands do not show. secure is nil
// for a plain one.
func (a *App) openService(f socket.Family, t socket.Type, secure *secureSettings, cid int) (*socket.Socket, error) {
	if !a.cfg.Modem.Alive() {
		return nil, &socket.Error{Op: "socket", Errno: socket.ENETDOWN, Reason: "the modem has crashed"}
	}
	plain, safe := socket.TCP, socket.TLS12
	if t == socket.Datagram {
		plain, safe = socket.UDP, socket.DTLS12
	}
	protocol := plain
	if secure != nil {
		protocol = safe
	}
	s, err := a.cfg.Device.Sockets().Open(f, t, protocol)
	if err != nil {
		return nil, err
	}
	if cid > 0 {
		err = a.bindToContext(&sock{Socket: s, cid: cid})
	}
	if secure != nil {
		err = errors.Join(err,
			s.SetSecTags([]uint32{secure.tag}),
			s.SetOption(socket.PeerVerify, secure.peerVerify),
			s.SetHostName(secure.hostName))
		if secure.connectionID {
			err = errors.Join(err, s.SetOption(socket.DTLSConnectionID, 1))
		}
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// quoted returns argument i, a string in quotes of at most limit bytes.
func quoted(cmd *atcmd.Command, i, limit int, what string) (string, error) {
	text, ok := cmd.Quoted(i)
	if !ok || len(text) > limit {
		return "", atcmd.Errorf("parameter %d of %s must be %s in quotes, at most %d bytes", i+1, cmd.Name, what, limit)
	}
	return string(text), nil
}

// dataModeStatus is the number with which data mode ends after a failure
// (serial-modem-at 1.10, seen in source).
func (a *App) dataModeStatus(err error) int {
	switch {
	case !a.cfg.Dialect.DataModeErrno:
		return -1
	case errors.Is(err, errOverflow):
		return -eOverflow
	}
	return -errno(err)
}

// eOverflow is EOVERFLOW of the application's C library, which no socket answers.
const eOverflow = 139
