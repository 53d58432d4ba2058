package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// floor is the limit to compare with.
type floor struct {
	loop     *loop
	listener int
	clients  map[int]*floorClient
	channels map[string][]int // descriptors of subscribers
	buffer   []byte
	frame    []byte
}

type floorClient struct {
	upgraded bool
	pending  []byte
}

// Floor serves on a free port of the loopback interface until standard input ends. It says on out where.
func Floor(out io.Writer) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	l, err := newLoop()
	if err != nil {
		return err
	}
	f := &floor{loop: l, clients: map[int]*floorClient{}, channels: map[string][]int{}, buffer: make([]byte, 256<<10)}
	if f.listener, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0); err != nil {
		return fmt.Errorf("bench: socket: %w", err)
	}
	if err := errors.Join(unix.Bind(f.listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), unix.Listen(f.listener, 4096),
		unix.SetNonblock(0, true), l.watch(0), l.watch(f.listener)); err != nil {
		return fmt.Errorf("bench: listen; standard input must be a pipe: %w", err)
	}
	at, err := unix.Getsockname(f.listener)
	if err != nil {
		return fmt.Errorf("bench: address: %w", err)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", at.(*unix.SockaddrInet4).Port)
	if err := json.NewEncoder(out).Encode(FloorReady{addr}); err != nil {
		return err
	}
	for {
		ready, err := l.wait(math.MaxUint64)
		if err != nil {
			return err
		}
		for _, e := range ready {
			switch fd := int(e.Fd); fd {
			case 0:
				if n, err := unix.Read(0, f.buffer); n == 0 && err == nil {
					return nil
				}
			case f.listener:
				f.accept()
			default:
				f.read(fd)
			}
		}
	}
}

func (f *floor) accept() {
	for {
		fd, _, err := unix.Accept4(f.listener, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		if err != nil {
			return // nobody waits any more
		}
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1) // as every server does
		f.clients[fd] = &floorClient{}
		_ = f.loop.watch(fd) // whom epoll does not take is not served, and the generator says so
	}
}

func (f *floor) read(fd int) {
	c := f.clients[fd]
	if c == nil {
		return
	}
	k := copy(f.buffer, c.pending)
	n, e := rawRead(fd, f.buffer[k:])
	if e == syscall.EAGAIN || e == syscall.EINTR {
		return
	}
	if e != 0 || n == 0 {
		f.forget(fd)
		return
	}
	b := f.buffer[:k+n]
	if !c.upgraded {
		if _, rest, whole := bytes.Cut(b, headEnd); whole {
			c.upgraded, b = true, rest
			f.write(fd, appendServerFrame([]byte("HTTP/1.1 101 Switching Protocols\r\n\r\n"), opText, []byte(`{"hello":{}}`)))
		}
	}
	for c.upgraded {
		g, size, err := nextClientFrame(b)
		if err != nil {
			f.forget(fd)
			return
		}
		if size == 0 {
			break
		}
		b = b[size:]
		f.message(fd, g.payload)
	}
	c.pending = append(c.pending[:0], b...)
}

var (
	askSub    = []byte(`"sub":"`)
	askSignal = []byte(`"signal":"`)
	dataStart = []byte(`"d":`)
)

// message is a subscription or a publish, as the generator writes them.
func (f *floor) message(fd int, b []byte) {
	if _, after, ok := bytes.Cut(b, askSignal); ok {
		name, after, _ := bytes.Cut(after, []byte(`"`))
		_, data, _ := bytes.Cut(after, dataStart)
		f.frame = appendServerFrame(f.frame[:0], opText, bytes.TrimSuffix(data, []byte("}")))
		for _, to := range f.channels[string(name)] {
			f.write(to, f.frame)
		}
		return
	}
	if _, after, ok := bytes.Cut(b, askSub); ok {
		name, _, _ := bytes.Cut(after, []byte(`"`))
		f.channels[string(name)] = append(f.channels[string(name)], fd)
		f.write(fd, appendServerFrame(nil, opText, []byte(`{"id":1,"ok":{}}`)))
	}
}

// write waits for a socket that is full: a limit must not lose anything.
func (f *floor) write(fd int, b []byte) {
	for len(b) > 0 {
		n, e := rawWrite(fd, b)
		switch e {
		case 0:
			b = b[n:]
		case syscall.EINTR:
		case syscall.EAGAIN:
			_, _ = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, 100)
		default:
			return // its read will say the same
		}
	}
}

func (f *floor) forget(fd int) {
	delete(f.clients, fd)
	for name, all := range f.channels {
		f.channels[name] = slices.DeleteFunc(all, func(other int) bool { return other == fd })
	}
	_ = unix.Close(fd) // nothing to be done about it
}
