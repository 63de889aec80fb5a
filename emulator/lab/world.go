package lab

import (
	"net"
	"strconv"
	"strings"

	"nrf91emu/emulator/cloud"
	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
)

// Limits of what a world remembers; the oldest go first.
const (
	maxExchanges = 2000
	maxFailures  = 100
	maxReceived  = 100
	maxConsole   = 1000
)

// A world is what has happened since an exercise began, as far as checks ask. It
// is fed with events and guarded by its seat's lock.
type world struct {
	boot, boots  int // the device's count, and those since the exercise began
	writesInBoot int
	wentOnline   bool // in this boot
	cut          bool
	creds        map[keystore.Key]*history
	exchanges    []exchange
	running      map[int]string // commands without an answer, by exchange

	peers      map[int]uint16 // ports asked for, by socket
	handshakes map[uint16]outcome
	failures   map[uint16][]string

	mqtt       string // the client id of the device's session; "" without one
	subscribed map[string]bool
	published  map[string]bool
	received   map[string][]string

	clientConnected, clientRefused bool

	leds, lit, blinked, pressed uint32   // of the board: on, once on, once off again; buttons
	console                     []string // lines of the application
}

// boardParts is how many LEDs and buttons a board has.
const boardParts = 4

// history is what has become of one credential.
type history struct {
	asked, askedFirst bool
	askedBoot         int
	writes            int
}

// exchange is a command and how it was answered.
type exchange struct {
	command string
	ok      bool
	cme     int
}

// outcome is how a handshake ended.
type outcome struct {
	ok, verified bool
	reason       string
}

func newWorld() *world {
	return &world{
		creds: map[keystore.Key]*history{}, running: map[int]string{},
		peers: map[int]uint16{}, handshakes: map[uint16]outcome{}, failures: map[uint16][]string{},
		subscribed: map[string]bool{}, published: map[string]bool{}, received: map[string][]string{},
	}
}

// device takes an event of the modem.
func (w *world) device(e *event.Event) {
	if e.Boot != w.boot {
		w.boot = e.Boot
		w.boots++
		w.writesInBoot, w.wentOnline, w.leds = 0, false, 0
		clear(w.running)
	}
	switch {
	case e.Command != nil:
		w.running[e.Command.ID] = e.Command.Text
	case e.Response != nil:
		if len(w.exchanges) == maxExchanges {
			w.exchanges = append(w.exchanges[:0], w.exchanges[maxExchanges/4:]...)
		}
		w.exchanges = append(w.exchanges, exchange{w.running[e.Response.ID], !e.Response.Error, e.Response.CME})
		delete(w.running, e.Response.ID)
	case e.Credential != nil:
		w.credential(e.Credential)
	case e.Mode != nil:
		w.wentOnline = w.wentOnline || e.Mode.LTE
	case e.Power != nil:
		w.cut = w.cut || e.Power.Step > 0
	case e.Socket != nil && e.Socket.Op == event.SocketConnect:
		w.peers[e.Socket.Handle] = portOf(e.Socket.Peer)
	case e.Handshake != nil:
		w.handshake(e.Handshake)
	case e.Board != nil:
		w.lit |= e.Board.LEDs
		w.blinked |= w.leds &^ e.Board.LEDs
		w.leds = e.Board.LEDs
		w.pressed |= e.Board.Buttons
	case e.Console != nil:
		if len(w.console) == maxConsole {
			w.console = append(w.console[:0], w.console[maxConsole/4:]...)
		}
		w.console = append(w.console, e.Console.Text)
	}
}

func (w *world) credential(c *event.Credential) {
	if c.ID == 0 || c.Error && c.CME != event.CMENotFound {
		return // not the firmware's doing, or nothing happened
	}
	note := func(k keystore.Key) *history {
		h := w.creds[k]
		if h == nil {
			h = &history{}
			w.creds[k] = h
		}
		return h
	}
	switch c.Op {
	case event.CredentialList, event.CredentialRead:
		if c.SecTag == nil || c.Type == nil {
			w.askedAll(c, note)
			return
		}
		w.asked(note(keystore.Key{SecTag: keystore.SecTag(*c.SecTag), Type: keystore.CredentialType(*c.Type)}))
	case event.CredentialWrite:
		if c.SecTag != nil && c.Type != nil {
			note(keystore.Key{SecTag: keystore.SecTag(*c.SecTag), Type: keystore.CredentialType(*c.Type)}).writes++
		}
		w.writesInBoot++
	case event.CredentialDelete, event.CredentialGenerate, event.CredentialErase:
		w.writesInBoot++
	}
}

// askedAll notes a list of many credentials: of one tag, or of all.
func (w *world) askedAll(c *event.Credential, note func(keystore.Key) *history) {
	const userTypes = 5 // root CA, certificate, key, PSK, identity
	if c.SecTag != nil {
		for typ := range userTypes {
			w.asked(note(keystore.Key{SecTag: keystore.SecTag(*c.SecTag), Type: keystore.CredentialType(typ)}))
		}
		return
	}
	for tag := range 100 { // tags of exercises are small
		for typ := range userTypes {
			w.asked(note(keystore.Key{SecTag: keystore.SecTag(tag), Type: keystore.CredentialType(typ)}))
		}
	}
}

func (w *world) asked(h *history) {
	h.asked, h.askedBoot = true, w.boot
	h.askedFirst = h.askedFirst || h.writes == 0
}

func (w *world) handshake(h *event.Handshake) {
	port := portOf(h.Peer)
	if port == 0 {
		port = w.peers[h.Handle]
	}
	w.handshakes[port] = outcome{h.OK, h.Verified, h.Reason}
	if !h.OK {
		list := w.failures[port]
		if len(list) == maxFailures {
			list = list[1:]
		}
		w.failures[port] = append(list, h.Reason)
	}
}

// broker takes an event of the broker; own says that it is about the device.
func (w *world) broker(ev cloud.Event, own bool) {
	switch {
	case ev.Session != nil && own:
		switch ev.Session.Op {
		case "connect":
			w.mqtt = ev.Session.ClientID
			clear(w.subscribed)
		case "disconnect":
			if w.mqtt == ev.Session.ClientID {
				w.mqtt = ""
			}
		case "subscribe":
			for _, t := range ev.Session.Topics {
				w.subscribed[t] = true
			}
		case "unsubscribe":
			for _, t := range ev.Session.Topics {
				delete(w.subscribed, t)
			}
		}
	case ev.Message != nil && own:
		w.published[ev.Message.Topic] = true
	case ev.Message != nil && w.subscribed[ev.Message.Topic]:
		list := w.received[ev.Message.Topic]
		if len(list) == maxReceived {
			list = list[1:]
		}
		w.received[ev.Message.Topic] = append(list, string(ev.Message.Payload))
	}
}

func portOf(peer string) uint16 {
	_, text, err := net.SplitHostPort(peer)
	if err != nil {
		text = peer[strings.LastIndexByte(peer, ':')+1:]
	}
	n, _ := strconv.ParseUint(text, 10, 16)
	return uint16(n)
}
