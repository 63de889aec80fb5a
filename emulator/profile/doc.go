// Package profile is what a modem is: a chip with a firmware, and the numbers that
// tell one device from another. All facts that depend on the firmware stand in one
// table, [Changes].
package profile
