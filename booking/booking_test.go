package booking_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/store/storetest"
)

const secret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

// world is one tenant's service day, three days ahead, with two nodes on its database.
type world struct {
	*storetest.DB
	day   storetest.Day
	desk  *booking.Service
	other *booking.Service // another node
	by    booking.By
}

func newWorld(t *testing.T, trips int) *world {
	t.Helper()
	db := storetest.New(t)
	w := &world{DB: db, day: db.Day(t, db.A, servicedate.On(time.Now(), time.UTC).AddDays(3), trips)}
	box, err := seal.Parse(secret)
	if err != nil {
		t.Fatal(err)
	}
	w.desk = booking.New(booking.Config{DB: db.DB, Secret: box})
	w.other = booking.New(booking.Config{DB: db.DB, Secret: box})
	w.by = booking.By{Tenant: db.A.ID, User: db.A.Rider}
	return w
}

// key is a claim as the edge makes it.
func (w *world) key(op string, request any) idem.Claim {
	return idem.Claim{Actor: w.by.User, Operation: op, Key: ident.Token(9), Hash: idem.HashOf(request)}
}

func (w *world) ask(trip, from, to, party int) booking.Hold {
	return booking.Hold{Trip: w.day.Trips[trip], From: w.day.Stops[from], To: w.day.Stops[to], Party: party}
}

func (w *world) hold(t *testing.T, trip, from, to, party int) booking.Result {
	t.Helper()
	h := w.ask(trip, from, to, party)
	r, err := w.desk.Hold(context.Background(), w.by, w.key("bookings.hold", h), h)
	if err != nil {
		t.Fatalf("hold: %v", err)
	}
	return r
}

func (w *world) confirm(t *testing.T, id uuid.UUID) booking.Result {
	t.Helper()
	r, err := w.desk.Confirm(context.Background(), w.by, w.key("bookings.confirm", id), id, booking.Cash)
	if err != nil {
		t.Fatalf("confirm: %v", err)
	}
	return r
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return fault.As(err).Code
}

// addsUp holds every trip's row against its bookings: seats on each leg, counters, nothing below zero.
func (w *world) addsUp(t *testing.T) {
	t.Helper()
	wrong := w.Int(t, `
		with taken as (
		  select t.id, g as leg, t.capacity, t.free[g] as free, t.overload[g] as overload,
		    (select coalesce(sum(b.party), 0) from booking b where b.trip_id = t.id and b.service_date = t.service_date and b.from_idx < g and b.to_idx >= g
		       and b.state not in ('cancelled', 'expired')) as taken
		  from trip t cross join lateral generate_series(1, cardinality(t.free)) g)
		select (select count(*) from taken where taken + free <> capacity + overload or free < 0 or overload < 0)
		  + (select count(*) from trip t cross join lateral (
		      select coalesce(sum(party) filter (where state = 'held'), 0) as held,
		        coalesce(sum(party) filter (where state in ('confirmed', 'boarded', 'completed', 'no_show')), 0) as booked,
		        coalesce(sum(party) filter (where state in ('boarded', 'completed')), 0) as boarded
		      from booking b where b.trip_id = t.id and b.service_date = t.service_date) b
		    where t.held <> b.held or t.booked <> b.booked or t.boarded <> b.boarded)`)
	if wrong != 0 {
		t.Errorf("%d legs or counters do not add up", wrong)
	}
}

