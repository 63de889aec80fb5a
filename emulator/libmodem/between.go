package libmodem

// What stands between a program and the device needs of the protocol, such as faults.

// Types of frames that carry commands, their answers, and notifications.
const (
	TypeAT           = typeAT
	TypeNotification = eventNotification
)

// CutFrame returns the type and the payload of the frame with which b begins, and how many
// bytes it takes: 0 if it has not come whole, all of b if nobody accepts it.
func CutFrame(b []byte) (typ uint8, payload []byte, size int) {
	if len(b) < headerSize {
		return 0, nil, 0
	}
	h := parseHeader(b)
	switch {
	case h.size > MaxPayload:
		return 0, nil, len(b)
	case len(b) < headerSize+h.size:
		return 0, nil, 0
	}
	size = headerSize + h.size
	return h.typ, b[headerSize:size], size
}

// AppendNotification appends the frame of a notification, which is a line without its end.
func AppendNotification(b []byte, line string) []byte {
	start := len(b)
	return endFrame(append(append(beginFrame(b, eventNotification, 0), line...), '\r', '\n'), start)
}
