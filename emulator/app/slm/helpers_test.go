package slm_test

import "nrf91emu/emulator/app/apptest"

const (
	ok      = apptest.OK
	refused = apptest.Refused
	left    = apptest.Left
)

var (
	line     = apptest.Line
	urc      = apptest.URC
	bubble   = apptest.Bubble
	newApp   = apptest.New
	newHost  = apptest.NewHost
	newFar   = apptest.NewFar
	serve    = apptest.Serve
	peer     = apptest.Peer
	freePort = apptest.FreePort
	write    = apptest.Write
	read     = apptest.Read
)
