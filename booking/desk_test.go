package booking_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// TestSameKeySameAnswer: twenty callers with one key on two nodes get one booking; another body is a conflict; another
// user with that key gets a booking of their own and learns nothing.
func TestSameKeySameAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	ctx := context.Background()
	h := w.ask(0, 0, 2, 1)
	claim := w.key("bookings.hold", h)
	ids := make([]uuid.UUID, 20)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			node := w.desk
			if i%2 == 1 {
				node = w.other
			}
			r, err := node.Hold(ctx, w.by, claim, h)
			if err != nil {
				t.Errorf("repeat %d: %v", i, err)
			}
			ids[i] = r.Booking.ID
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("two answers: %v and %v", id, ids[0])
		}
	}
	if n := w.Int(t, `select count(*) from booking`); n != 1 {
		t.Errorf("%d bookings of one key", n)
	}
	other := claim
	other.Hash = idem.HashOf("something else")
	if _, err := w.desk.Hold(ctx, w.by, other, w.ask(0, 0, 1, 2)); code(err) != "idempotency_conflict" {
		t.Errorf("another body: %v", err)
	}
	theirs := claim
	theirs.Actor = w.A.Rider2
	r, err := w.desk.Hold(ctx, booking.By{Tenant: w.A.ID, User: w.A.Rider2}, theirs, h)
	if err != nil || r.Booking.ID == ids[0] || r.Booking.Rider != w.A.Rider2 {
		t.Errorf("another user: %+v %v", r, err)
	}
	// An answer stays what it was, whatever became of the booking.
	w.confirm(t, ids[0])
	if r, err := w.desk.Hold(ctx, w.by, claim, h); err != nil || r.Booking.State != "held" || r.Booking.ID != ids[0] {
		t.Errorf("a later repeat: %+v %v", r, err)
	}
	w.addsUp(t)
}

// TestARefusalIsNotKept: the key of a refusal may try again, and then succeeds.
func TestARefusalIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	ctx := context.Background()
	all := w.hold(t, 0, 0, 3, 14).Booking
	h := w.ask(0, 1, 2, 1)
	claim := w.key("bookings.hold", h)
	if _, err := w.desk.Hold(ctx, w.by, claim, h); code(err) != "trip_full" {
		t.Fatalf("%v", err)
	}
	if _, err := w.desk.Cancel(ctx, w.by, w.key("bookings.cancel", 1), all.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.desk.Hold(ctx, w.by, claim, h); err != nil {
		t.Fatalf("the same key later: %v", err)
	}
	w.addsUp(t)
}

// TestRushForTheLastSeats: of 60 who want one of 14 seats on two nodes exactly 14 get one, and the trip moves fewer
// versions than there were callers: they were combined.
func TestRushForTheLastSeats(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	ctx := context.Background()
	var mu sync.Mutex
	got := map[string]int{}
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			node := w.desk
			if i%2 == 1 {
				node = w.other
			}
			h := w.ask(0, 0, 3, 1)
			_, err := node.Hold(ctx, w.by, w.key("bookings.hold", h), h)
			mu.Lock()
			defer mu.Unlock()
			got[code(err)]++
		})
	}
	wg.Wait()
	if got[""] != 14 || got["trip_full"] != 46 {
		t.Errorf("%v", got)
	}
	if v := w.Int(t, `select version from trip`); v > 14 {
		t.Errorf("%d versions for 14 holds", v)
	}
	w.addsUp(t)
}

// TestOneSpoilsNobody: a request that the database itself throws out (its rider does not exist) takes nobody along.
func TestOneSpoilsNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	ctx := context.Background()
	// Hold the row so that all of them ride in one batch behind the first.
	release := lockTrip(t, w, w.day.Trips[0])
	errs := make([]error, 12)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			by := w.by
			if i%4 == 3 {
				by.User = uuid.New()
			}
			h := w.ask(0, 0, 3, 1)
			claim := w.key("bookings.hold", h)
			claim.Actor = by.User
			_, errs[i] = w.desk.Hold(ctx, by, claim, h)
		})
	}
	release()
	wg.Wait()
	for i, err := range errs {
		if (i%4 == 3) != (err != nil) || (err != nil && code(err) != "internal") {
			t.Errorf("request %d: %v", i, err)
		}
	}
	if n := w.Int(t, `select count(*) from booking`); n != 9 {
		t.Errorf("%d bookings of 9 good requests", n)
	}
	w.addsUp(t)
}

