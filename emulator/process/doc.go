// Package process starts programs that Ctrl-C does not reach, and ends them with all
// that they have started.
package process
