// Package event is the one record of what happened in and around an emulated
// modem: every command, answer, notification, store and flash operation, power
// cycle, socket and handshake. Transcript, audit, lab, reports and metrics all
// read it; nothing parses log text.
//
// An [Event] has a number, a time, the boot it belongs to and exactly one
// payload, such as *Command. In JSON it is one object whose payload stands under
// the payload's name:
//
//	{"seq":7,"time":"2026-01-02T15:04:05.678Z","boot":1,
//	 "command":{"id":3,"text":"AT+CFUN=1","name":"+CFUN","form":"set"}}
//
// A trace is such objects, one a line (JSON Lines), see [Writer] and [Read].
// Later versions may add payloads and fields; readers ignore what they do not
// know.
//
// Private keys and pre-shared keys are masked before they enter the record,
// unless [Log.ShowSecrets] is set; what a judge must know of them stands beside
// in [Content].
package event
