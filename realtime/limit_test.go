package realtime_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/realtime"
	"github.com/waymeet/waymeet/realtime/wire"
)

func limits(edit func(*realtime.Limits)) func(*realtime.Config) {
	return func(c *realtime.Config) {
		c.Limits = func(realtime.Principal) realtime.Limits {
			l := realtime.DefaultLimits
			edit(&l)
			return l
		}
	}
}

// What breaks the rules is refused, and closed with the code that says why.
func TestCloseCodes(t *testing.T) {
	s := newScene(t, 1)
	n := s.node(t)
	token := s.doors.token(s.db.A, "rider")
	text := func(msgs ...string) func(*client) {
		return func(c *client) {
			for _, m := range msgs {
				_ = c.ws.Write(context.Background(), websocket.MessageText, []byte(m))
			}
		}
	}
	flood := func(c *client) {
		for range 600 {
			_ = c.ws.Write(context.Background(), websocket.MessageText, []byte(`{"id":0,"unsub":"me"}`))
		}
	}
	for _, x := range []struct {
		name string
		send func(*client)
		want int
	}{
		{"text that is not UTF-8", text("{\"id\":1,\"sub\":\"\xff\"}"), 1007},
		{"binary", func(c *client) { _ = c.ws.Write(context.Background(), websocket.MessageBinary, []byte("{}")) }, 1003},
		{"too large", text(`{"id":1,"sub":"` + strings.Repeat("x", 65<<10) + `"}`), 1009},
		{"five that are no requests", text(`{}`, `[1]`, `not JSON`, `{"id":1,"dance":"x"}`, `{"id":1,"sub":5}`), 4000},
		{"a flood", flood, 4029},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := dial(quiet{t}, n, token)
			x.send(c)
			c.await("the close", func() bool { return c.ended != nil })
			if got := int(websocket.CloseStatus(c.ended)); got != x.want {
				t.Errorf("closed with %d (%v), want %d", got, c.ended, x.want)
			}
		})
	}

	c := dial(t, n, token)
	if a := c.ask(`"sub":["me","nothing:1","trip:x","line:%s:2026-13-01"]`, s.a.Line); a.err != nil ||
		strings.Count(string(a.ok), `"code":"not_found"`) != 3 || !strings.Contains(string(a.ok), `"me":{"set":{"user/`) {
		t.Errorf("%s %+v", a.ok, a.err)
	}
}

