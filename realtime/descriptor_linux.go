package realtime

import "golang.org/x/sys/unix"

// tune keeps the kernel from swallowing megabytes that grow stale on their way to a slow phone.
func tune(fd uintptr) {
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, lowat)
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
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
