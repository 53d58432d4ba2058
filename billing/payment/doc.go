// Package payment is what a payment has come to, whatever gateway carries it.
//
// # Who owns which truth
//
// The gateway owns what happened to the payer's money; PostgreSQL owns what we have drawn from it. Between the two stands
// a look: somebody fetched the gateway's object and saw a status and some totals. Looks arrive by webhook, by job and by the
// reconciler, twice and in any order, and each may be older than what is known already.
//
// So nothing here is a transition. What is known is a join of all looks:
//
//	open ──▶ authorised ──▶ paid
//	   └──────────┴───────▶ cancelled
//
// a status only moves rightwards, totals (captured, refunded) only grow, a dispute only moves towards its end. Joining is
// commutative, associative and idempotent, so that the same looks in any order, each any number of times, come to the
// same. What a look adds to what was known are its moves: each of them is one journal, and the moves of all looks add up
// to the totals, whichever order they came in.
//
// A refund that the payer's bank sends back would make a total fall, and look like an older look. So it is counted twice over,
// each time upwards: Refunded is all that was ever given back and settled, Returned what of it came back. A look must have both from
// one answer of the gateway.
//
// # What is not in the gateway's hands
//
// A payment that was called off here, before the gateway had named it, can still be taken by an order that was on its way. The gateway
// owns what happened: billing takes the end back, joins the look, and gives the money back.
//
// A payment that fails an attempt (declined, abandoned at the bank's page) is still open: its payer may try again. Who
// waits for it decides how long.
package payment
