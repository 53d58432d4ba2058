package gtfs

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// Options of a reading.
type Options struct {
	// Today decides which calendars have expired.
	Today servicedate.Date
	// Shift moves calendars that have expired, by whole weeks, so that the feed starts in the week of
	// Today: for demonstrations with feeds of other years.
	Shift bool
}

// index finds what was read by the feed's ids.
type index struct {
	agencies, stops, lines, services, shapes, trips, fares map[string]int32

	// stopKinds has the location_type of every row of stops.txt, imported or not.
	stopKinds []uint8
	// stopAt maps a row of stops.txt to Feed.Stops, None for what is not imported.
	stopAt   []int32
	zones    map[string]bool
	template []template
	times    []stopTime
}

// Read reads a feed. The Feed is nil when the report has an error.
func Read(files fs.FS, opt Options) (*Feed, *Report) {
	rd := &reading{files: files, have: map[string]bool{}, report: newReport(), left: maxFeedBytes, sum: sha256.New(), feed: &Feed{}}
	if !rd.list() {
		return nil, rd.report
	}
	rd.readAgencies()
	rd.readStops()
	rd.readRoutes()
	rd.readCalendars()
	rd.readShapes()
	rd.readTrips()
	rd.readStopTimes()
	rd.readFrequencies()
	rd.readFares()
	rd.readFeedInfo(opt.Today)
	if !rd.report.Failed() {
		rd.derivePatterns()
		rd.checkUse()
		rd.checkCalendars(opt)
		rd.countDepartures(opt.Today)
	}
	if rd.report.Failed() {
		return nil, rd.report
	}
	rd.feed.Hash = rd.sum.Sum(nil)
	return rd.feed, rd.report
}

// standardFiles are all files of the standard; those without a table here are left alone.
const standardFiles = "agency.txt stops.txt routes.txt trips.txt stop_times.txt calendar.txt calendar_dates.txt " +
	"fare_attributes.txt fare_rules.txt timeframes.txt rider_categories.txt fare_media.txt fare_products.txt " +
	"fare_leg_rules.txt fare_leg_join_rules.txt fare_transfer_rules.txt areas.txt stop_areas.txt networks.txt " +
	"route_networks.txt shapes.txt frequencies.txt transfers.txt pathways.txt levels.txt location_groups.txt " +
	"location_group_stops.txt locations.geojson booking_rules.txt translations.txt feed_info.txt attributions.txt"

// list finds the files and says which of the required ones lack.
func (rd *reading) list() bool {
	entries, err := fs.ReadDir(rd.files, ".")
	if err != nil {
		rd.report.add(Notice{Name: ioError, Detail: err.Error()})
		return false
	}
	for _, e := range entries {
		name := e.Name()
		switch {
		case strings.HasPrefix(name, ".") || name == "__MACOSX": // what desktops leave in archives
		case e.IsDir():
			rd.subfolder(name)
		case contains(standardFiles, name):
			if !e.Type().IsRegular() {
				rd.report.add(Notice{Name: ioError, File: name, Detail: "this is a link or device, not a file"})
				continue
			}
			rd.have[name] = true
		default:
			rd.report.add(Notice{Name: unknownFile, File: clip(name)})
		}
	}
	for _, name := range []string{"agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt"} {
		if !rd.have[name] {
			rd.report.add(Notice{Name: missingRequiredFile, File: name})
		}
	}
	if !rd.have["calendar.txt"] && !rd.have["calendar_dates.txt"] {
		rd.report.add(Notice{Name: missingCalendars, Detail: "one of calendar.txt and calendar_dates.txt is required"})
	}
	if !rd.have["feed_info.txt"] {
		rd.report.add(Notice{Name: missingRecommendedFile, File: "feed_info.txt"})
	}
	return !rd.report.Failed()
}

func (rd *reading) subfolder(name string) {
	entries, err := fs.ReadDir(rd.files, name)
	if err != nil {
		return // an unreadable folder is nobody's feed
	}
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return contains(standardFiles, e.Name()) }) {
		rd.report.add(Notice{Name: invalidFilesInSubfolder, File: clip(name),
			Detail: fmt.Sprintf("put the files of %s/ into the archive's root", clip(name))})
	}
}
