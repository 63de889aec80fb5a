// Package card is the SIM card: its PINs, and the files that can be read from it. It
// knows no AT.
package card