// TestACallerGoesAway: the one who leads a batch hangs up; those who ride with it get their seats, and so does its key.
func TestACallerGoesAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	ctx := context.Background()
	release := lockTrip(t, w, w.day.Trips[0])
	leader, hangUp := context.WithCancel(ctx)
	h := w.ask(0, 0, 3, 1)
	claim := w.key("bookings.hold", h)
	var wg sync.WaitGroup
	var first error
	wg.Go(func() { _, first = w.desk.Hold(leader, w.by, claim, h) })
	waitFor(t, w, "for no key update", 1)
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			ctx := ctx
			if i == 0 { // rides along and hangs up too, while it waits
				ctx = leader
			}
			_, errs[i] = w.desk.Hold(ctx, w.by, w.key("bookings.hold", h), h)
		})
	}
	hangUp()
	release()
	wg.Wait()
	if first != nil && !errors.Is(first, context.Canceled) {
		t.Errorf("the leader hears %v", first)
	}
	for i, err := range errs[1:] {
		if err != nil {
			t.Errorf("rider %d: %v", i+1, err)
		}
	}
	if _, err := w.desk.Hold(ctx, w.by, claim, h); err != nil {
		t.Errorf("the leader's key: %v", err)
	}
	w.addsUp(t)
}

// TestADueHoldNeverBlocks: a taker gets the seats of a hold whose time is over, with no timer running; whoever held it
// hears that it expired, and both see one version.
func TestADueHoldNeverBlocks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	old := w.hold(t, 0, 0, 3, 14).Booking
	w.Exec(t, `update booking set expires_at = clock_timestamp() where id = $1`, old.ID)
	b := w.hold(t, 0, 1, 2, 14).Booking
	if b.State != "held" {
		t.Fatalf("%+v", b)
	}
	row, err := w.desk.Get(context.Background(), w.A.ID, old.ID)
	if err != nil || row.State != "expired" || row.Version != 2 {
		t.Errorf("the old hold is %+v %v", row.Booking, err)
	}
	if n := w.Int(t, `select count(*) from outbox where entity like 'trip/%'`); n != 2 {
		t.Errorf("%d trip documents for two steps", n)
	}
	w.addsUp(t)
}

