package realtime_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/realtime"
)

// Who may not come in is told so in HTTP, before anything is upgraded.
func TestDoor(t *testing.T) {
	for _, plain := range []bool{false, true} {
		t.Run(fmt.Sprintf("plain %v", plain), func(t *testing.T) { door(t, plain) })
	}
}

func door(t *testing.T, plain bool) {
	s := newScene(t, 1)
	s.plain = plain
	n := s.node(t)
	token := s.doors.token(s.db.A, "rider")
	s.doors.tickets = map[string]string{"good": token, "wasted": token}
	knock := func(protocols []string, header http.Header) (int, string) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		ws, res, err := websocket.Dial(ctx, socketURL(n), &websocket.DialOptions{Subprotocols: protocols, HTTPHeader: header})
		if err == nil {
			defer ws.CloseNow()
			return res.StatusCode, ws.Subprotocol()
		}
		if res == nil {
			t.Fatal(err)
		}
		return res.StatusCode, ""
	}
	v1, own := "waymeet.v1", http.Header{"Origin": {n.url}}
	for _, c := range []struct {
		name      string
		protocols []string
		header    http.Header
		want      int
	}{
		{"no subprotocol", nil, http.Header{"Authorization": {"Bearer " + token}}, 400},
		{"an unknown subprotocol", []string{"waymeet.v9"}, http.Header{"Authorization": {"Bearer " + token}}, 400},
		{"no credential", []string{v1}, nil, 401},
		{"a wrong token", []string{v1}, http.Header{"Authorization": {"Bearer nobody"}}, 401},
		{"a wrong ticket", []string{v1, "ticket.nothing"}, own, 401},
		{"a ticket without an origin", []string{v1, "ticket.wasted"}, nil, 403},
		{"a ticket from a strange page", []string{v1, "ticket.wasted"}, http.Header{"Origin": {"https://evil.example"}}, 403},
		{"a ticket from a page of a listed origin", []string{v1, "ticket.wasted"}, http.Header{"Origin": {"https://app.example"}}, 101},
		{"a ticket", []string{v1, "ticket.good"}, own, 101},
		{"the same ticket again", []string{v1, "ticket.good"}, own, 401},
		{"a token", []string{v1}, http.Header{"Authorization": {"Bearer " + token}}, 101},
	} {
		got, chosen := knock(c.protocols, c.header)
		if got != c.want || got == 101 && chosen != v1 {
			t.Errorf("%s: %d %q, want %d", c.name, got, chosen, c.want)
		}
	}
	storm := 0
	for range 4000 { // plain requests to the door cost nothing but the door
		r, err := http.NewRequest(http.MethodGet, n.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Sec-WebSocket-Protocol", v1)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode == http.StatusTooManyRequests && res.Header.Get("Retry-After") != "" {
			storm++
			break
		}
	}
	if storm == 0 {
		t.Log("this machine is too slow to storm the door")
	}
}

// A credential that is taken away ends its sockets on every node, with and without Redis;
// a role that is taken away ends what it allowed, and no more.
func TestRevocation(t *testing.T) {
	s := newScene(t, 1)
	one, two := s.node(t), s.node(t)
	day := "board:" + s.a.Date.String()
	trip := "trip:" + s.a.Trips[0].String()
	staff := s.doors.token(s.db.A, "dispatcher")
	var all []*client
	for _, n := range []*node{one, two} {
		c := dial(t, n, staff)
		for _, ch := range []string{day, trip} {
			if err := c.sub(ch); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, c)
	}
	bystander := dial(t, two, s.doors.token(s.db.A, "admin"))
	if err := bystander.sub(day); err != nil {
		t.Fatal(err)
	}

	who := s.doors.change(staff, func(a *policy.Actor) {
		var kept []policy.Grant
		for _, g := range a.Grants {
			if g.Permission != policy.BoardReadPermission {
				kept = append(kept, g)
			}
		}
		a.Grants = kept
	})
	began := time.Now()
	emit(t, one.db, s.db.A.ID, event.Access{User: who.User}.Change())
	for _, c := range all {
		c.await("the board is closed", func() bool { return c.closed[day] == "forbidden" })
	}
	if took := time.Since(began); took > 10*time.Second { // two on a machine with time to spare
		t.Errorf("a role lived on for %v", took)
	}
	one.change(s.a, s.a.Trips[0], take)
	for _, c := range all {
		c.converges(s, trip)
		if err := c.sub(day); err == nil || err.Code != "not_found" {
			t.Errorf("the board again: %+v", err)
		}
	}

	if err := s.redis.Kill(); err != nil {
		t.Fatal(err)
	}
	s.doors.change(staff, nil)
	began = time.Now()
	emit(t, s.db.DB, s.db.A.ID, event.Access{User: who.User}.Change()) // nobody publishes it either
	for _, c := range all {
		c.await("the socket is closed", func() bool { return c.ended != nil })
		if websocket.CloseStatus(c.ended) != 4001 {
			t.Errorf("closed with %v", c.ended)
		}
	}
	if took := time.Since(began); took > 10*time.Second { // two on a machine with time to spare
		t.Errorf("a credential lived on for %v", took)
	}
	if a := bystander.ask(`"unsub":%q`, "me"); a.err != nil {
		t.Errorf("a bystander was hit: %+v", a.err)
	}
}

