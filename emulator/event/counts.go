package event

import "maps"

// Counts is how often things have happened, as metrics have them.
type Counts struct {
	Boots    uint64 // power-ons and resets of the device
	Crashes  uint64 // of the modem
	Commands uint64
	// Results are final results: "OK", "ERROR", "+CME ERROR" and "+CMS ERROR", with the
	// code, 0 where there is none; also where +CMEE=0 hid it.
	Results       map[ResultCount]uint64
	Notifications uint64
	Problems      map[InputProblem]uint64 // odd input
	Writes        uint64                  // of credentials that changed the flash
	Connects      map[ConnectionCount]uint64
	Handshakes    map[ConnectionCount]uint64
	Received      uint64 // bytes of sockets, without TLS
	Sent          uint64
	Faults        uint64 // that were asked for, and have happened
}

// ResultCount is what final results are counted by.
type ResultCount struct {
	Kind string
	Code int
}

// ConnectionCount is what connections and handshakes are counted by.
type ConnectionCount struct {
	Protocol string
	OK       bool
}

// clone returns a copy.
func (n *Counts) clone() Counts {
	c := *n
	c.Results, c.Problems = maps.Clone(n.Results), maps.Clone(n.Problems)
	c.Connects, c.Handshakes = maps.Clone(n.Connects), maps.Clone(n.Handshakes)
	return c
}

// add takes the next event.
func (n *Counts) add(e *Event) {
	switch {
	case e.Power != nil && e.Power.Action == PowerOn:
		n.Boots++
	case e.Power != nil && e.Power.Action == PowerCrash:
		n.Crashes++
	case e.Command != nil:
		n.Commands++
	case e.Response != nil:
		count(&n.Results, resultCount(e.Response))
	case e.Notification != nil:
		n.Notifications++
	case e.Input != nil:
		count(&n.Problems, e.Input.Problem)
	case e.Credential != nil && e.Credential.Cost != (Cost{}):
		n.Writes++
	case e.Socket != nil:
		switch s := e.Socket; s.Op {
		case SocketConnect:
			count(&n.Connects, ConnectionCount{s.Protocol, s.Errno == 0})
		case SocketReceive:
			n.Received += uint64(max(s.Bytes, 0))
		case SocketSend:
			n.Sent += uint64(max(s.Bytes, 0))
		}
	case e.Handshake != nil:
		count(&n.Handshakes, ConnectionCount{e.Handshake.Protocol, e.Handshake.OK})
	case e.Fault != nil:
		n.Faults++
	}
}

func count[K comparable](m *map[K]uint64, key K) {
	if *m == nil {
		*m = make(map[K]uint64)
	}
	(*m)[key]++
}

func resultCount(r *Response) ResultCount {
	for _, kind := range []string{"+CME ERROR", "+CMS ERROR"} {
		if len(r.Result) > len(kind) && r.Result[:len(kind)] == kind {
			return ResultCount{kind, r.CME}
		}
	}
	switch {
	case !r.Error:
		return ResultCount{"OK", 0}
	case r.Result == "":
		return ResultCount{"none", r.CME}
	}
	return ResultCount{"ERROR", r.CME}
}
