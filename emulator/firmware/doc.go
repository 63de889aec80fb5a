// Package firmware carries the host SDK, with which firmware for an nRF91 in C
// is compiled unmodified and runs as a process, and example applications for it.
// Package build makes programs of them.
package firmware
