package audit

import _ "embed" // for Documentation

// Documentation is the source file with the documentation of this package, which
// nrf91emu help prints.
//
//go:embed doc.go
var Documentation string
