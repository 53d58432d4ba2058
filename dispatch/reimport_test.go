package dispatch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// town is one tenant with a desk, a booking service and an ear for what is committed.
type town struct {
	*storetest.DB
	desk  *dispatch.Desk
	seats *booking.Service
	day   servicedate.Date // tomorrow: all its trips are still to come

	mu    sync.Mutex
	heard []event.Change // guarded by mu
}

func newTown(t *testing.T) *town {
	t.Helper()
	x := &town{DB: storetest.New(t)}
	x.desk = dispatch.New(x.DB.DB, nil, nil)
	x.seats = booking.New(booking.Config{DB: x.DB.DB})
	loc, err := time.LoadLocation("Africa/Casablanca")
	if err != nil {
		t.Fatal(err)
	}
	x.day = servicedate.On(time.Now(), loc).AddDays(1)
	x.OnCommit(func(c store.Committed) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.heard = append(x.heard, c.Changes...)
	})
	return x
}

// told is what was committed since the last time.
func (x *town) told() []event.Change {
	x.mu.Lock()
	defer x.mu.Unlock()
	h := x.heard
	x.heard = nil
	return h
}

func (x *town) load(t *testing.T, feed timetable, opt dispatch.ImportOptions) *dispatch.Imported {
	t.Helper()
	got, err := x.desk.Import(context.Background(), x.A.ID, feed.files(), opt)
	if err != nil {
		t.Fatal(err)
	}
	if got.Refused {
		t.Fatalf("refused: %v", got.Report.Notices())
	}
	return got
}

// trips is a day's trips by departure.
func (x *town) trips(t *testing.T, date servicedate.Date) map[string]event.Trip {
	t.Helper()
	lines, err := x.Read(x.A.ID).Lines(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]event.Trip{}
	for _, l := range lines {
		rows, err := x.Read(x.A.ID).LiveLine(context.Background(), l.ID, date, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			key := r.Dep
			if r.Vanished {
				key += " vanished"
			}
			out[key] = r
		}
	}
	return out
}

func (x *town) stop(t *testing.T, name string) uuid.UUID {
	t.Helper()
	s, err := x.Read(x.A.ID).Stops(context.Background(), store.StopSearch{Typed: name, Limit: 2})
	if err != nil || len(s) != 1 {
		t.Fatalf("stop %q: %v, %v", name, s, err)
	}
	return s[0].ID
}

func (x *town) hold(t *testing.T, trip uuid.UUID, from, to string, confirm bool) uuid.UUID {
	t.Helper()
	ctx, by := context.Background(), booking.By{Tenant: x.A.ID, User: x.A.Rider}
	b, err := x.seats.Hold(ctx, by, claim(x.A.Rider, "bookings.hold"), booking.Hold{Trip: trip, From: x.stop(t, from), To: x.stop(t, to), Party: 1})
	if err != nil {
		t.Fatal(err)
	}
	if confirm {
		if _, err := x.seats.Confirm(ctx, by, claim(x.A.Rider, "bookings.confirm"), b.Booking.ID, "cash"); err != nil {
			t.Fatal(err)
		}
	}
	return b.Booking.ID
}

func claim(who uuid.UUID, operation string) idem.Claim {
	key := ident.Token(9)
	return idem.Claim{Actor: who, Operation: operation, Key: key, Hash: idem.HashOf(key)}
}

var threeTrips = map[string]string{"T1": "07:00:00 a b c", "T2": "8:00:00 a b c", "T3": "25:10:00 c b a"}

func TestImportAgainChangesNothing(t *testing.T) {
	t.Parallel()
	x := newTown(t)
	feed := timetable{trips: threeTrips, fares: true, every: "T2,08:00:00,10:00:00,1800\n"}
	first := x.load(t, feed, dispatch.ImportOptions{})
	if first.Ran.Added == 0 || first.Ran.Removed+first.Ran.Moved+first.Ran.Vanished != 0 {
		t.Fatalf("%+v", first.Ran)
	}
	before := x.trips(t, x.day)
	if len(before) != 1+4+1 || before["01:10"].ID == uuid.Nil || before["09:30"].ID == uuid.Nil {
		t.Fatalf("%d trips: %v", len(before), before)
	}
	print := func() int64 {
		return x.Int(t, `select coalesce(sum(('x' || left(md5(c.relname || query_to_xml(format('select md5(coalesce(string_agg(md5(x::text), '''' order by md5(x::text)), ''''))
			from %I x', c.relname), false, true, '')::text), 8))::bit(32)::bigint), 0)::bigint from pg_class c
			where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
			and c.relname not in ('outbox_horizon', 'gtfs_import', 'trip_horizon', 'audit')`)
	}
	x.told()
	was := print()
	again := x.load(t, feed, dispatch.ImportOptions{})
	if again.Ran != (store.Ran{}) || print() != was {
		t.Errorf("the same feed changed something: %+v", again.Ran)
	}
	if h := x.told(); len(h) != 0 {
		t.Errorf("the same feed told %d changes: %v", len(h), h)
	}
	if _, err := x.desk.Extend(context.Background(), x.A.ID); err != nil || print() != was {
		t.Errorf("extending again changed something: %v", err)
	}
}

