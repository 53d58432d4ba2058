package realtime_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/realtime"
)

// buggy is an authenticator, and a caller, that panic.
type buggy struct{ realtime.Authenticator }

func (b buggy) Bearer(ctx context.Context, token string) (realtime.Principal, error) {
	if token == "bug" {
		panic("a bug in an authenticator")
	}
	return b.Authenticator.Bearer(ctx, token)
}

func (buggy) Call(context.Context, policy.Actor, string, string, json.RawMessage) (int, json.RawMessage) {
	panic("a bug in an operation")
}

// locked is a buffer for many.
type locked struct {
	mu  sync.Mutex
	buf bytes.Buffer // guarded by mu
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// A bug that a request meets is answered, noted and nobody else's: the connection goes on where nothing is half done, the
// node in any case.
func TestABugIsContained(t *testing.T) {
	s := newScene(t, 2)
	said := &locked{}
	n := s.node(t, func(c *realtime.Config) {
		b := buggy{c.Auth}
		c.Auth, c.Caller, c.Logger = b, b, slog.New(slog.NewTextHandler(said, nil))
	})
	token := s.doors.token(s.db.A, "rider")
	trip, other := "trip:"+s.a.Trips[0].String(), "trip:"+s.a.Trips[1].String()
	bystander, c := dial(t, n, token), dial(quiet{t}, n, token)
	for _, x := range []*client{bystander, c} {
		if err := x.sub(trip); err != nil {
			t.Fatal(err)
		}
	}

	for _, where := range []string{"parse", "load", "match"} {
		for range 2 { // the second finds what the first has left
			if err := c.sub("bug:" + where); err == nil || err.Code != "internal" {
				t.Errorf("bug:%s: %+v", where, err)
			}
		}
	}
	a := c.ask(`"sub":["bug:parse","bug:load","bug:match",%q]`, other)
	if a.err != nil || strings.Count(string(a.ok), `"code":"internal"`) != 3 || !strings.Contains(string(a.ok), `"trip/`+s.a.Trips[1].String()) {
		t.Errorf("a list: %s %+v", a.ok, a.err)
	}
	if a := c.ask(`"call":"x"`); a.err == nil || a.err.Code != "internal" {
		t.Errorf("a call: %s %+v", a.ok, a.err)
	}
	n.change(s.a, s.a.Trips[0], take)
	c.converges(s, trip)
	bystander.converges(s, trip)
	if st := n.hub.Stats(); st.Panics < 8 || st.Subscriptions != 3 {
		t.Errorf("%d bugs were counted, there are %d subscriptions", st.Panics, st.Subscriptions)
	}
	if log := said.String(); !strings.Contains(log, "a bug in a reader") || !strings.Contains(log, "export_test.go") {
		t.Errorf("the log does not tell where: %s", log)
	}

	// Rights that are half changed are not gone on with.
	if a := c.ask(`"auth":"bug"`); a.err == nil || a.err.Code != "internal" {
		t.Errorf("a renewal: %s %+v", a.ok, a.err)
	}
	c.await("the end", func() bool { return c.ended != nil })
	if got := websocket.CloseStatus(c.ended); got != 1011 {
		t.Errorf("closed with %d: %v", got, c.ended)
	}
	n.change(s.a, s.a.Trips[0], take)
	bystander.converges(s, trip)
	late := dial(t, n, token)
	if err := late.sub(other); err != nil {
		t.Errorf("one who comes later: %+v", err)
	}
	late.converges(s, other)
}
