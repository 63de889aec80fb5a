package link

import "golang.org/x/sys/unix"

// leadsToLivingPTY reports whether a symlink was made for the pty that it leads to, and
// not for one that had its number before.
func leadsToLivingPTY(link, pty string) bool {
	var l, p unix.Stat_t
	return unix.Lstat(link, &l) == nil && unix.Stat(pty, &p) == nil && madeForPTY(l.Ctim, p.Ctim)
}

// madeForPTY compares change times: the node of a pty is made with it, and only a
// change of its mode or owner makes its time later. devpts keeps whole seconds, so a
// link to an earlier pty is seen for what it is from the next second on.
func madeForPTY(link, pty unix.Timespec) bool { return link.Nano() >= pty.Nano() }
