package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/waymeet/waymeet/dispatch/gtfs"
)

// What Nairobi's feed holds: 136 lines, both ways, 28 stops each of 4,284, and about 35,000 departures a day.
const (
	madeLines  = 136
	madeStops  = 4284
	madeLength = 28
)

// madeUpFeed is a feed of the size and shape of Nairobi's, for machines that do not have it.
func madeUpFeed() (fs.FS, error) {
	files := map[string]string{}
	for _, file := range []struct {
		name  string
		write func(io.Writer)
	}{
		{"agency.txt", func(w io.Writer) {
			fmt.Fprint(w, "agency_id,agency_name,agency_url,agency_timezone\nm,Made up,https://example.org,Africa/Nairobi\n")
		}},
		{"calendar.txt", func(w io.Writer) {
			fmt.Fprint(w, "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nd,1,1,1,1,1,1,1,20200101,20991231\n")
		}},
		{"stops.txt", func(w io.Writer) {
			fmt.Fprintln(w, "stop_id,stop_name,stop_lat,stop_lon")
			for i := range madeStops {
				fmt.Fprintf(w, "s%d,Stop %d,%.5f,%.5f\n", i, i, -1.4+float64(i%66)*0.003, 36.7+float64(i/66)*0.003)
			}
		}},
		{"routes.txt", func(w io.Writer) {
			fmt.Fprintln(w, "route_id,agency_id,route_short_name,route_long_name,route_type")
			for i := range madeLines {
				fmt.Fprintf(w, "r%d,m,%d,Line %d,3\n", i, i, i)
			}
		}},
		{"trips.txt", func(w io.Writer) {
			fmt.Fprintln(w, "route_id,service_id,trip_id,direction_id")
			for i := range 2 * madeLines {
				fmt.Fprintf(w, "r%d,d,t%d,%d\n", i/2, i, i%2)
			}
		}},
		{"frequencies.txt", func(w io.Writer) {
			fmt.Fprintln(w, "trip_id,start_time,end_time,headway_secs")
			for i := range 2 * madeLines {
				fmt.Fprintf(w, "t%d,06:00:00,09:00:00,%d\nt%d,09:00:00,15:00:00,%d\nt%d,15:00:00,21:00:00,%d\n", i, 240+i%3*60, i, 450, i, 420+i%3*60)
			}
		}},
		{"stop_times.txt", func(w io.Writer) {
			fmt.Fprintln(w, "trip_id,arrival_time,departure_time,stop_id,stop_sequence")
			for i := range 2 * madeLines {
				for n := range madeLength {
					at := n
					if i%2 == 1 {
						at = madeLength - 1 - n // back the same way
					}
					second := 6*3600 + n*150
					clock := fmt.Sprintf("%02d:%02d:%02d", second/3600, second/60%60, second%60)
					// Lines cross each other: every seventh stop is one of a few that many share.
					stop := (i/2*31 + at*5) % madeStops
					if at%7 == 3 {
						stop = i / 2 % 20 * 10
					}
					fmt.Fprintf(w, "t%d,%s,%s,s%d,%d\n", i, clock, clock, stop, n+1)
				}
			}
		}},
	} {
		var text strings.Builder
		file.write(&text)
		files[file.name] = text.String()
	}
	return zipped(files)
}

// zipped is files as a feed.
func zipped(files map[string]string) (fs.FS, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			return nil, fmt.Errorf("make up a feed: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("make up a feed: %w", err)
	}
	return gtfs.OpenZip(bytes.NewReader(out.Bytes()), int64(out.Len()))
}
