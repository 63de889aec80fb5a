package firmware

import _ "embed"

// NativeSim is a page, in Markdown, about Zephyr's native_sim and the emulated modem.
//
//go:embed native_sim.md
var NativeSim string
