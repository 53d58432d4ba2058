package gtfs

import "math"

const (
	stopID = iota
	stopCode
	stopName
	stopDesc
	stopLat
	stopLon
	stopZone
	stopType
	stopParent
)

var stopTable = &table{
	file: "stops.txt",
	columns: []column{
		stopID: {"stop_id", required}, stopCode: {"stop_code", optional}, stopName: {"stop_name", optional},
		stopDesc: {"stop_desc", optional}, stopLat: {"stop_lat", optional}, stopLon: {"stop_lon", optional},
		stopZone: {"zone_id", optional}, stopType: {"location_type", optional}, stopParent: {"parent_station", optional},
	},
	known: "tts_stop_name stop_url stop_timezone wheelchair_boarding level_id platform_code stop_access",
}

// GTFS's location_type.
const (
	typeStop = iota
	typeStation
	typeEntrance
	typeNode
	typeBoardingArea
)

type parentRef struct {
	at     int32 // row of stops.txt
	line   int
	parent string
}

func (rd *reading) readStops() {
	rd.ids.stops, rd.ids.zones = map[string]int32{}, map[string]bool{}
	var parents []parentRef
	rd.each(stopTable, func(r *row) {
		id, ok := r.mustID(stopID)
		if !ok {
			return
		}
		if _, dup := rd.ids.stops[string(id)]; dup {
			r.add(duplicateKey, stopID, string(id))
			return
		}
		kind := r.enum(stopType, typeStop, typeBoardingArea)
		s := Stop{ID: string(id), Code: r.text(stopCode), Name: r.text(stopName), Desc: r.text(stopDesc),
			FareZone: string(r.id(stopZone)), Parent: None}
		r.place(&s, kind)
		if s.Name == "" && kind <= typeEntrance {
			r.add(missingStopName, stopName, s.ID)
		}
		if s.Desc != "" && s.Desc == s.Name {
			r.add(sameNameAndDescriptionStop, stopDesc, s.Desc)
		}
		if kind == typeStation {
			s.Kind = Station
		}
		row := int32(len(rd.ids.stopKinds))
		if parent := r.id(stopParent); len(parent) > 0 {
			parents = append(parents, parentRef{row, r.rec.line, string(parent)})
		} else if kind > typeStation {
			r.add(locationWithoutParent, stopParent, s.ID)
		}
		rd.ids.stops[s.ID] = row
		rd.ids.stopKinds = append(rd.ids.stopKinds, uint8(kind))
		at := int32(None)
		if kind <= typeStation {
			at = int32(len(rd.feed.Stops))
			rd.feed.Stops = append(rd.feed.Stops, s)
		}
		rd.ids.stopAt = append(rd.ids.stopAt, at)
		if s.FareZone != "" {
			rd.ids.zones[s.FareZone] = true
		}
	})
	for _, p := range parents {
		rd.parent(p)
	}
}

// place reads the coordinates and refuses those that only a mistake gives.
func (r *row) place(s *Stop, kind int) {
	lat, has1, ok1 := r.degrees(stopLat, 90)
	lon, has2, ok2 := r.degrees(stopLon, 180)
	switch {
	case !ok1 || !ok2:
	case !has1 || !has2:
		if kind <= typeEntrance {
			r.add(stopWithoutLocation, stopLat, s.ID)
		}
	case math.Abs(lat) <= 1 && math.Abs(lon) <= 1:
		// The validator's threshold: one degree around 0, 0 in the Gulf of Guinea.
		r.add(pointNearOrigin, stopLat, s.ID)
	case math.Abs(lat) >= 89:
		r.add(pointNearPole, stopLat, s.ID)
	}
	s.Lat, s.Lon = lat, lon
}

// parent checks a parent_station once all stops are known, and sets it.
func (rd *reading) parent(p parentRef) {
	kind := rd.ids.stopKinds[p.at]
	add := func(name, detail string) {
		rd.report.add(Notice{Name: name, File: "stops.txt", Row: p.line, Field: "parent_station", Value: p.parent, Detail: detail})
	}
	at, ok := rd.ids.stops[p.parent]
	switch {
	case !ok:
		add(foreignKeyViolation, "no such stop_id in stops.txt")
	case kind == typeStation:
		add(stationWithParent, "")
	case kind == typeBoardingArea && rd.ids.stopKinds[at] != typeStop:
		add(wrongParentType, "a boarding area's parent is a stop")
	case kind != typeBoardingArea && rd.ids.stopKinds[at] != typeStation:
		add(wrongParentType, "the parent must be a station")
	case kind == typeStop:
		rd.feed.Stops[rd.ids.stopAt[p.at]].Parent = int(rd.ids.stopAt[at])
	}
}
