// Package lazyregexp has regular expressions that are compiled when they are first
// used. The program is started for every boot of a test command, and to compile all of
// its expressions took longer than such a boot.
package lazyregexp
