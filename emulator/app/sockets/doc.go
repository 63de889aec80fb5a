// Package sockets is the socket commands of Serial Modem, each of which names the
// socket that it is about: #XSOCKET, #XCONNECT, #XSEND and so on.
package sockets
