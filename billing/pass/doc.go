// Package pass is the pure kernel of rides that were paid before they were taken: which pass covers a ride, which one goes
// first, what a ride of it is worth, and what has been earned of it by a day.
//
//	open ──▶ active ──▶ used_up      every ride was taken; one that comes back makes it active again
//	  │        ├──────▶ expired      its last day has passed
//	  │        └──────▶ refunded     taken back unused
//	  └─────▶ abandoned              nobody paid it
//
// There are two sorts. One of so many rides is used up ride by ride: each is worth the price divided by the rides, rounded
// down, and the last one what is left, so that they make the price to the unit whatever came back in between. One of a
// period is delivered by its days, ridden or not, and a ride of it is worth nothing by itself (ADR 26).
//
// A decision takes terms and what was used, read behind the pass's lock; nothing here reads a clock or a database.
package pass
