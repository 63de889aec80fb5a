//go:build amd64 || arm64 || arm

package lab

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// What a filter of system calls answers.
const (
	allow      = unix.SECCOMP_RET_ALLOW
	notAllowed = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	notThere   = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	noFamily   = unix.SECCOMP_RET_ERRNO | uint32(unix.EAFNOSUPPORT)
	kill       = unix.SECCOMP_RET_KILL_PROCESS
)

// Offsets in the kernel's struct seccomp_data; of an argument its lower half.
const (
	callNumber   = 0
	callArch     = 4
	callArgument = 16
)

// denied are system calls that no firmware and no compiler needs: memory that belongs to no
// process, which the warden cannot count; namespaces and mounts; the keys of who runs the
// lab; and parts of the kernel that have often had holes.
var denied = []uint32{
	unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_MSGGET, unix.SYS_SEMGET, unix.SYS_MQ_OPEN, unix.SYS_MEMFD_CREATE, memfdSecret,
	unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT,
	unix.SYS_OPEN_TREE, unix.SYS_MOVE_MOUNT, unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_MOUNT_SETATTR,
	unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_FANOTIFY_INIT, unix.SYS_QUOTACTL,
	unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_SYSLOG, unix.SYS_PTRACE, unix.SYS_PERF_EVENT_OPEN,
	unix.SYS_BPF, unix.SYS_USERFAULTFD, unix.SYS_IO_URING_SETUP, unix.SYS_KEXEC_LOAD, unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE,
}

const (
	memfdSecret = 447 // on all machines
	// namespaces are the flags of clone for new ones.
	namespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET
	// x32 marks the calls of another interface on amd64.
	x32 = 0x40000000
)

// systemCallFilter is a program for the kernel's seccomp, as bwrap takes it.
func systemCallFilter() []byte {
	var p []unix.SockFilter
	load := func(offset uint32) {
		p = append(p, unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset})
	}
	// answer is given if the comparison with k holds, or goes on.
	answer := func(compare uint16, k, with uint32) {
		p = append(p, unix.SockFilter{Code: unix.BPF_JMP | compare | unix.BPF_K, Jf: 1, K: k}, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: with})
	}
	// call is what is done for one system call; it gives an answer in any case.
	call := func(number uint32, do func()) {
		at := len(p)
		p = append(p, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: number})
		do()
		p[at].Jf = uint8(len(p) - at - 1)
	}
	end := func(with uint32) { p = append(p, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: with}) }

	load(callArch)
	call(thisArch, func() {
		load(callNumber)
		// Shared memory can be there without being in anybody's page tables.
		call(mapMemory, func() {
			load(callArgument + 8*3)
			answer(unix.BPF_JSET, unix.MAP_SHARED, notAllowed)
			end(allow)
		})
		answer(unix.BPF_JGE, x32, notThere)
		call(unix.SYS_CLONE, func() {
			load(callArgument)
			answer(unix.BPF_JSET, namespaces, notAllowed)
			end(allow)
		})
		answer(unix.BPF_JEQ, unix.SYS_CLONE3, notThere) // its flags are in memory; clone is tried then
		// The network's namespace does not hold for all families, such as that of virtual
		// machines.
		call(unix.SYS_SOCKET, func() {
			load(callArgument)
			for _, family := range []uint32{unix.AF_UNIX, unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK} {
				answer(unix.BPF_JEQ, family, allow)
			}
			end(noFamily)
		})
		for _, number := range denied {
			answer(unix.BPF_JEQ, number, notAllowed)
		}
		end(allow)
	})
	end(kill)
	var b []byte
	for _, i := range p {
		b = binary.NativeEndian.AppendUint16(b, i.Code)
		b = append(b, i.Jt, i.Jf)
		b = binary.NativeEndian.AppendUint32(b, i.K)
	}
	return b
}
