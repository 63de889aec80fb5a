// Package ageing lets a program provision boot after boot on one device, as fast as
// it can, and watches the flash: a life in a minute.
package ageing
