package faults

import (
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"
)

// link is the network between a node and a server: it can be slow, break, and stand still.
type link struct {
	listener net.Listener
	target   string
	window   int // bytes that the kernel may take from the server ahead of us; 0: as many as it likes

	mu            sync.Mutex
	cond          *sync.Cond
	delay, jitter time.Duration // guarded by mu
	held          bool          // guarded by mu: nothing is taken from the server
	over          bool          // guarded by mu
	conns         map[net.Conn]struct{}
	wg            sync.WaitGroup
}

func newLink(t *testing.T, target string, window int) *link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &link{listener: listener, target: target, window: window, conns: map[net.Conn]struct{}{}}
	l.cond = sync.NewCond(&l.mu)
	l.wg.Go(l.accept)
	t.Cleanup(l.close)
	return l
}

func (l *link) addr() string { return l.listener.Addr().String() }

func (l *link) accept() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.wg.Go(func() {
			d := net.Dialer{Timeout: time.Second, Control: l.narrow}
			far, err := d.Dial("tcp", l.target)
			if err != nil || !l.keep(near, far) {
				_ = near.Close()
				return
			}
			var both sync.WaitGroup
			both.Go(func() { l.carry(near, far, false) })
			both.Go(func() { l.carry(far, near, true) })
			both.Wait()
			l.mu.Lock()
			delete(l.conns, near)
			delete(l.conns, far)
			l.mu.Unlock()
		})
	}
}

// narrow keeps the kernel from swallowing what a reader that stands still should be missing.
func (l *link) narrow(_, _ string, c syscall.RawConn) error {
	if l.window == 0 {
		return nil
	}
	var err error
	if cerr := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, l.window)
	}); cerr != nil {
		return cerr
	}
	return err
}

func (l *link) keep(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range conns {
		l.conns[c] = struct{}{}
		if l.over {
			_ = c.Close()
		}
	}
	return !l.over
}

type piece struct {
	b   []byte
	due time.Time
}

// carry takes pieces from one side and hands them to the other when they are due, in their order.
func (l *link) carry(from, to net.Conn, down bool) {
	pieces := make(chan piece, 16)
	var writer sync.WaitGroup
	writer.Go(func() {
		for p := range pieces {
			if wait := time.Until(p.due); wait > 0 {
				time.Sleep(wait) // latency is what this is about
			}
			if _, err := to.Write(p.b); err != nil {
				break
			}
		}
		_, _ = to.Close(), from.Close()
		for range pieces { // the reader is about to see that it is over
		}
	})
	for {
		b := make([]byte, 16<<10)
		n, err := from.Read(b)
		l.mu.Lock()
		for down && l.held && !l.over {
			l.cond.Wait()
		}
		due := time.Now().Add(l.delay)
		if l.jitter > 0 {
			due = due.Add(rand.N(l.jitter))
		}
		l.mu.Unlock()
		if n > 0 {
			pieces <- piece{b[:n], due}
		}
		if err != nil {
			close(pieces)
			writer.Wait()
			return
		}
	}
}

// slow gives every piece a latency; zeros: none.
func (l *link) slow(delay, jitter time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delay, l.jitter = delay, jitter
}

// hold takes nothing more from the server, without a word to it; or goes on.
func (l *link) hold(on bool) {
	l.mu.Lock()
	l.held = on
	l.mu.Unlock()
	l.cond.Broadcast()
}

// reset breaks every connection rudely; new ones are taken.
func (l *link) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = c.Close()
	}
}

func (l *link) close() {
	_ = l.listener.Close()
	l.mu.Lock()
	l.over, l.held = true, false
	l.mu.Unlock()
	l.cond.Broadcast()
	l.reset()
	l.wg.Wait()
}
