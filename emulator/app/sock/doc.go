// Package sock is the table of an application's sockets, which the socket commands
// of all applications share: it has no commands itself. It opens sockets as the
// applications do, sends and receives over them, and tells the host what happens
// on those that are polled or received from automatically.
package sock
