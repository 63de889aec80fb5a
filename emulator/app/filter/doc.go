// Package filter is the filter of Serial Modem v2.0.0 between the host and the modem's
// notifications: the application subscribes to +CEREG, +CGEV and %XTIME for itself and
// hides that from the host (fact serial-modem/urc-filter).
package filter
