// Package demo fills an installation with two operators of shuttles, one of advice, and the life of their day, for people who want to see
// Waymeet before they trust it with anything of their own.
//
//	Found ─ before the server is announced: tenants, the logins, feeds and their trips
//	Run   ─ behind the running server: riders, drivers, vehicles, crews on trips, bookings, experts, clients; then, when a day
//	        begins, whatever it still lacks (Fill does it once)
//	Crowd ─ who moves by themselves, as clients (package crowd)
//
// Everything is done through the services that operators use, but for one thing: the rides of this morning.
// Nobody can book a trip that has left, so a server that is started at noon would show an empty morning and
// vehicles without anybody on them; history.go writes them as an operator's would be who moves here in the
// middle of a day.
//
// # Who owns which truth
//
// PostgreSQL, as ever. The demonstration keeps no note of what it has done: each step looks whether its
// result is there. So it can be stopped and started again at any point, a second start changes nothing, and
// what somebody did to the data by hand is left alone.
package demo
