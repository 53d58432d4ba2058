package devtest

import (
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// Proxy stands between a node and PostgreSQL and does to connections what networks do.
type Proxy struct {
	listener   net.Listener
	to         string
	onChunk    atomic.Pointer[func(n int64, toServer bool) bool]
	afterwards atomic.Pointer[func(n int64)]

	chunks, resets atomic.Int64
	wg             sync.WaitGroup
}

// NewProxy stands before the database of a URL until the test ends.
func NewProxy(t testing.TB, dbURL string) *Proxy {
	t.Helper()
	u, err := url.Parse(dbURL)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, to: u.Host}
	t.Cleanup(func() { _ = l.Close(); p.wg.Wait() })
	p.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.wg.Go(func() { p.serve(c) })
		}
	})
	return p
}

// URL is a database's URL by way of the proxy.
func (p *Proxy) URL(dbURL string) string {
	u, err := url.Parse(dbURL)
	if err != nil {
		panic(err)
	}
	u.Host = p.listener.Addr().String()
	return u.String()
}

func (p *Proxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		_ = client.Close()
		return
	}
	end := sync.OnceFunc(func() { _, _ = client.Close(), server.Close() })
	var both sync.WaitGroup
	both.Go(func() { p.pump(server, client, true, end) })
	both.Go(func() { p.pump(client, server, false, end) })
	both.Wait()
}

func (p *Proxy) pump(to, from net.Conn, toServer bool, end func()) {
	defer end()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			i := p.chunks.Add(1)
			if may := p.onChunk.Load(); may != nil && !(*may)(i, toServer) {
				p.resets.Add(1)
				for _, c := range []net.Conn{to, from} { // RST, not a polite end
					if tcp, ok := c.(*net.TCPConn); ok {
						_ = tcp.SetLinger(0)
					}
				}
				return
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
			if told := p.afterwards.Load(); told != nil {
				(*told)(i)
			}
		}
		if err != nil {
			return
		}
	}
}

// Pieces is how many pieces came by so far.
func (p *Proxy) Pieces() int64 { return p.chunks.Load() }

// Resets is how many connections were reset.
func (p *Proxy) Resets() int64 { return p.resets.Load() }

// After is told of each piece once it was forwarded, counted from 1 on; the piece's direction stands still meanwhile.
func (p *Proxy) After(f func(n int64)) { p.afterwards.Store(&f) }

// Chaos is asked before each piece is forwarded: which it is, from 1 on, and where it goes. False resets the connection
// instead. Nil: everything passes.
func (p *Proxy) Chaos(f func(n int64, toServer bool) bool) {
	if f == nil {
		p.onChunk.Store(nil)
		return
	}
	p.onChunk.Store(&f)
}

// Sometimes resets one piece in about n, on the way there and on the way back.
func Sometimes(n int) func(int64, bool) bool {
	return func(int64, bool) bool { return rand.IntN(n) != 0 }
}
