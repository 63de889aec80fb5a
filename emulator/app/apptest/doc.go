// Package apptest is for tests of the application and its services: an application in
// front of a modem, without links and power, and a host that says what it expects byte
// for byte. A [Far] is the other end of a connection in virtual time.
package apptest
