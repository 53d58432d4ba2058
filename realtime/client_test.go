package realtime_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/waymeet/waymeet/realtime/wire"
)

// client is written from the protocol alone. It holds what it was sent, and fails the
// test for anything that a correct server never does.
type client struct {
	t     testing.TB
	token string
	ws    *websocket.Conn
	hello struct {
		Conn, Node, User, Epoch string
	}

	mu     sync.Mutex
	next   int64
	news   chan struct{}             // closed and replaced under mu at every frame
	wait   map[int64]waiter          // guarded by mu
	sets   map[string]map[string]doc // guarded by mu; by channel, by entity
	left   map[string]uint64         // guarded by mu; version at which an entity left, by channel + entity
	parts  map[string]bool           // guarded by mu; channels whose set still arrives
	sigs   map[string]frame          // guarded by mu; by channel, sig and key
	heard  map[string]int            // guarded by mu; how often each of them was pushed
	closed map[string]string         // guarded by mu; codes by channel
	frames []string                  // guarded by mu; everything that came, for canaries
	byes   int                       // guarded by mu
	gaps   int                       // guarded by mu
	ended  error                     // guarded by mu
}

type doc struct {
	v uint64
	d []byte
}

type frame struct {
	ID     *int64            `json:"id"`
	OK     json.RawMessage   `json:"ok"`
	Err    *wireErr          `json:"err"`
	Hello  json.RawMessage   `json:"hello"`
	Bye    json.RawMessage   `json:"bye"`
	Ch     string            `json:"ch"`
	E      string            `json:"e"`
	V      uint64            `json:"v"`
	From   json.RawMessage   `json:"from"` // a version, or who signals
	P      json.RawMessage   `json:"p"`
	D      json.RawMessage   `json:"d"`
	Gone   bool              `json:"gone"`
	Set    map[string]member `json:"set"`
	More   bool              `json:"more"`
	Sig    string            `json:"sig"`
	Key    string            `json:"key"`
	At     string            `json:"at"`
	Closed *wireErr          `json:"closed"`
}

type member struct {
	V    uint64          `json:"v"`
	From *uint64         `json:"from"`
	P    json.RawMessage `json:"p"`
	D    json.RawMessage `json:"d"`
}

type wireErr struct {
	Code    string          `json:"code"`
	Message string          `json:"message"`
	Retry   bool            `json:"retry"`
	Problem json.RawMessage `json:"problem"`
}

type answer struct {
	ok  json.RawMessage
	err *wireErr
}

type subOK struct {
	Set  map[string]member          `json:"set"`
	Gone []string                   `json:"gone"`
	Sig  map[string]json.RawMessage `json:"sig"`
	More bool                       `json:"more"`
	Err  *wireErr                   `json:"err"`
}

func dial(t testing.TB, n *node, token string) *client {
	t.Helper()
	c := &client{t: t, token: token, news: make(chan struct{}), wait: map[int64]waiter{}, sets: map[string]map[string]doc{},
		left: map[string]uint64{}, parts: map[string]bool{}, sigs: map[string]frame{}, heard: map[string]int{}, closed: map[string]string{}}
	c.connect(n)
	return c
}

// connect dials; what the client holds it keeps.
func (c *client) connect(n *node) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, socketURL(n), &websocket.DialOptions{
		Subprotocols: []string{wire.Subprotocol}, HTTPHeader: http.Header{"Authorization": {"Bearer " + c.token}}})
	if err != nil {
		c.t.Fatal(err)
	}
	ws.SetReadLimit(-1)
	c.mu.Lock()
	c.ws, c.ended, c.hello.Conn = ws, nil, ""
	c.mu.Unlock()
	done := make(chan struct{})
	go func() { defer close(done); c.read(ws) }()
	c.t.Cleanup(func() { _ = ws.CloseNow(); <-done })
	c.await("hello", func() bool { return c.hello.Conn != "" })
}

