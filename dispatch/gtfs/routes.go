package gtfs

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

const (
	routeID = iota
	routeAgency
	routeShort
	routeLong
	routeDesc
	routeType
	routeColor
	routeTextColor
	routeOrder
)

var routeTable = &table{
	file: "routes.txt",
	columns: []column{
		routeID: {"route_id", required}, routeAgency: {"agency_id", optional}, routeShort: {"route_short_name", optional},
		routeLong: {"route_long_name", optional}, routeDesc: {"route_desc", optional}, routeType: {"route_type", required},
		routeColor: {"route_color", optional}, routeTextColor: {"route_text_color", optional}, routeOrder: {"route_sort_order", optional},
	},
	known: "route_url continuous_pickup continuous_drop_off network_id cemv_support",
}

// busType is what a route of an unknown type is shown as: nearly all of them are.
const busType = 3

func (rd *reading) readRoutes() {
	rd.ids.lines = map[string]int32{}
	names := map[string]string{}
	rd.each(routeTable, func(r *row) {
		id, ok := r.mustID(routeID)
		if !ok {
			return
		}
		if _, dup := rd.ids.lines[string(id)]; dup {
			r.add(duplicateKey, routeID, string(id))
			return
		}
		l := Line{ID: string(id), ShortName: r.text(routeShort), LongName: r.text(routeLong), Desc: r.text(routeDesc),
			Color: r.color(routeColor), TextColor: r.color(routeTextColor)}
		l.Agency, _ = r.agency(routeAgency)
		l.Type = r.routeType()
		l.Order, _ = r.integer(routeOrder, 0, 0, 1<<30)
		r.checkNames(&l)
		same := fmt.Sprintf("%d\x00%d\x00%s\x00%s", l.Agency, l.Type, l.ShortName, l.LongName)
		if other, dup := names[same]; dup {
			r.addf(duplicateRouteName, routeShort, l.Name(), "as route_id "+other)
		}
		names[same] = l.ID
		rd.ids.lines[l.ID] = int32(len(rd.feed.Lines))
		rd.feed.Lines = append(rd.feed.Lines, l)
	})
}

func (r *row) checkNames(l *Line) {
	if l.ShortName == "" && l.LongName == "" {
		r.add(routeNamesMissing, routeShort, l.ID)
	}
	if utf8.RuneCountInString(l.ShortName) > 12 {
		r.add(routeShortNameTooLong, routeShort, l.ShortName)
	}
	if l.Desc != "" && (l.Desc == l.ShortName || l.Desc == l.LongName) {
		r.add(sameNameAndDescriptionRoute, routeDesc, l.Desc)
	}
	if l.Color != "" && l.TextColor != "" {
		// The validator's rule: luma of both must differ by 72 of 255.
		if d := luma(l.Color) - luma(l.TextColor); -72 < d && d < 72 {
			r.add(routeColorContrast, routeTextColor, l.TextColor)
		}
	}
}

func luma(color string) float64 {
	v, _ := strconv.ParseUint(color, 16, 32) // checked when it was read
	return 0.30*float64(v>>16&255) + 0.59*float64(v>>8&255) + 0.11*float64(v&255)
}

// routeType accepts the standard's types and the extended ones (100 to 1702).
func (r *row) routeType() int {
	v := r.bytes(routeType)
	if len(v) == 0 {
		r.add(missingRequiredField, routeType, "")
		return busType
	}
	n, err := strconv.Atoi(string(v))
	switch {
	case err != nil:
		r.add(invalidInteger, routeType, string(v))
	case 0 <= n && n <= 7, n == 11, n == 12, 100 <= n && n <= 1702:
		return n
	default:
		r.add(unexpectedEnumValue, routeType, string(v))
	}
	return busType
}
