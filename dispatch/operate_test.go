package dispatch_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/internal/event"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
)

func TestOperate(t *testing.T) {
	t.Parallel()
	x := newTown(t)
	ctx := context.Background()
	x.load(t, timetable{trips: threeTrips}, dispatch.ImportOptions{Capacity: 4})
	trips := x.trips(t, x.day)
	one, two := trips["07:00"], trips["08:00"]
	boss := x.A.Users["dispatcher"]
	by := dispatch.By{Tenant: x.A.ID, User: boss}
	for range 3 {
		x.hold(t, one.ID, "ain diab", "casa port", true)
	}
	x.told()

	key := claim(boss, "trips.capacity")
	got, err := x.desk.Capacity(ctx, by, key, one.ID, 2)
	if err != nil || got.Capacity != 2 || got.Free[0] != 0 || got.Overload[1] != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	heard := x.told()
	stored := x.trips(t, x.day)["07:00"]
	if len(heard) != 1 || heard[0].Version != got.Version || stored.Version != got.Version || string(heard[0].Docs[event.OnBoard]) != string(stored.Doc(event.OnBoard)) {
		t.Errorf("told %v, stored %+v", heard, stored)
	}
	// The same request again: the same answer, and nothing happens.
	again, err := x.desk.Capacity(ctx, by, key, one.ID, 2)
	if err != nil || again.Version != got.Version || len(x.told()) != 0 {
		t.Errorf("again: %+v, %v", again, err)
	}
	other := key
	other.Hash = idem.HashOf("another body")
	if _, err := x.desk.Capacity(ctx, by, other, one.ID, 3); !fault.Is(err, "idempotency_conflict") {
		t.Errorf("the key with another body: %v", err)
	}

	if got, err = x.desk.Delay(ctx, by, claim(boss, "trips.delay"), one.ID, 600); err != nil || got.DelayS != 600 || x.trips(t, x.day)["07:00"].DelayS != 600 {
		t.Errorf("delay: %+v, %v", got, err)
	}
	if _, err = x.desk.Depart(ctx, by, claim(boss, "trips.depart"), one.ID); !fault.Is(err, "too_early_to_depart") {
		t.Errorf("days before it leaves: %v", err)
	}
	x.Exec(t, `update trip set departs_at = clock_timestamp() + interval '14 minutes' where id = $1`, one.ID)
	if got, err = x.desk.Depart(ctx, by, claim(boss, "trips.depart"), one.ID); err != nil || got.Status != "departed" {
		t.Errorf("depart: %+v, %v", got, err)
	}
	if got, err = x.desk.Cancel(ctx, by, claim(boss, "trips.cancel"), two.ID, "no driver"); err != nil || got.Status != "cancelled" || got.Incident != "no driver" {
		t.Errorf("cancel: %+v, %v", got, err)
	}
	if doc := string(got.Doc(event.OnTrip)); !strings.Contains(doc, `"reason":"no driver"`) {
		t.Errorf("its riders are not told why: %s", doc)
	}
	_, err = x.seats.Hold(ctx, booking.By{Tenant: x.A.ID, User: x.A.Rider}, claim(x.A.Rider, "bookings.hold"),
		booking.Hold{Trip: two.ID, From: x.stop(t, "ain diab"), To: x.stop(t, "casa port"), Party: 1})
	if !fault.Is(err, "trip_cancelled") {
		t.Errorf("a seat on a cancelled trip: %v", err)
	}
	if n := x.Int(t, "select count(*) from audit where actor = $1 and action like 'trip.%'", boss); n != 4 {
		t.Errorf("%d audit rows of 4 deeds", n)
	}

	for name, c := range map[string]struct {
		code string
		do   func() error
	}{
		"delay of a day and a second": {"delay_invalid", func() error { _, err := x.desk.Delay(ctx, by, claim(boss, "d"), one.ID, 86401); return err }},
		"more than an hour early":     {"delay_invalid", func() error { _, err := x.desk.Delay(ctx, by, claim(boss, "d"), one.ID, -3601); return err }},
		"501 seats":                   {"capacity_invalid", func() error { _, err := x.desk.Capacity(ctx, by, claim(boss, "c"), one.ID, 501); return err }},
		"-1 seats":                    {"capacity_invalid", func() error { _, err := x.desk.Capacity(ctx, by, claim(boss, "c"), one.ID, -1); return err }},
		"70000 seats":                 {"capacity_invalid", func() error { _, err := x.desk.Capacity(ctx, by, claim(boss, "c"), one.ID, 70000); return err }},
		"leaving twice":               {"trip_departed", func() error { _, err := x.desk.Depart(ctx, by, claim(boss, "p"), one.ID); return err }},
		"leaving though cancelled":    {"trip_cancelled", func() error { _, err := x.desk.Depart(ctx, by, claim(boss, "p"), two.ID); return err }},
		"cancelling twice":            {"trip_cancelled", func() error { _, err := x.desk.Cancel(ctx, by, claim(boss, "x"), two.ID, "again"); return err }},
		"a trip that is not there":    {"trip_not_found", func() error { _, err := x.desk.Depart(ctx, by, claim(boss, "p"), ident.Dated(x.day, 1)); return err }},
		"an id that carries no date":  {"trip_not_found", func() error { _, err := x.desk.Depart(ctx, by, claim(boss, "p"), uuid.New()); return err }},
		"a trip of the other operator": {"trip_not_found", func() error {
			_, err := x.desk.Depart(ctx, dispatch.By{Tenant: x.B.ID, User: x.B.Users["dispatcher"]}, claim(boss, "p"), trips["01:10"].ID)
			return err
		}},
	} {
		if err := c.do(); !fault.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

func TestFindStopsAndLines(t *testing.T) {
	t.Parallel()
	x := newTown(t)
	ctx := context.Background()
	x.load(t, timetable{trips: map[string]string{"T1": "07:00:00 a b c"}}, dispatch.ImportOptions{})
	for typed, want := range map[string]string{"ain": "Aïn Diab", "AÏN D": "Aïn Diab", "diab": "Aïn Diab", "port casa": "Casa Port", "iab": "", "derb": "" /* no trip stops there */} {
		s, err := x.desk.Stops(ctx, x.A.ID, storeSearch(typed))
		switch {
		case err != nil:
			t.Error(err)
		case want == "" && len(s) != 0, want != "" && (len(s) != 1 || s[0].Name != want):
			t.Errorf("%q finds %v", typed, s)
		}
	}
	near := storeSearch("")
	near.Near, near.Lat, near.Lon = true, 33.60, -7.612
	s, err := x.desk.Stops(ctx, x.A.ID, near)
	if err != nil || len(s) != 3 || s[0].Name != "Casa Port" || s[2].Name != "Aïn Diab" {
		t.Errorf("near Casa Port: %v, %v", s, err)
	}
	lines, err := x.desk.Lines(ctx, x.A.ID)
	if err != nil || len(lines) != 1 || lines[0].Name != "L1 Here – There" || lines[0].Agency != "Atlas" {
		t.Fatalf("%v, %v", lines, err)
	}
	line, err := x.desk.Line(ctx, x.A.ID, lines[0].ID)
	if err != nil || len(line.Patterns) != 1 || line.Patterns[0].Stops != 3 {
		t.Fatalf("%v, %v", line, err)
	}
	p, _, err := x.desk.Pattern(ctx, x.A.ID, line.Patterns[0].ID)
	if err != nil || len(p.Stops) != 3 || p.Stops[1].Name != "Bourgogne" || p.Stops[2].ArriveS != 600 {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := x.desk.Line(ctx, x.B.ID, lines[0].ID); !fault.Is(err, "not_found") {
		t.Errorf("a line of the other operator: %v", err)
	}
	if all, err := x.desk.Imports(ctx, x.A.ID, 5); err != nil || len(all) != 1 || all[0].Days != dispatch.DefaultDays {
		t.Errorf("%v, %v", all, err)
	}
}
