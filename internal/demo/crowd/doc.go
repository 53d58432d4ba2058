// Package crowd is the people of the demonstration: riders who look for trips, hold seats, pay, change their
// mind and get on; drivers who drive, tell where they are and let people on; a dispatcher who has bad days.
//
// They are clients. They know a server's address and their passwords, speak the public HTTP API and the
// socket, and the import rules keep every service and the store out of their reach: what they can do, any
// client of the API can.
//
//	Run ─ one city per tenant ─┬─ watch      reads the board every few seconds: what runs, how full, how late
//	                           ├─ riders     journeys at a humane pace, each a goroutine of a minute
//	                           ├─ drive      one goroutine per vehicle on the road, until it arrives
//	                           └─ dispatcher delays, a smaller vehicle, a cancelled trip now and then
//
// And a bureau per operator who sells advice: experts who come, are rung, take it or do not, talk, and go; clients who set money aside, wait, talk, and say
// how it was.
//
//	Run ─ one bureau per operator ─┬─ practise     a goroutine per expert: shifts, each with a socket of its own
//	                               └─ walkClients  one per queue: clients, each a goroutine until the rating
//
// Nothing here is true anywhere but in the server: a crowd that is killed and started again reads the board
// and goes on. What differs from trip to trip (how popular it is, whether it is late) is drawn from the trip's
// id, so that it comes out the same every time.
//
// On failure: a request that was told to wait (429, 503) waits as long as it was told; server errors and a
// server that is not there are tried again with growing, random pauses, under the same idempotency key; and
// while a city hears such answers all of it slows down. It gives nothing up but the one thing it was doing.
package crowd
