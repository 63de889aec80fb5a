// Package exec runs a test command against an emulated modem as a CI job
// wants it: boot after boot with the flash kept, the power cut where asked for,
// and the whole record judged at the end.
package exec
