package realtime_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/realtime"
	"github.com/waymeet/waymeet/realtime/wire"
)

// ends reads until the connection's end, which must come of itself and soon; it returns the close code.
func (r raw) ends(t *testing.T) (code uint16) {
	t.Helper()
	_ = r.SetDeadline(time.Now().Add(15 * time.Second))
	for {
		op, p, err := r.read()
		var late net.Error
		switch {
		case errors.As(err, &late) && late.Timeout():
			t.Fatalf("the connection has not ended; close code so far %d", code)
		case err != nil:
			return code
		case op == 8:
			code = binary.BigEndian.Uint16(p)
		}
	}
}

func (n *node) connections(t *testing.T, want int64) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); n.hub.Stats().Connections != want; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d connections, want %d", n.hub.Stats().Connections, want)
		}
	}
}

// Whoever was told goodbye is gone a moment later, whatever it does: it does not answer the close frame, and the sweep finds
// it dead again every second.
func TestGoodbyeIsNotPutOff(t *testing.T) {
	s := newScene(t, 1)
	s.wrap = func(l net.Listener) net.Listener { return opaque{l} }
	n := s.node(t)
	r := knock(t, n, s.doors.token(s.db.A, "rider"), 0)
	if code := r.ends(t); code != 4008 {
		t.Errorf("closed with %d", code)
	}
	n.connections(t, 0)
}

// A client that reads so slowly that its requests wait is closed like any other, and its place is free again.
func TestSlowReaderIsClosedWhileItsRequestsWait(t *testing.T) {
	s := newScene(t, 60)
	n := s.node(t, limits(func(l *realtime.Limits) { l.UserConns = 1 }), func(c *realtime.Config) { c.Timing.Dead = time.Minute })
	token := s.doors.token(s.db.A, "dispatcher")
	r := knock(t, n, token, 16<<10)
	var ask strings.Builder
	for i := range 58 {
		fmt.Fprintf(&ask, `{"id":%d,"sub":"board:%s"}`+"\n", i, s.a.Date)
	}
	r.write(1, []byte(ask.String()))
	for deadline := time.Now().Add(10 * time.Second); n.hub.Stats().Backlog < 256<<10; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes wait", n.hub.Stats().Backlog)
		}
	}
	answered := n.hub.Stats().Requests
	if answered >= 58 {
		t.Errorf("%d requests were served to somebody who does not read", answered)
	}
	_ = knock(t, n, token, 0) // the user's other window: one too many
	if code := r.ends(t); code != 4009 {
		t.Errorf("closed with %d", code)
	}
	n.connections(t, 1)
}

// A list is answered in one frame that stays small, however much it asks for, and each channel once; the rest follows in parts.
func TestListsAreAnsweredInMeasure(t *testing.T) {
	s := newScene(t, 60)
	n := s.node(t, limits(func(l *realtime.Limits) { l.Windows = 256 }))
	r := knock(t, n, s.doors.token(s.db.A, "dispatcher"), 0)
	var names []string
	for i := range 60 { // windows are channels of their own; they show the same day
		names = append(names, fmt.Sprintf("board:%s?to=23:%02d", s.a.Date, i))
	}
	list, _ := json.Marshal(append(names, names...))
	answer := func(id int) (ok json.RawMessage, refused *wireErr) {
		for {
			_, p, err := r.read()
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range strings.Split(string(p), "\n") {
				var f struct {
					ID  int             `json:"id"`
					OK  json.RawMessage `json:"ok"`
					Err *wireErr        `json:"err"`
				}
				if json.Unmarshal([]byte(line), &f) == nil && f.ID == id {
					return f.OK, f.Err
				}
			}
		}
	}
	r.write(1, fmt.Appendf(nil, `{"id":7,"sub":%s}`, list))
	ok, refused := answer(7)
	var sets map[string]subOK
	if err := json.Unmarshal(ok, &sets); err != nil || len(sets) != 60 {
		t.Fatalf("%d channels, %v, %+v", len(sets), err, refused)
	}
	for _, name := range names {
		if strings.Count(string(ok), `"`+name+`"`) != 1 {
			t.Errorf("%s is answered more than once", name)
		}
	}
	if len(ok) > 128<<10 {
		t.Errorf("the answer has %d bytes", len(ok))
	}
	if _, whole := sets[names[0]]; !whole || sets[names[0]].More || !sets[names[59]].More {
		t.Errorf("the first is whole: %v, the last too: %v", !sets[names[0]].More, !sets[names[59]].More)
	}
	have := map[string]int{}
	for i := range 1100 {
		have[fmt.Sprint("x/", i)] = 1
	}
	named, _ := json.Marshal(have)
	r.write(1, fmt.Appendf(nil, `{"id":8,"sub":%s,"epoch":"x","have":%s}`, list, named))
	if ok, refused := answer(8); refused == nil || refused.Code != "too_many" {
		t.Errorf("every name of the thousand for each of 120 channels: %d bytes, %+v", len(ok), refused)
	}
}

