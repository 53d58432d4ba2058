// Package dispatch runs the service day: the lines and their timetables, the trips that follow from them,
// and what a dispatcher does to a trip.
//
// # Who owns which truth
//
// The feed is the operator's; an import makes the timetable (lines, stops, patterns, calendars, templates)
// equal to it in one transaction, or changes nothing. Trips follow from the timetable: Extend derives them
// for the coming days, every night and after every import, and may be repeated at any time, because it
// compares with what is there. Seats of a trip are the booking room's; what happens here to a trip with
// riders (a smaller vehicle, a cancelled run) goes through the same row, lock and kernel.
//
//	feed ── Import ──▶ timetable ── Extend ──▶ trips ◀── capacity, delay, cancel, depart
//	        one tx       (rows)      many short tx
//
// # On failure
//
// An import that stops before its commit has changed nothing. One that stops after it leaves trips that are
// not yet derived; the next Extend derives them. Extend works in many short transactions, since a long one
// would hold back the log that keeps every screen current.
package dispatch
