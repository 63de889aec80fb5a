//go:build !linux

package main

import "io"

// singleKeys does nothing here: a terminal gives its keys with the end of the line.
func singleKeys(io.Reader) (restore func()) { return nil }
