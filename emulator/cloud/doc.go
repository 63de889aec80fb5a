// Package cloud is what an nRF91 talks to: servers at the far end, good ones and,
// for each kind of mistake, a bad one. They listen on loopback, make their own
// certificates, and say what happened to them. It needs no modem and knows nothing
// of the emulator.
//
//	c, err := cloud.Start(cloud.Config{})
//	if err != nil { ... }
//	defer c.Close()
//	device := emulator.Config{Hosts: c.Hosts()}
//
// A program reaches a server by the name and port that it would use in the real
// world; [Cloud.Hosts] maps them to the addresses where the servers listen. The
// ports are in the manner of test.mosquitto.org: 1883 plain, 8883 with a CA of
// one's own, 8884 with client certificates, 8887 with an expired certificate.
package cloud
