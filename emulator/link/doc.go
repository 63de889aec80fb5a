// Package link holds the ways in which a host reaches the UART of an emulated
// modem: a pty that this process makes, a real serial port, TCP, serial over
// TCP (RFC 2217), standard input and output, and a pipe inside the process.
//
// All of them are a [Port], the device's end of the UART. A Port carries bytes
// and knows nothing of AT commands. Links that accept several clients
// ([ListenTCP], [ListenRFC2217]) are one Port too, because the modem has one
// UART: every client sees all that the modem sends, and what the clients send is
// merged in the order of arrival, without regard to lines. Two clients that
// send at the same time therefore garble each other's commands, as two cables
// soldered to the same pins would.
package link
