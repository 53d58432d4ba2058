package realtime

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// writeFD is one write(2) on a socket that does not block; 0, nil: it is full.
//
// The raw call keeps it from the scheduler: it returns within microseconds, but the scheduler takes the processor from
// whoever stays a moment longer in a system call, and wakes another thread for it, which costs as much as the write.
func writeFD(fd uintptr, b []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		case syscall.EAGAIN:
			return 0, nil
		default:
			return 0, errno
		}
	}
}

// readFD is one read(2) on a socket that does not block; again: nothing has come.
func readFD(fd uintptr, b []byte) (n int, again bool, err error) {
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_READ, fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		switch errno {
		case 0:
			return int(n), false, nil
		case syscall.EINTR:
		case syscall.EAGAIN:
			return 0, true, nil
		default:
			return 0, false, errno
		}
	}
}

// tune keeps the kernel from swallowing megabytes that grow stale on their way to a slow phone.
func tune(fd uintptr) {
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, lowat)
}

// acknowledged is how many bytes the peer's kernel has confirmed, ever; 0 where nobody can tell.
func (s *socket) acknowledged() int64 {
	if s.under == nil {
		return 0
	}
	var acked int64
	_ = s.under.Control(func(fd uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			acked = int64(info.Bytes_acked)
		}
	})
	return acked
}
