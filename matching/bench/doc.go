// Package bench measures the solver alone: made-up experts, made-up clients, no database.
//
// Everything but the time that calls take is simulated and comes from one seed: the same run decides the same.
//
//   - Shift is hours of a floor at about 85 % of what it can do: arrivals, sessions, experts who come back, rings that widen,
//     micro-batches. It gives the time of each decision and how evenly the work fell on people.
//   - Compare holds what was decided as requests came against what somebody could have decided who knew all of them
//     beforehand. Experts do not come back in it, so that the best possible is one assignment, and exact.
package bench
