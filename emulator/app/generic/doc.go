// Package generic is the commands of the applications that belong to no service of
// their own: version, sleep, reset, echo, the rate of the UART and so on
// (fact serial-modem/generic).
package generic
