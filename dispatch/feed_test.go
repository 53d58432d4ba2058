package dispatch_test

import (
	"fmt"
	"strings"
	"testing/fstest"

	"github.com/waymeet/waymeet/store"
)

// timetable writes small feeds. A zero field is left as a sensible default.
type timetable struct {
	zone     string
	calendar string            // rows of calendar.txt
	dates    string            // rows of calendar_dates.txt
	trips    map[string]string // trip id → "07:00:00 a b c": departure, then stops five minutes apart
	every    string            // rows of frequencies.txt
	fares    bool
	extra    map[string]string // files that replace or add
}

func (x timetable) files() fstest.MapFS {
	if x.zone == "" {
		x.zone = "Africa/Casablanca"
	}
	if x.calendar == "" {
		x.calendar = "D,1,1,1,1,1,1,1,20260101,20281231\n"
	}
	var trips, times strings.Builder
	for id, way := range x.trips {
		fields := strings.Fields(way)
		fmt.Fprintf(&trips, "L1,D,%s,%s\n", id, fields[len(fields)-1])
		var h, m, s int
		if _, err := fmt.Sscanf(fields[0], "%d:%d:%d", &h, &m, &s); err != nil {
			panic(err)
		}
		at := h*3600 + m*60 + s
		for i, stop := range fields[1:] {
			fmt.Fprintf(&times, "%s,%[2]s,%[2]s,%s,%d\n", id, fmt.Sprintf("%d:%02d:%02d", at/3600, at/60%60, at%60), stop, i+1)
			at += 300
		}
	}
	files := map[string]string{
		"agency.txt":     "agency_id,agency_name,agency_url,agency_timezone\nA,Atlas,https://atlas.example," + x.zone + "\n",
		"routes.txt":     "route_id,agency_id,route_short_name,route_long_name,route_type\nL1,A,L1,Here – There,3\n",
		"stops.txt":      "stop_id,stop_name,stop_lat,stop_lon,zone_id\na,Aïn Diab,33.59,-7.66,1\nb,Bourgogne,33.60,-7.64,1\nc,Casa Port,33.60,-7.61,2\nd,Derb Omar,33.59,-7.61,2\n",
		"calendar.txt":   "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n" + x.calendar,
		"trips.txt":      "route_id,service_id,trip_id,trip_headsign\n" + trips.String(),
		"stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n" + times.String(),
	}
	if x.dates != "" {
		files["calendar_dates.txt"] = "service_id,date,exception_type\n" + x.dates
	}
	if x.every != "" {
		files["frequencies.txt"] = "trip_id,start_time,end_time,headway_secs\n" + x.every
	}
	if x.fares {
		files["fare_attributes.txt"] = "fare_id,price,currency_type,payment_method,transfers\nF,12.50,MAD,0,0\n"
		files["fare_rules.txt"] = "fare_id,route_id,origin_id,destination_id\nF,L1,1,2\n"
	}
	for name, text := range x.extra {
		files[name] = text
	}
	out := fstest.MapFS{}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func storeSearch(typed string) store.StopSearch { return store.StopSearch{Typed: typed, Limit: 10} }
