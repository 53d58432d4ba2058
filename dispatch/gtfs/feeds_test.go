package gtfs

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// The open feeds that the project is measured with live outside of the repository, with their licences.
func TestOpenFeeds(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("WAYMEET_TEST_FEEDS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data", "gtfs")
	}
	cases := []struct {
		file                 string
		lines, trips, perDay int
		tolerated            string
	}{
		{"accra-2019.zip", 277, 554, 53290, ""},
		{"nairobi-2019.zip", 136, 272, 34856, ""},
		{"morocco-oncf.zip", 9, 60, 0, locationWithStopTime},
		{"google-sample.zip", 5, 11, 0, invalidRowLength},
	}
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			f, err := os.Open(filepath.Join(dir, c.file))
			if os.IsNotExist(err) {
				t.Skipf("no %s here: set WAYMEET_TEST_FEEDS to a directory with the open feeds", c.file)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			st, _ := f.Stat()
			fsys, err := OpenZip(f, st.Size())
			if err != nil {
				t.Fatal(err)
			}
			today := servicedate.Of(2026, 11, 22)
			start := time.Now()
			feed, rep := Read(fsys, Options{Today: today, Shift: true})
			for _, n := range rep.Notices() {
				t.Log(n)
			}
			if feed == nil {
				t.Fatalf("refused: %v", rep.Counts())
			}
			t.Logf("%v: %d patterns, %v", time.Since(start), len(feed.Patterns), rep.Counts())
			if len(feed.Lines) != c.lines || len(feed.Trips) != c.trips {
				t.Errorf("%d lines, %d trips", len(feed.Lines), len(feed.Trips))
			}
			n := 0
			for i := range feed.Trips {
				if feed.Services[feed.Trips[i].Service].Runs(today) {
					for range feed.Trips[i].Departures() {
						n++
					}
				}
			}
			t.Log("departures", n)
			if c.perDay > 0 && n != c.perDay {
				t.Errorf("%d departures today, want %d", n, c.perDay)
			}
			if c.tolerated != "" && rep.Counts()[c.tolerated] == 0 {
				t.Errorf("%s was not noticed", c.tolerated)
			}
		})
	}
}
