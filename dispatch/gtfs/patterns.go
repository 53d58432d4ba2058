package gtfs

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// derivePatterns turns the stop times of every trip into patterns and trips. Stop times are grouped by
// trip and ordered by then.
func (rd *reading) derivePatterns() {
	found := map[string]int{}
	used := make([]bool, len(rd.ids.template))
	var content []byte
	for start := 0; start < len(rd.ids.times); {
		end := start + 1
		for end < len(rd.ids.times) && rd.ids.times[end].trip == rd.ids.times[start].trip {
			end++
		}
		times := rd.ids.times[start:end]
		start = end
		t := &rd.ids.template[times[0].trip]
		used[times[0].trip] = true
		if t.onDemand || len(times) < 2 {
			rd.unusable(t)
			continue
		}
		content = rd.content(content[:0], t, times)
		sum := sha256.Sum256(content)
		key := hex.EncodeToString(sum[:16])
		at, known := found[key]
		if !known {
			at = len(rd.feed.Patterns)
			found[key] = at
			rd.feed.Patterns = append(rd.feed.Patterns, rd.pattern(key, t, times))
		}
		rd.feed.Trips = append(rd.feed.Trips, Trip{ID: t.id, ShortName: t.short, Pattern: at, Service: int(t.service),
			Start: int(times[0].depart), Windows: t.windows})
	}
	rd.ids.times = nil // the large part of the reading: not needed any more
	for i := range rd.ids.template {
		switch t := &rd.ids.template[i]; {
		case used[i]:
		case t.onDemand:
			rd.unusable(t)
		default:
			rd.report.add(Notice{Name: unusedTrip, File: tripTable.file, Row: int(t.row), Field: "trip_id", Value: t.id})
		}
	}
}

func (rd *reading) unusable(t *template) {
	detail := "a trip needs two stops"
	if t.onDemand {
		detail = "an on-demand trip has areas or time windows instead of stops; it is not imported"
	}
	rd.report.add(Notice{Name: unusableTrip, File: tripTable.file, Row: int(t.row), Field: "trip_id", Value: t.id, Detail: detail})
}

// content writes what makes a pattern this pattern, by the feed's own ids, so that its hash is the same in
// the next reading of the same timetable whatever the order of rows.
func (rd *reading) content(out []byte, t *template, times []stopTime) []byte {
	word := func(s string) {
		out = binary.AppendUvarint(out, uint64(len(s)))
		out = append(out, s...)
	}
	word(rd.feed.Lines[t.line].ID)
	word(t.headsign)
	if t.shape == None {
		word("")
	} else {
		word(rd.feed.Shapes[t.shape].ID)
	}
	out = append(out, byte(t.direction+1))
	base := times[0].depart
	for i := range times {
		s := pass(&times[i], base)
		word(rd.feed.Stops[s.Stop].ID)
		out = binary.AppendVarint(out, int64(s.Arrive))
		out = binary.AppendVarint(out, int64(s.Depart))
		out = append(out, flag(s.Pickup)|flag(s.DropOff)<<1)
	}
	return out
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func (rd *reading) pattern(key string, t *template, times []stopTime) Pattern {
	p := Pattern{Key: key, Line: int(t.line), Direction: int(t.direction), Headsign: t.headsign, Shape: int(t.shape),
		Stops: make([]PatternStop, len(times))}
	for i := range times {
		p.Stops[i] = pass(&times[i], times[0].depart)
		rd.feed.Stops[times[i].stop].Served = true
	}
	return p
}

// pass is a stop time relative to the departure at the first stop. The vehicle may stand at the first stop
// before that; nobody can ride there, so it arrives at second 0.
func pass(st *stopTime, base int32) PatternStop {
	return PatternStop{Stop: st.stop, Arrive: max(0, st.arrive-base), Depart: st.depart - base,
		Pickup: !st.noPickup, DropOff: !st.noDropOff}
}
