package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nrf91emu/emulator/exec"
)

// TestTopics holds that each topic has a text, and that no variable that exec sets is
// missing.
func TestTopics(t *testing.T) {
	texts := make(map[string]string)
	for _, topic := range topics {
		text, err := topic.text()
		require.NoError(t, err, topic.name)
		require.Greater(t, len(text), 300, topic.name)
		texts[topic.name] = string(text)
	}
	for _, name := range []string{
		exec.PortVariable, exec.AddressVariable, exec.LibraryVariable, exec.BootVariable, exec.StartVariable, exec.DataVariable,
	} {
		require.Contains(t, texts["environment"], name)
	}
}
