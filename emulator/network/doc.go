// Package network is what is on the air around an emulated modem, and its SIM: the
// operators, the cell, the signal, the addresses and the time, and what the network
// grants or refuses.
package network
