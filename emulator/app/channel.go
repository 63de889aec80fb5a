package app

// A Receiver takes the bytes that come over a Channel.
type Receiver interface {
	// Receive takes bytes and says how many of them it has used: fewer than all
	// when the rest must wait, or when another receiver was attached meanwhile and
	// the rest is for that one.
	Receive(p []byte) int
}

// A Channel carries bytes between the host and the one Receiver that is attached
// to it. The UART is a channel, and so is each of a multiplexer's.
type Channel struct {
	name     string
	out      []byte // on its way to the host
	receiver Receiver
	lower    Lower // nil for the UART
	inside   bool  // Receive is at work
}

// Lower is what is below a channel that is not the UART, such as a multiplexer.
type Lower interface {
	// Carry sends what the channel's receiver has to say.
	Carry(p []byte)
	// Congested is Board.Congested for the channel.
	Congested(n int) bool
	// Ready is called when a receiver that had used fewer bytes than it got may
	// take more, and never while the channel's Receive is at work.
	Ready()
}

// NewChannel returns a channel on something else than the UART.
func NewChannel(name string, below Lower) *Channel { return &Channel{name: name, lower: below} }

// Name returns what people call the channel, such as UART.
func (ch *Channel) Name() string { return ch.name }

// Attach has the channel's bytes go to r from now on, and returns whose they were.
func (ch *Channel) Attach(r Receiver) (old Receiver) {
	old, ch.receiver = ch.receiver, r
	return old
}

// Receive hands bytes that have come to the receiver and says how many it has used.
func (ch *Channel) Receive(p []byte) (n int) {
	ch.inside = true
	defer func() { ch.inside = false }()
	for n < len(p) && ch.receiver != nil {
		r := ch.receiver
		used := r.Receive(p[n:])
		n += used
		if used == 0 && ch.receiver == r {
			break
		}
	}
	return n
}

// Write sends bytes to the host as they are.
func (ch *Channel) Write(p []byte) {
	ch.out = append(ch.out, p...)
	ch.flush()
}

// flush hands on what was added to out. The device fetches that of the UART.
func (ch *Channel) flush() {
	if ch.lower != nil && len(ch.out) > 0 {
		ch.lower.Carry(ch.out)
		ch.out = ch.out[:0]
	}
}

// nobody is the receiver when the power went in the middle of a command.
type nobody struct{}

func (nobody) Receive(p []byte) int { return len(p) }
