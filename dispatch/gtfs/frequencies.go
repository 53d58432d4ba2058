package gtfs

import (
	"cmp"
	"slices"
)

const (
	fqTrip = iota
	fqStart
	fqEnd
	fqHeadway
	fqExact
)

var frequencyTable = &table{
	file: "frequencies.txt",
	columns: []column{
		fqTrip: {"trip_id", required}, fqStart: {"start_time", required}, fqEnd: {"end_time", required},
		fqHeadway: {"headway_secs", required}, fqExact: {"exact_times", optional},
	},
}

func (rd *reading) readFrequencies() {
	rows := map[int32][]int{} // lines of the windows, for the notice about overlaps
	rd.each(frequencyTable, func(r *row) {
		trip, ok := r.lookup(fqTrip, rd.ids.trips, "trip_id in trips.txt")
		if !ok {
			return
		}
		start, ok1 := r.seconds(fqStart)
		end, ok2 := r.seconds(fqEnd)
		headway, ok3 := r.integer(fqHeadway, 0, 1, maxHour*3600)
		for _, c := range []int{fqStart, fqEnd, fqHeadway} {
			if len(r.bytes(c)) == 0 {
				r.add(missingRequiredField, c, "")
				ok1 = false
			}
		}
		if !ok1 || !ok2 || !ok3 {
			return
		}
		if start == end {
			r.add(rangeEqual, fqStart, clock(start))
			return
		}
		if start > end {
			r.add(rangeOutOfOrder, fqStart, clock(start))
			return
		}
		t := &rd.ids.template[trip]
		t.windows = append(t.windows, Window{Start: int(start), End: int(end), Headway: headway, Exact: r.enum(fqExact, 0, 1) == 1})
		rows[trip] = append(rows[trip], r.rec.line)
	})
	for at := range rd.ids.template {
		t := &rd.ids.template[at]
		if len(t.windows) < 2 {
			continue
		}
		slices.SortStableFunc(t.windows, func(a, b Window) int { return cmp.Compare(a.Start, b.Start) })
		for i := 1; i < len(t.windows); i++ {
			if t.windows[i].Start < t.windows[i-1].End {
				rd.report.add(Notice{Name: overlappingFrequency, File: frequencyTable.file, Row: slices.Max(rows[int32(at)]), Field: "start_time",
					Value: clock(int32(t.windows[i].Start)), Detail: "trip_id " + t.id})
			}
		}
	}
}