// TestHoldsExpireWithinASecond with both nodes' clockwork running: each is released once, at most a second late.
func TestHoldsExpireWithinASecond(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	released := make(chan time.Time, 10)
	w.OnCommit(func(c store.Committed) {
		for _, ch := range c.Changes {
			if e := string(ch.Docs[event.OnBooking]); len(e) > 0 && contains(e, `"state":"expired"`) {
				released <- time.Now()
			}
		}
	})
	ids := make([]uuid.UUID, 3)
	for i := range ids {
		ids[i] = w.hold(t, i, 0, 3, 2).Booking.ID
	}
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, node := range []*booking.Service{w.desk, w.other} {
		wg.Go(func() {
			if err := node.Run(ctx); err != nil {
				t.Errorf("run: %v", err)
			}
		})
	}
	due := time.Now().Add(700 * time.Millisecond)
	for _, id := range ids {
		w.Exec(t, `update booking set expires_at = $2 where id = $1`, id, due)
	}
	for range ids {
		select {
		case at := <-released:
			if late := at.Sub(due); late < 0 || late > time.Second {
				t.Errorf("released %v late", late)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("never released")
		}
	}
	stop()
	wg.Wait()
	if n := w.Int(t, `select count(*) from outbox where docs -> 'booking' ->> 'state' = 'expired'`); n != 3 {
		t.Errorf("%d expiries of 3 holds", n)
	}
	w.addsUp(t)
}

// TestATripThatEndedIsSettled, once, however many nodes look.
func TestATripThatEndedIsSettled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	ctx := context.Background()
	w.day = w.Day(t, w.A, servicedate.On(time.Now(), time.UTC).AddDays(-1), 1)
	w.Exec(t, `update trip set departs_at = clock_timestamp() + interval '1 hour'`)
	rode, missed, unpaid := w.hold(t, 0, 0, 3, 1).Booking.ID, w.hold(t, 0, 0, 2, 2).Booking.ID, w.hold(t, 0, 1, 2, 3).Booking.ID
	w.confirm(t, rode)
	w.confirm(t, missed)
	if _, err := w.desk.Board(ctx, w.by, w.key("boardings.create", 1), rode); err != nil {
		t.Fatal(err)
	}
	w.Exec(t, `update trip set ends_at = clock_timestamp() - interval '3 hours' where id = $1`, w.day.Trips[0])
	var wg sync.WaitGroup
	for _, node := range []*booking.Service{w.desk, w.other} {
		wg.Go(func() {
			if err := node.SettleEnded(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for id, want := range map[uuid.UUID]string{rode: "completed", missed: "no_show", unpaid: "expired"} {
		if b, err := w.desk.Get(ctx, w.A.ID, id); err != nil || b.State != want {
			t.Errorf("%s, want %s (%v)", b.State, want, err)
		}
	}
	if n := w.Int(t, `select count(*) from trip where status = 'completed'`); n != 1 {
		t.Errorf("%d trips completed", n)
	}
	if n := w.Int(t, `select count(*) from outbox where docs -> 'board' ->> 'status' = 'completed'`); n != 1 {
		t.Errorf("completed %d times", n)
	}
	// A phone that was offline all the while still brings its scan.
	if r, err := w.desk.Board(ctx, w.by, w.key("boardings.create", 2), missed); err != nil || r.Booking.State != "boarded" {
		t.Errorf("%+v %v", r, err)
	}
	w.addsUp(t)
}

// TestACancelledTripGivesBack: a rider of a cancelled trip who never chose gets everything back in the end, once.
func TestACancelledTripGivesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	ctx := context.Background()
	w.Exec(t, `update tenant set settings = '{"booking":{"flat_fare":900}}' where id = $1`, w.A.ID.UUID())
	w.day = w.Day(t, w.A, servicedate.On(time.Now(), time.UTC).AddDays(-1), 1)
	w.Exec(t, `update trip set departs_at = clock_timestamp() + interval '1 hour' where id = $1`, w.day.Trips[0])
	paid := w.hold(t, 0, 0, 3, 2).Booking.ID
	w.confirm(t, paid)
	w.Exec(t, `update booking set pay = 'card' where id = $1`, paid)
	w.hold(t, 0, 0, 3, 1)
	w.Exec(t, `update trip set status = 'cancelled', departs_at = clock_timestamp() - interval '4 hours', ends_at = clock_timestamp() - interval '3 hours' where id = $1`, w.day.Trips[0])
	for range 2 {
		if err := w.desk.SettleEnded(ctx); err != nil {
			t.Fatal(err)
		}
	}
	b, err := w.desk.Get(ctx, w.A.ID, paid)
	if err != nil || b.State != "cancelled" || b.Refund == nil || *b.Refund != 1800 || b.Version != 3 {
		t.Errorf("%+v %v", b.Booking, err)
	}
	if n := w.Int(t, `select count(*) from trip where status = 'cancelled' and held = 0 and booked = 0 and free = '{14,14,14}'`); n != 1 {
		t.Error("seats of a cancelled trip are not free")
	}
	w.addsUp(t)
}

// TestOneKeyForTwoTrips: the same key for two trips at once, on two nodes, books one of them and tells the other.
func TestOneKeyForTwoTrips(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	ctx := context.Background()
	for range 8 {
		key := ident.Token(9)
		// Both are past the look for kept answers before either inserts its own: the trips are held until both wait.
		release := []func(){lockTrip(t, w, w.day.Trips[0]), lockTrip(t, w, w.day.Trips[1])}
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i, n := range []*booking.Service{w.desk, w.other} {
			wg.Go(func() {
				h := w.ask(i, 0, 1, 1)
				claim := w.key("bookings.hold", h)
				claim.Key = key
				_, errs[i] = n.Hold(ctx, w.by, claim, h)
			})
		}
		waitFor(t, w, "for no key update", 2)
		for _, f := range release {
			f()
		}
		wg.Wait()
		if a, b := code(errs[0]), code(errs[1]); (a != "" || b != "idempotency_conflict") && (b != "" || a != "idempotency_conflict") {
			t.Errorf("%v and %v", errs[0], errs[1])
		}
	}
	if n := w.Int(t, `select count(*) from booking`); n != 8 {
		t.Errorf("%d bookings of 8 keys", n)
	}
	w.addsUp(t)
}

// TestTicketKeysRotate: tickets of a retired key stay good, new ones carry the new number, two nodes agree on the first.
func TestTicketKeysRotate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	ctx := context.Background()
	b := w.hold(t, 0, 0, 3, 1).Booking
	w.confirm(t, b.ID)
	tickets := make([]booking.Ticket, 8)
	var wg sync.WaitGroup
	for i := range tickets {
		wg.Go(func() {
			node := w.desk
			if i%2 == 1 {
				node = w.other
			}
			var err error
			if tickets[i], err = node.Ticket(ctx, w.A.ID, b.ID); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, x := range tickets {
		if x.Token != tickets[0].Token {
			t.Fatal("two nodes made two first keys")
		}
	}
	if err := w.desk.RotateTicketKey(ctx, w.A.ID); err != nil {
		t.Fatal(err)
	}
	fresh, err := w.other.Ticket(ctx, w.A.ID, b.ID)
	if err != nil || fresh.KID != 2 {
		t.Fatalf("%+v %v", fresh, err)
	}
	for _, token := range []string{tickets[0].Token, fresh.Token} {
		if id, err := w.desk.Scanned(ctx, w.A.ID, token, w.day.Trips[0]); err != nil || id != b.ID {
			t.Errorf("%v %v", id, err)
		}
	}
	keys, err := w.desk.TicketKeys(ctx, w.A.ID)
	if err != nil || len(keys) != 2 {
		t.Errorf("%v %v", keys, err)
	}
	if n := w.Int(t, `select count(*) from ticket_key where retires_at is null`); n != 1 {
		t.Errorf("%d keys sign", n)
	}
}

func TestListPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	ctx := context.Background()
	var want []uuid.UUID
	for range 5 {
		want = append([]uuid.UUID{w.hold(t, 0, 0, 1, 1).Booking.ID}, want...)
	}
	w.confirm(t, want[2])
	var got []uuid.UUID
	l := booking.List{Limit: 2}
	for {
		p, err := w.desk.List(ctx, w.by, l)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range p.Items {
			got = append(got, b.ID)
		}
		if l.Cursor = p.Next; l.Cursor == "" {
			break
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
	p, err := w.desk.List(ctx, w.by, booking.List{Limit: 10, States: []string{"confirmed"}})
	if err != nil || len(p.Items) != 1 || p.Items[0].ID != want[2] {
		t.Errorf("%+v %v", p, err)
	}
	for _, bad := range []string{"x", "AAAA", ident.Token(24)[:31] + "!", "__________8AAAAAAAAAAAAAAAAAAAAA"} {
		if _, err := w.desk.List(ctx, w.by, booking.List{Limit: 10, Cursor: bad}); code(err) != "bad_value" {
			t.Errorf("cursor %q: %v", bad, err)
		}
	}
	if p, err := w.desk.List(ctx, booking.By{Tenant: w.A.ID, User: w.A.Rider2}, booking.List{Limit: 10}); err != nil || len(p.Items) != 0 {
		t.Errorf("somebody else's list: %+v %v", p, err)
	}
}
