package faults

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// narrow keeps the kernel from taking megabytes on behalf of a client that does not read.
func narrow(_, _ string, c syscall.RawConn) error {
	var err error
	if cerr := c.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4<<10) }); cerr != nil {
		return cerr
	}
	return err
}

// trickle reads so many bytes a second; zero: as many as come.
type trickle struct {
	net.Conn
	rate, read *atomic.Int64
	next       time.Time
}

func (c *trickle) Read(p []byte) (int, error) {
	rate := c.rate.Load()
	if rate > 0 {
		time.Sleep(time.Until(c.next)) // the speed of the link
		p = p[:min(len(p), int(rate)/8)]
	}
	n, err := c.Conn.Read(p)
	if rate > 0 {
		c.next = time.Now().Add(time.Duration(n) * time.Second / time.Duration(rate))
	}
	c.read.Add(int64(n))
	return n, err
}

// leak loses patches on the way to the client, whole frames of them, until it is tight.
type leak struct {
	net.Conn
	random *rand.Rand
	tight  <-chan struct{}

	in, out  []byte
	upgraded bool
}

func (c *leak) Read(p []byte) (int, error) {
	b := make([]byte, 16<<10)
	for len(c.out) == 0 {
		n, err := c.Conn.Read(b)
		c.in = append(c.in, b[:n]...)
		c.sieve()
		if err != nil && len(c.out) == 0 {
			return 0, err
		}
	}
	n := copy(p, c.out)
	c.out = c.out[n:]
	return n, nil
}

func (c *leak) sieve() {
	if !c.upgraded {
		i := bytes.Index(c.in, []byte("\r\n\r\n"))
		if i < 0 {
			return
		}
		c.out, c.in, c.upgraded = append(c.out, c.in[:i+4]...), c.in[i+4:], true
	}
	for {
		n := frameLen(c.in)
		if n == 0 || n > len(c.in) {
			return
		}
		if frame := c.in[:n]; !c.loses(frame) {
			c.out = append(c.out, frame...)
		}
		c.in = c.in[n:]
	}
}

// loses picks some of the messages that are patches and nothing else: the loss of those shows with the next patch.
func (c *leak) loses(frame []byte) bool {
	select {
	case <-c.tight:
		return false
	default:
	}
	if frame[0]&0xf != 1 || c.random.IntN(10) != 0 || !bytes.Contains(frame, []byte(`"p":`)) {
		return false
	}
	for _, other := range []string{`"id":`, `"d":`, `"gone":`, `"set":`, `"hello":`, `"bye":`, `"closed":`, `"sig":`} {
		if bytes.Contains(frame, []byte(other)) {
			return false
		}
	}
	return true
}

// frameLen is the length of a server's frame; 0: its head is not whole.
func frameLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch n := int(b[1] & 0x7f); {
	case n < 126:
		return 2 + n
	case n == 126 && len(b) >= 4:
		return 4 + int(binary.BigEndian.Uint16(b[2:]))
	case n == 127 && len(b) >= 10:
		return 10 + int(binary.BigEndian.Uint64(b[2:]))
	}
	return 0
}
