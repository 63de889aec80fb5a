// Package emulator puts an emulated nRF91 together: a flash, a modem on it, an
// application in front, and the links through which hosts reach it.
//
//	d, err := emulator.New(emulator.Config{})
//	if err != nil { ... }
//	defer d.Close()
//	d.PowerOn()
//	go d.Serve(port)
//
// A [Device] may be used by several goroutines at once. Its state is guarded by
// one lock: the goroutine that reads a port holds it while it runs a command,
// timers hold it while they do their work. Nothing blocks while it is held; what
// is to be sent goes out after it was given back, in one piece.
package emulator
