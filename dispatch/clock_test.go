package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// On days when the clocks change trips leave when the timetable says, on the wall; one past midnight leaves the
// seconds after its day's start that the timetable says; and none is lost or doubled.
func TestTripsOnDaysWhenClocksChange(t *testing.T) {
	t.Parallel()
	x := newTown(t)
	cases := []struct {
		zone, date     string
		dep, instant   string // of the trip at 07:10
		late, instant2 string // of the trip at 25:10
	}{
		{"Africa/Casablanca", "2026-02-14", "07:10", "2026-02-14T06:10:00Z", "01:10", "2026-02-15T00:10:00Z"},
		{"Africa/Casablanca", "2026-02-15", "07:10", "2026-02-15T07:10:00Z", "01:10", "2026-02-16T01:10:00Z"}, // UTC+0 from 03:00 on
		{"Africa/Casablanca", "2026-03-21", "07:10", "2026-03-21T07:10:00Z", "01:10", "2026-03-22T01:10:00Z"},
		{"Africa/Casablanca", "2026-03-22", "07:10", "2026-03-22T06:10:00Z", "01:10", "2026-03-23T00:10:00Z"}, // back to UTC+1 from 02:00 on
		{"Africa/Cairo", "2026-04-23", "07:10", "2026-04-23T05:10:00Z", "02:10", "2026-04-23T23:10:00Z"},      // 25:10 falls into the hour that is skipped
		{"Africa/Cairo", "2026-04-24", "07:10", "2026-04-24T04:10:00Z", "01:10", "2026-04-24T22:10:00Z"},
		{"Africa/Cairo", "2026-10-29", "07:10", "2026-10-29T04:10:00Z", "00:10", "2026-10-29T22:10:00Z"}, // the hour from 23:00 comes twice
		{"Africa/Cairo", "2026-10-30", "07:10", "2026-10-30T05:10:00Z", "01:10", "2026-10-30T23:10:00Z"},
	}
	for _, c := range cases {
		date, err := servicedate.Parse(c.date)
		if err != nil {
			t.Fatal(err)
		}
		loc, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		// Noon of the day before, at the operator's: both trips are still to come.
		noon := date.AddDays(-1).At(servicedate.NoonSecond, loc)
		desk := dispatch.New(x.DB.DB, nil, func() time.Time { return noon })
		feed := timetable{zone: c.zone, trips: map[string]string{"T1": "07:10:00 a b", "T2": "25:10:00 a b"}}
		if got, err := desk.Import(context.Background(), x.A.ID, feed.files(), dispatch.ImportOptions{Days: 2}); err != nil || got.Refused {
			t.Fatalf("%v, %v", got, err)
		}
		trips := x.trips(t, date)
		if len(trips) != 2 {
			t.Errorf("%s %s: %d trips: %v", c.zone, c.date, len(trips), trips)
		}
		for dep, instant := range map[string]string{c.dep: c.instant, c.late: c.instant2} {
			if got := trips[dep].DepartsAt.UTC().Format(time.RFC3339); got != instant {
				t.Errorf("%s %s: the trip that shows %s leaves at %s, want %s", c.zone, c.date, dep, got, instant)
			}
		}
	}
}

// A trip of yesterday that leaves after midnight is there when the timetable is imported at night.
func TestImportAfterMidnightKnowsYesterday(t *testing.T) {
	t.Parallel()
	x := newTown(t)
	loc, err := time.LoadLocation("Africa/Casablanca")
	if err != nil {
		t.Fatal(err)
	}
	night := time.Date(2026, 11, 23, 0, 30, 0, 0, loc)
	desk := dispatch.New(x.DB.DB, nil, func() time.Time { return night })
	feed := timetable{trips: map[string]string{"T1": "07:10:00 a b", "T2": "24:25:00 a b c", "T3": "25:10:00 a b"}}
	if _, err := desk.Import(context.Background(), x.A.ID, feed.files(), dispatch.ImportOptions{Days: 1}); err != nil {
		t.Fatal(err)
	}
	yesterday := x.trips(t, servicedate.Of(2026, 11, 22))
	if len(yesterday) != 2 || yesterday["01:10"].Status != "scheduled" || yesterday["00:25"].Status != "departed" {
		t.Errorf("yesterday: %v", yesterday)
	}
	if today := x.trips(t, servicedate.Of(2026, 11, 23)); len(today) != 3 {
		t.Errorf("today: %v", today)
	}
	if more := x.trips(t, servicedate.Of(2026, 11, 24)); len(more) != 0 {
		t.Errorf("tomorrow, which was not asked for: %v", more)
	}
}
