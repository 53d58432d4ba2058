package gtfs

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

var today = servicedate.Of(2026, 11, 22)

// sound is a small feed without any problem.
func sound() map[string]string {
	return map[string]string{
		"agency.txt":         "agency_id,agency_name,agency_url,agency_timezone,agency_lang\nA,Atlas,https://atlas.example,Africa/Casablanca,fr\n",
		"routes.txt":         "route_id,agency_id,route_short_name,route_long_name,route_type,route_color,route_text_color\nL1,A,L1,Here – There,3,00aa77,ffffff\n",
		"stops.txt":          "stop_id,stop_name,stop_desc,stop_lat,stop_lon,zone_id,location_type,parent_station\na,Aïn Diab,,33.590,-7.660,1,0,\nb,Bourgogne,,33.600,-7.640,1,0,S\nc,Casa Port,,33.600,-7.610,2,0,\nS,Station,,33.600,-7.640,,1,\n",
		"calendar.txt":       "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nD,1,1,1,1,1,1,1,20260101,20271231\n",
		"calendar_dates.txt": "service_id,date,exception_type\nD,20261231,2\n",
		"shapes.txt":         "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\nW,33.59,-7.66,1\nW,33.60,-7.61,2\n",
		"trips.txt":          "route_id,service_id,trip_id,trip_headsign,direction_id,shape_id\nL1,D,T1,Casa Port,0,W\nL1,D,T2,Casa Port,0,W\n",
		"stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type,timepoint\n" +
			"T1,07:00:00,07:00:00,a,1,0,0,1\nT1,07:05:00,07:06:00,b,2,0,0,1\nT1,07:12:00,07:12:00,c,3,0,0,1\n" +
			"T2,08:00:00,08:00:00,a,1,0,0,1\nT2,08:05:00,08:06:00,b,2,0,0,1\nT2,08:12:00,08:12:00,c,3,0,0,1\n",
		"frequencies.txt":     "trip_id,start_time,end_time,headway_secs,exact_times\nT2,08:00:00,09:00:00,600,1\n",
		"fare_attributes.txt": "fare_id,price,currency_type,payment_method,transfers,agency_id\nF,12.50,MAD,0,0,A\n",
		"fare_rules.txt":      "fare_id,route_id,origin_id,destination_id,contains_id\nF,L1,1,2,\n",
		"feed_info.txt":       "feed_publisher_name,feed_publisher_url,feed_lang,feed_start_date,feed_end_date,feed_version\nAtlas,https://atlas.example,fr,20260101,20271231,1\n",
	}
}

