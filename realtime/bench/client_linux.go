package bench

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// state is how far a connection is.
type state uint8

const (
	upgrading   state = iota
	greeting          // upgraded; the server says hello
	subscribing       // asked; the answer is awaited
	standing
	calling // plain HTTP, for holds
)

// client is one connection of the generator.
type client struct {
	fd        int
	state     state
	publisher bool
	token     string
	channel   int             // the one that it checks; -1: none
	last      uint64          // the highest sequence that was delivered
	missing   map[uint64]bool // below that
	asked     int             // requests so far: their ids
	pending   []byte          // bytes of what is not whole yet
	out       []byte          // what the socket did not take
	call      *held           // of state calling: what is being asked
}

// dial connects to a loopback address. The socket is ready when it returns: the server's queue is the kernel's business.
func dial(addr string) (fd int, err error) {
	a, err := netip.ParseAddrPort(addr)
	if err != nil || !a.Addr().Is4() || !a.Addr().IsLoopback() {
		return 0, fmt.Errorf("bench: %q is no IPv4 address of this machine's own", addr)
	}
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if errors.Is(err, unix.EMFILE) {
		return 0, errors.New("bench: this process may open no more files: raise the limit (ulimit -Hn) or measure with fewer connections")
	}
	if err != nil {
		return 0, fmt.Errorf("bench: socket: %w", err)
	}
	// Nagle would hold signals back; and a reset at the end leaves no port waiting.
	err = errors.Join(unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1),
		unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}))
	for err == nil {
		if err = unix.Connect(fd, &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}); err == nil {
			return fd, unix.SetNonblock(fd, true)
		}
		if errors.Is(err, unix.EINTR) {
			err = nil
		}
	}
	_ = unix.Close(fd) // it was never used
	return 0, fmt.Errorf("bench: connect to %s: %w", addr, err)
}

// adopt has the loop look after a new connection.
func (g *generator) adopt(c *client) error {
	if c.fd >= len(g.clients) {
		g.clients = append(g.clients, make([]*client, c.fd+1-len(g.clients))...)
	}
	g.clients[c.fd] = c
	return g.loop.watch(c.fd)
}

// send writes b, now or when the socket takes it: the generator never waits for a server that waits for it.
func (g *generator) send(c *client, b []byte) {
	if len(c.out) == 0 {
		n := g.write(c, b)
		if n == len(b) || g.clients[c.fd] != c {
			return
		}
		b = b[n:]
		g.failIf(g.loop.writable(c.fd, true))
	}
	c.out = append(c.out, b...)
}

// flush writes what waited.
func (g *generator) flush(c *client) {
	n := g.write(c, c.out)
	if g.clients[c.fd] != c {
		return
	}
	c.out = slices.Delete(c.out, 0, n)
	if len(c.out) == 0 {
		c.out = nil
		g.failIf(g.loop.writable(c.fd, false))
	}
}

// write says how much the socket took.
func (g *generator) write(c *client, b []byte) (n int) {
	for n < len(b) {
		m, e := rawWrite(c.fd, b[n:])
		switch e {
		case 0:
			n += m
		case syscall.EINTR:
		case syscall.EAGAIN:
			return n
		default:
			g.drop(c, "write: "+e.Error())
			return n
		}
	}
	return n
}

// read takes what one read(2) brings; incomplete ends wait for the next.
func (g *generator) read(c *client) {
	k := copy(g.buffer, c.pending)
	n, e := rawRead(c.fd, g.buffer[k:])
	switch {
	case e == syscall.EAGAIN || e == syscall.EINTR:
		return
	case e != 0:
		g.drop(c, "read: "+e.Error())
		return
	case n == 0:
		g.drop(c, "the server ended the connection")
		return
	}
	rest := g.take(c, g.buffer[:k+n])
	switch {
	case g.clients[c.fd] != c: // it was dropped on the way
	case len(rest) == len(g.buffer):
		g.drop(c, "a frame that does not end")
	default:
		c.pending = append(c.pending[:0], rest...)
	}
}

// take handles what is whole of b and returns what is not.
func (g *generator) take(c *client, b []byte) []byte {
	switch c.state {
	case calling:
		return g.answered(c, b)
	case upgrading:
		if b = g.upgraded(c, b); c.state == upgrading {
			return b
		}
	}
	at := now()
	for {
		f, size, err := nextFrame(b)
		if err != nil {
			g.drop(c, err.Error())
			return nil
		}
		if size == 0 {
			return b
		}
		switch b = b[size:]; f.op {
		case opText:
			g.message(c, f.payload, at)
		case opPing:
			g.send(c, appendClientFrame(nil, opPong, f.payload))
		case opClose:
			g.drop(c, fmt.Sprintf("the server closed: %q", f.payload))
		}
		if g.clients[c.fd] != c {
			return nil
		}
	}
}

// drop is for connections that ended otherwise than by us.
func (g *generator) drop(c *client, why string) {
	g.leave(c)
	g.ended++
	g.note(why)
}

func (g *generator) leave(c *client) {
	g.clients[c.fd] = nil
	_ = unix.Close(c.fd) // nothing to be done about it
	if c.state == standing {
		g.standing--
		if c.channel >= 0 {
			g.subscribers[c.channel]--
		}
	}
	if c.state < standing {
		g.opening--
	}
}