func TestImportMovesTrips(t *testing.T) {
	t.Parallel()
	x := newTown(t)
	x.load(t, timetable{trips: threeTrips}, dispatch.ImportOptions{})
	before := x.trips(t, x.day)
	booked := x.hold(t, before["08:00"].ID, "bourgogne", "casa port", true)
	was, err := x.Read(x.A.ID).Booking(context.Background(), booked)
	if err != nil {
		t.Fatal(err)
	}
	x.told()
	got := x.load(t, timetable{trips: map[string]string{"T1": "07:10:00 a b c d", "T2": "08:05:00 a b c", "T3": "25:10:00 c b a"}}, dispatch.ImportOptions{})
	if got.Ran.Moved == 0 || got.Ran.Added != 0 || got.Ran.Removed != 0 || got.Ran.Vanished != 0 {
		t.Fatalf("%+v", got.Ran)
	}
	after := x.trips(t, x.day)
	// Nobody was on T1, so it may change its stops too; its id stays.
	if n := after["07:10"]; n.ID != before["07:00"].ID || n.Version != before["07:00"].Version+1 || len(n.Free) != 3 || n.Free[2] != store.DefaultCapacity {
		t.Errorf("T1: %+v", n)
	}
	taken := after["08:05"]
	if taken.ID != before["08:00"].ID || taken.Booked != 1 || taken.Free[1] != store.DefaultCapacity-1 {
		t.Errorf("T2: %+v", taken)
	}
	if u := after["01:10"]; u.Version != before["01:10"].Version {
		t.Errorf("T3 did not move and is version %d", u.Version)
	}
	b, err := x.Read(x.A.ID).Booking(context.Background(), booked)
	if err != nil || b.From.Time != "08:10" || b.To.Time != "08:15" || !b.From.At.Equal(was.From.At.Add(5*time.Minute)) ||
		!b.CancelUntil.Equal(was.CancelUntil) || b.Version != was.Version+1 {
		t.Errorf("the rider's booking: %+v, %v", b, err)
	}
	// Who watches hears of each, with the document that a fresh reader gets.
	docs := map[string]json.RawMessage{}
	for _, c := range x.told() {
		docs[c.Entity] = c.Docs[event.OnTrip]
		if strings.HasPrefix(c.Entity, "booking/") && c.Version != b.Version {
			t.Errorf("told version %d of the booking", c.Version)
		}
	}
	for _, trip := range []event.Trip{taken, after["07:10"]} {
		if string(docs[trip.Entity()]) != string(trip.Doc(event.OnTrip)) {
			t.Errorf("told %s\nstored %s", docs[trip.Entity()], trip.Doc(event.OnTrip))
		}
	}
	if _, ok := docs["booking/"+booked.String()]; !ok {
		t.Error("the rider was not told")
	}
}

