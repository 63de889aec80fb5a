// Package modem is the modem of an nRF91 as the modem library sees it: a command
// line goes in, information lines and a final result come out, notifications
// come beside. What a host sees on the wire is made of this by the application
// in front, see the package app.
//
// A Modem has no goroutine and no lock of its own. Its methods are called with
// the device's lock held, which Config.Run takes for what happens by itself,
// such as a step of the registration.
//
// Facts that depend on the firmware stand in one table, see [profile.Changes].
package modem
