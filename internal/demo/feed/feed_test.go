package feed_test

import (
	"io/fs"
	"testing"

	"github.com/waymeet/waymeet/dispatch/gtfs"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/demo/feed"
)

var sunday = servicedate.Of(2026, 11, 22)

func read(t *testing.T, files fs.FS, shift bool) (*gtfs.Feed, *gtfs.Report) {
	t.Helper()
	f, rep := gtfs.Read(files, gtfs.Options{Today: sunday, Shift: shift})
	for _, n := range rep.Notices() {
		t.Log(n)
	}
	if f == nil {
		t.Fatalf("refused: %v", rep.Counts())
	}
	return f, rep
}

// The feed that we wrote ourselves has nothing to be warned of.
func TestCasablancaIsClean(t *testing.T) {
	t.Parallel()
	f, rep := read(t, feed.Casablanca(), false)
	if rep.Count(gtfs.Error)+rep.Count(gtfs.Warning) > 0 {
		t.Errorf("problems: %v", rep.Counts())
	}
	if len(f.Lines) != 6 || f.Zone != "Africa/Casablanca" || f.Agencies[0].Lang != "fr" {
		t.Errorf("%d lines in %s", len(f.Lines), f.Zone)
	}
	for _, s := range f.Stops {
		if !s.Served || s.FareZone == "" {
			t.Errorf("stop %s: served %v, zone %q", s.ID, s.Served, s.FareZone)
		}
	}
	for _, p := range f.Patterns {
		if n := len(p.Stops); n < 5 || n > 10 || p.Shape == gtfs.None {
			t.Errorf("pattern to %s: %d stops, shape %d", p.Headsign, n, p.Shape)
		}
	}
}

// Whenever somebody starts the demonstration, cars are on the road and some leave within the hour.
func TestCasablancaNeverSleeps(t *testing.T) {
	t.Parallel()
	f, _ := read(t, feed.Casablanca(), false)
	for date := sunday; date != sunday.AddDays(8); date = date.AddDays(1) {
		var leaving, running [24]int
		for i := range f.Trips {
			trip := &f.Trips[i]
			if !f.Services[trip.Service].Runs(date) {
				continue
			}
			stops := f.Patterns[trip.Pattern].Stops
			for start := range trip.Departures() {
				leaving[start/3600]++
				for at := start; at < start+int(stops[len(stops)-1].Arrive); at += 3600 {
					running[at/3600%24]++
				}
			}
		}
		t.Log(date, leaving)
		for hour := range 24 {
			if leaving[hour] < 10 || running[hour] < 10 {
				t.Errorf("%s at %d h: %d leave, %d run", date, hour, leaving[hour], running[hour])
			}
		}
		if date.Weekday() != sunday.Weekday() && (2*leaving[7] < 3*leaving[11] || 2*leaving[17] < 3*leaving[11]) {
			t.Errorf("%s has no peaks: %v", date, leaving)
		}
	}
}

// Five lines of another's feed, of other years.
func TestNairobiRunsToday(t *testing.T) {
	t.Parallel()
	f, rep := read(t, feed.Nairobi(), true)
	if rep.Failed() || len(f.Lines) != 5 || f.Shifted%7 != 0 || f.Shifted == 0 {
		t.Errorf("%d lines, shifted by %d days", len(f.Lines), f.Shifted)
	}
	for i := range f.Trips {
		if !f.Services[f.Trips[i].Service].Runs(sunday) {
			t.Errorf("trip %s does not run today", f.Trips[i].ID)
		}
	}
}
