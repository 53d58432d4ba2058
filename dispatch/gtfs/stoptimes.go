package gtfs

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

const (
	stTrip = iota
	stArrival
	stDeparture
	stStop
	stSequence
	stPickup
	stDropOff
	stTimepoint
	stGroup
	stArea
	stWindow
)

var stopTimeTable = &table{
	file: "stop_times.txt",
	columns: []column{
		stTrip: {"trip_id", required}, stArrival: {"arrival_time", optional}, stDeparture: {"departure_time", optional},
		stStop: {"stop_id", optional}, stSequence: {"stop_sequence", required}, stPickup: {"pickup_type", optional},
		stDropOff: {"drop_off_type", optional}, stTimepoint: {"timepoint", optional}, stGroup: {"location_group_id", optional},
		stArea: {"location_id", optional}, stWindow: {"start_pickup_drop_off_window", optional},
	},
	known: "stop_headsign continuous_pickup continuous_drop_off shape_dist_traveled end_pickup_drop_off_window " +
		"pickup_booking_rule_id drop_off_booking_rule_id",
	maxRows: maxStopTimes,
}

// stopTime is held for every row of stop_times.txt until patterns are derived, so it is small.
type stopTime struct {
	trip, stop, seq, arrive, depart, row int32
	noPickup, noDropOff                  bool
}

// notAvailable is the pickup_type and drop_off_type of a stop where one cannot get on or off. The types
// that need a call before the ride count as available.
const notAvailable = 1

func (rd *reading) readStopTimes() {
	sorted := true
	rd.each(stopTimeTable, func(r *row) {
		trip, ok := r.lookup(stTrip, rd.ids.trips, "trip_id in trips.txt")
		if !ok {
			return
		}
		if len(r.bytes(stGroup)) > 0 || len(r.bytes(stArea)) > 0 || len(r.bytes(stWindow)) > 0 {
			rd.ids.template[trip].onDemand = true
			return
		}
		st := stopTime{trip: trip, row: int32(r.rec.line)}
		seq, ok1 := r.integer(stSequence, -1, 0, math.MaxInt32)
		if ok1 && seq < 0 {
			r.add(missingRequiredField, stSequence, "")
			ok1 = false
		}
		var ok2, ok3, ok4 bool
		st.seq = int32(seq)
		st.arrive, ok2 = r.seconds(stArrival)
		st.depart, ok3 = r.seconds(stDeparture)
		st.stop, ok4 = r.stop()
		st.noPickup = r.enum(stPickup, 0, 3) == notAvailable
		st.noDropOff = r.enum(stDropOff, 0, 3) == notAvailable
		if !ok1 || !ok2 || !ok3 || !ok4 {
			rd.ids.template[trip].broken = true
			return
		}
		if (st.arrive == noTime) != (st.depart == noTime) {
			r.add(onlyArrivalOrDeparture, stArrival, "")
		} else if st.arrive == noTime && string(r.bytes(stTimepoint)) == "1" {
			r.add(timepointWithoutTimes, stArrival, "")
		}
		if n := len(rd.ids.times); n > 0 && (rd.ids.times[n-1].trip == trip && rd.ids.times[n-1].seq > st.seq) {
			sorted = false
		}
		rd.ids.times = append(rd.ids.times, st)
	})
	if !sorted {
		rd.report.add(Notice{Name: unsortedStopTimes, File: stopTimeTable.file})
	}
	byOrder := func(a, b stopTime) int { return cmp.Or(cmp.Compare(a.trip, b.trip), cmp.Compare(a.seq, b.seq)) }
	if !slices.IsSortedFunc(rd.ids.times, byOrder) {
		slices.SortStableFunc(rd.ids.times, byOrder)
	}
	for start := 0; start < len(rd.ids.times); {
		end := start + 1
		for end < len(rd.ids.times) && rd.ids.times[end].trip == rd.ids.times[start].trip {
			end++
		}
		rd.checkTrip(rd.ids.times[start:end])
		start = end
	}
}

