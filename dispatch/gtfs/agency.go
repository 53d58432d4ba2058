package gtfs

import "github.com/waymeet/waymeet/dispatch/servicedate"

const (
	agencyID = iota
	agencyName
	agencyURL
	agencyZone
	agencyLang
	agencyPhone
)

var agencyTable = &table{
	file: "agency.txt",
	columns: []column{
		agencyID: {"agency_id", recommended}, agencyName: {"agency_name", required}, agencyURL: {"agency_url", required},
		agencyZone: {"agency_timezone", required}, agencyLang: {"agency_lang", optional}, agencyPhone: {"agency_phone", optional},
	},
	known: "agency_fare_url agency_email cemv_support",
}

func (rd *reading) readAgencies() {
	rd.ids.agencies = map[string]int32{}
	rd.each(agencyTable, func(r *row) {
		id := string(r.id(agencyID))
		name, ok1 := r.must(agencyName)
		zone, ok2 := r.zone(agencyZone)
		a := Agency{ID: id, Name: name, URL: r.url(agencyURL), Lang: r.language(agencyLang), Phone: r.text(agencyPhone)}
		if r.raw(agencyURL) == nil || len(r.bytes(agencyURL)) == 0 {
			r.add(missingRequiredField, agencyURL, "")
		}
		if !ok1 || !ok2 {
			return
		}
		if _, dup := rd.ids.agencies[id]; dup {
			r.add(duplicateKey, agencyID, id)
			return
		}
		if len(rd.feed.Agencies) == 0 {
			rd.feed.Zone = zone
		} else {
			if zone != rd.feed.Zone {
				r.addf(inconsistentAgencyTimezone, agencyZone, zone, "the first agency is in "+rd.feed.Zone)
			}
			if a.Lang != rd.feed.Agencies[0].Lang {
				r.add(inconsistentAgencyLang, agencyLang, a.Lang)
			}
		}
		rd.ids.agencies[id] = int32(len(rd.feed.Agencies))
		rd.feed.Agencies = append(rd.feed.Agencies, a)
	})
	if len(rd.feed.Agencies) > 1 {
		if _, ok := rd.ids.agencies[""]; ok {
			rd.report.add(Notice{Name: missingRequiredAgencyID, File: "agency.txt", Field: "agency_id"})
		}
	}
}

// agency finds the agency of a row in another file: with only one, it need not be named.
func (r *row) agency(c int) (int, bool) {
	id := r.id(c)
	if len(id) == 0 {
		if len(r.feed.Agencies) > 1 {
			r.add(missingRequiredAgencyID, c, "")
			return None, false
		}
		return min(0, len(r.feed.Agencies)-1), len(r.feed.Agencies) == 1
	}
	at, ok := r.ids.agencies[string(id)]
	if !ok {
		r.addf(foreignKeyViolation, c, string(id), "no such agency_id in agency.txt")
		return None, false
	}
	return int(at), true
}

const (
	infoPublisher = iota
	infoURL
	infoLang
	infoStart
	infoEnd
	infoVersion
)

var feedInfoTable = &table{
	file: "feed_info.txt",
	columns: []column{
		infoPublisher: {"feed_publisher_name", required}, infoURL: {"feed_publisher_url", required}, infoLang: {"feed_lang", required},
		infoStart: {"feed_start_date", recommended}, infoEnd: {"feed_end_date", recommended}, infoVersion: {"feed_version", recommended},
	},
	known: "default_lang feed_contact_email feed_contact_url",
}

func (rd *reading) readFeedInfo(today servicedate.Date) {
	seen := false
	rd.each(feedInfoTable, func(r *row) {
		if seen {
			r.add(moreThanOneEntity, -1, "")
			return
		}
		seen = true
		rd.feed.Publisher, _ = r.must(infoPublisher)
		rd.feed.Version = r.text(infoVersion)
		r.url(infoURL)
		if lang := r.language(infoLang); lang != "" && lang != "mul" && len(rd.feed.Agencies) == 1 {
			if own := rd.feed.Agencies[0].Lang; own != "" && own != lang {
				r.add(feedLangMismatch, infoLang, lang)
			}
		}
		start, end := r.raw(infoStart), r.raw(infoEnd)
		if (len(start) == 0) != (len(end) == 0) {
			r.add(missingFeedInfoDate, infoStart, "")
		}
		if len(end) == 0 {
			return
		}
		last, ok := r.date(infoEnd)
		if !ok {
			return
		}
		if len(start) > 0 {
			if first, ok := r.date(infoStart); ok && first > last {
				r.add(rangeOutOfOrder, infoStart, first.String())
			}
		}
		switch left := today.Until(last); {
		case left < 7:
			r.add(feedExpires7Days, infoEnd, last.String())
		case left < 30:
			r.add(feedExpires30Days, infoEnd, last.String())
		}
	})
}
