package gtfs

// Names of the notices, as the canonical validator has them.
const (
	csvParsingFailed            = "csv_parsing_failed"
	duplicateKey                = "duplicate_key"
	duplicatedColumn            = "duplicated_column"
	emptyColumnName             = "empty_column_name"
	emptyFile                   = "empty_file"
	foreignKeyViolation         = "foreign_key_violation"
	ioError                     = "i_o_error"
	inconsistentAgencyTimezone  = "inconsistent_agency_timezone"
	invalidCharacter            = "invalid_character"
	invalidColor                = "invalid_color"
	invalidCurrency             = "invalid_currency"
	invalidCurrencyAmount       = "invalid_currency_amount"
	invalidDate                 = "invalid_date"
	invalidFloat                = "invalid_float"
	invalidFilesInSubfolder     = "invalid_input_files_in_subfolder"
	invalidInteger              = "invalid_integer"
	invalidLanguageCode         = "invalid_language_code"
	invalidRowLength            = "invalid_row_length"
	invalidTime                 = "invalid_time"
	invalidTimezone             = "invalid_timezone"
	invalidURL                  = "invalid_url"
	locationWithStopTime        = "location_with_unexpected_stop_time"
	locationWithoutParent       = "location_without_parent_station"
	missingCalendars            = "missing_calendar_and_calendar_date_files"
	missingRequiredAgencyID     = "missing_required_agency_id"
	missingRequiredColumn       = "missing_required_column"
	missingRequiredField        = "missing_required_field"
	missingRequiredFile         = "missing_required_file"
	missingStopName             = "missing_stop_name"
	missingTripEdge             = "missing_trip_edge"
	newLineInValue              = "new_line_in_value"
	numberOutOfRange            = "number_out_of_range"
	overlappingFrequency        = "overlapping_frequency"
	pointNearOrigin             = "point_near_origin"
	pointNearPole               = "point_near_pole"
	routeNamesMissing           = "route_both_short_and_long_name_missing"
	rangeEqual                  = "start_and_end_range_equal"
	rangeOutOfOrder             = "start_and_end_range_out_of_order"
	stationWithParent           = "station_with_parent_station"
	timepointWithoutTimes       = "stop_time_timepoint_without_times"
	arrivalBeforeDeparture      = "stop_time_with_arrival_before_previous_departure_time"
	onlyArrivalOrDeparture      = "stop_time_with_only_arrival_or_departure_time"
	stopWithoutLocation         = "stop_without_location"
	tooManyRows                 = "too_many_rows"
	wrongParentType             = "wrong_parent_location_type"
	duplicateRouteName          = "duplicate_route_name"
	emptyRow                    = "empty_row"
	expiredCalendar             = "expired_calendar"
	fastTravel                  = "fast_travel_between_consecutive_stops"
	feedExpires7Days            = "feed_expiration_date7_days"
	feedExpires30Days           = "feed_expiration_date30_days"
	feedLangMismatch            = "feed_info_lang_and_agency_lang_mismatch"
	inconsistentAgencyLang      = "inconsistent_agency_lang"
	surroundingWhitespace       = "leading_or_trailing_whitespaces"
	missingFeedInfoDate         = "missing_feed_info_date"
	missingRecommendedColumn    = "missing_recommended_column"
	missingRecommendedField     = "missing_recommended_field"
	missingRecommendedFile      = "missing_recommended_file"
	moreThanOneEntity           = "more_than_one_entity"
	nonASCIIID                  = "non_ascii_or_non_printable_char"
	routeColorContrast          = "route_color_contrast"
	routeShortNameTooLong       = "route_short_name_too_long"
	sameNameAndDescriptionRoute = "same_name_and_description_for_route"
	sameNameAndDescriptionStop  = "same_name_and_description_for_stop"
	serviceWithoutWeekday       = "service_has_no_active_day_of_the_week"
	singleShapePoint            = "single_shape_point"
	stopWithoutStopTime         = "stop_without_stop_time"
	noTripsInNext7Days          = "trip_coverage_not_active_for_next7_days"
	unexpectedEnumValue         = "unexpected_enum_value"
	unusableTrip                = "unusable_trip"
	unusedShape                 = "unused_shape"
	unusedTrip                  = "unused_trip"
	futureCalendar              = "future_calendar"
	serviceFarInFuture          = "service_extends_far_in_the_future"
	unknownColumn               = "unknown_column"
	unknownFile                 = "unknown_file"
	unsortedStopTimes           = "unsorted_stop_times"
	unusedStation               = "unused_station"
	stopWithoutFareZone         = "stop_without_zone_id"
)

// severities of the names above, the validator's own.
var severities = map[string]Severity{
	csvParsingFailed: Error, duplicateKey: Error, duplicatedColumn: Error, emptyColumnName: Error,
	emptyFile: Error, foreignKeyViolation: Error, ioError: Error, inconsistentAgencyTimezone: Error,
	invalidCharacter: Error, invalidColor: Error, invalidCurrency: Error, invalidCurrencyAmount: Error,
	invalidDate: Error, invalidFloat: Error, invalidFilesInSubfolder: Error, invalidInteger: Error,
	invalidLanguageCode: Error, invalidTime: Error, invalidTimezone: Error,
	invalidURL: Error, locationWithoutParent: Error, missingCalendars: Error,
	missingRequiredAgencyID: Error, missingRequiredColumn: Error, missingRequiredField: Error,
	missingRequiredFile: Error, missingStopName: Error, missingTripEdge: Error, newLineInValue: Error,
	numberOutOfRange: Error, overlappingFrequency: Error, pointNearOrigin: Error, pointNearPole: Error,
	routeNamesMissing: Error, rangeEqual: Error, rangeOutOfOrder: Error, stationWithParent: Error,
	timepointWithoutTimes: Error, arrivalBeforeDeparture: Error, onlyArrivalOrDeparture: Error,
	stopWithoutLocation: Error, tooManyRows: Error, wrongParentType: Error,

	duplicateRouteName: Warning, emptyRow: Warning, expiredCalendar: Warning, fastTravel: Warning,
	feedExpires7Days: Warning, feedExpires30Days: Warning, feedLangMismatch: Warning,
	inconsistentAgencyLang: Warning, surroundingWhitespace: Warning, missingFeedInfoDate: Warning,
	missingRecommendedColumn: Warning, missingRecommendedField: Warning, missingRecommendedFile: Warning,
	moreThanOneEntity: Warning, nonASCIIID: Warning, routeColorContrast: Warning,
	routeShortNameTooLong: Warning, sameNameAndDescriptionRoute: Warning,
	sameNameAndDescriptionStop: Warning, serviceWithoutWeekday: Warning, singleShapePoint: Warning,
	stopWithoutStopTime: Warning, noTripsInNext7Days: Warning, unexpectedEnumValue: Warning,
	unusableTrip: Warning, unusedShape: Warning, unusedTrip: Warning,

	futureCalendar: Info, serviceFarInFuture: Info, unknownColumn: Info, unknownFile: Info,
	unsortedStopTimes: Info, unusedStation: Info, stopWithoutFareZone: Info,

	// Errors that may be tolerated, see Report.tolerate.
	invalidRowLength: Error, locationWithStopTime: Error,
}

// tolerated are errors of the validator that open feeds in the field have and that have one sensible
// reading in the case that is named here; in that case they warn, in any other they stop the import.
var tolerated = map[string]string{
	invalidRowLength:     "the row only lacks its last values: they are empty",
	locationWithStopTime: "the location is a station: vehicles stop at the station",
}
