package bustest

import (
	"bytes"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// Proxy stands between a bus and its Redis, with a door before each server, to break
// what a network breaks.
type Proxy struct {
	doors []*door
	url   string
	names []rename // not written after the start
	mu    sync.Mutex
	cond  *sync.Cond // of mu
}

type door struct {
	listener net.Listener
	target   string

	frozen bool       // guarded by the proxy's mu: bytes wait, connections stay
	conns  []net.Conn // guarded by the proxy's mu
}

// rename is what keeps the nodes of a cluster from sending clients around the proxy:
// their ports, as CLUSTER SLOTS and MOVED name them, become the doors'.
type rename struct{ from, to []byte }

// NewProxy listens for as long as the test runs.
func NewProxy(t testing.TB, redisURL string) *Proxy {
	t.Helper()
	p := &Proxy{}
	p.cond = sync.NewCond(&p.mu)
	i := strings.LastIndexByte(redisURL, '@') + 1
	hosts, path, _ := strings.Cut(redisURL[i:], "/")
	var at []string
	for target := range strings.SplitSeq(hosts, ",") {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		p.doors = append(p.doors, &door{listener: l, target: target})
		p.names = append(p.names, rename{port(target), port(l.Addr().String())})
		at = append(at, l.Addr().String())
	}
	p.url = redisURL[:i] + strings.Join(at, ",") + "/" + path
	var wg sync.WaitGroup
	for _, d := range p.doors {
		wg.Go(func() { p.accept(d, &wg) })
	}
	t.Cleanup(func() {
		for _, d := range p.doors {
			_ = d.listener.Close()
		}
		p.Thaw()
		p.Cut()
		wg.Wait()
	})
	return p
}

func port(addr string) []byte { return []byte(addr[strings.LastIndexByte(addr, ':'):] + "\r\n") }

// URL is Redis through the proxy.
func (p *Proxy) URL() string { return p.url }

// Cut breaks all connections; new ones are taken.
func (p *Proxy) Cut() {
	for i := range p.doors {
		p.CutOne(i)
	}
}

// CutOne breaks the connections to one server of several.
func (p *Proxy) CutOne(i int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.doors[i].conns {
		_ = c.Close()
	}
	p.doors[i].conns = nil
}

// Freeze lets no byte through, without a word to either side.
func (p *Proxy) Freeze() {
	for i := range p.doors {
		p.set(i, true)
	}
}

// FreezeOne is Freeze before one server of several.
func (p *Proxy) FreezeOne(i int) { p.set(i, true) }

// Thaw ends Freeze.
func (p *Proxy) Thaw() {
	for i := range p.doors {
		p.set(i, false)
	}
}

func (p *Proxy) set(i int, frozen bool) {
	p.mu.Lock()
	p.doors[i].frozen = frozen
	p.mu.Unlock()
	p.cond.Broadcast()
}

func (p *Proxy) accept(d *door, wg *sync.WaitGroup) {
	for {
		in, err := d.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.DialTimeout("tcp", d.target, time.Second)
		if err != nil {
			_ = in.Close()
			continue
		}
		p.mu.Lock()
		d.conns = append(d.conns, in, out)
		p.mu.Unlock()
		wg.Go(func() { p.carry(d, in, out, nil) })
		wg.Go(func() { p.carry(d, out, in, p.names) })
	}
}

func (p *Proxy) carry(d *door, from, to net.Conn, names []rename) {
	defer to.Close()
	defer from.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		p.mu.Lock()
		for d.frozen {
			p.cond.Wait()
		}
		p.mu.Unlock()
		if n > 0 {
			said := b[:n]
			for _, r := range names {
				said = bytes.ReplaceAll(said, r.from, r.to)
			}
			if _, err := to.Write(said); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
