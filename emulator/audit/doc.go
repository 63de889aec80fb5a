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
//
// # The rules file
//
// Levels, budgets and expectations stand in nrf91emu.yaml, where the command runs or in a
// folder above it, up to the root of the repository, or in the file of --config. These are
// all keys, with an example for each; any may be left out. An unknown key is an error, so that
// a slip of the pen does not silence a rule or lose a budget.
//
//	rules:
//	  P16: off                      # off, info, warning or error
//	  written-without-asking: error # a rule by number or by words, see nrf91emu explain
//	budgets:
//	  writes_per_boot: 3            # writes and keys made
//	  writes_per_run: 3
//	  page_erases: 0                # in the whole run
//	  lifetime:                     # how long the flash must last, at this rate
//	    years: 10
//	    boots_per_day: 48           # without it 24
//	flash:                          # what lifetimes are told for; without it:
//	  pages: 64
//	  page_size: 4096               # bytes
//	  endurance: 10000              # erases of a page
//	expect:                         # what must be stored at the end of a run, see --expect
//	  24:ca: certs/ca.pem           # relative to this file
//	  25:psk: absent
package audit