// What is broken in a message is answered for itself, with its id where that can be read; what comes behind it is served.
func TestWhatIsBehindGarbageIsServed(t *testing.T) {
	s := newScene(t, 1)
	r := knock(t, s.node(t), s.doors.token(s.db.A, "rider"), 0)
	r.write(1, []byte(`{"id":1,"unsub":"a"}`+"\nGARBAGE\n"+`{"unsub":5,"id":7}`+"\n"+`{"id":2,"unsub":"a"}`))
	var got []string
	for len(got) < 4 {
		_, p, err := r.read()
		if err != nil {
			t.Fatalf("%v after %q", err, got)
		}
		for _, o := range strings.Split(string(p), "\n") {
			if !strings.HasPrefix(o, `{"hello"`) {
				got = append(got, o[:min(len(o), 28)])
			}
		}
	}
	if want := []string{`{"id":1,"ok":{}}`, `{"id":null,"err":{"code":"ba`, `{"id":7,"err":{"code":"bad_r`, `{"id":2,"ok":{}}`}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// A list is one request, whatever it names: forty of the longest are answered within a burst of sixty. What they open is bounded
// all the same, and others do not wait for it.
func TestAListIsOneRequest(t *testing.T) {
	s := newScene(t, 1)
	n := s.node(t)
	token := s.doors.token(s.db.A, "rider")
	list := make([]string, 256)
	for i := range list {
		list[i] = fmt.Sprintf("nothing:%d", i)
	}
	list[0] = "trip:" + s.a.Trips[0].String()
	names := jsonText(list)
	c := dial(t, n, token)
	began := time.Now()
	for i := range 40 {
		if a := c.ask(`"sub":%s`, names); a.err != nil || !strings.Contains(string(a.ok), `"set":{"trip/`) {
			t.Fatalf("list %d: %s %+v", i, a.ok[:min(len(a.ok), 100)], a.err)
		}
	}
	if took, least := time.Since(began), time.Second*(40*256-wire.ChannelsAtOnce)/wire.ChannelsPerS; took < least {
		t.Errorf("%d channels were opened in %v", 40*256, took)
	}

	honest := dial(t, n, token)
	began = time.Now()
	for i := range 40 { // 20 channels each, and all that it had after a cut
		if a := honest.ask(`"sub":%s`, jsonText(list[:20])); a.err != nil {
			t.Fatalf("list %d: %+v", i, a.err)
		}
	}
	if a := honest.ask(`"sub":%s`, names); a.err != nil {
		t.Errorf("%+v", a.err)
	}
	t.Logf("an honest client's took %v", time.Since(began))

	// In one message, as many as fit: each is answered too.
	r := knock(t, n, token, 0)
	var all strings.Builder
	for i := range 18 {
		fmt.Fprintf(&all, "{\"id\":%d,\"sub\":%s}\n", i, names)
	}
	if all.Len() > 64<<10 {
		t.Fatalf("%d bytes", all.Len())
	}
	r.write(1, []byte(all.String()))
	for answered := 0; answered < 18; {
		_, p, err := r.read()
		if err != nil {
			t.Fatalf("%v after %d", err, answered)
		}
		if strings.Contains(string(p), "rate_limited") {
			t.Fatalf("answer %d: %.200s", answered, p)
		}
		answered += strings.Count(string(p), `"ok":`)
	}
}

// quiet swallows what the faithful client would call an error of the server.
type quiet struct{ testing.TB }

func (quiet) Errorf(string, ...any) {}

func TestLimits(t *testing.T) {
	s := newScene(t, 6)
	n := s.node(t, limits(func(l *realtime.Limits) {
		l.Subscriptions, l.Burst, l.Every, l.UserConns = 3, 20, 50*time.Millisecond, 2
	}))
	token := s.doors.token(s.db.A, "rider")
	c := dial(t, n, token)
	for i, trip := range s.a.Trips[:4] {
		err := c.sub("trip:" + trip.String())
		if (err == nil) != (i < 3) || err != nil && (err.Code != "too_many" || err.Retry) {
			t.Errorf("subscription %d: %+v", i, err)
		}
	}
	c.unsub("trip:" + s.a.Trips[0].String())
	if err := c.sub("trip:" + s.a.Trips[3].String()); err != nil {
		t.Errorf("after an unsub: %+v", err)
	}
	limited := 0
	for range 40 {
		if a := c.ask(`"unsub":"me"`); a.err != nil && a.err.Code == "rate_limited" && a.err.Retry {
			limited++
		}
	}
	if limited == 0 || limited > 30 {
		t.Errorf("%d of 40 were limited", limited)
	}

	second := dial(t, n, token)
	third := dial(t, n, token)
	c.await("the oldest gives way", func() bool { return c.ended != nil })
	if websocket.CloseStatus(c.ended) != 4009 {
		t.Errorf("closed with %v", c.ended)
	}
	for _, x := range []*client{second, third} {
		if a := x.ask(`"unsub":"me"`); a.err != nil {
			t.Errorf("%+v", a.err)
		}
	}
}

// raw is a socket under the test's own hands.
type raw struct {
	net.Conn
	in *bufio.Reader
}

func knock(t *testing.T, n *node, token string, window int) raw {
	t.Helper()
	d := net.Dialer{}
	nc, err := d.Dial("tcp", strings.TrimPrefix(n.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	if window > 0 {
		if err := nc.(*net.TCPConn).SetReadBuffer(window); err != nil {
			t.Fatal(err)
		}
	}
	_ = nc.SetDeadline(time.Now().Add(60 * time.Second))
	fmt.Fprintf(nc, "GET /v1/realtime HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: waymeet.v1\r\nAuthorization: Bearer %s\r\n\r\n", token)
	r := raw{nc, bufio.NewReaderSize(nc, 512)}
	for {
		line, err := r.in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line == "\r\n" {
			return r
		}
	}
}

func (r raw) write(op byte, p []byte) {
	f := []byte{0x80 | op}
	if len(p) < 126 {
		f = append(f, 0x80|byte(len(p)))
	} else {
		f = append(f, 0x80|126, byte(len(p)>>8), byte(len(p)))
	}
	f = append(f, 0, 0, 0, 0) // a mask that changes nothing
	_, _ = r.Write(append(f, p...))
}

func (r raw) read() (op byte, p []byte, err error) {
	h := make([]byte, 2)
	if _, err = io.ReadFull(r.in, h); err != nil {
		return 0, nil, err
	}
	size := int(h[1])
	if size >= 126 {
		ext := make([]byte, 2+6*(size-126))
		if _, err = io.ReadFull(r.in, ext); err != nil {
			return 0, nil, err
		}
		size = int(binary.BigEndian.Uint64(append(make([]byte, 8-len(ext)), ext...)))
	}
	p = make([]byte, size)
	_, err = io.ReadFull(r.in, p)
	return h[0] & 15, p, err
}

// opaque hides descriptors, as TLS would: the hub then writes by its drainer alone, and
// cannot ask the kernel what the peer has confirmed.
type opaque struct{ net.Listener }

func (o opaque) Accept() (net.Conn, error) {
	c, err := o.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return struct{ net.Conn }{c}, nil
}

// A program that says nothing, while its kernel confirms every ping, is not dead: a slow
// phone looks like that.
func TestSilentIsNotDead(t *testing.T) {
	s := newScene(t, 1)
	n := s.node(t, func(c *realtime.Config) { c.Timing.Dead = 1500 * time.Millisecond })
	r := knock(t, n, s.doors.token(s.db.A, "rider"), 0)
	for pings := 0; pings < 20; { // six seconds: Dead, four times
		op, p, err := r.read()
		if err != nil || op == 8 {
			t.Fatalf("ended after %d pings: %v %q", pings, err, p)
		}
		if op == 9 {
			pings++
		}
	}
}

// Without a sign of life a socket is closed; one that answers pings stays.
func TestDeadIsClosed(t *testing.T) {
	s := newScene(t, 1)
	s.wrap = func(l net.Listener) net.Listener { return opaque{l} }
	n := s.node(t)
	token := s.doors.token(s.db.A, "rider")
	alive := dial(t, n, token) // the library answers pings
	if err := alive.sub("trip:" + s.a.Trips[0].String()); err != nil {
		t.Fatal(err)
	}
	lively, pings := knock(t, n, token, 0), make(chan struct{})
	go func() {
		defer close(pings)
		for {
			op, p, err := lively.read()
			if err != nil || op == 8 {
				return
			}
			if op == 9 {
				lively.write(10, p)
				select {
				case pings <- struct{}{}:
				default: // nobody counts yet
				}
			}
		}
	}()
	r := knock(t, n, token, 0)
	for {
		op, p, err := r.read()
		if err != nil {
			t.Fatalf("ended without a close frame: %v", err)
		}
		if op == 8 {
			if code := binary.BigEndian.Uint16(p); code != 4008 {
				t.Errorf("closed with %d", code)
			}
			break
		}
	}
	for range 3 { // it is older than Dead by now, and nobody can tell what its kernel confirmed
		if _, stays := <-pings; !stays {
			t.Fatal("one that answers pings was closed")
		}
	}
	n.change(s.a, s.a.Trips[0], take)
	alive.converges(s, "trip:"+s.a.Trips[0].String())
}

// A client that reads slowly is never cut off: it skips steps and ends with the truth, and
// what waits for it stays small.
func TestSlowClientConflates(t *testing.T) {
	s := newScene(t, 12)
	n := s.node(t, func(c *realtime.Config) { c.Timing.Dead = time.Minute })
	token := s.doors.token(s.db.A, "dispatcher")
	board := "board:" + s.a.Date.String()
	r := knock(t, n, token, 16<<10)
	r.write(1, fmt.Appendf(nil, `{"id":1,"sub":%q}`, board))

	c := &client{t: t, token: token, news: make(chan struct{}), wait: map[int64]waiter{}, sets: map[string]map[string]doc{},
		left: map[string]uint64{}, parts: map[string]bool{}, sigs: map[string]frame{}, closed: map[string]string{}}
	c.wait[1] = waiter{make(chan answer, 1), func(ok json.RawMessage) { c.joined(board, false, ok) }}
	brake := make(chan struct{})
	var gate sync.Mutex // held: nothing is read at all
	go func() {
		for {
			gate.Lock()
			held := r
			gate.Unlock()
			op, p, err := held.read()
			if err != nil || op == 8 {
				c.mu.Lock()
				c.ended = fmt.Errorf("%w, close frame %q", err, p)
				c.tell()
				c.mu.Unlock()
				return
			}
			if op == 9 {
				r.write(10, p)
			}
			if op != 1 {
				continue
			}
			c.mu.Lock()
			for _, line := range strings.Split(string(p), "\n") {
				var f frame
				if err := json.Unmarshal([]byte(line), &f); err != nil {
					t.Errorf("torn: %.200q", line)
				}
				c.take(f, line)
			}
			joined := len(c.sets) > 0
			c.tell()
			c.mu.Unlock()
			if joined {
				select {
				case <-brake:
				case <-time.After(150 * time.Millisecond): // a few hundred bytes each: about 2 KB/s
				}
			}
		}
	}()
	c.await("the set", func() bool { return c.sets[board] != nil })
	before := n.hub.Stats()
	changes := 0
	for ; n.hub.Stats().Conflations-before.Conflations < 200 && changes < 5000; changes++ { // until what the kernels hold is full
		n.change(s.a, s.a.Trips[changes%12], func(x *event.Trip) {
			take(x)
			x.Held, x.Booked, x.Boarded = int16(changes%100), int16(changes%70), int16(changes%50)
		})
	}
	close(brake)
	c.converges(s, board)

	// One that stands still lacks a single step of some trips: that step must not be skipped. And all that it lacks is
	// more than is encoded at once.
	gate.Lock()
	s.db.Exec(t, "update trip set incident = repeat('i', 3000)") // the next change of each says it
	behind := n.hub.Stats().Conflations + 20
	for more := 0; n.hub.Stats().Conflations < behind && more < 5000; more++ {
		n.change(s.a, s.a.Trips[0], func(x *event.Trip) { take(x); x.Held = int16(more % 90) })
	}
	for _, trip := range s.a.Trips[1:] {
		n.change(s.a, trip, take)
	}
	gate.Unlock()
	c.converges(s, board)
	after := n.hub.Stats()
	if after.Conflations-before.Conflations < 200 {
		t.Error("nothing was conflated: the client was not slow")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t.Logf("%d changes, %d conflated, %d frames read", changes, after.Conflations-before.Conflations, len(c.frames))
}

// A set that is large comes in parts, while it changes, and ends whole.
func TestLargeSetInParts(t *testing.T) {
	s := newScene(t, 1)
	s.db.Exec(t, `insert into trip (tenant_id, service_date, id, line_id, pattern_id, start_s, departs_at, ends_at, dep, capacity, free, overload, incident)
		select tenant_id, service_date, overlay(overlay(id::text placing lpad(to_hex(g), 4, '0') from 20 for 4) placing '7a' from 15 for 2)::uuid, line_id, pattern_id, g, departs_at, ends_at, '09:00', 14, free, overload, repeat('i', 300)
		from trip, generate_series(32768, 33767) g where id = $1`, s.a.Trips[0])
	n := s.node(t)
	board := "board:" + s.a.Date.String()
	c := dial(t, n, s.doors.token(s.db.A, "dispatcher"))
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				n.change(s.a, s.a.Trips[0], take)
			}
		}
	}()
	for range 5 {
		if err := c.sub(board); err != nil {
			t.Fatal(err)
		}
		c.await("all parts", func() bool { return !c.parts[board] })
		c.unsub(board)
	}
	close(stop)
	<-done
	if err := c.sub(board); err != nil {
		t.Fatal(err)
	}
	c.converges(s, board)
	c.mu.Lock()
	parts := 0
	for _, f := range c.frames {
		if strings.HasPrefix(f, `{"ch":`) && strings.Contains(f, `"set":{`) {
			parts++
		}
	}
	size := len(c.sets[board])
	c.mu.Unlock()
	if size != 1001 || parts < 10 {
		t.Errorf("%d trips in %d parts", size, parts)
	}

	s.db.Exec(t, `insert into trip (tenant_id, service_date, id, line_id, pattern_id, start_s, departs_at, ends_at, dep, capacity, free, overload)
		select tenant_id, service_date, overlay(overlay(id::text placing lpad(to_hex(g), 4, '0') from 20 for 4) placing '7b' from 15 for 2)::uuid, line_id, pattern_id, g, departs_at, ends_at, '10:00', 14, free, overload
		from trip, generate_series(32768, 33767) g where id = $1`, s.a.Trips[0])
	emit(t, n.db, s.db.A.ID, event.Reload(board))
	c.await("it has grown too large", func() bool { return c.closed[board] == "too_many" })
	if err := c.sub(board); err == nil || err.Code != "too_many" {
		t.Errorf("%+v", err)
	}
	if err := c.sub(board + "?from=10:00"); err != nil {
		t.Errorf("a window of it: %+v", err)
	}
}

// A node that leaves says goodbye first, and takes nobody any more.
func TestDrain(t *testing.T) {
	s := newScene(t, 1)
	n := s.node(t)
	c := dial(t, n, s.doors.token(s.db.A, "rider"))
	if a := c.ask(`"unsub":"me"`); a.err != nil { // whoever has only read hello need not be known to the node yet
		t.Fatalf("%+v", a.err)
	}
	n.hub.Drain(context.Background(), 50*time.Millisecond)
	c.await("the end", func() bool { return c.ended != nil })
	if c.byes != 1 || websocket.CloseStatus(c.ended) != 1012 {
		t.Errorf("%d byes, closed with %v", c.byes, c.ended)
	}
	ws, res, err := websocket.Dial(t.Context(), socketURL(n), &websocket.DialOptions{Subprotocols: []string{wire.Subprotocol},
		HTTPHeader: http.Header{"Authorization": {"Bearer " + s.doors.token(s.db.A, "rider")}}})
	if err == nil {
		_ = ws.CloseNow()
	}
	if err == nil || res == nil || res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
		t.Errorf("one who comes late: %v, %v", err, res)
	}
}

// Who is closed for flooding and floods on is read slowly: the moment for its goodbye is no moment of full speed.
func TestAFloodIsNotReadAtFullSpeed(t *testing.T) {
	s := newScene(t, 1)
	n := s.node(t)
	r := knock(t, n, s.doors.token(s.db.A, "rider"), 0)
	go func() { _, _ = io.Copy(io.Discard, r.in) }()
	pings := bytes.Repeat([]byte{0x89, 0x80, 0, 0, 0, 0}, 10_000)
	sent, began := 0, time.Now()
	for {
		k, err := r.Write(pings)
		if sent += k; err != nil {
			break
		}
		if sent > 1<<30 {
			t.Fatal("it is read for ever")
		}
	}
	const buffers, read = 16 << 20, 8 << 10 // of both kernels; at a time
	if most := buffers + read*int(time.Since(began)/time.Millisecond); sent > most {
		t.Errorf("%d MB were taken in %v, %d may be", sent>>20, time.Since(began), most>>20)
	}
}
