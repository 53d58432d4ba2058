// Package funding is what a seat's money means for the books, from the sale to the ride.
//
// # Who owns which truth
//
// The ledger owns the money, the booking's row who pays how. This kernel only says which journal an event of a booking is,
// under which key: the same event is the same journal, however often it is told.
//
// A fare has two shares: the employer's (the subsidy, on the programme's account until it is invoiced) and the rider's (the
// rest: by card, wallet, pass, or in cash). What was taken for a seat stands in deferred:seats until the ride is over:
//
//	confirmed ──▶ deferred:seats ──┬─▶ revenue:seats       travelled, or did not come
//	              (cash: boarded)  └─▶ the payers, by the policy; what is kept is revenue
//
// A card's money comes and goes by its payment (billing); here it is only earned or kept.
package funding
