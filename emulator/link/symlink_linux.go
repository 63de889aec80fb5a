package link

import "golang.org/x/sys/unix"

// leadsToLivingPTY reports whether a symlink was made for the pty that it leads to. A
// pty that is younger than the symlink has got its number after the one before it
// had gone: the node of a pty is made with it, and only a change of its mode or owner
// makes its change time later.
func leadsToLivingPTY(link, pty string) bool {
	var l, p unix.Stat_t
	if unix.Lstat(link, &l) != nil || unix.Stat(pty, &p) != nil {
		return false
	}
	return l.Ctim.Nano() >= p.Ctim.Nano()
}
