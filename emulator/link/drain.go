package link

import "context"

// A Drainer is a [Port] that can tell when all that hosts have sent was read. One
// goroutine may call Drain at a time.
type Drainer interface {
	// Drain returns nil once a Read waits for more and nothing is left of what hosts
	// had sent before the call. Who reads has then used all of it. The error says that
	// the context has ended first, or that this cannot be known.
	Drain(context.Context) error
}