func TestImportKeepsBookedTripsThatVanish(t *testing.T) {
	t.Parallel()
	x := newTown(t)
	ctx := context.Background()
	x.load(t, timetable{trips: map[string]string{"T1": "07:00:00 a b c", "T2": "08:00:00 a b c", "T3": "09:00:00 a b c", "T4": "10:00:00 a b c"}}, dispatch.ImportOptions{})
	before := x.trips(t, x.day)
	x.hold(t, before["08:00"].ID, "bourgogne", "casa port", true)
	x.hold(t, before["10:00"].ID, "bourgogne", "casa port", true)
	gave := x.hold(t, before["09:00"].ID, "bourgogne", "casa port", true)
	if _, err := x.seats.Cancel(ctx, booking.By{Tenant: x.A.ID, User: x.A.Rider}, claim(x.A.Rider, "bookings.cancel"), gave); err != nil {
		t.Fatal(err)
	}
	from, to := x.stop(t, "bourgogne"), x.stop(t, "casa port")
	x.told()
	// T1 to T3 are gone, T4 takes another way.
	x.load(t, timetable{trips: map[string]string{"T4": "10:00:00 a d", "T9": "11:00:00 a b"}}, dispatch.ImportOptions{})
	after := x.trips(t, x.day)
	if _, there := after["07:00"]; there {
		t.Error("a trip that nobody booked is still there")
	}
	kept := after["08:00 vanished"]
	if kept.ID != before["08:00"].ID || kept.Status != "scheduled" || kept.Booked != 1 || kept.Pattern != before["08:00"].Pattern {
		t.Errorf("the booked one: %+v", kept)
	}
	if c := after["09:00 vanished"]; c.ID != before["09:00"].ID || c.Status != "cancelled" {
		t.Errorf("the one whose rider gave back: %+v", c)
	}
	if v, n := after["10:00 vanished"], after["10:00"]; v.ID != before["10:00"].ID || len(v.Free) != 2 || n.ID == v.ID || len(n.Free) != 1 || n.Free[0] != n.Capacity {
		t.Errorf("the one whose way changed: %+v beside %+v", v, n)
	}
	// It runs for its rider and is not sold any more.
	if _, err := x.seats.Hold(ctx, booking.By{Tenant: x.A.ID, User: x.A.Rider}, claim(x.A.Rider, "bookings.hold"),
		booking.Hold{Trip: kept.ID, From: from, To: to, Party: 1}); !fault.Is(err, "trip_closed") {
		t.Errorf("a seat on a trip that vanished: %v", err)
	}
	if after["11:00"].ID == uuid.Nil {
		t.Error("the new one is not there")
	}
	gone, flagged, reload := false, false, false
	for _, c := range x.told() {
		if c.Entity == "trip/"+before["07:00"].ID.String() {
			gone = c.Gone && c.Version == before["07:00"].Version+1 && len(c.Left) == 3
		}
		flagged = flagged || (c.Entity == kept.Entity() && strings.Contains(string(c.Docs[event.OnBoard]), `"vanished":true`))
		reload = reload || (c.Entity == event.Whole && strings.Contains(fmt.Sprint(c.Channels), "board:"+x.day.String()))
	}
	if !gone || !flagged || !reload {
		t.Errorf("told: gone %t, flagged %t, reload %t", gone, flagged, reload)
	}
	// The feed has it again: it is the same trip.
	x.load(t, timetable{trips: map[string]string{"T2": "08:00:00 a b c"}}, dispatch.ImportOptions{})
	if back := x.trips(t, x.day)["08:00"]; back.ID != kept.ID || back.Vanished || back.Booked != 1 {
		t.Errorf("back again: %+v", back)
	}
}

func TestImportWithErrorsChangesNothing(t *testing.T) {
	t.Parallel()
	x := newTown(t)
	x.load(t, timetable{trips: threeTrips}, dispatch.ImportOptions{})
	x.told()
	bad := timetable{trips: map[string]string{"T1": "07:30:00 a nowhere c"}}
	got, err := x.desk.Import(context.Background(), x.A.ID, bad.files(), dispatch.ImportOptions{})
	if err != nil || !got.Refused || got.Report.Counts()["foreign_key_violation"] != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if trips := x.trips(t, x.day); trips["07:00"].ID == uuid.Nil || len(trips) != 3 || len(x.told()) != 0 {
		t.Errorf("%v", trips)
	}
	if n := x.Int(t, "select count(*) from gtfs_import"); n != 1 {
		t.Errorf("%d imports on record", n)
	}
	dry := timetable{trips: map[string]string{"T1": "07:30:00 a b c"}}
	if got, err = x.desk.Import(context.Background(), x.A.ID, dry.files(), dispatch.ImportOptions{DryRun: true}); err != nil || got.Counts.Trips != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if n := x.Int(t, "select count(*) from gtfs_import"); n != 1 {
		t.Error("a dry run left something")
	}
}