// late is doors whose answers come after what has happened meanwhile.
type late struct {
	*doors
	meanwhile func()
}

func (l late) Bearer(ctx context.Context, token string) (realtime.Principal, error) {
	p, err := l.doors.Bearer(ctx, token)
	l.meanwhile()
	return p, err
}

// Who is let in on what was read before a credential was taken away, and enters when the others have been asked, is asked as well.
func TestRevokedAtTheDoor(t *testing.T) {
	s := newScene(t, 1)
	token := s.doors.token(s.db.A, "rider")
	hub := make(chan *realtime.Hub, 1)
	n := s.node(t, func(c *realtime.Config) {
		c.Auth = late{s.doors, func() {
			who := s.doors.change(token, nil)
			(<-hub).Recheck(who.Tenant, event.Access{User: who.User})
		}}
	})
	hub <- n.hub
	c := dial(t, n, token)
	c.await("the socket is closed", func() bool { return c.ended != nil })
	if websocket.CloseStatus(c.ended) != 4001 {
		t.Errorf("closed with %v", c.ended)
	}
}

// silent is doors that never tell what somebody may do now.
type silent struct {
	*doors
	asked chan struct{}
	deaf  chan struct{} // until it is closed they do not hear that nobody waits any more either; nil: they do
}

func (s silent) Refresh(ctx context.Context, _ realtime.Principal) (realtime.Principal, error) {
	s.asked <- struct{}{}
	if s.deaf != nil {
		<-s.deaf
	}
	<-ctx.Done()
	return realtime.Principal{}, fault.New("unavailable").Because(ctx.Err())
}

// A connection of which nobody can tell what it may do is not served for as long as that takes: it ends, to come back. Others stay.
func TestNobodyStaysInDoubt(t *testing.T) {
	for name, deaf := range map[string]chan struct{}{"asked in vain": nil, "still being asked": make(chan struct{})} {
		t.Run(name, func(t *testing.T) {
			if deaf != nil {
				defer close(deaf)
			}
			nobodyStays(t, deaf)
		})
	}
}

func nobodyStays(t *testing.T, deaf chan struct{}) {
	s := newScene(t, 1)
	quiet := silent{s.doors, make(chan struct{}, 1000), deaf}
	n := s.node(t, func(c *realtime.Config) { c.Auth = quiet })
	rider := s.doors.token(s.db.A, "rider")
	c, bystander := dial(t, n, rider), dial(t, n, s.doors.token(s.db.A, "driver"))
	if err := c.sub("me"); err != nil {
		t.Fatal(err)
	}
	n.hub.Recheck(s.db.A.ID, event.Access{User: s.doors.change(rider, nil).User})
	<-quiet.asked
	c.await("the socket is closed", func() bool { return c.ended != nil })
	if websocket.CloseStatus(c.ended) != 1012 {
		t.Errorf("closed with %v", c.ended)
	}
	if a := bystander.ask(`"unsub":%q`, "me"); a.err != nil {
		t.Errorf("a bystander was hit: %+v", a.err)
	}
}

