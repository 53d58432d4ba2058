package gtfs

const (
	tripRoute = iota
	tripService
	tripID
	tripHeadsign
	tripShort
	tripDirection
	tripShape
)

var tripTable = &table{
	file: "trips.txt",
	columns: []column{
		tripRoute: {"route_id", required}, tripService: {"service_id", required}, tripID: {"trip_id", required},
		tripHeadsign: {"trip_headsign", optional}, tripShort: {"trip_short_name", optional},
		tripDirection: {"direction_id", optional}, tripShape: {"shape_id", optional},
	},
	known: "block_id wheelchair_accessible bikes_allowed cars_allowed safe_duration_factor safe_duration_offset",
}

// template is a row of trips.txt before its stop times are known.
type template struct {
	id, short, headsign  string
	line, service, shape int32
	direction            int8
	row                  int32
	onDemand             bool // has stop times without a stop: areas and time windows
	windows              []Window
	broken               bool // has an error of its own; the report tells
}

func (rd *reading) readTrips() {
	rd.ids.trips = map[string]int32{}
	// Thousands of trips share few headsigns: keep one string of each.
	words := map[string]string{}
	intern := func(s string) string {
		if w, ok := words[s]; ok {
			return w
		}
		words[s] = s
		return s
	}
	rd.each(tripTable, func(r *row) {
		id, ok := r.mustID(tripID)
		if !ok {
			return
		}
		if _, dup := rd.ids.trips[string(id)]; dup {
			r.add(duplicateKey, tripID, string(id))
			return
		}
		t := template{id: string(id), row: int32(r.rec.line), shape: None}
		rd.ids.trips[t.id] = int32(len(rd.ids.template))
		t.line, ok = r.lookup(tripRoute, rd.ids.lines, "route_id in routes.txt")
		service, ok2 := r.lookup(tripService, rd.ids.services, "service_id in calendar.txt or calendar_dates.txt")
		t.service = service
		t.broken = !ok || !ok2
		if len(r.raw(tripShape)) > 0 {
			t.shape, _ = r.lookup(tripShape, rd.ids.shapes, "shape_id in shapes.txt")
		}
		t.headsign = intern(r.text(tripHeadsign))
		t.short = intern(r.text(tripShort))
		t.direction = int8(r.enum(tripDirection, None, 1))
		rd.ids.template = append(rd.ids.template, t)
	})
}

// lookup finds what an identifier in another file names.
func (r *row) lookup(c int, in map[string]int32, what string) (int32, bool) {
	id, ok := r.mustID(c)
	if !ok {
		return None, false
	}
	at, ok := in[string(id)]
	if !ok {
		r.addf(foreignKeyViolation, c, string(id), "no such "+what)
		return None, false
	}
	return at, true
}
