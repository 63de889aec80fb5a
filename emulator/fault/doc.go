// Package fault does to an emulated modem what goes wrong around real ones: bytes
// are lost on the line, an OK comes late, a notification lands in the middle of an
// answer, the modem crashes, the network goes, the store is full. A test asks for
// each one by name; without being asked nothing ever goes wrong.
//
//	set := fault.NewSet(device, seed)
//	spec, err := fault.Parse("late-ok:after=3,delay=2s")
//	set.Add(spec)
//	go device.Serve(fault.Wrap(port, set))
//	go device.ServeLibrary(fault.WrapLibrary(listener, set))
//
// [Kinds] is the list of what there is. Each kind counts opportunities of its own:
// bytes, lines, commands, final results, notifications or boots. The parameters
// that all kinds take say at which of them it happens ([Rule]).
//
// # What a fault must keep
//
// Whoever adds a fault keeps to these, so that a test that uses it can be trusted:
//
//   - Asked for. A set without faults passes everything on as it is, in the same
//     pieces.
//   - Bounded. It happens [Rule.Count] times at most and [Rule.Row] times in a row
//     at most. Each delay has an end, and each state of need that it brings about
//     ends by itself, with its removal, or is one in which the modem still answers
//     or a restart helps. So a program with a time-out always comes to its end.
//   - Repeatable. What happens depends on the seed, on the order in which faults
//     were added, and on what was sent over the port; not on the time, nor on the
//     pieces in which bytes arrive. Each fault has random numbers of its own, so
//     adding another changes nothing for it. This holds for one port served at a
//     time.
//   - Told. Each time it happens there is one [event.Fault] in the record, in
//     words. No content of a command or answer is in it.
//   - In order. Bytes are lost, repeated, added or late, and never overtake each
//     other; but for a notification that comes late, which is what is wrong with it
//     then.
//   - Outside. It acts on bytes between device and port, or through methods of
//     [emulator.Device] that hands or the world might as well have done. The modem
//     knows nothing of faults, and behaves under them by its own rules.
//   - Time from the time package, in waits that Close ends.
//   - One file of at most 80 lines with one [Kind], which is listed in [Kinds], and a
//     row in the table test that shows the bytes with it and without.
//
// Answers are told from other bytes by their form, as a host does it. In data mode,
// where there are no answers, faults that look for them may take data for one.
package fault
