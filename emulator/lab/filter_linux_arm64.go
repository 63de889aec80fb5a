package lab

import "golang.org/x/sys/unix"

const (
	thisArch  = unix.AUDIT_ARCH_AARCH64
	mapMemory = unix.SYS_MMAP
)
