package bench

import (
	"errors"
	"fmt"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// begun is when the process began: its clock counts from there and never jumps.
var begun = time.Now()

// now is the generator's clock, in nanoseconds.
func now() uint64 { return uint64(time.Since(begun)) }

// loop waits for sockets and for one moment.
type loop struct {
	ep     int
	timer  int
	armed  uint64 // what the timer waits for; 0: nothing
	events []unix.EpollEvent
}

func newLoop() (*loop, error) {
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("bench: epoll: %w", err)
	}
	timer, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("bench: timer: %w", err)
	}
	// Few at a time: between two rounds the generator looks whether something is due.
	l := &loop{ep: ep, timer: timer, events: make([]unix.EpollEvent, 64)}
	return l, l.watch(timer)
}

// watch has wait tell of a descriptor that can be read.
func (l *loop) watch(fd int) error {
	return l.control(unix.EPOLL_CTL_ADD, fd, unix.EPOLLIN)
}

// writable has wait tell also, or no longer, when a descriptor can be written.
func (l *loop) writable(fd int, on bool) error {
	events := uint32(unix.EPOLLIN)
	if on {
		events |= unix.EPOLLOUT
	}
	return l.control(unix.EPOLL_CTL_MOD, fd, events)
}

func (l *loop) control(op, fd int, events uint32) error {
	if err := unix.EpollCtl(l.ep, op, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)}); err != nil {
		return fmt.Errorf("bench: epoll: %w", err)
	}
	return nil
}

// wait returns what is ready, at the latest at a moment by the generator's clock. A timer of the kernel keeps that moment:
// epoll's own limit counts in whole milliseconds, which is two publishes.
func (l *loop) wait(until uint64) ([]unix.EpollEvent, error) {
	if at := now(); until <= at {
		return l.poll(0)
	} else if until != l.armed {
		l.armed = until
		spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(min(until-at, uint64(time.Hour))))}
		if err := unix.TimerfdSettime(l.timer, 0, &spec, nil); err != nil {
			return nil, fmt.Errorf("bench: timer: %w", err)
		}
	}
	return l.poll(-1)
}

func (l *loop) poll(limit int) ([]unix.EpollEvent, error) {
	n, err := unix.EpollWait(l.ep, l.events, limit)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return nil, fmt.Errorf("bench: epoll: %w", err)
	}
	ready := l.events[:max(n, 0)]
	for i := range ready {
		if int(ready[i].Fd) == l.timer {
			var b [8]byte
			_, _ = unix.Read(l.timer, b[:]) // how often it rang does not matter
			l.armed = 0
		}
	}
	return ready, nil
}

// rawRead and rawWrite are for sockets that do not block: Go's scheduler need not hear of a call that returns at once.
func rawRead(fd int, b []byte) (int, syscall.Errno) {
	n, _, e := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	return int(n), e
}

func rawWrite(fd int, b []byte) (int, syscall.Errno) {
	n, _, e := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	return int(n), e
}
