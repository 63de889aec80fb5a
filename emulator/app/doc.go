// Package app is what owns the UART of an nRF91: the application on the chip's
// other processor, which hands AT lines on to the modem and decides how answers
// look on the wire. The AT Client sample copies them as they are, Serial Modem
// frames them and has commands of its own.
//
// # Parts
//
// A [Channel] carries bytes to the one [Receiver] that is attached to it and back;
// the UART is one. An AT [Context] is a receiver: it has a framer, an echo,
// notifications and data mode of its own. A command in hand is an [Exchange], and
// there is one at a time, whatever the number of contexts: applications run
// commands one after the other. Everything else is a [Service], which has commands
// and works on what it likes while the host does other things. The package knows no
// service; each is in a package of its own below, and a [Dialect] lists those of an
// application. [Host] is what a service has around it, [App] what the device has.
//
// # The lock
//
// An App has no goroutine and no lock: all methods of this package are called with
// the device's lock held, and so is all that they call. What is to be sent collects
// in the channel, and the device hands it to the port in one piece.
package app