func (c *client) read(ws *websocket.Conn) {
	for {
		_, msg, err := ws.Read(context.Background())
		c.mu.Lock()
		if err != nil {
			if c.ws == ws {
				c.ended = err
				for _, w := range c.wait {
					close(w.done)
				}
				c.wait = map[int64]waiter{}
				c.tell()
			}
			c.mu.Unlock()
			return
		}
		for _, line := range strings.Split(string(msg), "\n") {
			c.frames = append(c.frames, line)
			var f frame
			if err := json.Unmarshal([]byte(line), &f); err != nil {
				c.t.Errorf("not JSON: %s", line)
				continue
			}
			c.take(f, line)
		}
		c.tell()
		c.mu.Unlock()
	}
}

func (c *client) tell() {
	close(c.news)
	c.news = make(chan struct{})
}

// take is called with mu held.
func (c *client) take(f frame, line string) {
	switch {
	case f.Hello != nil:
		_ = json.Unmarshal(f.Hello, &c.hello)
	case f.ID != nil:
		w, ok := c.wait[*f.ID]
		if !ok {
			c.t.Errorf("an answer that nobody waits for: %s", line)
			return
		}
		delete(c.wait, *f.ID)
		if w.then != nil && f.Err == nil {
			w.then(f.OK)
		}
		w.done <- answer{f.OK, f.Err}
	case f.Bye != nil:
		c.byes++
	case f.Closed != nil:
		c.closed[f.Ch] = f.Closed.Code
		delete(c.sets, f.Ch)
	default:
		if _, subscribed := c.sets[f.Ch]; !subscribed {
			c.t.Errorf("a push of a channel that is not subscribed: %s", line)
			return
		}
		c.push(f, line)
	}
}

func (c *client) push(f frame, line string) {
	switch {
	case f.Sig != "":
		c.sigs[f.Ch+" "+f.Sig+" "+f.Key] = f
		c.heard[f.Ch+" "+f.Sig+" "+f.Key]++
	case f.E != "":
		m := member{V: f.V, P: f.P, D: f.D}
		if len(f.From) > 0 {
			if err := json.Unmarshal(f.From, &m.From); err != nil {
				c.t.Errorf("%v: %s", err, line)
			}
		}
		c.apply(f.Ch, f.E, m, f.Gone, line)
	case f.Set != nil:
		if !c.parts[f.Ch] {
			c.t.Errorf("a part of a set that was whole: %s", line)
		}
		for e, m := range f.Set {
			c.apply(f.Ch, e, m, false, line)
		}
		c.parts[f.Ch] = f.More
	default:
		c.t.Errorf("what is this: %s", line)
	}
}

// apply is the heart: versions only grow, and a patch fits what is held.
func (c *client) apply(ch, e string, m member, gone bool, line string) {
	held, has := c.sets[ch][e]
	if has && m.V <= held.v || !has && m.V <= c.left[ch+" "+e] {
		c.t.Errorf("version %d of %s in %s, which holds %d and left at %d: %s", m.V, e, ch, held.v, c.left[ch+" "+e], line)
		return
	}
	switch {
	case gone:
		if !has {
			c.t.Errorf("%s left %s, where it was not: %s", e, ch, line)
		}
		delete(c.sets[ch], e)
		c.left[ch+" "+e] = m.V
	case m.D != nil:
		d, err := wire.Document(nil, m.D)
		if err != nil {
			c.t.Errorf("%v: %s", err, line)
		}
		c.sets[ch][e] = doc{m.V, d}
	default:
		from := m.V - 1
		if m.From != nil {
			from = *m.From
		}
		if !has || held.v != from {
			c.gaps++
			c.t.Errorf("a patch from %d onto %d: %s", from, held.v, line)
			return
		}
		p, err := wire.Canonical(nil, m.P)
		if err != nil {
			c.t.Errorf("%v: %s", err, line)
			return
		}
		c.sets[ch][e] = doc{m.V, wire.Apply(nil, held.d, p)}
	}
}

// waiter is somebody who waits for an answer; then runs on the reader, before any push behind it.
type waiter struct {
	done chan answer
	then func(json.RawMessage)
}

// ask sends a request and awaits its answer.
func (c *client) ask(format string, args ...any) answer {
	c.t.Helper()
	return c.request(fmt.Sprintf(format, args...), nil)
}

