package modem

// CommandNames returns the names of all commands that there are handlers for.
func CommandNames() []string { return commands().Names() }