func filesOf(texts map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range texts {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func TestSoundFeedHasNoProblems(t *testing.T) {
	t.Parallel()
	feed, rep := Read(filesOf(sound()), Options{Today: today})
	if feed == nil || len(rep.Notices()) != 0 {
		t.Fatalf("%v", rep.Notices())
	}
	if len(feed.Patterns) != 1 || len(feed.Trips) != 2 || feed.Fares[0].Amount != 1250 || len(feed.Trips[1].Windows) != 1 {
		t.Fatalf("%+v", feed)
	}
}

// Each defect is planted into the sound feed and noticed by its name, in its file, row and field; errors refuse the
// feed, the others do not. "-" as the old text removes the file, "=" replaces it, "+" appends a row.
func TestDefects(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxRecordBytes+10)
	cases := []struct {
		file, old, text string
		name            string
		sev             Severity
		row             int
		field           string
	}{
		{"stops.txt", "-", "", missingRequiredFile, Error, 0, ""},
		{"stops.txt", "=", "", emptyFile, Error, 0, ""},
		{"feed_info.txt", "-", "", missingRecommendedFile, Warning, 0, ""},
		{"extra.txt", "=", "a,b\n", unknownFile, Info, 0, ""},
		{"sub/stops.txt", "=", "a,b\n", invalidFilesInSubfolder, Error, 0, ""},
		{"routes.txt", "route_type", "route_kind", missingRequiredColumn, Error, 1, "route_type"},
		{"routes.txt", "route_color", "route_type", duplicatedColumn, Error, 1, "route_type"},
		{"routes.txt", ",route_color", ",", emptyColumnName, Error, 1, ""},
		{"routes.txt", "route_color", "route_hue", unknownColumn, Info, 1, "route_hue"},
		{"feed_info.txt", "=", "feed_publisher_name,feed_publisher_url,feed_lang,feed_start_date,feed_end_date\nAtlas,https://atlas.example,fr,20260101,20271231\n", missingRecommendedColumn, Warning, 1, "feed_version"},
		{"stops.txt", "+", "  ,,\n", emptyRow, Warning, 6, ""},
		{"stops.txt", "+", "z,Zenata,,33.6,-7.6,1,0,,,,\n", invalidRowLength, Error, 6, ""},
		{"stops.txt", "c,Casa Port,,33.600,-7.610,2,0,\n", "c,Casa Port,,33.600,-7.610,2\n", invalidRowLength, Warning, 4, ""},
		{"stops.txt", "Casa Port", " Casa Port ", surroundingWhitespace, Warning, 4, "stop_name"},
		{"stops.txt", "Casa Port", "\"Casa\nPort\"", newLineInValue, Error, 4, "stop_name"},
		{"stops.txt", "Casa Port", "Casa\xff", invalidCharacter, Error, 4, "stop_name"},
		{"stops.txt", "Casa Port", "Casa\x00", invalidCharacter, Error, 4, "stop_name"},
		{"stops.txt", "Casa Port", "", missingStopName, Error, 4, "stop_name"},
		{"stops.txt", "Casa Port", "\"Casa", csvParsingFailed, Error, 4, ""},
		{"stops.txt", "Casa Port", long, csvParsingFailed, Error, 4, ""},
		{"stops.txt", "=", "\xff\xfes\x00t\x00", csvParsingFailed, Error, 0, ""},
		{"stops.txt", "Casa Port,", "Casa Port,Casa Port", sameNameAndDescriptionStop, Warning, 4, "stop_desc"},
		{"stops.txt", "\nc,", "\na,", duplicateKey, Error, 4, "stop_id"},
		{"stops.txt", "+", "ç,Zenata,,33.6,-7.6,1,0,\n", nonASCIIID, Warning, 6, "stop_id"},
		{"stops.txt", "\nc,", "\n,", missingRequiredField, Error, 4, "stop_id"},
		{"stops.txt", "-7.610", "east", invalidFloat, Error, 4, "stop_lon"},
		{"stops.txt", "-7.610", "NaN", invalidFloat, Error, 4, "stop_lon"},
		{"stops.txt", "-7.610", "-187.6", numberOutOfRange, Error, 4, "stop_lon"},
		{"stops.txt", "-7.610", "", stopWithoutLocation, Error, 4, "stop_lat"},
		{"stops.txt", "33.600,-7.610", "0.1,0.1", pointNearOrigin, Error, 4, "stop_lat"},
		{"stops.txt", "33.600,-7.610", "89.9,0.1", pointNearPole, Error, 4, "stop_lat"},
		{"stops.txt", ",0,S", ",0,X", foreignKeyViolation, Error, 3, "parent_station"},
		{"stops.txt", ",0,S", ",0,a", wrongParentType, Error, 3, "parent_station"},
		{"stops.txt", ",1,\n", ",1,a\n", stationWithParent, Error, 5, "parent_station"},
		{"stops.txt", "+", "e,Entry,,33.6,-7.6,,2,\n", locationWithoutParent, Error, 6, "parent_station"},
		{"stops.txt", "+", "z,Zenata,,33.6,-7.6,1,0,\n", stopWithoutStopTime, Warning, 0, "stop_id"},
		{"stops.txt", "+", "z,Zenata,,33.6,-7.6,,1,\n", unusedStation, Info, 0, "stop_id"},
		{"stops.txt", "+", "z,Zenata,,33.6,-7.6,,0,\n", stopWithoutFareZone, Info, 0, "zone_id"},
		{"stops.txt", ",2,0,", ",2,9,", unexpectedEnumValue, Warning, 4, "location_type"},
		{"agency.txt", "Africa/Casablanca", "Africa/Atlantis", invalidTimezone, Error, 2, "agency_timezone"},
		{"agency.txt", "https://atlas.example", "atlas", invalidURL, Error, 2, "agency_url"},
		{"agency.txt", ",fr", ",f!", invalidLanguageCode, Error, 2, "agency_lang"},
		{"agency.txt", "+", "B,Other,https://b.example,Africa/Cairo,fr\n", inconsistentAgencyTimezone, Error, 3, "agency_timezone"},
		{"agency.txt", "+", "B,Other,https://b.example,Africa/Casablanca,ar\n", inconsistentAgencyLang, Warning, 3, "agency_lang"},
		{"agency.txt", "+", ",Other,https://b.example,Africa/Casablanca,fr\n", missingRequiredAgencyID, Error, 0, "agency_id"},
		{"feed_info.txt", "fr,2026", "en,2026", feedLangMismatch, Warning, 2, "feed_lang"},
		{"feed_info.txt", "20271231", "20261124", feedExpires7Days, Warning, 2, "feed_end_date"},
		{"feed_info.txt", "20271231", "20261210", feedExpires30Days, Warning, 2, "feed_end_date"},
		{"feed_info.txt", "20271231", "", missingFeedInfoDate, Warning, 2, "feed_start_date"},
		{"feed_info.txt", "+", "B,https://b.example,fr,,,\n", moreThanOneEntity, Warning, 3, ""},
		{"routes.txt", "L1,A,L1,Here – There", "L1,A,,", routeNamesMissing, Error, 2, "route_short_name"},
		{"routes.txt", "L1,A,L1,", "L1,A,A line with a long name,", routeShortNameTooLong, Warning, 2, "route_short_name"},
		{"routes.txt", ",3,", ",99,", unexpectedEnumValue, Warning, 2, "route_type"},
		{"routes.txt", ",3,", ",bus,", invalidInteger, Error, 2, "route_type"},
		{"routes.txt", "00aa77", "green", invalidColor, Error, 2, "route_color"},
		{"routes.txt", "00aa77", "fffff0", routeColorContrast, Warning, 2, "route_text_color"},
		{"routes.txt", "L1,A,", "L1,B,", foreignKeyViolation, Error, 2, "agency_id"},
		{"routes.txt", "+", "L2,A,L1,Here – There,3,,\n", duplicateRouteName, Warning, 3, "route_short_name"},
		{"calendar.txt", "20271231", "20261131", invalidDate, Error, 2, "end_date"},
		{"calendar.txt", "20271231", "20250101", rangeOutOfOrder, Error, 2, "start_date"},
		{"calendar.txt", "20271231", "20261101", expiredCalendar, Warning, 0, "end_date"},
		{"calendar.txt", "20271231", "20261101", noTripsInNext7Days, Warning, 0, ""},
		{"calendar.txt", "20271231", "20501231", serviceFarInFuture, Info, 0, "end_date"},
		{"calendar.txt", "20260101", "20270101", futureCalendar, Info, 0, ""},
		{"calendar.txt", "1,1,1,1,1,1,1", "0,0,0,0,0,0,0", serviceWithoutWeekday, Warning, 2, "monday"},
		{"calendar.txt", "1,1,1,1,1,1,1", "2,1,1,1,1,1,1", numberOutOfRange, Error, 2, "monday"},
		{"calendar_dates.txt", "+", "D,20261231,1\n", duplicateKey, Error, 3, "date"},
		{"calendar_dates.txt", ",2\n", ",3\n", unexpectedEnumValue, Warning, 2, "exception_type"},
		{"shapes.txt", "-7.61,2", "-7.61,1", duplicateKey, Error, 3, "shape_pt_sequence"},
		{"shapes.txt", "W,33.60,-7.61,2\n", "", singleShapePoint, Warning, 2, "shape_id"},
		{"shapes.txt", "+", "V,33.6,-7.6,1\nV,33.7,-7.6,2\n", unusedShape, Warning, 0, "shape_id"},
		{"trips.txt", "L1,D,T2", "LX,D,T2", foreignKeyViolation, Error, 3, "route_id"},
		{"trips.txt", "L1,D,T2", "L1,X,T2", foreignKeyViolation, Error, 3, "service_id"},
		{"trips.txt", ",0,W\nL1,D,T2", ",0,X\nL1,D,T2", foreignKeyViolation, Error, 2, "shape_id"},
		{"trips.txt", "+", "L1,D,T3,Casa Port,0,W\n", unusedTrip, Warning, 4, "trip_id"},
		{"stop_times.txt", "T2,08:05:00,08:06:00,b,2,0,0,1\nT2,08:12:00,08:12:00,c,3,0,0,1\n", "", unusableTrip, Warning, 3, "trip_id"},
		{"stop_times.txt", "07:05:00", "7h05", invalidTime, Error, 3, "arrival_time"},
		{"stop_times.txt", "07:05:00", "07:65:00", invalidTime, Error, 3, "arrival_time"},
		{"stop_times.txt", "07:05:00", "07:07:00", rangeOutOfOrder, Error, 3, "departure_time"},
		{"stop_times.txt", "07:05:00", "06:05:00", arrivalBeforeDeparture, Error, 3, "arrival_time"},
		{"stop_times.txt", "07:05:00,07:06:00", "07:05:00,", onlyArrivalOrDeparture, Error, 3, "arrival_time"},
		{"stop_times.txt", "07:05:00,07:06:00", ",", timepointWithoutTimes, Error, 3, "arrival_time"},
		{"stop_times.txt", "T1,07:12:00,07:12:00,c,3,0,0,1", "T1,,,c,3,0,0,0", missingTripEdge, Error, 4, "arrival_time"},
		{"stop_times.txt", ",b,2,0,0,1\nT1", ",x,2,0,0,1\nT1", foreignKeyViolation, Error, 3, "stop_id"},
		{"stop_times.txt", ",b,2,0,0,1\nT1", ",S,2,0,0,1\nT1", locationWithStopTime, Warning, 3, "stop_id"},
		{"stop_times.txt", ",b,2,0,0,1\nT1", ",b,1,0,0,1\nT1", duplicateKey, Error, 3, "stop_sequence"},
		{"stop_times.txt", "T1,07:00:00,07:00:00,a,1,0,0,1\nT1,07:05:00,07:06:00,b,2,0,0,1\n", "T1,07:05:00,07:06:00,b,2,0,0,1\nT1,07:00:00,07:00:00,a,1,0,0,1\n", unsortedStopTimes, Info, 0, ""},
		{"stop_times.txt", "07:05:00,07:06:00", "07:00:01,07:06:00", fastTravel, Warning, 3, "arrival_time"},
		{"stop_times.txt", "07:12:00,07:12:00", "300:00:00,300:00:00", numberOutOfRange, Error, 4, "arrival_time"},
		{"frequencies.txt", "+", "T2,08:30:00,09:30:00,600,1\n", overlappingFrequency, Error, 3, "start_time"},
		{"frequencies.txt", "09:00:00", "08:00:00", rangeEqual, Error, 2, "start_time"},
		{"frequencies.txt", "600", "0", numberOutOfRange, Error, 2, "headway_secs"},
		{"frequencies.txt", "=", "trip_id,start_time,end_time,headway_secs\nT2,00:00:00,239:00:00,1\n", tooManyRows, Error, 0, "headway_secs"},
		{"fare_attributes.txt", "MAD", "XXQ", invalidCurrency, Error, 2, "currency_type"},
		{"fare_attributes.txt", "12.50", "12.505", invalidCurrencyAmount, Error, 2, "price"},
		{"fare_attributes.txt", "12.50", "-1", numberOutOfRange, Error, 2, "price"},
		{"fare_rules.txt", ",1,2,", ",1,9,", foreignKeyViolation, Error, 2, "destination_id"},
	}
	seen := map[string]bool{}
	for _, c := range cases {
		seen[c.name] = true
		texts := sound()
		switch c.old {
		case "-":
			delete(texts, c.file)
		case "=":
			texts[c.file] = c.text
		case "+":
			texts[c.file] += c.text
		default:
			if strings.Count(texts[c.file], c.old) == 0 {
				t.Fatalf("%s in %s: %q is not in the sound feed", c.name, c.file, c.old)
			}
			texts[c.file] = strings.Replace(texts[c.file], c.old, c.text, 1)
		}
		feed, rep := Read(filesOf(texts), Options{Today: today})
		found := false
		for _, n := range rep.Notices() {
			if n.Name == c.name && n.Severity == c.sev && n.Row == c.row && n.Field == c.field && len(n.String()) < 600 {
				found = true
			}
		}
		if !found {
			t.Errorf("%s (%s) at %s:%d %s was not noticed, but %v", c.name, c.sev, c.file, c.row, c.field, rep.Notices())
		}
		if (feed == nil) != (rep.Count(Error) > 0) || (c.sev == Error) != (feed == nil) {
			t.Errorf("%s (%s): feed returned %t with %d errors: %v", c.name, c.sev, feed != nil, rep.Count(Error), rep.Notices())
		}
	}
	untested := map[string]string{
		ioError:                     "files that cannot be read: TestUnreadable",
		missingCalendars:            "needs two files gone: TestOptionalFiles",
		missingRecommendedField:     "shown with its column, as feed_version",
		sameNameAndDescriptionRoute: "the same check as for stops",
	}
	for name := range severities {
		if !seen[name] && untested[name] == "" {
			t.Errorf("%s is never noticed by a test", name)
		}
	}
}

// Names and severities are the canonical validator's, where its list is at hand.
func TestCatalogueIsTheValidators(t *testing.T) {
	t.Parallel()
	path := os.Getenv("WAYMEET_TEST_FEEDS")
	if path == "" {
		path = filepath.Join("..", "..", "..", "shared", "data", "gtfs")
	}
	f, err := os.Open(filepath.Join(path, "validator-notices.tsv"))
	if os.IsNotExist(err) {
		t.Skip("no validator-notices.tsv here: set WAYMEET_TEST_FEEDS to a directory with it")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	canonical := map[string]string{}
	for s := bufio.NewScanner(f); s.Scan(); {
		if parts := strings.SplitN(s.Text(), "\t", 3); len(parts) == 3 {
			canonical[parts[1]] = parts[0]
		}
	}
	for name, sev := range severities {
		if canonical[name] != sev.String() {
			t.Errorf("%s is %s here and %q there", name, sev, canonical[name])
		}
	}
}
