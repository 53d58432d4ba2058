package gtfs

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// Files as spreadsheets and scripts write them say the same as the sound feed.
func TestFormsOfTheSameFeed(t *testing.T) {
	t.Parallel()
	want, _ := Read(filesOf(sound()), Options{Today: today})
	forms := map[string]func(name, text string) string{
		"byte order mark":        func(_, s string) string { return "\xef\xbb\xbf" + s },
		"CRLF":                   func(_, s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"CR":                     func(_, s string) string { return strings.ReplaceAll(s, "\n", "\r") },
		"no line end at the end": func(_, s string) string { return strings.TrimRight(s, "\n") },
		"blank lines":            func(_, s string) string { return strings.ReplaceAll(s, "\n", "\n\n") },
		"everything quoted": func(_, s string) string {
			lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
			for i, l := range lines {
				lines[i] = `"` + strings.ReplaceAll(l, ",", `","`) + `"`
			}
			return strings.Join(lines, "\n") + "\n"
		},
		"unpadded hours":    func(_, s string) string { return strings.NewReplacer(",07:", ",7:", ",08:", ",8:").Replace(s) },
		"columns reordered": reversed,
	}
	for name, form := range forms {
		texts := sound()
		for file, text := range texts {
			texts[file] = form(file, text)
		}
		got, rep := Read(filesOf(texts), Options{Today: today})
		if got == nil || rep.Count(Warning) > 0 {
			t.Errorf("%s: %v", name, rep.Notices())
			continue
		}
		if got.Patterns[0].Key != want.Patterns[0].Key || got.Stops[0] != want.Stops[0] || got.Trips[1].Windows[0] != want.Trips[1].Windows[0] || got.Fares[0] != want.Fares[0] {
			t.Errorf("%s reads as another feed", name)
		}
	}
}

func reversed(_, s string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i, l := range lines {
		f := strings.Split(l, ",")
		slices.Reverse(f)
		lines[i] = strings.Join(f, ",")
	}
	return strings.Join(lines, "\n") + "\n"
}

func TestQuotes(t *testing.T) {
	t.Parallel()
	texts := sound()
	texts["stops.txt"] = strings.Replace(texts["stops.txt"], "Casa Port", `"Casa, the ""old"" port"`, 1)
	texts["stops.txt"] = strings.Replace(texts["stops.txt"], "Bourgogne", `Bour"gogne`, 1)
	feed, rep := Read(filesOf(texts), Options{Today: today})
	if feed == nil || feed.Stops[2].Name != `Casa, the "old" port` || feed.Stops[1].Name != `Bour"gogne` {
		t.Fatalf("%v", rep.Notices())
	}
}

func TestOptionalFiles(t *testing.T) {
	t.Parallel()
	texts := sound()
	for _, name := range []string{"calendar_dates.txt", "frequencies.txt", "fare_attributes.txt", "fare_rules.txt", "feed_info.txt", "shapes.txt"} {
		delete(texts, name)
	}
	texts["trips.txt"] = "route_id,service_id,trip_id\nL1,D,T1\nL1,D,T2\n"
	if feed, rep := Read(filesOf(texts), Options{Today: today}); feed == nil {
		t.Fatalf("%v", rep.Notices())
	}
	// A service may live from its exceptions alone.
	delete(texts, "calendar.txt")
	texts["calendar_dates.txt"] = "service_id,date,exception_type\nD,20261123,1\nD,20261125,1\n"
	feed, rep := Read(filesOf(texts), Options{Today: today})
	if feed == nil || feed.Services[0].Runs(today) || !feed.Services[0].Runs(today.AddDays(1)) || feed.Services[0].Runs(today.AddDays(2)) {
		t.Fatalf("%v", rep.Notices())
	}
	delete(texts, "calendar_dates.txt")
	if feed, rep := Read(filesOf(texts), Options{Today: today}); feed != nil || rep.Counts()[missingCalendars] != 1 {
		t.Fatalf("%v", rep.Notices())
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	texts := sound()
	// T1 and T2 stop alike an hour apart; T3 loops, past midnight, and its second stop has no times.
	texts["trips.txt"] += "L1,D,T3,Loop,1,\n"
	texts["stop_times.txt"] += "T3,24:50:00,24:50:00,a,1,0,1,1\nT3,,,b,2,0,0,0\nT3,25:10:00,25:10:00,c,3,1,0,1\nT3,25:30:00,25:30:00,a,9,0,0,1\n"
	feed, rep := Read(filesOf(texts), Options{Today: today})
	if feed == nil || len(feed.Patterns) != 2 {
		t.Fatalf("%v", rep.Notices())
	}
	if feed.Trips[0].Pattern != feed.Trips[1].Pattern || feed.Trips[1].Start != 8*3600 {
		t.Errorf("%+v", feed.Trips)
	}
	p := feed.Patterns[feed.Trips[2].Pattern]
	if feed.Trips[2].Start != 24*3600+50*60 || len(p.Stops) != 4 || p.Stops[0].Stop != p.Stops[3].Stop || p.Stops[3].Arrive != 2400 {
		t.Errorf("%+v", p)
	}
	if s := p.Stops[1]; s.Arrive <= 0 || s.Arrive >= 1200 || s.Arrive != s.Depart {
		t.Errorf("the time in between is %+v", s)
	}
	if p.Stops[0].DropOff || !p.Stops[0].Pickup || p.Stops[2].Pickup || !p.Stops[2].DropOff {
		t.Errorf("getting on and off: %+v", p.Stops)
	}
}

func TestDepartures(t *testing.T) {
	t.Parallel()
	// Google's example: two windows that meet, and one whose end is no departure.
	trip := Trip{ID: "T", Windows: []Window{{6 * 3600, 7 * 3600, 1800, false}, {7 * 3600, 7*3600 + 1000, 600, true}}}
	got := slices.Collect(trip.Departures())
	if want := []int{21600, 23400, 25200, 25800}; !slices.Equal(got, want) || trip.count() != len(want) {
		t.Errorf("%v (%d), want %v", got, trip.count(), want)
	}
	if id := trip.DepartureID(25200); id != "T@07:00:00" {
		t.Error(id)
	}
}

func TestShift(t *testing.T) {
	t.Parallel()
	texts := sound()
	texts["calendar.txt"] = "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nD,1,0,0,0,0,0,0,20190107,20191231\n"
	texts["calendar_dates.txt"] = "service_id,date,exception_type\nD,20190114,2\n"
	feed, rep := Read(filesOf(texts), Options{Today: today, Shift: true})
	if feed == nil || feed.Shifted%7 != 0 || feed.Services[0].From > today || feed.Services[0].From < today.AddDays(-6) {
		t.Fatalf("%+v, %v", feed, rep.Notices())
	}
	monday := feed.Services[0].From // 2019-01-07 was one
	if !feed.Services[0].Runs(monday) || feed.Services[0].Runs(monday.AddDays(7)) || !feed.Services[0].Runs(monday.AddDays(14)) || feed.Services[0].Runs(monday.AddDays(1)) {
		t.Error("weekdays or exceptions did not move along")
	}
	// A feed that is valid stays where it is.
	if feed, _ := Read(filesOf(sound()), Options{Today: today, Shift: true}); feed.Shifted != 0 {
		t.Errorf("moved by %d days", feed.Shifted)
	}
}

func TestPolyline(t *testing.T) {
	t.Parallel()
	// The example of Google's description of the format.
	line, n := polyline(nil, []point{{lat: 3850000, lon: -12020000}, {lat: 4070000, lon: -12095000}, {lat: 4325200, lon: -12645300}})
	if string(line) != "_p~iF~ps|U_ulLnnqC_mqNvxq`@" || n != 3 {
		t.Errorf("%s, %d points", line, n)
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"Aïn  Diab — Ouest": "ain diab ouest", "GARE N°2": "gare n 2", "الدَّار البيضاء": "الدار البيضاء", "Été": "ete", "": ""} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

type broken struct{ fstest.MapFS }

func (b broken) Open(name string) (fs.File, error) {
	if name == "stops.txt" {
		return nil, errors.New("the disk is gone")
	}
	return b.MapFS.Open(name)
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	if feed, rep := Read(broken{filesOf(sound())}, Options{Today: today}); feed != nil || rep.Counts()[ioError] == 0 {
		t.Fatalf("%v", rep.Notices())
	}
	if feed, rep := Read(fstest.MapFS{}, Options{Today: today}); feed != nil || rep.Counts()[missingRequiredFile] != 5 {
		t.Fatalf("%v", rep.Notices())
	}
}
