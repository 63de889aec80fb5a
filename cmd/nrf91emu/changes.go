package main

import (
	_ "embed"
	"io"
)

// changelog is what changed for a user, written by hand.
//
//go:embed CHANGELOG.md
var changelog string

// changesCmd is nrf91emu changes.
type changesCmd struct{}

// Run prints the change log.
func (*changesCmd) Run(std stdio) error {
	_, err := io.WriteString(std.out, changelog)
	return err
}
