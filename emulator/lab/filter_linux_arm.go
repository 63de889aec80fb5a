package lab

import "golang.org/x/sys/unix"

const (
	thisArch  = unix.AUDIT_ARCH_ARM
	mapMemory = unix.SYS_MMAP2
)
