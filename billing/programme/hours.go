package programme

import (
	"time"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

const secondsOfDay = 24 * 60 * 60

// Hours is a window of the day on the wall, in seconds from midnight: From is in it, Until is not. A night shift ends
// after 24:00 (22:00 to 26:00 is 79200 to 93600). The zero Hours are all day.
type Hours struct {
	From, Until int
}

func (h Hours) check() error {
	if h == (Hours{}) {
		return nil
	}
	if h.From < 0 || h.From >= secondsOfDay || h.Until <= h.From || h.Until > h.From+secondsOfDay {
		return errTerms
	}
	return nil
}

// day is the day to which a ride belongs, by whose weekday it is judged; false when the ride is outside the hours.
//
// Without hours it is the service date: the 25:10 of Friday's timetable is Friday's. With hours it is the day on whose
// window the pickup falls, so that 01:10 in a shift of Friday 22:00 to 26:00 is Friday's whether the feed writes it as
// 25:10 of Friday or as 01:10 of Saturday.
func (h Hours) day(pickup time.Time, service servicedate.Date, zone *time.Location) (servicedate.Date, bool) {
	if h == (Hours{}) {
		return service, true
	}
	wall := pickup.In(zone)
	today := servicedate.On(pickup, zone)
	second := wall.Hour()*3600 + wall.Minute()*60 + wall.Second()
	switch {
	case h.From <= second && second < h.Until:
		return today, true
	case second+secondsOfDay < h.Until: // from second 0 of the day after, and From < 24:00
		return today.AddDays(-1), true
	}
	return 0, false
}