// TestARideFromHoldToSeat walks one booking through its life and looks at every trace that it leaves.
func TestARideFromHoldToSeat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	ctx := context.Background()
	h := w.hold(t, 0, 0, 2, 2)
	b := h.Booking
	if b.State != "held" || b.From.Time != "06:00" || b.To.Time != "06:20" || b.Party != 2 || len(b.Short) != 6 || b.Version != 1 {
		t.Fatalf("%+v", b)
	}
	if left := time.Until(b.ExpiresAt); left < 4*time.Minute || left > 5*time.Minute {
		t.Errorf("the hold lasts %v", left)
	}
	if !b.CancelUntil.Equal(b.From.At.Add(-30 * time.Minute)) {
		t.Errorf("cut-off %v for a pickup at %v", b.CancelUntil, b.From.At)
	}
	if d, ok := ident.DateOf(b.ID); !ok || d != w.day.Date {
		t.Errorf("the id says %v", d)
	}
	if _, err := w.desk.Ticket(ctx, w.A.ID, b.ID); code(err) != "not_confirmed" {
		t.Errorf("a ticket for a hold: %v", err)
	}
	if c := w.confirm(t, b.ID); c.Booking.State != "confirmed" || c.Booking.Pay != "cash" || c.Booking.Version != 2 {
		t.Errorf("%+v", c)
	}
	ticket, err := w.desk.Ticket(ctx, w.A.ID, b.ID)
	if err != nil || len(ticket.Token) > 200 {
		t.Fatalf("%+v %v", ticket, err)
	}
	driver := booking.By{Tenant: w.A.ID, User: w.A.Users["driver"]}
	id, err := w.other.Scanned(ctx, w.A.ID, ticket.Token, w.day.Trips[0])
	if err != nil || id != b.ID {
		t.Fatalf("scanned %v %v", id, err)
	}
	first, err := w.other.Board(ctx, driver, w.key("boardings.create", 1), id)
	if err != nil || first.Already || first.Booking.State != "boarded" || first.Booking.BoardedBy != driver.User {
		t.Fatalf("%+v %v", first, err)
	}
	again, err := w.desk.Board(ctx, driver, w.key("boardings.create", 2), id)
	if err != nil || !again.Already || !again.Booking.BoardedAt.Equal(first.Booking.BoardedAt) {
		t.Errorf("a duplicate says %+v %v", again, err)
	}
	m, err := w.desk.Manifest(ctx, w.A.ID, w.day.Trips[0])
	if err != nil || len(m.Items) != 1 || m.Items[0].RiderName != "rider "+w.A.Canary || len(m.Stops) != 4 || m.Trip.Boarded != 2 || m.Trip.Status != "boarding" {
		t.Errorf("%+v %v", m, err)
	}
	if n := w.Int(t, `select count(*) from audit where target = $1`, b.Entity()); n != 3 {
		t.Errorf("%d audit rows, want hold, confirm, board", n)
	}
	if n := w.Int(t, `select count(*) from outbox where entity like 'trip/%'`); n != 3 {
		t.Errorf("%d trip documents", n)
	}
	if n := w.Int(t, `select count(*) from outbox where entity = $1 and docs -> 'booking' ->> 'state' = 'boarded'`, b.Entity()); n != 1 {
		t.Errorf("%d documents of the boarding", n)
	}
	w.addsUp(t)
	list, err := w.desk.List(ctx, w.by, booking.List{Limit: 10})
	if err != nil || len(list.Items) != 1 || list.Next != "" {
		t.Errorf("%+v %v", list, err)
	}
}

// TestWhatTheWireShowsIsWhatTheRowShows: the document that went out is the one that the row would make.
func TestWhatTheWireShowsIsWhatTheRowShows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	ctx := context.Background()
	b := w.hold(t, 0, 1, 3, 1).Booking
	w.confirm(t, b.ID)
	if _, err := w.desk.Cancel(ctx, w.by, w.key("bookings.cancel", 1), b.ID); err != nil {
		t.Fatal(err)
	}
	trip, err := w.Read(w.A.ID).Trip(ctx, w.day.Trips[0])
	if err != nil {
		t.Fatal(err)
	}
	row, err := w.desk.Get(ctx, w.A.ID, b.ID)
	if err != nil {
		t.Fatal(err)
	}
	for entity, want := range map[string]any{trip.Entity(): trip.Change().Docs, row.Entity(): row.Change().Docs} {
		doc, _ := json.Marshal(want)
		if n := w.Int(t, `select count(*) from (select docs::text as d from outbox where entity = $1 order by version desc limit 1) x where d = $2`, entity, string(doc)); n != 1 {
			t.Errorf("the newest document of %s is not its row's %s", entity, doc)
		}
	}
	if n := w.Int(t, `select count(*) from outbox where entity = $1 and version = 3 and 'me:' || $2 = any (left_channels)`, row.Entity(), w.A.Rider.String()); n != 1 {
		t.Error("a cancelled booking stays in its rider's own set")
	}
}

