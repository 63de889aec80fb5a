package app_test

import "nrf91emu/emulator/app/apptest"

const (
	ok      = apptest.OK
	refused = apptest.Refused
	left    = apptest.Left
)

type (
	host = apptest.Host
	far  = apptest.Far
)

var (
	line    = apptest.Line
	bubble  = apptest.Bubble
	newHost = apptest.NewHost
	virtual = apptest.NewVirtual
)