// Rights that end while a long list is being answered: nothing of a channel precedes its ok, and what has ended by then is not shown.
func TestRightsEndWhileAListIsAnswered(t *testing.T) {
	s := newScene(t, 6)
	for try := range 5 {
		n := s.node(t, limits(func(l *realtime.Limits) { l.Windows = 256 }))
		staff := s.doors.token(s.db.A, "dispatcher")
		full := s.doors.change(staff, func(*policy.Actor) {})
		r := knock(t, n, staff, 0)
		var names []string
		for i := range 200 {
			names = append(names, fmt.Sprintf("board:%s?from=%02d:00&to=23:%02d", s.a.Date, i/60, i%60))
		}
		list, _ := json.Marshal(names)
		r.write(1, fmt.Appendf(nil, `{"id":1,"sub":%s}`, list))
		for deadline := time.Now().Add(10 * time.Second); n.hub.Stats().Subscriptions < int64(10+30*try); {
			if time.Now().After(deadline) {
				t.Fatal("nothing is subscribed")
			}
		}
		who := s.doors.change(staff, func(a *policy.Actor) { a.Grants = nil })
		emit(t, n.db, s.db.A.ID, event.Access{User: who.User}.Change())
		closed, answered := map[string]bool{}, map[string]subOK(nil)
		shown := 0
		for answered == nil || len(closed) < shown {
			_ = r.SetDeadline(time.Now().Add(10 * time.Second))
			op, p, err := r.read()
			if err != nil {
				t.Fatalf("%d of %d were closed: %v", len(closed), shown, err)
			}
			if op != 1 {
				continue
			}
			for _, line := range strings.Split(string(p), "\n") {
				var f struct {
					Ch     string           `json:"ch"`
					Closed *wireErr         `json:"closed"`
					OK     map[string]subOK `json:"ok"`
				}
				if err := json.Unmarshal([]byte(line), &f); err != nil {
					t.Fatal(err)
				}
				if f.Closed != nil {
					if answered == nil {
						t.Fatalf("%s was closed before it was answered", f.Ch)
					}
					closed[f.Ch] = true
				}
				if f.OK != nil {
					answered = f.OK
					for _, a := range f.OK {
						if a.Err == nil {
							shown++
						}
					}
				}
			}
		}
		// A hundred channels were read after the rights had ended: those before them must have been taken out of the answer.
		if shown > 0 && shown < 100 {
			t.Errorf("%d sets were shown of %d channels", shown, len(answered))
		}
		if len(answered) != 200 {
			t.Errorf("%d channels are answered", len(answered))
		}
		for name := range closed {
			if answered[name].Err != nil {
				t.Errorf("%s was refused and closed", name)
			}
		}
		s.doors.change(staff, func(a *policy.Actor) { *a = full })
	}
}

// Who comes in at the moment at which the node begins to leave is told goodbye, with a delay, like everybody else.
func TestGoodbyeAtTheDoor(t *testing.T) {
	s := newScene(t, 1)
	var hub *realtime.Hub
	n := s.node(t, func(c *realtime.Config) {
		c.Limits = func(realtime.Principal) realtime.Limits { // asked once they are let in
			hub.Drain(context.Background(), 0)
			return realtime.DefaultLimits
		}
	})
	hub = n.hub
	c := dial(t, n, s.doors.token(s.db.A, "rider"))
	c.await("goodbye", func() bool { return c.byes > 0 })
	c.await("the end", func() bool { return c.ended != nil })
	if got := websocket.CloseStatus(c.ended); got != websocket.StatusCode(wire.CloseDrain) {
		t.Errorf("closed with %d", got)
	}
}
