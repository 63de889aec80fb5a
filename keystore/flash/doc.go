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
// application flash (seen; the limit second hand, from the Product
// Specification as quoted in a forum). The 10,000 cycles are documented for
// nRF52 and inferred for nRF91. Size and place of the modem's own memory are
// not public: 64 pages is a free choice, and so is what a worn-out page does.
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
// flash in memory, [Open] one that lives in a file, [FromImage] one over bytes.
//
// An image is a header of [HeaderSize] bytes followed by one block per page:
//
//	header   0  magic "NRF91NVM"        block    0  4096 bytes, inverted
//	         8  format version               4096  writes per word, 2 bits each
//	        12  page size                    4352  erase cycles, then state
//	        16  pages                        4360  words programmed in all
//	        20  endurance, 0 = endless       4368  not used, up to 4608
//	        24  CRC-32 of bytes 0 to 23
//	        32  starts (outside the CRC)
//
// Numbers are little-endian. A file is mapped into memory and each step writes
// its counters before its contents, so a process that is killed leaves a state
// that a cut of the power could have left: at worst a step that has been
// counted and is torn. No checksum covers the contents, because none could be
// kept right through a kill; who stores something has to bring its own.
//
// A Flash is not safe for use by several goroutines at once.
package flash