// stop returns the index in Feed.Stops of a place where a vehicle can stop.
func (r *row) stop() (int32, bool) {
	at, ok := r.lookup(stStop, r.ids.stops, "stop_id in stops.txt")
	if !ok {
		return None, false
	}
	switch r.ids.stopKinds[at] {
	case typeStop:
	case typeStation:
		r.report.tolerate(Notice{Name: locationWithStopTime, File: r.tab.file, Row: r.rec.line, Field: "stop_id", Value: string(r.bytes(stStop))})
	default:
		r.addf(locationWithStopTime, stStop, string(r.bytes(stStop)), "vehicles do not stop at entrances, nodes and boarding areas")
		return None, false
	}
	return r.ids.stopAt[at], true
}

// checkTrip checks the stop times of one trip in their order and fills the times that lack.
func (rd *reading) checkTrip(times []stopTime) {
	t := &rd.ids.template[times[0].trip]
	add := func(name string, st *stopTime, field, value, detail string) {
		t.broken = true
		rd.report.add(Notice{Name: name, File: stopTimeTable.file, Row: int(st.row), Field: field, Value: value, Detail: detail})
	}
	if len(times) > maxStopsPerTrip {
		add(tooManyRows, &times[maxStopsPerTrip], "trip_id", t.id, fmt.Sprintf("a trip has at most %d stops", maxStopsPerTrip))
		return
	}
	for i := range times {
		st := &times[i]
		if i > 0 && st.seq == times[i-1].seq {
			add(duplicateKey, st, "stop_sequence", t.id, "")
		}
		if st.arrive != noTime && st.depart != noTime && st.depart < st.arrive {
			add(rangeOutOfOrder, st, "departure_time", clock(st.depart), "it leaves before it arrives")
		}
	}
	for _, edge := range []*stopTime{&times[0], &times[len(times)-1]} {
		if edge.arrive == noTime && edge.depart == noTime {
			add(missingTripEdge, edge, "arrival_time", t.id, "")
		}
	}
	if t.broken || t.onDemand {
		return
	}
	last := 0
	for i := 1; i < len(times); i++ {
		if times[i].arrive == noTime {
			continue
		}
		if times[i].arrive < times[last].depart {
			add(arrivalBeforeDeparture, &times[i], "arrival_time", clock(times[i].arrive), "the stop before is left at "+clock(times[last].depart))
			return
		}
		rd.interpolate(times[last : i+1])
		for j := last + 1; j <= i; j++ {
			rd.checkSpeed(t, &times[j-1], &times[j])
		}
		last = i
	}
}

// interpolate fills the times between two stops that have one, by the distance between the stops as the
// crow flies, or evenly when there is none.
func (rd *reading) interpolate(times []stopTime) {
	n := len(times) - 1
	if n < 2 {
		return
	}
	total := 0.0
	for i := 1; i <= n; i++ {
		total += rd.metres(times[i-1].stop, times[i].stop)
	}
	from, span := times[0].depart, float64(times[n].arrive-times[0].depart)
	way := 0.0
	for i := 1; i < n; i++ {
		way += rd.metres(times[i-1].stop, times[i].stop)
		part := float64(i) / float64(n)
		if total > 0 {
			part = way / total
		}
		times[i].arrive = from + int32(span*part)
		times[i].depart = times[i].arrive
	}
}

// metres between two stops as the crow flies, on a plane good enough for a city.
func (rd *reading) metres(a, b int32) float64 {
	p, q := &rd.feed.Stops[a], &rd.feed.Stops[b]
	const metresPerDegree = 111_195
	dy := (p.Lat - q.Lat) * metresPerDegree
	dx := (p.Lon - q.Lon) * metresPerDegree * math.Cos((p.Lat+q.Lat)/2*math.Pi/180)
	return math.Hypot(dx, dy)
}

func clock(sec int32) string {
	return fmt.Sprintf("%02d:%02d:%02d", sec/3600, sec/60%60, sec%60)
}
