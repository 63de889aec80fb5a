// Package audit judges from the event record whether firmware provisions its
// credentials well: ask whether one exists, compare it, write only on a
// difference, and do so offline.
//
// An [Audit] is fed with events, live by [event.Log.Subscribe] or from a trace,
// and gives a [Report] at any time. It judges what was done, not how the program
// was written: whichever list or read form a program uses to find out, a write
// counts as needed when something else was stored before, also when that was
// changed from outside between two boots.
//
// Each rule is one small file, named by number and words, whose texts are its
// documentation; see [Rules] and [WriteDoc].
package audit
