package sockets_test

import "nrf91emu/emulator/app/apptest"

const (
	ok      = apptest.OK
	refused = apptest.Refused
)

type host = apptest.Host

var (
	line        = apptest.Line
	newHost     = apptest.NewHost
	newHostWith = apptest.NewHostWith
	serve       = apptest.Serve
	peer        = apptest.Peer
	write       = apptest.Write
	read        = apptest.Read
)
