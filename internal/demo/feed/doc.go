// Package feed holds the two timetables that the demonstration runs on, as GTFS Schedule in plain text.
//
// Casablanca was written for Waymeet: six shuttle lines between places that exist, at times and fares that
// would be believable, with peaks in the mornings and evenings, a service on Sundays and holidays of its own,
// and cars through the night for those who work shifts, so that something runs at whatever hour somebody
// starts the demonstration. Nairobi is five lines of an open feed, and shows what a feed looks like that
// nobody made for us. Where each comes from and what may be done with it is in README.md beside this file.
package feed
