// Package assume has the questions about the modem that no source settles, and on
// which the verdict over firmware may hang: each is a fact of emulator/facts with the
// answers that are possible. The first answer is what the emulator does by itself.
package assume
