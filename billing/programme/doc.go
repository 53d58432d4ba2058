// Package programme is the pure kernel of what an employer pays for: which rides of whom, how much of each, and up to
// what.
//
// A decision takes the terms, what was already spent, the employee's tenure and one ride, and splits the fare:
//
//	covered? ── no ──▶ employer 0, rider the fare, every reason why
//	   │ yes
//	per cent of the fare (a fraction of a unit goes to the rider's good) + fixed amount, at most the fare
//	   │ at most the cap per ride
//	   │ nothing once the employee's rides of the month are used up
//	   │ at most what is left of the employee's month
//	   │ at most what is left of the month's budget
//	   ▼
//	employer + rider = fare, each cut named with what it took
//
// The split is decided in the booking's own transaction, with the programme's and the employee's spend locked: usage
// is an argument here and truth only there. Fares are those of one seat, the employee's own; a guest pays.
//
// Amounts are integers in the minor unit of the terms' currency. Nothing here reads a clock or a database.
package programme
