// Package vectors plays the project's vectors, see the package testvectors, against
// emulated devices in this process.
package vectors
