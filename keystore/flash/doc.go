// Package flash emulates a NOR flash: the memory in which the modem keeps its
// credentials and settings, with the rules that make such a memory hard to
// use and the counters that a real one does not have.
//
// # Rules
//
// A flash has pages of [PageSize] bytes, each of [WordsPerPage] words.
//
//   - Programming a word turns bits from 1 to 0, never back. Asking for a 1
//     where a 0 is stored is an error ([ErrNotErased]).
//   - A word may be programmed at most [MaxWrites] times between two erases;
//     once more is an error ([ErrProgramLimit]).
//   - Only a whole page can be erased, which turns every bit back to 1.
//   - A page endures so many erase cycles. The erase after the last one fails
//     with [ErrWornOut]; the page can still be read, but neither erased nor
//     programmed any more.
//
// Page and word size and the limit of two writes are those of the nRF9160's
// application flash (fact wear/flash-cells), the 10,000 cycles those of Nordic's
// support (fact wear/endurance). Size and place of the modem's own memory are not
// public: 64 pages is a free choice (fact wear/layout), and so is what a worn-out
// page does.
//
// # Power cuts
//
// Every word programmed and every page erased is one step. [Flash.CutAt] cuts
// the power inside a later step and says how far that step gets; from then on
// each operation fails with [ErrPowerCut] until [Flash.PowerOn]. A page whose
// erase was cut holds garbage and refuses to be programmed ([ErrHalfErased])
// until it is erased again: a program that trusts such a page because it
// reads blank has a fault, and this shows it.
//
// # Memory and image
//
// Contents are held inverted, so that zero means erased: a fresh page needs no
// memory at all, and a hole in an image file is an erased page. [New] makes a
// flash in memory, [Open] one that lives in a file, [FromImage] one from bytes.
//
// An image is a header of [HeaderSize] bytes followed by one block per page:
//
//	header   0  magic "NRF91NVM"        block    0  4096 bytes, inverted
//	         8  format version               4096  writes per word, 2 bits each
//	        12  page size                    4352  erase cycles
//	        16  pages                        4356  state
//	        20  endurance, 0 = endless       4360  words programmed before the
//	        24  CRC-32 of bytes 0 to 23            last erase, 8 bytes
//	        32  starts (outside the CRC)     4368  zeros, up to 4608
//
// Numbers are little-endian. No checksum covers the contents, because none could
// be kept right through a kill; who stores something has to bring its own.
//
// # What survives
//
// The memory of the process is the truth and the file follows, with positioned
// writes of whole words that are done when Program or Erase return: first how
// often each word of the call was programmed, then the words; for an erase the
// mark that the page is half erased, the blank page, the mark that it is ready.
// So a process that is killed at any time leaves a state that a cut of the
// power could have left, but for one thing: words of one call may have been
// counted, up to a whole page of them, and have not changed a bit.
//
// That a word is never half written rests on the kernel, which does not end a
// process in the middle of copying a word that lies within one of its pages, on
// no compiler and no architecture. It has been tried on Linux, by 500 runs of
// TestKilled each with and without the race detector; darwin, the BSDs and
// Windows do the same as far as is known, which nobody has tried.
//
// Against the end of the machine nothing is promised before Close, which brings
// all to the disk.
//
//   - The disk is full: Linux keeps the room when the file is made, where the
//     file system can. Elsewhere the step fails with the file system's error,
//     nothing that was there before is lost, and the flash has no power until
//     it is opened again.
//   - Somebody deletes, moves, replaces or cuts the file: the next Program,
//     Erase or Close fails with [ErrChanged]. A file that was cut or lengthened
//     is written anew from memory. On Windows others cannot do so in the first
//     place.
//   - Two processes: Linux, darwin, the BSDs (flock) and Windows (share mode)
//     keep the second out, with [ErrInUse]. On other systems nothing does.
//
// The other way would have been to map the file into memory and store word by
// word. It is no faster (BenchmarkAccess, 256 words: 22 us mapped, 5 us in two
// writes, 13 us with the look whether the file is still there, 1,000 us with two
// writes for each word). But there a full disk or a cut file is a signal that
// ends the process, a word is whole only where each store is one instruction,
// and some systems have no such mapping.
//
// A Flash is not safe for use by several goroutines at once.
package flash