// TestBadInput: each line has its code, nothing changes, and the same key may try again.
func TestBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6)
	ctx := context.Background()
	foreign := w.Day(t, w.B, w.day.Date, 1)
	w.Exec(t, `update trip set status = 'departed' where id = $1`, w.day.Trips[1])
	w.Exec(t, `update trip set status = 'cancelled' where id = $1`, w.day.Trips[2])
	w.Exec(t, `update trip set free = '{14,1,14}', capacity = 14 where id = $1`, w.day.Trips[3])
	w.Exec(t, `update trip set departs_at = clock_timestamp() - interval '11 minutes' where id = $1`, w.day.Trips[4]) // has left stop 0 and 1, not 2
	held := w.hold(t, 0, 0, 1, 1).Booking
	confirmed := w.hold(t, 0, 0, 1, 1).Booking
	w.confirm(t, confirmed.ID)
	due := w.hold(t, 0, 0, 1, 1).Booking
	cancelled := w.hold(t, 0, 0, 1, 1).Booking
	if _, err := w.desk.Cancel(ctx, w.by, w.key("bookings.cancel", 0), cancelled.ID); err != nil {
		t.Fatal(err)
	}
	late := w.hold(t, 5, 0, 1, 1).Booking
	w.confirm(t, late.ID)
	w.Exec(t, `update booking set from_at = clock_timestamp() where id = $1`, late.ID)
	w.Exec(t, `update booking set expires_at = clock_timestamp() where id = $1`, due.ID)
	hold := func(h booking.Hold) func(idem.Claim) error {
		return func(c idem.Claim) error { _, err := w.desk.Hold(ctx, w.by, c, h); return err }
	}
	confirm := func(id uuid.UUID, pay string) func(idem.Claim) error {
		return func(c idem.Claim) error { _, err := w.desk.Confirm(ctx, w.by, c, id, pay); return err }
	}
	cancel := func(id uuid.UUID) func(idem.Claim) error {
		return func(c idem.Claim) error { _, err := w.desk.Cancel(ctx, w.by, c, id); return err }
	}
	board := func(id uuid.UUID) func(idem.Claim) error {
		return func(c idem.Claim) error { _, err := w.desk.Board(ctx, w.by, c, id); return err }
	}
	noShow := func(id uuid.UUID) func(idem.Claim) error {
		return func(c idem.Claim) error { _, err := w.desk.NoShow(ctx, w.by, c, id); return err }
	}
	scan := func(token string, trip uuid.UUID) func(idem.Claim) error {
		return func(idem.Claim) error { _, err := w.desk.Scanned(ctx, w.A.ID, token, trip); return err }
	}
	ticket, err := w.desk.Ticket(ctx, w.A.ID, confirmed.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.desk.TicketKeys(ctx, w.B.ID); err != nil {
		t.Fatal(err)
	}
	alien := w.ask(0, 0, 1, 1)
	alien.From = foreign.Stops[0]
	lost := w.ask(0, 0, 1, 1)
	lost.Trip = ident.Dated(w.day.Date, 0)
	undated := w.ask(0, 0, 1, 1)
	undated.Trip = uuid.New()
	theirs := booking.Hold{Trip: foreign.Trips[0], From: foreign.Stops[0], To: foreign.Stops[1], Party: 1}
	full := w.ask(3, 0, 3, 2)
	before := w.Int(t, `select sum(version) from trip`)
	for name, c := range map[string]struct {
		do   func(idem.Claim) error
		want string
	}{
		"party 0":                     {hold(w.ask(0, 0, 1, 0)), "party_invalid"},
		"party -1":                    {hold(w.ask(0, 0, 1, -1)), "party_invalid"},
		"party 1000":                  {hold(w.ask(0, 0, 1, 1000)), "party_invalid"},
		"from = to":                   {hold(w.ask(0, 1, 1, 1)), "same_stop"},
		"from after to":               {hold(w.ask(0, 2, 1, 1)), "stops_reversed"},
		"stop not on the trip":        {hold(alien), "stop_not_on_trip"},
		"departed":                    {hold(w.ask(1, 0, 1, 1)), "trip_departed"},
		"has left that stop":          {hold(w.ask(4, 1, 3, 1)), "trip_departed"},
		"cancelled":                   {hold(w.ask(2, 0, 1, 1)), "trip_cancelled"},
		"full":                        {hold(full), "trip_full"},
		"no such trip":                {hold(lost), "trip_not_found"},
		"an id of no trip":            {hold(undated), "trip_not_found"},
		"another tenant's trip":       {hold(theirs), "trip_not_found"},
		"hold expired":                {confirm(due.ID, "cash"), "hold_expired"},
		"already confirmed":           {confirm(confirmed.ID, "cash"), "already_confirmed"},
		"confirm a cancelled one":     {confirm(cancelled.ID, "cash"), "already_cancelled"},
		"pay in shells":               {confirm(held.ID, "shells"), "payment_not_taken"},
		"no such booking":             {confirm(ident.Dated(w.day.Date, 1), "cash"), "booking_not_found"},
		"cancel twice":                {cancel(cancelled.ID), "already_cancelled"},
		"cancel after the pickup":     {cancel(late.ID), "not_cancellable"},
		"board a hold":                {board(held.ID), "not_boardable"},
		"board a cancelled one":       {board(cancelled.ID), "not_boardable"},
		"no-show before the pickup":   {noShow(confirmed.ID), "too_early_for_show"},
		"a ticket that is none":       {scan("AAAA", uuid.Nil), "ticket_invalid"},
		"a ticket of another trip":    {scan(ticket.Token, w.day.Trips[1]), "ticket_other_trip"},
		"a ticket with a changed bit": {scan("B"+ticket.Token[1:], uuid.Nil), "ticket_invalid"},
	} {
		claim := w.key("x."+strings.ReplaceAll(name, " ", "_"), name)
		if err := c.do(claim); code(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if n := w.Int(t, `select count(*) from idempotency where key = $1`, claim.Key); n != 0 {
			t.Errorf("%s: a refusal was kept", name)
		}
	}
	if _, err := w.desk.Scanned(ctx, w.B.ID, ticket.Token, uuid.Nil); code(err) != "ticket_invalid" {
		t.Errorf("another tenant's ticket: %v", err)
	}
	if err := hold(full)(w.key("x", 0)); fault.As(err).Params["free"] != 1 {
		t.Errorf("told %v free, 1 is", fault.As(err).Params["free"])
	}
	// The one thing that moved is the due hold, which was released on the way.
	if after := w.Int(t, `select sum(version) from trip`); after != before+1 {
		t.Errorf("refusals moved trips by %d versions", after-before)
	}
	w.Exec(t, `update trip set free = '{14,14,14}' where id = $1`, w.day.Trips[3])
	w.addsUp(t)
}

func TestRefundIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	ctx := context.Background()
	w.Exec(t, `update tenant set settings = '{"booking":{"flat_fare":1201,"late_refund_percent":50}}' where id = $1`, w.A.ID.UUID())
	for name, c := range map[string]struct {
		trip   int
		spoil  string
		want   int64
		unpaid bool
		paid   bool
	}{
		"in time":                        {0, `select $1::uuid`, 2402, false, true},
		"a hold was never paid":          {0, `select $1::uuid`, 0, true, false},
		"late":                           {1, `update booking set cancel_until = clock_timestamp() where id = $1`, 1201, false, true},
		"cancelled by the operator":      {2, `update trip set status = 'cancelled' where id = (select trip_id from booking where id = $1)`, 2402, false, true},
		"cash that nobody has taken yet": {0, `select $1::uuid`, 0, false, false},
	} {
		b := w.hold(t, c.trip, 0, 1, 2).Booking
		if b.Fare.Amount != 2402 || b.Fare.Currency != "MAD" {
			t.Fatalf("%+v", b.Fare)
		}
		if !c.unpaid {
			w.confirm(t, b.ID)
		}
		w.Exec(t, c.spoil, b.ID)
		if c.paid {
			w.Exec(t, `update booking set pay = 'card' where id = $1`, b.ID)
		}
		r, err := w.desk.Cancel(ctx, w.by, w.key("bookings.cancel", b.ID), b.ID)
		if err != nil || r.Booking.Refund == nil || *r.Booking.Refund != c.want {
			t.Errorf("%s: %+v %v, want %d back", name, r.Booking.Refund, err, c.want)
		}
	}
	w.addsUp(t)
}

func TestSearchShowsWhatCanBeHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5)
	ctx := context.Background()
	w.Exec(t, `update trip set free = '{14,1,14}' where id = $1`, w.day.Trips[0])
	w.Exec(t, `update trip set free = '{14,0,14}', overload = '{0,2,0}' where id = $1`, w.day.Trips[1])
	w.Exec(t, `update trip set status = 'cancelled' where id = $1`, w.day.Trips[2])
	at := func(q booking.Search) string {
		t.Helper()
		q.Date, q.Limit = w.day.Date, 10
		offers, err := w.desk.Search(ctx, w.A.ID, q)
		if err != nil {
			return code(err)
		}
		var got []string
		for _, o := range offers.Offers {
			got = append(got, fmt.Sprintf("%s-%s:%d", o.Pickup.Time, o.Leave.Time, o.Free))
		}
		return strings.Join(got, " ")
	}
	from, to := w.day.Stops[0], w.day.Stops[2]
	for name, c := range map[string]struct {
		q    booking.Search
		want string
	}{
		"one":           {booking.Search{From: from, To: to, Party: 1}, "06:00-06:20:1 09:00-09:20:14 10:00-10:20:14"},
		"two":           {booking.Search{From: from, To: to, Party: 2}, "09:00-09:20:14 10:00-10:20:14"},
		"first leg":     {booking.Search{From: from, To: w.day.Stops[1], Party: 2}, "06:00-06:10:14 07:00-07:10:14 09:00-09:10:14 10:00-10:10:14"},
		"backwards":     {booking.Search{From: to, To: from, Party: 1}, ""},
		"same":          {booking.Search{From: to, To: to, Party: 1}, "same_stop"},
		"nobody":        {booking.Search{From: from, To: to}, "party_invalid"},
		"a later start": {booking.Search{From: from, To: to, Party: 1, AfterS: 10*3600 + 1800}, "10:00-10:20:14"}, // the tenant's wall is an hour ahead of the line's
	} {
		if got := at(c.q); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if offers, err := w.desk.Search(ctx, w.B.ID, booking.Search{From: from, To: to, Party: 1, Date: w.day.Date, Limit: 10}); err != nil || len(offers.Offers) != 0 {
		t.Errorf("another tenant finds %v %v", offers, err)
	}
}
