// Package gtfs reads timetables written as GTFS Schedule and turns them into what a service day is made
// of: lines, stops, patterns, service calendars and trips.
//
// It is pure: files come through an fs.FS that the caller opened, today's date is an argument, and the
// answer is a value. Nothing here knows a database.
//
//	OpenZip ─┐
//	         ├─ fs.FS ─ Read ─┬─ Report  every problem, with file, row and field
//	os.Root ─┘                └─ Feed    only when the report has no errors
//
// # What is kept, and how
//
// Stop times are not kept per trip. Trips of one line that serve the same stops at the same relative
// times share a Pattern, and a Trip is a pattern plus a start; a city's matatus need some hundreds of
// patterns for a quarter of a million departures a week. Seconds of a pattern count from the departure
// at its first stop; a trip's start counts from the start of its service date (package servicedate).
//
// # Problems
//
// Problems have the names of the canonical GTFS validator (MobilityData's gtfs-validator), so that what an
// operator reads here can be looked up in its documentation. An error means that the feed cannot be
// understood without guessing and nothing of it is returned; a warning or an information never stops it.
// Severities are the validator's too, but for the few cases in tolerated: feeds in the field have these
// defects, and there is exactly one sensible reading.
//
// # Hostile input
//
// A feed is a stranger's file. Sizes are bounded while reading, never by what a header claims; every bound
// is a constant in limits.go beside its reason. Paths are never followed: files are opened by the names
// of the standard, in the archive's root.
package gtfs
