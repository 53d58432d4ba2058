// Package reconcile compares what a gateway says it has moved with what the books say, purely.
//
// Both sides are sums: of all movements about one thing (a payment, a payout), by what they did and in which currency, and of
// all that was posted about it to the gateway's clearing account. Sums of everything there ever was about a thing, not of a
// day: a charge just before midnight is booked after it, and two refunds may be booked as one. What is about nothing of ours is
// compared by itself.
//
//	movements ──▶ Side ┐
//	                    ├──▶ Match ──▶ differences: findings for people
//	journals  ──▶ Side ┘
//
// Nothing here mends anything: which of two sides is wrong, a person finds out.
package reconcile