// A seat that is taken while its trip vanishes from the timetable is kept, whichever comes first: no booking is ever
// left without its trip, and no trip without riders stays.
func TestImportRacesWithHolds(t *testing.T) {
	t.Parallel()
	x := newTown(t)
	ctx := context.Background()
	many, none := timetable{trips: map[string]string{}}, timetable{trips: map[string]string{"Z": "23:00:00 a b"}}
	for i := range 40 {
		many.trips[fmt.Sprintf("T%02d", i)] = fmt.Sprintf("%02d:%02d:00 a b c", 6+i/10, i%10)
	}
	held := 0
	for round := range 4 {
		x.load(t, many, dispatch.ImportOptions{Days: 2})
		from, to := x.stop(t, "ain diab"), x.stop(t, "casa port")
		trips := x.trips(t, x.day)
		start := make(chan struct{})
		var wg sync.WaitGroup
		var mu sync.Mutex
		for _, trip := range trips {
			wg.Go(func() {
				<-start
				_, err := x.seats.Hold(ctx, booking.By{Tenant: x.A.ID, User: x.A.Rider2}, claim(x.A.Rider2, "bookings.hold"),
					booking.Hold{Trip: trip.ID, From: from, To: to, Party: 1})
				if err == nil {
					mu.Lock()
					held++
					mu.Unlock()
				}
			})
		}
		close(start)
		x.load(t, none, dispatch.ImportOptions{Days: 2})
		wg.Wait()
		orphans := x.Int(t, `select count(*) from booking b where not exists (select from trip t where t.service_date = b.service_date and t.id = b.trip_id)`)
		lost := x.Int(t, `select count(*) from trip t where held <> (select coalesce(sum(party), 0) from booking b where b.trip_id = t.id and b.state = 'held')`)
		// A hold that came after its trip was looked at may have found it flagged or not at all; one more run settles it.
		if _, err := x.desk.Extend(ctx, x.A.ID); err != nil {
			t.Fatal(err)
		}
		unflagged := x.Int(t, `select count(*) from trip where not vanished and dep < '23:00' and service_date = $1 and status = 'scheduled'`, x.day.Midnight())
		if orphans != 0 || lost != 0 || unflagged != 0 {
			t.Fatalf("round %d: %d bookings without a trip, %d trips that count wrong, %d that did not vanish", round, orphans, lost, unflagged)
		}
	}
	if held == 0 || int64(held) != x.Int(t, "select count(*) from booking") {
		t.Errorf("%d seats were held, %d bookings: this was no race", held, x.Int(t, "select count(*) from booking"))
	}
}

func TestImportsOfTenantsNeverMeet(t *testing.T) {
	t.Parallel()
	x := newTown(t)
	x.load(t, timetable{trips: threeTrips}, dispatch.ImportOptions{})
	mine := x.trips(t, x.day)
	x.told()
	theirs := timetable{trips: map[string]string{"T1": "12:00:00 a c"}}
	if _, err := x.desk.Import(context.Background(), x.B.ID, theirs.files(), dispatch.ImportOptions{Capacity: 3}); err != nil {
		t.Fatal(err)
	}
	for dep, trip := range x.trips(t, x.day) {
		if was := mine[dep]; was.ID != trip.ID || was.Version != trip.Version || was.Capacity != trip.Capacity {
			t.Errorf("%s: %+v, was %+v", dep, trip, was)
		}
	}
	if n := x.Int(t, "select count(*) from stop where tenant_id = $1", x.B.ID.UUID()); n != 4 {
		t.Errorf("the other tenant has %d stops", n)
	}
}

// An import that was cut off after its commit is finished by whoever looks next.
func TestExtendFinishesWhatWasCutOff(t *testing.T) {
	t.Parallel()
	x := newTown(t)
	ctx := context.Background()
	x.load(t, timetable{trips: threeTrips}, dispatch.ImportOptions{})
	if due, err := x.desk.Due(ctx); err != nil || len(due) != 0 {
		t.Fatalf("due: %v, %v", due, err)
	}
	x.Exec(t, "delete from trip where dep = '08:00'")
	x.Exec(t, "update trip_horizon set until = null")
	due, err := x.desk.Due(ctx)
	if err != nil || len(due) != 1 || due[0] != x.A.ID {
		t.Fatalf("due: %v, %v", due, err)
	}
	ran, err := x.desk.Extend(ctx, x.A.ID)
	if err != nil || ran.Added != 7 {
		t.Fatalf("%+v, %v", ran, err)
	}
	// The next day begins: one more day is due, and only that is added.
	tomorrow := dispatch.New(x.DB.DB, nil, func() time.Time { return time.Now().AddDate(0, 0, 1) })
	if due, err = tomorrow.Due(ctx); err != nil || len(due) != 1 {
		t.Fatalf("due tomorrow: %v, %v", due, err)
	}
	if ran, err = tomorrow.Extend(ctx, x.A.ID); err != nil || ran != (store.Ran{Added: 3}) {
		t.Fatalf("%+v, %v", ran, err)
	}
}
