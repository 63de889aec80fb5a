// Package provisioning is a collection of programs that provision, good and bad, as
// they are found in firmware: each is a small function in a file of its own, named
// by what it does, with what the judge has to say about it.
//
// The tests run each of them on an emulated device over three boots and hold the
// verdict against [Program.Finds], and cut the power at every flash step to see that
// what is sound heals.
package provisioning
