// Package pki makes certificates: good ones for servers and devices, and bad ones,
// each with exactly the fault that was asked for. Servers at the far end, labs and
// tests use it. It knows nothing of the emulator.
//
//	ca, err := pki.NewCA("Lab root CA")
//	server, err := ca.Issue(pki.Hosts("broker.lab"))
//	bad, err := ca.Issue(pki.Hosts("other.lab"), pki.Valid(yesterday, anHourAgo))
package pki
