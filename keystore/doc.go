// Package keystore is the credential store of the modem: contents under a
// security tag and a type, the rules about who may write, read, list and
// delete what, and a flash file system that survives power cuts and spreads
// the wear over all pages.
//
// # Rules
//
// What is allowed differs between modem firmwares; [Rules] says what a
// firmware does and where that is known from. Errors are Go errors such as
// [ErrNotFound]; which AT error code follows is the modem's business, and so
// is every check that depends on the modem's state (active, power-off
// warning). Checks are made in this order: permission and existence, then
// content, then space.
//
// # Layout in the flash
//
// The store is a log. Records are appended to the newest page; when it is
// full, the least worn of the free pages is erased and becomes the newest.
// Records are not changed afterwards: a later one replaces an earlier one.
//
//	page    magic | number | number of the page reclaimed | CRC-32 | record | record | ... | blank
//
//	record  0  kind, parts, part, type      one byte each
//	        4  security tag
//	        8  id: counts operations, so the greater one is the later one
//	       12  bytes in this record, bytes in all parts   16 bits each
//	       16  how often this credential has been written
//	       20  flags; the second byte is how many bytes at the end of all parts are the password of a key
//	       24  CRC-32 of the 24 bytes before
//	       28  content, filled up with zeros to whole words
//	        .  CRC-32 of the content
//	        .  commit word
//
// Content beyond about 1 kB is split into parts, which may lie in different
// pages. It counts when all parts are there and committed; until then the
// content with the next lower id counts. That makes a write atomic: the commit
// word of the last part is programmed at the very end. A delete and a factory
// reset are records too, which say that everything before them is gone.
//
// One free page is kept as a spare. When it is the only one left, the oldest
// page is reclaimed: its records that still count are copied to the newest
// page (which may have to be the spare), then its magic number is programmed to
// zero, with which the page and all that is in it has ceased to exist, at once
// and for good. A page that was opened in order to reclaim another says so in
// its header: when both are there after a power cut, the newer holds nothing
// but copies and is given up. A page that was reclaimed is erased only when it is needed, so an interrupted erase
// can harm nothing, and a page that reads blank is never trusted: it is erased
// again, unless it is factory-fresh.
//
// Pages are reclaimed in the order in which they were filled. So credentials
// that never change move on as well, all pages wear alike, and when a delete
// record comes to be reclaimed, everything that it deleted has gone before: it
// was written after room had been made for it, so nothing older lies behind it.
// Of a content in parts the same holds for its last part only. Room that is made
// between two parts moves the content that is about to be replaced behind the
// first; all that is older lies before the last part, wherever that is moved to.
//
// A page whose erase fails, or that has no erase left, is left out once it is
// free; the store gets smaller until nothing fits any more, and its contents
// stay readable. For each page of the log that is to be left out later another
// one is kept free. If pages are lost while the store is full, a delete whose
// record does not fit takes place while pages are reclaimed: what is deleted is
// not copied. Then a content whose last part is there and another is not has been
// deleted, and so has all that is older, which goes before that last part does.
//
// # Damage
//
// A cut of the power leaves records that lack words at their end, one of them
// torn, and nothing behind them but what was written after the next start; a bad
// header has nothing behind it at all. The numbers of the pages have no gaps. What
// contradicts this, or the checksum of a content that counts, is refused with
// [ErrDamaged]. A single wrong bit in the header of a page or in a commit word may
// be the trace of a cut; it is read as if it were right, which is as good after a
// cut and loses nothing otherwise. So no single wrong bit loses anything in
// silence. Of several at once, the format cannot see those that blank the header
// of the oldest or the newest page, or that leave a checksum right.
//
// # Memory
//
// An index of about 120 bytes per credential is held in memory, with digests;
// contents are read from the flash when they are asked for. A Store is not
// safe for use by several goroutines at once.
package keystore
