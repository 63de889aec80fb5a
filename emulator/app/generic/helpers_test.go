package generic_test

import "nrf91emu/emulator/app/apptest"

const ok = apptest.OK

var (
	line   = apptest.Line
	newApp = apptest.New
)
