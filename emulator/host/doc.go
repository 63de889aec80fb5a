// Package host is the other end of a device in the same process: what firmware does
// over the UART, for programs that are functions.
package host
