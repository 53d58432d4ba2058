package realtime_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/waymeet/waymeet/internal/event"
)

// Every kind of channel shows what PostgreSQL holds, and a change on one node is seen on
// the other within a blink.
func TestTwoNodesShowTheSame(t *testing.T) {
	s := newScene(t, 6)
	one, two := s.node(t), s.node(t)
	booking := s.db.Booking(t, s.a, s.a.Trips[2], s.db.A.Rider)
	day := s.a.Date.String()
	rider, staff := s.doors.token(s.db.A, "rider"), s.doors.token(s.db.A, "dispatcher")
	trip := s.a.Trips[2]
	type view struct {
		c  *client
		ch string
	}
	var views []view
	for _, n := range []*node{one, two} {
		r, d := dial(t, n, rider), dial(t, n, staff)
		for _, ch := range []string{"trip:" + trip.String(), "line:" + s.a.Line.String() + ":" + day, "booking:" + booking.String(), "me"} {
			views = append(views, view{r, ch})
		}
		for _, ch := range []string{"board:" + day, "board:" + day + "?from=07:00&to=09:00", "board:" + day + "?state=cancelled",
			"board:" + day + "?line=" + s.a.Line.String()} {
			views = append(views, view{d, ch})
		}
	}
	for _, v := range views {
		if err := v.c.sub(v.ch); err != nil {
			t.Fatalf("%s: %+v", v.ch, err)
		}
		v.c.converges(s, v.ch)
	}
	var slowest time.Duration
	for i := range 40 {
		began := time.Now()
		x := one.change(s.a, trip, take)
		views[0].c.await("the change here", func() bool { return views[0].c.sets[views[0].ch][x.Entity()].v == uint64(x.Version) })
		other := views[len(views)/2]
		other.c.await("the change on the other node", func() bool { return other.c.sets[other.ch][x.Entity()].v == uint64(x.Version) })
		if took := time.Since(began); i > 0 {
			slowest = max(slowest, took)
		}
	}
	if slowest > 15*time.Second { // the log and the bench say how fast; a test only that it comes
		t.Errorf("a change took %v", slowest)
	}
	two.change(s.a, trip, func(x *event.Trip) { x.Status = "cancelled" })
	one.change(s.a, s.a.Trips[1], func(x *event.Trip) { x.Status = "cancelled" })
	two.change(s.a, trip, func(x *event.Trip) { x.Status = "scheduled" })
	for _, v := range views {
		v.c.converges(s, v.ch)
	}
	t.Logf("slowest of 39 changes, to both nodes: %v", slowest)
}

// A set that is shown already is not read for each newcomer, and newcomers converge all the same; for one who says what it has,
// and may have heard more elsewhere, it is read.
func TestASetIsReadOnceForMany(t *testing.T) {
	s := newScene(t, 1)
	n, other := s.node(t), s.node(t)
	trip := "trip:" + s.a.Trips[0].String()
	first := dial(t, n, s.doors.token(s.db.A, "rider"))
	first.await("the node is current", func() bool { return !n.hub.Stats().Stale })
	if err := first.sub(trip); err != nil {
		t.Fatal(err)
	}
	read := n.hub.Stats().SetsRead
	clients := []*client{first}
	for range 8 {
		c := dial(t, n, s.doors.token(s.db.A, "dispatcher"))
		if err := c.sub(trip); err != nil {
			t.Fatal(err)
		}
		clients = append(clients, c)
		other.change(s.a, s.a.Trips[0], take) // between any two of them
	}
	for _, c := range clients {
		c.converges(s, trip)
	}
	if now := n.hub.Stats().SetsRead; now != read {
		t.Errorf("%d reads for newcomers to a set that is shown", now-read)
	}
	back := clients[3]
	_ = back.ws.CloseNow()
	back.await("the end", func() bool { return back.ended != nil })
	back.connect(n)
	if err := back.sub(trip); err != nil {
		t.Fatal(err)
	}
	back.converges(s, trip)
	if now := n.hub.Stats().SetsRead; now == read {
		t.Error("the set was not read for one who says what it has")
	}
}

