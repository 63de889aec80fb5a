package exec

import "syscall"

// signalName returns what a signal is called.
func signalName(s syscall.Signal) string { return s.String() }
