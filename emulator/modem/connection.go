package modem

import (
	"strconv"
	"time"

	"nrf91emu/atcmd"
)

// connection is the radio connection between modem and network.
type connection struct {
	level     uint8 // <n> of +CSCON
	connected bool
	release   func()    // stops the timer that ends it
	last      time.Time // when it was there last

	// sent and received count bytes for %XCONNSTAT, since it was switched on.
	counting       bool
	sent, received int
	packets        int
	largest        int
	// messagesSent and messagesReceived count short messages.
	messagesSent, messagesReceived int
}

var connectionCommands = map[string]*forms{
	// Fact registration/cscon. <state> 7 and <access> 4 are told of an idle modem too
	// (fact registration/cscon-idle).
	"+CSCON": subscribes(3, "the level of the notification", func(m *Modem, n int) { m.conn.level = uint8(n) }, forms{
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Append(func(b []byte) []byte {
				b = append(b, "+CSCON: "...)
				b = strconv.AppendUint(b, uint64(m.conn.level), 10)
				return m.conn.append(append(b, ','))
			})
			return nil
		},
		Test: atcmd.Text[*Modem]("+CSCON: (0,1,2,3)"),
	}),
	// The read form has an equals sign (fact settings/connstat).
	"%XCONNSTAT": {
		Set: takes(0, 1, "off or on", func(m *Modem, n int) {
			c := &m.conn
			if n == 1 {
				c.sent, c.received, c.packets, c.largest = 0, 0, 0, 0
				c.messagesSent, c.messagesReceived = 0, 0
			}
			c.counting = n == 1
		}),
		Read: func(m *Modem, w *atcmd.Response, _ *atcmd.Command) error {
			c := &m.conn
			average := 0
			if c.packets > 0 {
				average = (c.sent + c.received) / c.packets
			}
			w.Printf("%%XCONNSTAT=%d,%d,%d,%d,%d,%d", c.messagesSent, c.messagesReceived, c.sent/1024, c.received/1024, c.largest, average)
			return nil
		},
	},
}

func (c *connection) append(b []byte) []byte {
	b = append(b, '0'+byte(btoi(c.connected)))
	if c.level >= 2 {
		b = append(b, ",7"...)
		if c.level == 3 {
			b = append(b, ",4"...)
		}
	}
	return b
}

// Traffic tells the modem that data went over the air: it wakes up, has a radio
// connection, and counts. Sizes are in bytes; one of them is zero. It does
// nothing while the modem is not registered.
func (m *Modem) Traffic(sent, received int) {
	defer m.settleOutside()
	if !m.Alive() || !m.reg.registered() {
		return
	}
	m.interruptSearch()
	c := &m.conn
	if c.counting {
		c.sent += sent
		c.received += received
		c.packets++
		c.largest = max(c.largest, sent, received)
	}
	m.wake()
}

// wake opens a radio connection, out of the power saving mode too. The order is
// that of the recorded session (fact registration/attach-lte-m).
func (m *Modem) wake() {
	if m.saving.asleep {
		m.leaveSleep()
		m.notifyEvent("SEARCH STATUS 2", 1)
	}
	m.connect()
}

// connect opens the radio connection or keeps it open.
func (m *Modem) connect() {
	c := &m.conn
	c.last = time.Now()
	m.stopSaving()
	if c.release == nil {
		m.releaseAfter(m.cfg.Network.ReleaseAfter)
	}
	if !c.connected {
		m.notifyEvent("PRACH CE-LEVEL 0", 2)
		c.connected = true
		m.notifyConnection()
		m.startMeasuring()
		m.soon = append(m.soon, m.deliverMessages)
	}
}

// releaseAfter ends the radio connection when d has passed, or later if there is traffic until
// then: traffic does not start a timer each time.
func (m *Modem) releaseAfter(d time.Duration) {
	m.conn.release = m.after(d, func() {
		if left := m.cfg.Network.ReleaseAfter - time.Since(m.conn.last); left > 0 {
			m.releaseAfter(left)
			return
		}
		m.disconnect()
		m.startSaving()
	})
}

// disconnect ends the radio connection.
func (m *Modem) disconnect() {
	c := &m.conn
	if c.release != nil {
		c.release()
		c.release = nil
	}
	if c.connected {
		c.connected = false
		m.stopMeasuring()
		m.notifyConnection()
	}
}

func (m *Modem) notifyConnection() {
	m.notifyCoverage()
	if m.conn.level > 0 {
		m.notify(m.conn.append([]byte("+CSCON: ")))
	}
}

// RadioConnected reports whether there is a radio connection to the network.
func (m *Modem) RadioConnected() bool { return m.Alive() && m.conn.connected }
