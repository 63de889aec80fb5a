// Package timer calls functions later with a lock held, unless they have been
// stopped by then.
//
// A [time.AfterFunc] that takes a lock may have fired and wait for the lock while
// somebody who holds it stops the timer; it goes on afterwards. Here that cannot
// be: whoever holds the lock and has stopped a timer, or started it anew, will not
// see it fire for what was before. What waits for the lock reads nothing that the
// lock guards.
package timer