func (c *client) request(body string, then func(json.RawMessage)) answer {
	c.t.Helper()
	c.mu.Lock()
	c.next++
	id := c.next
	w := waiter{make(chan answer, 1), then}
	ws, ended := c.ws, c.ended
	if ended == nil {
		c.wait[id] = w
	}
	c.mu.Unlock()
	if ended != nil {
		return answer{err: &wireErr{Code: "connection_lost"}}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = ws.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"id":%d,%s}`, id, body)) // a broken socket ends the reader
	select {
	case a, ok := <-w.done:
		if !ok {
			return answer{err: &wireErr{Code: "connection_lost"}}
		}
		return a
	case <-ctx.Done():
		c.t.Fatalf("no answer to %s", body)
		return answer{}
	}
}

// sub subscribes, with what the client holds if it holds anything.
func (c *client) sub(ch string) *wireErr {
	c.t.Helper()
	have, epoch := c.holds(ch)
	body := fmt.Sprintf(`"sub":%q`, ch)
	if len(have) > 0 {
		body = fmt.Sprintf(`"sub":%q,"have":%s,"epoch":%q`, ch, jsonText(have), epoch)
	}
	return c.request(body, func(ok json.RawMessage) { c.joined(ch, len(have) > 0, ok) }).err
}

func (c *client) holds(ch string) (map[string]uint64, string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	have := map[string]uint64{}
	for e, d := range c.sets[ch] {
		have[e] = d.v
	}
	return have, c.hello.Epoch
}

// joined is called with mu held.
func (c *client) joined(ch string, resumed bool, raw json.RawMessage) {
	var ok subOK
	if err := json.Unmarshal(raw, &ok); err != nil {
		c.t.Errorf("%v: %s", err, raw)
		return
	}
	if !resumed || c.sets[ch] == nil {
		c.sets[ch] = map[string]doc{}
	}
	delete(c.closed, ch)
	for _, e := range ok.Gone {
		if d, has := c.sets[ch][e]; has {
			c.left[ch+" "+e] = d.v
		}
		delete(c.sets[ch], e)
	}
	for e, m := range ok.Set {
		if d, has := c.sets[ch][e]; resumed && has && d.v >= m.V && m.D != nil {
			continue // pushed on this connection while the request was on its way
		}
		c.apply(ch, e, m, false, string(raw))
	}
	c.parts[ch] = ok.More
	for key, s := range ok.Sig {
		var f frame
		if err := json.Unmarshal(s, &f); err != nil {
			c.t.Errorf("%v: %s", err, s)
		}
		c.sigs[ch+" "+f.Sig+" "+key] = f
	}
}

func (c *client) unsub(ch string) {
	c.t.Helper()
	a := c.request(fmt.Sprintf(`"unsub":%q`, ch), func(json.RawMessage) { delete(c.sets, ch) })
	if a.err != nil {
		c.t.Fatalf("unsub: %+v", a.err)
	}
}

// set is what the client holds, in canonical JSON, as GET sets would say it. Called with mu held.
func (c *client) set(ch string) string {
	all := map[string]any{}
	for e, d := range c.sets[ch] {
		all[e] = map[string]any{"v": d.v, "d": json.RawMessage(d.d)}
	}
	out, err := wire.Canonical(nil, []byte(jsonText(map[string]any{"set": all})))
	if err != nil {
		c.t.Errorf("%v", err)
	}
	return string(out)
}

// converges waits until the client holds what PostgreSQL holds.
func (c *client) converges(s *scene, ch string) {
	c.t.Helper()
	want := ""
	defer func() {
		if c.t.Failed() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.t.Logf("%s of %s holds %.2000s\nwant %.2000s", ch, c.token, c.set(ch), want)
		}
	}()
	want = s.truth(c.t, c.token, ch)
	c.await(ch+" is what PostgreSQL holds", func() bool { return !c.parts[ch] && c.set(ch) == want })
}

// await looks at every frame until it holds; it is called with mu held.
func (c *client) await(what string, holds func() bool) {
	c.t.Helper()
	limit := time.After(patience)
	for {
		c.mu.Lock()
		ok, news, ended := holds(), c.news, c.ended
		c.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-news:
		case <-limit:
			c.t.Fatalf("did not come: %s (ended: %v)", what, ended)
		}
	}
}
