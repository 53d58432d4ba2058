package gtfs

import "github.com/waymeet/waymeet/dispatch/servicedate"

// Feed is a timetable that was understood. Its parts refer to each other by index; IDs are the feed's own,
// and an import finds its rows again by them.
type Feed struct {
	Publisher string
	Version   string
	Hash      []byte // SHA-256 of the files that were read
	Zone      string // the one time zone of all its times
	Agencies  []Agency
	Stops     []Stop
	Lines     []Line
	Services  []Service
	Shapes    []Shape
	Patterns  []Pattern
	Trips     []Trip
	Fares     []Fare
	FareRules []FareRule
	// Shifted is by how many days Options.Shift moved the calendars.
	Shifted int
}

// None is the index of nothing.
const None = -1

// Agency runs lines.
type Agency struct {
	ID, Name, URL, Lang, Phone string
}

// StopKind is GTFS's location_type.
type StopKind uint8

// Kinds of stops that people board at. Entrances, nodes and boarding areas are not imported.
const (
	Platform StopKind = iota
	Station
)

// Stop is a place where vehicles stop, or the station around such places.
type Stop struct {
	ID, Code, Name, Desc string
	Lat, Lon             float64
	FareZone             string
	Kind                 StopKind
	Parent               int  // the station's index, or None
	Served               bool // a trip stops here
}

// Line is GTFS's route.
type Line struct {
	ID, ShortName, LongName, Desc string
	Agency                        int
	Type                          int
	Color, TextColor              string
	Order                         int
}

// Name is what people call the line.
func (l Line) Name() string {
	switch {
	case l.ShortName == "":
		return l.LongName
	case l.LongName == "":
		return l.ShortName
	}
	return l.ShortName + " " + l.LongName
}

// Service says on which dates trips run.
type Service struct {
	ID       string
	Weekdays [7]bool          // by time.Weekday
	From, To servicedate.Date // inclusive; zero when the service has only exceptions
	Added    []servicedate.Date
	Removed  []servicedate.Date
}

// Shape is a way on the map, as an encoded polyline with five decimals.
type Shape struct {
	ID, Polyline string
	Points       int
}

// Pattern is the ordered stops of trips, with times relative to the departure at the first.
type Pattern struct {
	// Key names the pattern by its content: the same line, direction, headsign, way, stops and times have
	// the same key in every reading.
	Key       string
	Line      int
	Direction int // 0, 1, or None
	Headsign  string
	Shape     int
	Stops     []PatternStop
}

// PatternStop is one stop of a pattern. Seconds count from the departure at the first stop.
type PatternStop struct {
	Stop           int32
	Arrive, Depart int32
	Pickup         bool // people may get on
	DropOff        bool // people may get off
}

// Trip is a template: it runs on each date of its service, once at Start or by its Windows.
type Trip struct {
	ID        string
	ShortName string
	Pattern   int
	Service   int
	Start     int // second of the service day at which it leaves the first stop
	Windows   []Window
}

// Window is a frequency: departures from Start until before End, every Headway seconds. Exact tells a
// timetable from "about every ten minutes"; both are expanded, because a seat is sold for a departure.
type Window struct {
	Start, End, Headway int
	Exact               bool
}

// Fare is the price of a ride, in minor units.
type Fare struct {
	ID       string
	Amount   int64
	Currency string
	Agency   int // None: any
	// Transfers included: 0, 1, 2, or None for unlimited. TransferSeconds 0 means no limit was given.
	Transfers       int
	TransferSeconds int
}

// FareRule narrows a fare to a line and zones; empty means any. Rules of one fare with Contains belong
// together: the ride passes all of these zones.
type FareRule struct {
	Fare                          int
	Line                          int
	Origin, Destination, Contains string
}
