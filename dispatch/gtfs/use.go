package gtfs

import (
	"fmt"
)

// checkUse says what of the feed no trip uses.
func (rd *reading) checkUse() {
	parents := map[int]bool{}
	for i := range rd.feed.Stops {
		if s := &rd.feed.Stops[i]; s.Parent != None {
			parents[s.Parent] = true
		}
	}
	for i := range rd.feed.Stops {
		switch s := &rd.feed.Stops[i]; {
		case s.Served:
		case s.Kind == Platform:
			rd.report.add(Notice{Name: stopWithoutStopTime, File: stopTable.file, Field: "stop_id", Value: s.ID})
		case !parents[i]:
			rd.report.add(Notice{Name: unusedStation, File: stopTable.file, Field: "stop_id", Value: s.ID})
		}
	}
	used := make([]bool, len(rd.feed.Shapes))
	for i := range rd.feed.Patterns {
		if at := rd.feed.Patterns[i].Shape; at != None {
			used[at] = true
		}
	}
	for i := range used {
		if !used[i] {
			rd.report.add(Notice{Name: unusedShape, File: shapeTable.file, Field: "shape_id", Value: rd.feed.Shapes[i].ID})
			rd.feed.Shapes[i].Polyline = ""
		}
	}
}

// topSpeed of a route type in km/h, above which the validator doubts the times.
func topSpeed(routeType int) float64 {
	switch {
	case routeType == 0, 900 <= routeType && routeType < 1000: // tram
		return 100
	case routeType == 2, 100 <= routeType && routeType < 200: // rail
		return 500
	case routeType == 4, 1000 <= routeType && routeType < 1100: // ferry
		return 80
	case routeType == 5: // cable tram
		return 30
	case routeType == 6, routeType == 7: // gondola, funicular
		return 50
	case routeType == 3, routeType == 1, routeType == 11:
		return 150
	}
	return 200
}

// checkSpeed doubts times between neighbouring stops that no vehicle could keep.
func (rd *reading) checkSpeed(t *template, from, to *stopTime) {
	if t.line == None || from.stop == to.stop {
		return
	}
	seconds := to.arrive - from.depart
	if from.depart%60 == 0 && to.arrive%60 == 0 {
		seconds += 60 // times in whole minutes are rounded: nobody is doubted for that
	}
	metres := rd.metres(from.stop, to.stop)
	if metres < 200 || seconds <= 0 && metres < 1000 {
		return // coordinates are no better than that
	}
	kmh := metres / float64(max(seconds, 1)) * 3.6
	if kmh > topSpeed(rd.feed.Lines[t.line].Type) {
		rd.report.add(Notice{Name: fastTravel, File: stopTimeTable.file, Row: int(to.row), Field: "arrival_time", Value: clock(to.arrive),
			Detail: fmt.Sprintf("%.1f km in %d s", metres/1000, seconds)})
	}
}