// A client that comes back with what it has is sent what differs, and is told what left.
func TestResume(t *testing.T) {
	s := newScene(t, 4)
	n := s.node(t)
	board := "board:" + s.a.Date.String() + "?state=scheduled"
	keeper := dial(t, n, s.doors.token(s.db.A, "dispatcher")) // keeps the view, so that patches are known
	c := dial(t, n, s.doors.token(s.db.A, "dispatcher"))
	for _, x := range []*client{keeper, c} {
		if err := x.sub(board); err != nil {
			t.Fatal(err)
		}
	}
	_ = c.ws.CloseNow()
	c.await("the end", func() bool { return c.ended != nil })
	n.change(s.a, s.a.Trips[0], take) // three steps, none of which says what another did
	n.change(s.a, s.a.Trips[0], func(x *event.Trip) { x.Held = 3 })
	n.change(s.a, s.a.Trips[0], func(x *event.Trip) { x.Booked = 5 })
	n.change(s.a, s.a.Trips[1], func(x *event.Trip) { x.Status = "cancelled" })
	keeper.converges(s, board)
	before := n.hub.Stats()
	c.connect(n)
	c.mu.Lock()
	c.frames = nil
	c.mu.Unlock()
	if err := c.sub(board); err != nil {
		t.Fatal(err)
	}
	c.converges(s, board)
	after := n.hub.Stats()
	if p, w := after.ResumedByPatch-before.ResumedByPatch, after.SentWhole-before.SentWhole; p != 1 || w != 0 {
		t.Errorf("%d by patch and %d whole, of one that changed three times, one that left and two that stood", p, w)
	}
	all := strings.Join(c.frames, "\n")
	if !strings.Contains(all, `"gone":["trip/`+s.a.Trips[1].String()+`"]`) || !strings.Contains(all, `"from":1,`) {
		t.Errorf("the answer was %s", all)
	}

	// What another epoch said is not believed.
	a := c.ask(`"sub":%q,"have":{"trip/%s":99},"epoch":"another"`, board, s.a.Trips[0])
	if a.err != nil || !strings.Contains(string(a.ok), "trip/"+s.a.Trips[0].String()) {
		t.Errorf("%s %+v", a.ok, a.err)
	}
	// Who is refused has come back to nothing.
	if a := c.ask(`"sub":"board:tomorrow","have":{"trip/%s":1},"epoch":%q`, s.a.Trips[0], n.hub.Epoch()); a.err == nil {
		t.Errorf("a board of no day: %s", a.ok)
	}
	after = n.hub.Stats()
	if r, w := after.Resumed-before.Resumed, after.BegunAnew-before.BegunAnew; r != 1 || w != 1 {
		t.Errorf("%d resumed and %d begun anew, of one who came back in the same epoch, one from another and one who was refused", r, w)
	}
}

// A newcomer is shown the last position whichever node heard it, whether or not anybody was shown it there or then: in the answer
// or a moment behind it.
func TestNewcomersAreShownWhatOtherNodesHeard(t *testing.T) {
	s := newScene(t, 1)
	one, two := s.node(t), s.node(t)
	trip := "trip:" + s.a.Trips[0].String()
	rider, driver := s.doors.token(s.db.A, "rider"), s.doors.token(s.db.A, "driver")
	d := dial(t, one, driver)
	for i := range 3 { // nobody is shown the trip
		if a := d.ask(`"signal":%q,"sig":"position","key":"vehicle/7","d":{"lat":33.5,"lon":-7.%d}`, trip, i); a.err != nil {
			t.Fatalf("%+v", a.err)
		}
	}
	for i, n := range []*node{two, one} {
		r := dial(t, n, rider)
		if err := r.sub(trip); err != nil {
			t.Fatal(err)
		}
		r.await(fmt.Sprintf("the position, on node %d", i), func() bool {
			return string(r.sigs[trip+" position vehicle/7"].D) == `{"lat":33.5,"lon":-7.2}`
		})
		again := dial(t, n, rider) // in the answer by now
		if a := again.ask(`"sub":%q`, trip); a.err != nil || !strings.Contains(string(a.ok), `"sig":{"vehicle/7":{`) {
			t.Errorf("the second newcomer: %s %+v", a.ok, a.err)
		}
	}
}

