package realtime

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// Front stands between a listener and an HTTP server. It answers upgrades itself and hands every other connection on, with
// what was read of it: behind http.Server an upgrade costs half as much again, and leaves the server's buffers to the
// collector. Only a connection's first request is looked at; an upgrade that comes later, or by TLS, is the server's, and
// ends in the same ServeHTTP.
//
// On failure: whatever is not plainly an upgrade (half a header, a header too long, a stray byte) is the HTTP server's to
// answer, so that there is one voice for what is wrong.
type Front struct {
	net.Listener
	hub  *Hub
	rest chan net.Conn
	over chan struct{}
	once sync.Once
	crew *crew

	mu    sync.Mutex
	fresh map[net.Conn]struct{} // guarded by mu: accepted, and not known yet what they want
}

// Bounds of a first request.
const (
	frontWait = 5 * time.Second
	maxHead   = 16 << 10
)

var (
	upgradeLine = []byte("GET /v1/realtime")
	headEnd     = []byte("\r\n\r\n")
)

// Front puts the hub before whoever serves from the listener that it returns. Run must be running.
func (h *Hub) Front(l net.Listener) *Front {
	return &Front{Listener: l, hub: h, rest: make(chan net.Conn), over: make(chan struct{}), crew: newCrew(), fresh: map[net.Conn]struct{}{}}
}

// Run accepts until ctx ends or the listener is closed, and returns when nobody's first request is looked at any more.
func (f *Front) Run(ctx context.Context) {
	defer context.AfterFunc(ctx, func() { _ = f.Close() })()
	var wg sync.WaitGroup
	defer wg.Wait()
	defer f.end()
	spawn := func(look func()) bool { wg.Go(look); return true }
	for {
		nc, err := f.Listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of descriptors, mostly: they come back
			select {
			case <-f.over:
				return
			case <-time.After(5 * time.Millisecond):
				continue
			}
		}
		f.mu.Lock()
		f.fresh[nc] = struct{}{}
		f.mu.Unlock()
		f.crew.do(func() { f.look(nc) }, spawn, f.over)
	}
}

// Accept is the HTTP server's.
func (f *Front) Accept() (net.Conn, error) {
	select {
	case nc := <-f.rest:
		return nc, nil
	case <-f.over:
		return nil, net.ErrClosed
	}
}

// Close is the HTTP server's: nobody is accepted any more.
func (f *Front) Close() error {
	err := f.Listener.Close()
	f.end()
	return err
}

func (f *Front) end() {
	f.once.Do(func() { close(f.over) })
	f.mu.Lock()
	defer f.mu.Unlock()
	for nc := range f.fresh {
		_ = nc.Close()
	}
}

func (f *Front) known(nc net.Conn) {
	f.mu.Lock()
	delete(f.fresh, nc)
	f.mu.Unlock()
}

var headReaders = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 4<<10) }}

var heads = sync.Pool{New: func() any { b := make([]byte, maxHead); return &b }}

// look reads the first request as far as it must to know whose it is.
func (f *Front) look(nc net.Conn) {
	lent := heads.Get().(*[]byte)
	defer heads.Put(lent)
	_ = nc.SetReadDeadline(time.Now().Add(frontWait))
	buf, n := *lent, 0
	for n < len(buf) {
		got, err := nc.Read(buf[n:])
		n += got
		if end := bytes.Index(buf[:n], headEnd); end >= 0 {
			end += len(headEnd)
			if r := upgradeIn(buf[:end]); r != nil {
				f.known(nc)
				r.RemoteAddr = nc.RemoteAddr().String()
				f.hub.greet(nc, r, buf[end:n])
				return
			}
			break
		}
		if err != nil || !couldBe(buf[:n]) {
			break
		}
	}
	_ = nc.SetReadDeadline(time.Time{})
	f.known(nc)
	select {
	case f.rest <- &begun{Conn: nc, early: bytes.Clone(buf[:n])}:
	case <-f.over:
		_ = nc.Close()
	}
}

// couldBe says that what has come may become an upgrade.
func couldBe(b []byte) bool {
	n := min(len(b), len(upgradeLine))
	return bytes.Equal(b[:n], upgradeLine[:n])
}

// upgradeIn is the request of a whole head; nil when it is none for us.
func upgradeIn(head []byte) *http.Request {
	if !couldBe(head) {
		return nil
	}
	lent := headReaders.Get().(*bufio.Reader)
	defer headReaders.Put(lent)
	lent.Reset(bytes.NewReader(head))
	r, err := http.ReadRequest(lent)
	if err != nil || r.URL.Path != "/v1/realtime" || r.Host == "" || r.Body != http.NoBody || !names(r.Header, "Upgrade", "websocket") {
		return nil
	}
	return r
}

// begun is a connection of which something was read.
type begun struct {
	net.Conn
	early []byte
}

func (b *begun) Read(p []byte) (int, error) {
	if len(b.early) > 0 {
		n := copy(p, b.early)
		if b.early = b.early[n:]; len(b.early) == 0 {
			b.early = nil
		}
		return n, nil
	}
	return b.Conn.Read(p)
}

// greet answers an upgrade on the connection itself.
func (h *Hub) greet(nc net.Conn, r *http.Request, early []byte) {
	defer func() { // as http.Server does: one request's bug is not everybody's
		if p := recover(); p != nil {
			_ = h.caught("an upgrade", p)
			_ = nc.Close()
		}
	}()
	w := &greeting{hub: h, nc: nc, early: early, header: http.Header{}}
	h.ServeHTTP(w, r.WithContext(h.ctx()))
	if !w.taken {
		w.refuse(r)
	}
}

// greeting is the answer to an upgrade that is refused, or the connection of one that is not.
type greeting struct {
	hub    *Hub
	nc     net.Conn
	early  []byte
	header http.Header
	status int
	body   bytes.Buffer
	taken  bool
}

func (g *greeting) Header() http.Header { return g.header }

func (g *greeting) WriteHeader(code int) {
	if g.status == 0 {
		g.status = code
	}
}

func (g *greeting) Write(b []byte) (int, error) {
	g.WriteHeader(http.StatusOK)
	return g.body.Write(b)
}

func (g *greeting) take() *socket {
	_ = g.nc.SetDeadline(time.Time{})
	g.taken = true
	return newSocket(g.nc, g.early, g.hub.spawn)
}

// refuse says no, and ends the connection.
func (g *greeting) refuse(r *http.Request) {
	defer g.nc.Close()
	g.WriteHeader(http.StatusOK)
	g.header.Set("Connection", "close")
	_ = g.nc.SetDeadline(time.Now().Add(frontWait))
	answer := &http.Response{
		StatusCode: g.status, ProtoMajor: 1, ProtoMinor: 1, Request: r, Header: g.header,
		Body: http.NoBody, ContentLength: int64(g.body.Len()), Close: true,
	}
	answer.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	if g.body.Len() > 0 {
		answer.Body = body{&g.body}
	}
	_ = answer.Write(g.nc) // who is refused may be gone already
}

type body struct{ *bytes.Buffer }

func (body) Close() error { return nil }
