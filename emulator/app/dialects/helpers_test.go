package dialects_test

import "nrf91emu/emulator/app/apptest"

var newApp = apptest.New