// Signals reach all nodes, newcomers see the last position, only staff may send, and what is for one user no other sees.
func TestSignals(t *testing.T) {
	s := newScene(t, 1)
	one, two := s.node(t), s.node(t)
	trip := "trip:" + s.a.Trips[0].String()
	rider, driver := s.doors.token(s.db.A, "rider"), s.doors.token(s.db.A, "driver")
	r, d := dial(t, two, rider), dial(t, one, driver)
	if err := r.sub(trip); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if a := d.ask(`"signal":%q,"sig":"position","key":"vehicle/7","d":{"lat":33.5,"lon":-7.%d}`, trip, i); a.err != nil || string(a.ok) != "{}" {
			t.Fatalf("%s %+v", a.ok, a.err)
		}
	}
	r.await("the last position", func() bool {
		f := r.sigs[trip+" position vehicle/7"]
		return string(f.D) == `{"lat":33.5,"lon":-7.19}` && f.At != ""
	})
	near := dial(t, one, rider)
	if err := near.sub(trip); err != nil {
		t.Fatal(err)
	}
	if a := d.ask(`"signal":%q,"sig":"position","key":"vehicle/8","d":{"lat":33.5,"lon":-7.5}`, trip); a.err != nil {
		t.Fatalf("%+v", a.err)
	}
	r.await("what the other node's driver says", func() bool { return r.heard[trip+" position vehicle/8"] > 0 })
	far := dial(t, two, s.doors.token(s.db.A, "driver"))
	if a := far.ask(`"signal":%q,"sig":"position","key":"vehicle/9","d":{"lat":33.5,"lon":-7.5}`, trip); a.err != nil {
		t.Fatalf("%+v", a.err)
	}
	near.await("what Redis brings behind its own node's", func() bool { return near.heard[trip+" position vehicle/9"] > 0 })
	near.mu.Lock()
	if n := near.heard[trip+" position vehicle/8"]; n != 1 {
		t.Errorf("what was said on its own node came %d times", n)
	}
	near.mu.Unlock()
	late := dial(t, two, rider)
	if err := late.sub(trip); err != nil {
		t.Fatal(err)
	}
	late.await("the last position, for one who comes late", func() bool {
		return string(late.sigs[trip+" position vehicle/7"].D) == `{"lat":33.5,"lon":-7.19}`
	})
	others := []*client{dial(t, one, s.doors.token(s.db.A, "dispatcher")), dial(t, two, s.doors.token(s.db.A, "dispatcher"))}
	for _, c := range others {
		if err := c.sub(trip); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range []string{fmt.Sprintf(`"key":"private","to":%q`, r.hello.User), `"key":"public"`} {
		if a := d.ask(`"signal":%q,"sig":"position","d":{"lat":1,"lon":2},%s`, trip, m); a.err != nil {
			t.Fatalf("%+v", a.err)
		}
	}
	r.await("what is for it", func() bool { _, came := r.sigs[trip+" position private"]; return came })
	others = append(others, dial(t, two, s.doors.token(s.db.A, "dispatcher")))
	for i, c := range others {
		if i == 2 { // it comes late
			if err := c.sub(trip); err != nil {
				t.Fatal(err)
			}
		}
		c.await("what is for all, and was said after it", func() bool { _, came := c.sigs[trip+" position public"]; return came })
		c.mu.Lock()
		if _, came := c.sigs[trip+" position private"]; came {
			t.Errorf("%d sees what is for another user", i)
		}
		c.mu.Unlock()
	}
	for _, refused := range []string{
		fmt.Sprintf(`"signal":%q,"d":1`, "line:"+s.a.Line.String()+":"+s.a.Date.String()), // carries none
		fmt.Sprintf(`"signal":%q,"d":1`, "trip:"+s.b.Trips[0].String()),                   // another tenant's
	} {
		if a := d.ask("%s", refused); a.err == nil || a.err.Code != "not_found" {
			t.Errorf("%s: %s %+v", refused, a.ok, a.err)
		}
	}
	if a := r.ask(`"signal":%q,"d":1`, trip); a.err == nil || a.err.Code != "not_found" {
		t.Errorf("a rider signals: %s %+v", a.ok, a.err)
	}
	for _, nonsense := range []string{`"sig":"position","d":{"lat":33.5}`, `"sig":"position","d":{"lat":133.5,"lon":2}`, `"sig":"position","d":"here"`,
		`"sig":"position","d":{"lat":1,"lon":2,"<b>":3}`, `"sig":"sdp","d":{}`} {
		if a := d.ask(`"signal":%q,"key":"x",%s`, trip, nonsense); a.err == nil || a.err.Code != "bad_request" {
			t.Errorf("%s: %s %+v", nonsense, a.ok, a.err)
		}
	}
	// A trip that somebody drives is that driver's to speak of, and the dispatchers'.
	s.db.Exec(t, `update trip set driver_id = $1 where id = $2`, s.db.A.Rider2, s.a.Trips[0])
	assigned := one.change(s.a, s.a.Trips[0], take)
	others[0].await("the node shows that the trip has changed", func() bool {
		return others[0].sets[trip][assigned.Entity()].v == uint64(assigned.Version)
	})
	const here = `"signal":%q,"sig":"position","key":"vehicle/7","d":{"lat":1,"lon":2}`
	another := dial(t, one, driver) // the first one was asked about a moment ago
	if a := another.ask(here, trip); a.err == nil || a.err.Code != "not_found" {
		t.Errorf("another driver signals: %s %+v", a.ok, a.err)
	}
	if a := dial(t, one, s.doors.token(s.db.A, "dispatcher")).ask(here, trip); a.err != nil {
		t.Errorf("a dispatcher: %+v", a.err)
	}
	if a := d.ask(`"signal":%q,"key":"node","sig":"fresh","d":{}`, trip); a.err == nil {
		t.Error("a client spoke for the node")
	}
}
