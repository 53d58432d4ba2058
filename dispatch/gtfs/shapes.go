package gtfs

import (
	"cmp"
	"math"
	"slices"
)

const (
	shapeID = iota
	shapeLat
	shapeLon
	shapeSeq
)

var shapeTable = &table{
	file: "shapes.txt",
	columns: []column{
		shapeID: {"shape_id", required}, shapeLat: {"shape_pt_lat", required}, shapeLon: {"shape_pt_lon", required}, shapeSeq: {"shape_pt_sequence", required},
	},
	known:   "shape_dist_traveled",
	maxRows: maxShapePoints,
}

// point is held for every row of shapes.txt, so it is small: coordinates in units of 1e-5 degrees, about
// a metre, which is also what the polyline keeps.
type point struct {
	shape, seq, lat, lon, line int32
}

func (rd *reading) readShapes() {
	rd.ids.shapes = map[string]int32{}
	var points []point
	rd.each(shapeTable, func(r *row) {
		id, ok := r.mustID(shapeID)
		if !ok {
			return
		}
		seq, ok0 := r.integer(shapeSeq, -1, 0, math.MaxInt32)
		if ok0 && seq < 0 {
			r.add(missingRequiredField, shapeSeq, "")
		}
		lat, has1, ok1 := r.degrees(shapeLat, 90)
		lon, has2, ok2 := r.degrees(shapeLon, 180)
		if !has1 || !has2 {
			r.add(missingRequiredField, shapeLat, "")
		}
		if !ok0 || !ok1 || !ok2 || !has1 || !has2 || seq < 0 {
			return
		}
		at, known := rd.ids.shapes[string(id)]
		if !known {
			at = int32(len(rd.feed.Shapes))
			rd.ids.shapes[string(id)] = at
			rd.feed.Shapes = append(rd.feed.Shapes, Shape{ID: string(id)})
		}
		points = append(points, point{at, int32(seq), int32(math.Round(lat * 1e5)), int32(math.Round(lon * 1e5)), int32(r.rec.line)})
	})
	byOrder := func(a, b point) int { return cmp.Or(cmp.Compare(a.shape, b.shape), cmp.Compare(a.seq, b.seq)) }
	if !slices.IsSortedFunc(points, byOrder) {
		slices.SortStableFunc(points, byOrder)
	}
	var line []byte
	for start := 0; start < len(points); {
		end := start + 1
		for end < len(points) && points[end].shape == points[start].shape {
			if points[end].seq == points[end-1].seq {
				rd.report.add(Notice{Name: duplicateKey, File: shapeTable.file, Row: int(points[end].line), Field: "shape_pt_sequence",
					Value: rd.feed.Shapes[points[end].shape].ID})
			}
			end++
		}
		s := &rd.feed.Shapes[points[start].shape]
		if end-start == 1 {
			rd.report.add(Notice{Name: singleShapePoint, File: shapeTable.file, Row: int(points[start].line), Field: "shape_id", Value: s.ID})
		}
		line, s.Points = polyline(line[:0], points[start:end])
		s.Polyline = string(line)
		start = end
	}
}

// polyline appends points in Google's encoded polyline format with five decimals: differences, zigzag,
// five bits a character. Points that repeat their predecessor are left out.
func polyline(out []byte, points []point) (line []byte, kept int) {
	var lat, lon int32
	for i, p := range points {
		if i > 0 && p.lat == lat && p.lon == lon {
			continue
		}
		out = varint(varint(out, p.lat-lat), p.lon-lon)
		lat, lon = p.lat, p.lon
		kept++
	}
	return out, kept
}

func varint(out []byte, v int32) []byte {
	u := uint32(v) << 1
	if v < 0 {
		u = ^u
	}
	for u >= 0x20 {
		out = append(out, byte(u&0x1f|0x20)+63)
		u >>= 5
	}
	return append(out, byte(u)+63)
}
