package app

import (
	"encoding/hex"
	"fmt"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/socket"
)

// The <mode> of #XSEND and #XSENDTO (serial-modem-at 2.7).
const (
	modeText = 0
	modeHex  = 1
	modeData = 2 // data mode
)

// The <flags> of #XSEND and #XSENDTO.
const (
	flagWaitAck   = 512  // the emulated network always acknowledges
	flagNotifyAck = 8192 // #XSENDNTF comes when it has
)

// maxHex is how many bytes can be sent in hexadecimal (1.7, seen in source).
const maxHex = 1400

// A sending is what a send command asks for.
type sending struct {
	name  string // of the command, for its answer
	flags int
	// to and port are the target of a #XSENDTO.
	to   string
	port uint16
}

// send is AT#XSEND=<handle>,<mode>,<flags>[,<data>|<data_len>].
func (a *App) send(w *atcmd.Response, cmd *atcmd.Command) error {
	k, mode, how, err := a.sendArgs(cmd)
	if err != nil {
		return err
	}
	return a.sendPayload(w, cmd, 3, k, mode, how)
}

// sendTo is
// AT#XSENDTO=<handle>,<mode>,<flags>,"<url>",<port>[,<data>|<data_len>].
func (a *App) sendTo(w *atcmd.Response, cmd *atcmd.Command) error {
	k, mode, how, err := a.sendArgs(cmd)
	if err != nil {
		return err
	}
	if how.to, err = host(cmd, 3); err != nil {
		return err
	}
	if how.port, err = port(cmd, 4); err != nil {
		return err
	}
	return a.sendPayload(w, cmd, 5, k, mode, how)
}

func (a *App) sendArgs(cmd *atcmd.Command) (k *sock, mode int, how sending, err error) {
	if k, err = a.find(cmd); err != nil {
		return nil, 0, how, err
	}
	if mode, err = number(cmd, 1, modeText, modeData, "the mode"); err != nil {
		return nil, 0, how, err
	}
	flags, err := number(cmd, 2, 0, 1<<16-1, "the flags")
	if err == nil {
		err = a.checkSendFlags(flags)
	}
	return k, mode, sending{name: string(cmd.Name), flags: flags}, err
}

// checkSendFlags refuses flags that the modem does not know, and the
// acknowledgement by notification where the firmware has none (2.7: documented
// for the satellite firmware).
func (a *App) checkSendFlags(flags int) error {
	switch {
	case flags&^(flagWaitAck|flagNotifyAck) != 0:
		return atcmd.Errorf("the flags of a send are the sum of 0, 512 and 8192")
	case flags&flagNotifyAck != 0 && !sendCallback(a.cfg.Modem.Profile()):
		return atcmd.Errorf("this modem firmware does not tell when data has been acknowledged, as flag 8192 asks for")
	}
	return nil
}

// sendPayload sends what stands in argument i, or enters data mode.
func (a *App) sendPayload(w *atcmd.Response, cmd *atcmd.Command, i int, k *sock, mode int, how sending) error {
	if mode == modeData {
		length, err := optional(cmd, i, 1, 1<<31-1, 0, "the length of the data")
		if err != nil {
			return err
		}
		a.enterData(&dataMode{
			sock: k, whole: k.Type() == socket.Datagram, counted: length > 0, left: length,
			send: func(p []byte, done func(error)) {
				k.transmit(p, how, func(_ int, err error) { done(err) })
			},
		})
		return nil
	}
	data, ok := cmd.Quoted(i)
	if !ok {
		return atcmd.Errorf("parameter %d of %s must be the data in quotes", i+1, cmd.Name)
	}
	if mode == modeHex {
		var err error
		if data, err = decodeHex(data); err != nil {
			return err
		}
	}
	wait := a.later()
	k.transmit(data, how, func(sent int, err error) {
		if !wait.live() {
			return
		}
		// The line tells how far it got even where it failed (2.7, seen in source).
		kind := 0
		if how.flags&flagNotifyAck != 0 {
			kind = 1
		}
		w.Printf("%s: %d,%d,%d", how.name, k.Handle(), kind, sent)
		if err != nil {
			err = refuse(err)
		}
		wait.finish(err)
	})
	return nil
}

func decodeHex(text []byte) ([]byte, error) {
	if len(text) > 2*maxHex {
		return nil, atcmd.Errorf("%d hexadecimal digits are too many; send at most %d", len(text), 2*maxHex)
	}
	data := make([]byte, hex.DecodedLen(len(text)))
	if _, err := hex.Decode(data, text); err != nil {
		return nil, atcmd.Errorf("the data is not hexadecimal: %w", err)
	}
	return data, nil
}

// transmit sends all of p as the command asks for, notes the acknowledgement and
// arms the poll for room to send. done may be called before it returns, and p
// must stay as it is until then.
func (k *sock) transmit(p []byte, how sending, done func(sent int, err error)) {
	a, life := k.net.app, k.net.app.life
	k.sendAll(p, how, func(sent int, err error) {
		if a.life != life {
			return
		}
		if how.flags&flagNotifyAck != 0 {
			result := 0
			if err != nil {
				result = -1
			}
			a.notify(fmt.Appendf(nil, "#XSENDNTF: %d,%d,%d", k.Handle(), result, sent), "application")
		}
		k.rearm(socket.PollOut)
		done(sent, err)
	})
}

func (k *sock) sendAll(p []byte, how sending, done func(int, error)) {
	switch {
	case len(p) == 0:
		done(0, nil) // nothing is sent (2.7, inferred)
	case k.Type() == socket.Stream:
		sendStream(k.Socket, p, 0, done)
	case how.to != "":
		k.StartSendTo(p, how.to, how.port, done)
	default:
		k.StartSend(p, done)
	}
}

// sendStream sends p from sent on. What the connection takes at once goes out
// without a detour; only when it is full does the engine call back.
func sendStream(s *socket.Socket, p []byte, sent int, done func(int, error)) {
	for sent < len(p) {
		if s.Poll()&socket.PollOut == 0 {
			s.StartSend(p[sent:], func(n int, err error) {
				if sent += n; err != nil {
					done(sent, err)
					return
				}
				sendStream(s, p, sent, done)
			})
			return
		}
		n, err := s.TrySend(p[sent:])
		if sent += n; err != nil {
			done(sent, err)
			return
		}
	}
	done(sent, nil)
}