// A connection ends with its credential, unless it is renewed, by the same user.
func TestRenewal(t *testing.T) {
	s := newScene(t, 1)
	n := s.node(t)
	rider, other := s.doors.token(s.db.A, "rider"), s.doors.token(s.db.A, "driver")
	s.doors.life = 4 * time.Second
	c, lazy := dial(t, n, rider), dial(t, n, rider) // in this order: when the second ends, the first would have
	s.doors.mu.Lock()
	s.doors.life = time.Hour
	s.doors.mu.Unlock()
	if a := c.ask(`"auth":%q`, other); a.err == nil || a.err.Code != "forbidden" {
		t.Errorf("another user: %s %+v", a.ok, a.err)
	}
	if a := c.ask(`"auth":"nobody"`); a.err == nil || a.err.Code != "unauthenticated" {
		t.Errorf("a wrong token: %s %+v", a.ok, a.err)
	}
	if a := c.ask(`"auth":%q`, rider); a.err != nil || !strings.Contains(string(a.ok), `"auth_exp":`) {
		t.Errorf("%s %+v", a.ok, a.err)
	}
	lazy.await("the end of the one that did not renew", func() bool { return lazy.ended != nil })
	if websocket.CloseStatus(lazy.ended) != 4001 {
		t.Errorf("closed with %v", lazy.ended)
	}
	if err := c.sub("me"); err != nil {
		t.Errorf("%+v", err)
	}
}

// caller answers calls as web would.
type caller struct {
	came chan struct{} // hears of every "slow"
	end  chan struct{} // closed: they may answer
}

func (c caller) Call(ctx context.Context, a policy.Actor, op, key string, args json.RawMessage) (int, json.RawMessage) {
	switch op {
	case "echo":
		return 201, json.RawMessage(fmt.Sprintf("{\n \"user\":%q,\n \"key\":%q, \"args\":%s}\n", a.User, key, args))
	case "slow":
		c.came <- struct{}{}
		select {
		case <-c.end:
			return 204, nil
		case <-ctx.Done():
		}
	}
	return 409, json.RawMessage(`{"type":"about:blank","title":"Conflict","status":409,"code":"trip_full","detail":"Only 2 seats are left."}`)
}

// A call is an operation of the HTTP API by the connection's actor.
func TestCall(t *testing.T) {
	s := newScene(t, 1)
	calls := caller{make(chan struct{}, 4), make(chan struct{})}
	n := s.node(t, func(c *realtime.Config) { c.Caller = calls })
	c := dial(t, n, s.doors.token(s.db.A, "rider"))
	a := c.ask(`"call":"echo","key":"k1","args":{"body":{"party":2}}`)
	var ok struct {
		Status int
		Body   struct {
			User uuid.UUID
			Key  string
			Args json.RawMessage
		}
	}
	if a.err != nil || json.Unmarshal(a.ok, &ok) != nil || ok.Status != 201 || ok.Body.User != s.db.A.Rider || ok.Body.Key != "k1" || string(ok.Body.Args) != `{"body":{"party":2}}` {
		t.Errorf("%s %+v", a.ok, a.err)
	}
	if a := c.ask(`"call":"full"`); a.err == nil || a.err.Code != "trip_full" || a.err.Message != "Only 2 seats are left." || !strings.Contains(string(a.err.Problem), `"status":409`) {
		t.Errorf("%s %+v", a.ok, a.err)
	}
	done := make(chan answer, 4) // several run side by side, and others do not wait for them
	for range 4 {
		go func() { done <- c.ask(`"call":"slow"`) }()
	}
	for range 4 {
		select {
		case <-calls.came:
		case <-time.After(patience):
			t.Error("the calls wait for each other")
		}
	}
	if a := c.ask(`"unsub":"me"`); a.err != nil {
		t.Errorf("%+v", a.err)
	}
	close(calls.end)
	for range 4 {
		if a := <-done; a.err != nil || string(a.ok) != `{"status":204,"body":null}` {
			t.Errorf("%s %+v", a.ok, a.err)
		}
	}
}
