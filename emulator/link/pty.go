package link

// PTYOptions are the choices in making a pty.
type PTYOptions struct {
	// Dedicated chooses blocking system calls. They cost the fewest
	// microseconds, but a blocked Read occupies a thread; the goroutine that
	// reads should call runtime.LockOSThread first. Without it the pty uses
	// Go's poller, which costs some 10 us more per round trip and no thread:
	// right for many modems in one process.
	Dedicated bool

	// Link is the path of a symlink to the pty, or empty. A symlink that
	// points to a pty already is replaced; anything else at that path is an
	// error. Close removes it.
	Link string
}
